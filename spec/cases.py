"""What is tried with each model: the sizes at which it must hold, and the variants that must fail."""
from dataclasses import dataclass

MODELS = ("stop", "schedule")


@dataclass(frozen=True)
class Case:
    model: str
    name: str
    defines: tuple
    fails: str = ""  # the assertion that must be violated; "": none may be
    deep: bool = False


def stop(name, defines, fails="", deep=False):
    return Case("stop", name, tuple(defines.split()), fails, deep)


def schedule(name, defines, fails="", deep=False):
    return Case("schedule", name, tuple(defines.split()), fails, deep)


ONE = "NODES=1 LOOPS=2 RECIPIENTS=2 "
TWO = "NODES=2 LOOPS=1 RECIPIENTS=2 START=running "
BARE = "PROMISES_ONLY "

CASES = [
    stop("one_node", "NODES=1 LOOPS=2 RECIPIENTS=3 ATTEMPTS=2 CRASHES=1"),
    stop("one_node_pauses", ONE + "ATTEMPTS=2 PAUSES=2 CRASHES=1"),
    stop("two_nodes", TWO + "CRASHES=1"),
    stop("one_node_large", "NODES=1 LOOPS=2 RECIPIENTS=3 ATTEMPTS=2 PAUSES=2 CRASHES=2", deep=True),
    stop("two_nodes_drift", TWO + "CRASHES=1 DRIFT=1", deep=True),
    # How others stop, and what each part of ours is for: without it ...
    stop("flag_only", ONE + BARE + "FLAG_ONLY", "!stop_answered"),
    stop("ack_before_durable", ONE + BARE + "ACK_FIRST", "!stop_answered"),
    stop("no_epoch_in_admission", ONE + BARE + "NO_EPOCH CRASHES=0", "!stop_answered"),
    stop("plan_ignores_stop", ONE + "PLAN_BLIND", "0"),
    stop("resend_after_crash", ONE + BARE + "RESEND", "sent[0]<admitted[0]"),
    stop("resume_before_wound_up", ONE + BARE + "RESUME_EARLY PAUSES=1 CRASHES=0", "!quiet"),
    stop("answers_of_another_epoch", ONE + BARE + "ANY_EPOCH PAUSES=1 CRASHES=0", "!stop_answered"),
    stop("restart_resumes", ONE + BARE + "RESTART_RESUMES PAUSES=1", "!quiet"),
    stop("no_margin", TWO + BARE + "NO_MARGIN CRASHES=0", "!stop_answered"),
    stop("margin_too_small", TWO + BARE + "DRIFT=1 MARGIN=1 CRASHES=0", "!stop_answered"),
    stop("no_term_in_commit", TWO + BARE + "NO_TERM CRASHES=0", "!stop_answered"),
    stop("lease_from_commit", TWO + BARE + "LEASE_FROM_COMMIT CRASHES=0", "!stop_answered"),
    stop("claim_unseen", TWO + BARE + "CLAIM_UNSEEN CRASHES=0", "!stop_answered"),
    stop("stalled_while_writing", TWO + BARE + "STALL_INSIDE CRASHES=0", "!stop_answered"),

    schedule("one_date", "RUNS=1 SERVERS=2 STEPS=2 CRASHES=1 LATCH=1"),
    schedule("recurring", "RUNS=3 SERVERS=1 STEPS=1 CRASHES=1 LATCH=1"),
    schedule("recurring_two_servers", "RUNS=2 SERVERS=2 STEPS=1 CRASHES=1 LATCH=0"),
    schedule("recurring_pauses", "RUNS=2 SERVERS=1 STEPS=1 CRASHES=1 LATCH=1 PAUSES=1"),
    schedule("one_date_large", "RUNS=1 SERVERS=2 STEPS=3 CRASHES=2 LATCH=2 GRACE=2", deep=True),
    schedule("fired_before_marked", "FIRE_FIRST LATCH=0", "fired[0]<=1"),
    schedule("mark_after_run", "RUNS=2 SERVERS=1 LATCH=0 STEPS=0 MARK_AFTER", "fired[0]<=1"),
    schedule("no_mark_but_the_clock", "RUNS=2 SERVERS=1 LATCH=0 CRASHES=0 CRON", "fired[0]<=1"),
    schedule("ends_before_its_last_run", "RUNS=2 SERVERS=1 LATCH=0 STEPS=0 ENDS_EARLY",
             "next==2"),
    schedule("never_ends", "RUNS=2 SERVERS=1 LATCH=0 STEPS=0 NEVER_ENDS", "series=="),
    schedule("move_without_check", "SERVERS=1 NO_CHECK", "!stopped_once[0]"),
    schedule("latch_read_before_commit", "SERVERS=1 LATCH_EARLY", "!latch"),
    schedule("release_fires", "SERVERS=1 LATCH=1 RELEASE_FIRES", "!held[0]"),
    schedule("late_all_the_same", "SERVERS=1 NO_GRACE", "now[p]<=due[0]+1"),
]

# Steps that no case takes, and why that is right.
UNREACHED = ()
