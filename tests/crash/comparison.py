"""Holds the store's account of a campaign against the list of a receiver that knows exactly whom it
got. Pure: comparison_test.py shows that each rule notices what it is there for."""
from collections import Counter

FINAL = ("accepted", "failed", "skipped", "withheld", "in_doubt")
LATER = (429, 503)  # the provider said "later": one more attempt is in order
NEVER_LEFT = ("skipped", "withheld", "pending")
LINK_STREAMS = 512  # net::LinkOptions::max_streams
LINKS_PER_LOOP = 2  # dispatch::EngineOptions::links_per_route
SECOND = 1_000_000  # microseconds


def name_of(person):
    """What a receiver calls this person: the token of a push, else the object id."""
    return person["recipient"].get("token") or person["recipient"]["objectId"]


def by_person(arrivals):
    """The receiver's list of messages as {recipient: [status, ...]}, in the order of their coming."""
    got = {}
    for arrival in sorted(arrivals, key=lambda a: a["order"]):
        got.setdefault(arrival["recipient"], []).append(arrival["status"])
    return got


def sums(counts):
    """What the counts say, as {outcome: people}, without what is nobody's."""
    found = {outcome: counts.get(outcome, 0) for outcome in (*FINAL, "in_flight", "pending") if outcome != "skipped"}
    found["skipped"] = sum(counts["skipped"].values())
    return {outcome: number for outcome, number in found.items() if number}


def most_in_doubt(window, kills=0, breaks=0, loops=0):
    """How many people of one campaign may be in doubt, by what has happened to it.

    A crash: all who were admitted and had no outcome on disk, at most `dispatch.window`. Connections
    that broke, or a provider that fell silent: those who were on the wire, and they are admitted, too.
    loops: the only thing that came was a crash after an answered stop: whoever was not on the wire had
    been withheld by then, so what the sender loops' connections can carry is the bound, if it is less.
    """
    if loops:
        return min(window, loops * LINKS_PER_LOOP * LINK_STREAMS) * min(1, kills + breaks)
    return window * (kills + breaks)


class Comparison:
    """Collects what is wrong, as sentences, and in `tally` how many recipients each kind of wrong met.

    audience: the names of all who were to be in it, or None where nobody was chosen before the stop.
    most_doubt: at most so many people may be in doubt, see most_in_doubt().
    broke: connections broke, or answers failed to come; without that a crash is the only cause of doubt.
    doubt_may_be_unsent: a crash came while messages were admitted; without one (a stop was answered
    first, or nothing crashed) everybody in doubt had a message handed over, and the receiver has it.
    disclaims: the receiver ends connections by GOAWAY and does not take what it disclaims; such a
    message has left and arrived nowhere, and may be sent again.
    """

    def __init__(self, audience, people, counts, arrivals, disclaims=False):
        self.audience, self.people, self.counts, self.disclaims = audience, people, counts, disclaims
        self.got = by_person(arrivals)
        self.outcome = {name_of(person): person["outcome"] for person in people}
        self.wrong, self.tally = [], Counter()

    def check(self, most_doubt=0, doubt_may_be_unsent=False, broke=False):
        self.check_sums()
        for person in self.people:
            self.check_person(person, self.got.get(name_of(person), []))
        for name in sorted(set(self.got) - set(self.outcome)):
            self.say(f"{name} got a message and is not in the audience", "escapes")
        self.check_doubt(most_doubt, doubt_may_be_unsent, broke)
        return self.wrong

    def say(self, text, kind="other"):
        self.wrong.append(text)
        self.tally[kind] += 1

    def check_sums(self):
        if len(self.outcome) != len(self.people):
            self.say(f"{len(self.people)} lines of the account name {len(self.outcome)} people")
        if sorted(person["ordinal"] for person in self.people) != list(range(len(self.people))):
            self.say("the ordinals of the account are not 0..n-1")
        if self.audience is not None and set(self.outcome) != set(self.audience):
            self.say(f"the audience: {len(self.outcome)} people of whom {len(set(self.audience) ^ set(self.outcome))} "
                     f"should not be there or are missing, expected {len(set(self.audience))}", "lost")
        listed, counted = dict(Counter(self.outcome.values())), sums(self.counts)
        if listed != counted:
            self.say(f"the account lists {listed}, and counts {counted}")
        if sum(counted.values()) != self.counts["audience"]:
            self.say(f"{counted} do not add up to the audience of {self.counts['audience']}")
        unfinished = {outcome for outcome in counted if outcome not in FINAL}
        if unfinished:
            self.say(f"there are people {' and '.join(sorted(unfinished))} at the end: {counted}")

    def check_person(self, person, statuses):
        name, outcome, reason = name_of(person), person["outcome"], person["reason"]
        text = f"{name} ({outcome}, {reason}, attempts {person['attempts']}) got {statuses}"
        if any(status not in LATER for status in statuses[:-1]):
            self.say(f"twice: {text}", "duplicates")
        elif len(statuses) > person["attempts"]:
            self.say(f"more often than there were attempts: {text}", "duplicates")
        elif outcome in NEVER_LEFT and statuses:
            self.say(f"never sent to, and yet: {text}", "escapes")
        elif outcome == "accepted" and statuses[-1:] != [200]:
            self.say(f"accepted by nobody: {text}", "lost")
        elif outcome == "failed" and statuses[-1:] == [200]:
            self.say(f"no failure: {text}")
        elif outcome == "failed" and not statuses and not self.may_have_been_disclaimed(person):
            self.say(f"no failure: {text}")

    def may_have_been_disclaimed(self, person):
        return self.disclaims and person["reason"] in ("stopped_in_retry", "attempts_used_up")

    def check_doubt(self, most, may_be_unsent, broke):
        doubt = {name_of(person): person["reason"] for person in self.people if person["outcome"] == "in_doubt"}
        if len(doubt) > most:
            self.say(f"{len(doubt)} people are in doubt, at most {most} were on their way")
        causes = set(doubt.values()) - {"crash", *(("no_answer", "connection_lost") if broke else ())}
        if causes:
            self.say(f"people are in doubt for what did not happen: {', '.join(sorted(map(str, causes)))}")
        unsent = [name for name in doubt if name not in self.got]
        if unsent and not may_be_unsent:
            self.say(f"{len(unsent)} people in doubt never had a message, e.g. {unsent[0]}")
        disclaimed = {name_of(person) for person in self.people
                      if person["outcome"] == "failed" and self.may_have_been_disclaimed(person)}
        reached = len(set(self.got) | set(doubt) | disclaimed)
        if self.counts["handed_over"] != reached:
            self.say(f"handed_over is {self.counts['handed_over']}, the receiver has {len(self.got)} people, "
                     f"{len(unsent)} more are in doubt")


KEPT = ("id", "at", "actor", "reason", "campaign", "found_in", "audience", "handed_over", "withheld", "first_hand_over",
        "last_hand_over")


def compare_receipts(first, later):
    """What must not change in a receipt from the stop's answer on; returns what did."""
    return [f"the receipt's {key} was {first[key]!r} in the answer and is {later[key]!r} now"
            for key in KEPT if first[key] != later[key]]


def arrived_after(arrivals, answered_us, grace_us=SECOND):
    """The sentences on messages that came later than a stop's answer. What was handed over before it may
    still have been on its way through the operating system, hence the grace; that it *was* handed over
    before is what handed_over in the receipt proves: it counts exactly those who have a message."""
    late = [a for a in arrivals if a["steady_us"] > answered_us + grace_us]
    return [f"{a['recipient']} got a message {(a['steady_us'] - answered_us) / SECOND:.3f} s after a stop was answered"
            for a in late]
