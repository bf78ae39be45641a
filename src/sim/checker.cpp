#include "sim/checker.h"

#include <map>
#include <optional>
#include <set>

#include "campaign/schedule.h"
#include "sim/checker_caps.h"
#include "store/scope_match.h"

namespace belay::sim {
namespace {

using namespace seen;

struct PersonSeen {
  unsigned handed = 0, again = 0, accepted = 0, failed = 0;
};

struct Answer {  // the first of a campaign's stops
  StopId stop;
  Receipt receipt;
  std::optional<std::uint32_t> admitted;
};

struct CampaignSeen {
  std::optional<Create> create;
  std::optional<std::size_t> created;  // where in the history
  CampaignId id;                       // what scopes can name
  AccountId account;
  std::vector<std::string> labels;
  CampaignSeen* series = nullptr;  // of a run
  WallTime due{};                  // likewise
  std::map<Person, PersonSeen> people;
  std::uint64_t hand_overs = 0;
  std::optional<std::uint32_t> audience;
  std::optional<Answer> answer;
  unsigned deaths = 0;     // how often something died that may have left its people open
  bool ended = false;      // seen in the end
  std::set<int> resuming;  // questions: from when they are asked until they are answered
  std::optional<std::size_t>
      paused;                   // a pause was answered, and nobody asked to resume since it was asked for
  std::size_t last_resume = 0;  // asked
};

struct Question {
  StopAsked asked;
  std::size_t at = 0;
};
struct Answered {  // an answered stop
  Question question;
  StopRecord record;
};

class Checker {
 public:
  explicit Checker(const History& h) : history_(h), caps_(h) {}
  std::vector<Violation> run() {
    find_runs();
    for (at_ = 0; at_ < history_.entries.size(); ++at_)
      std::visit([&](const auto& e) { on(e); }, history_.entries[at_].event);
    at_the_end();
    return std::move(found_);
  }

 private:
  template <class... Args>
  void violated(int line, fmt::format_string<Args...> format, Args&&... args) {
    if (found_.size() < 20) found_.push_back({line, fmt::format(format, std::forward<Args>(args)...)});
  }
  void on(const HandedOver& e);
  void on(const Verdict& e);
  void on(const Create& e);
  void on(const Created& e);
  void on(const Refused&) {}
  void on(const StopAsked& e) {
    questions_[e.question] = {e, at_};
    hindered_ = hindered_ || e.latch;
  }
  void on(const StopAnswered& e);
  void on(const StopFailed& e);
  void on(const PauseAsked& e);
  void on(const PauseAnswered& e);
  void on(const Resumed& e) { campaigns_[e.campaign].resuming.erase(e.question); }
  void on(const PauseFailed& e);
  void on(const ReleaseAsked& e) {
    latches_.erase(e.latch);
    released_.insert(e.latch);
  }
  void on(const CapsAsked&) { caps_.asked(); }
  void on(const CapsSet& e) { caps_.set(e, at_); }
  void on(const Started& e) { several_nodes_ = several_nodes_ || e.node > 0; }
  void on(const Owned& e) {
    if (owner_lives_) touch();  // the one before leaves things open, dead or not
    if (owner_) caps_.died();
    owner_lives_ = true;
    owner_ = e.node;
  }
  // A standby leaves nothing open, and an owner that ended in order has told everything.
  void on(const Died& e) {
    hindered_ = true;
    caps_.died();
    if (owner_ && *owner_ != e.node) return;
    owner_lives_ = false;
    if (e.how != ended_in_order) touch();
  }
  void on(const PowerLost&) {}
  void on(const Paused&) { paused_ = hindered_ = true; }
  void on(const ClockStepped&) { clock_stepped_ = hindered_ = true; }
  void on(const DiskTrouble&) { trouble_ = hindered_ = true; }
  void on(const Healed&) { healed_ = at_; }
  void on(const Read& e);
  void on(const Final& e);
  void on(const FinalStop& e);
  void on(const Stuck& e) { violated(0, "{}", e.what); }

  void in_its_time(const HandedOver& e, CampaignNo no, const CampaignSeen& c);
  void of_the_caps(const std::vector<std::string>& wrong);
  void touch();
  std::uint32_t lost(const CampaignSeen& c) const;
  void left_by(const CampaignSeen& c, const Tally& t, std::string_view where);
  void compare_with_the_answer(const StopRecord& record, const Receipt& now, const CampaignSeen& c);
  void missed(CampaignNo no, const Create& create);
  bool was_asked_to_stop(CampaignNo no, const CampaignSeen& c) const;
  void receipt(const Answered& stop, const Receipt& r, std::optional<std::uint32_t> admitted);
  void find_runs();
  void at_its_local_time(const Final& run, const CampaignSeen& c);
  CampaignNo no_of(CampaignNo named, CampaignId id) const {
    const auto run = runs_.find(id);
    return run == runs_.end() ? named : run->second;
  }
  CampaignNo no_of(const Receipt& r) const { return no_of(number_in(r.campaign_name), r.campaign); }
  // What covers a series covers its runs: said here once more, the checker does not take it from the store.
  static bool covers(const Scope& scope, const CampaignSeen& c) {
    return store::covers(scope, {c.id, c.account, Channel::push, "local-fcm", c.labels, {}}) ||
           (c.series != nullptr && covers(scope, *c.series));
  }
  void same_audience(CampaignNo no, CampaignSeen& c, std::uint32_t audience);
  void person_at_the_end(const Final& f, const CampaignSeen& c, Ordinal ordinal);
  void at_the_end();

  const History& history_;
  std::size_t at_ = 0;
  std::map<CampaignNo, CampaignSeen> campaigns_;
  std::map<CampaignId, CampaignNo> runs_;  // of series
  std::map<int, Question> questions_;
  std::vector<Answered> answered_;
  std::map<LatchId, Scope> latches_;
  std::set<LatchId> released_;
  std::map<int, std::pair<PauseAsked, std::size_t>> pauses_;
  std::map<CampaignNo, Tally> in_the_end_;
  std::set<StopId> stops_in_the_end_;
  bool paused_ = false, clock_stepped_ = false, trouble_ = false, several_nodes_ = false;
  bool owner_lives_ = false;
  bool touched_ = false;   // something died, or was taken over, that may have left things open
  bool hindered_ = false;  // something happened that may keep a campaign from starting in time
  std::optional<std::size_t> healed_;
  std::optional<int> owner_;    // the node that sends
  bool undeliverable_ = false;  // an address may have died
  CapsChecker caps_;
  std::vector<Violation> found_;
};

// ---- series --------------------------------------------------------------------------------------

// Which campaigns are runs is known from the end: ids are given by the server.
void Checker::find_runs() {
  for (const Entry& entry : history_.entries) {
    const auto* f = std::get_if<Final>(&entry.event);
    if (f == nullptr || !f->series) continue;
    CampaignSeen& run = campaigns_[f->campaign];
    if (run.id) violated(2, "run {} of c{} was made twice", f->occurrence, series_of(f->campaign));
    run.id = f->id;
    run.series = &campaigns_[series_of(f->campaign)];
    run.due = f->due;
    runs_[f->id] = f->campaign;
  }
}

// The rule of schedule.h, told from the zone the other way round: which local time is it there?
void Checker::at_its_local_time(const Final& run, const CampaignSeen& c) {
  if (!c.series->create || c.series->last_resume > 0) return;  // "send it now"
  const auto& rule = c.series->create->recurrence;
  if (!rule) return violated(5, "c{} is a run of what does not recur", run.campaign);
  const TimeZone zone = *TimeZone::named(rule->zone), utc = *TimeZone::named("UTC");
  const Seconds local{(rule->day + run.occurrence - 1) * 86'400 + rule->minute * 60};
  const std::int64_t wanted = utc.minute_stamp(WallTime{local}), is = zone.minute_stamp(run.due);
  const bool after_a_gap = is > wanted && zone.minute_stamp(run.due - Micros{1}) < wanted;
  if (is != wanted && !after_a_gap)
    violated(5, "c{} was due at {} {}, and not at {}", run.campaign, is, rule->zone, wanted);
  for (const int minutes : {30, 60})
    if (is == wanted && zone.minute_stamp(run.due - std::chrono::minutes{minutes}) == wanted)
      violated(5, "c{} was due at the second {} {}", run.campaign, is, rule->zone);
}

// ---- what a death may leave open -----------------------------------------------------------------

// Not of a campaign that is stopped with every verdict in, and not of one that was not due.
void Checker::touch() {
  touched_ = true;
  // Clocks that nobody sets run too fast or too slow by half a percent at most.
  const Micros at = history_.entries[at_].at;
  const WallTime latest = history_.begins + at + at / 100;
  for (auto& [no, c] : campaigns_) {
    const bool over = c.answer && c.answer->receipt.settled;
    const WallTime due = c.create ? c.create->due : c.due;
    const bool not_due = (c.create || c.series) && !clock_stepped_ && latest < due;
    if (!over && !not_due) ++c.deaths;
  }
}

// So many people's attempts can be unknown at most: each death leaves a window of them.
std::uint32_t Checker::lost(const CampaignSeen& c) const {
  return c.deaths * history_.window;
}

// What an answer says has left, against what was seen to leave. Without a death both are the same; a death
// can only make people count that it has left open, as in doubt.
void Checker::left_by(const CampaignSeen& c, const Tally& t, std::string_view where) {
  const auto handed = static_cast<std::uint32_t>(
      std::count_if(c.people.begin(), c.people.end(), [](const auto& p) { return p.second.handed > 0; }));
  const std::uint32_t more = std::min(t.in_doubt, lost(c));
  if (t.handed_over < handed || t.handed_over > handed + more)
    violated(1, "{} says that {} were handed over, {} in doubt; it was {}", where, t.handed_over, t.in_doubt,
             handed);
  // A death may lose the count of its last attempts; whoever counts as reached had at least one.
  const bool exact = c.deaths == 0;
  if (exact ? t.attempts != c.hand_overs
            : t.attempts < t.handed_over || t.attempts + handed > c.hand_overs + t.handed_over)
    violated(1, "{} says {} attempts, it was {}", where, t.attempts, c.hand_overs);
}

// ---- lines 1, 2, 5: what leaves ------------------------------------------------------------------

void Checker::on(const HandedOver& e) {
  const CampaignNo no = no_of(e.campaign, e.id);
  CampaignSeen& c = campaigns_[no];
  const CampaignSeen& made = c.series != nullptr ? *c.series : c;  // by somebody
  if (owner_ && *owner_ != e.node)
    violated(1, "node {} handed over c{} p{} although node {} had taken over", e.node, no, e.person, *owner_);
  for (const Answered& stop : answered_) {
    const bool known_then = made.created && *made.created < stop.question.at;
    if (known_then && covers(stop.question.asked.scope, c))
      violated(1, "c{} p{} was handed over after stop-{} had been answered", no, e.person, stop.record.id);
  }
  for (const auto& [latch, scope] : latches_)
    if (covers(scope, c)) violated(5, "c{} p{} was handed over while latch-{} stood", no, e.person, latch);
  const bool with_series = c.series != nullptr && c.series->paused && c.last_resume == 0;
  if (c.paused || with_series)
    violated(1, "c{} p{} was handed over although the campaign is paused", no, e.person);
  PersonSeen& p = c.people[e.person];
  ++p.handed;
  ++c.hand_overs;
  if (p.handed > p.again + 1)
    violated(2, "c{} p{} was handed over {} times, and the provider asked for it {} times", no, e.person,
             p.handed, p.again);
  if (p.handed > history_.max_attempts)
    violated(2, "c{} p{} was handed over {} times", no, e.person, p.handed);
  const WallTime due = c.create ? c.create->due : c.due;
  if (e.wall < due && !clock_stepped_ && !several_nodes_)
    violated(5, "c{} was handed over before it was due", no);
  if (!clock_stepped_ && !several_nodes_) in_its_time(e, no, c);
  of_the_caps(caps_.handed_over(no, e.person, e.wall, at_));
}

// They go by days, and days by clocks.
void Checker::of_the_caps(const std::vector<std::string>& wrong) {
  if (clock_stepped_) return;
  for (const std::string& what : wrong) violated(2, "{}", what);
}

// Told from what the clock shows where the person is.
void Checker::in_its_time(const HandedOver& e, CampaignNo no, const CampaignSeen& c) {
  if (!c.create || c.create->timing.empty()) return;
  const Timing& timing = c.create->timing;
  const TimeZone there = *TimeZone::named(history_.zones.at(e.person)), utc = *TimeZone::named("UTC");
  const TimeZone account = *TimeZone::named(timing.zone);
  const auto shown = [&](WallTime t) { return there.minute_stamp(t); };
  WallTime departs = c.create->due;
  if (timing.local) {
    const std::int64_t wanted =
        utc.minute_stamp(WallTime{Seconds{timing.local->day * 86'400 + timing.local->minute * 60}});
    bool reached = shown(e.wall) >= wanted;
    for (int m = 1; !reached && m <= 60;
         ++m)  // where clocks are set back it is shown twice: the first time counts
      reached = shown(e.wall - std::chrono::minutes{m}) >= wanted;
    if (!reached)
      violated(5, "c{} p{} was handed over at {} where it is to leave at {}", no, e.person, shown(e.wall),
               wanted);
    departs = there.instant(*timing.local);
    const bool passed = departs < c.create->due;
    if (passed && timing.passed == Timing::Passed::dropped)
      violated(5, "c{} p{} was handed over although its time had passed there", no, e.person);
    if (passed) return;  // at once, or on some day that follows
  }
  if (timing.cut_off &&
      e.wall >= cut_off_after(timing.per_person ? there : account, departs, *timing.cut_off))
    violated(5, "c{} p{} was handed over after its cut-off, at {}", no, e.person, shown(e.wall));
  if (timing.quiet && quiet_at(*timing.quiet, timing.quiet->per_person ? there : account, e.wall))
    violated(5, "c{} p{} was handed over in quiet hours, at {}", no, e.person, shown(e.wall));
}

void Checker::on(const Verdict& e) {
  PersonSeen& p = campaigns_[no_of(e.campaign, e.id)].people[e.person];
  caps_.heard(no_of(e.campaign, e.id), e.person, at_);
  switch (e.word) {
    case Word::accepted:
      ++p.accepted;
      break;
    case Word::again:
      ++p.again;
      break;
    case Word::failed:
      ++p.failed;
      undeliverable_ = true;
      break;
  }
}

void Checker::on(const Create& e) {
  CampaignSeen& c = campaigns_[e.campaign];
  c.create = e;
  caps_.created(e, at_);
  c.account = e.account;
  c.labels = e.labels;
  for (auto& [no, run] : campaigns_)
    if (run.series == &c) run.account = e.account, run.labels = e.labels;
}

void Checker::on(const Created& e) {
  CampaignSeen& c = campaigns_[e.campaign];
  c.id = e.id;
  c.created = at_;
  caps_.made(e.campaign);
  for (const auto& [latch, scope] : latches_)
    if (covers(scope, c)) violated(5, "c{} was created while latch-{} stood", e.campaign, latch);
}

// ---- lines 1, 3, 4: what is answered ---------------------------------------------------------------

void Checker::on(const StopAnswered& e) {
  const auto asked = questions_.find(e.question);
  if (asked == questions_.end()) return violated(4, "answer {} without a question", e.question);
  Answered stop{asked->second, e.record};
  for (const Receipt& r : e.record.receipts) {
    std::optional<std::uint32_t> admitted;
    for (const auto& [campaign, count] : e.admitted)
      if (campaign == no_of(r)) admitted = count;
    receipt(stop, r, admitted);
  }
  if (stop.question.asked.campaign >= 0 && e.record.receipts.empty())
    violated(4, "stop-{} of c{} has no receipt", e.record.id, stop.question.asked.campaign);
  if (e.record.latch && !released_.contains(e.record.latch)) latches_[e.record.latch] = e.record.scope;
  answered_.push_back(std::move(stop));
}

void Checker::receipt(const Answered& stop, const Receipt& r, std::optional<std::uint32_t> admitted) {
  const CampaignNo no = no_of(r);
  CampaignSeen& c = campaigns_[no];
  const Tally& t = r.tally;
  if (!t.balances() || t.pending != 0)
    violated(3, "the receipt of c{} in stop-{} does not add up", no, stop.record.id);
  if (r.planned) same_audience(no, c, t.audience);
  if (c.answer) {
    const Receipt& first = c.answer->receipt;
    if (c.answer->stop != stop.record.id || first.tally.handed_over != t.handed_over)
      violated(4, "c{} was stopped by stop-{} with {} handed over, and now by stop-{} with {}", no,
               c.answer->stop, first.tally.handed_over, stop.record.id, t.handed_over);
    return;
  }
  c.answer = Answer{stop.record.id, r, admitted};
  left_by(c, t, fmt::format("stop-{} of c{}", stop.record.id, no));
}

void Checker::on(const StopFailed& e) {
  const Question& q = questions_[e.question];
  if (e.why == dispatch::StopCode::not_found && q.asked.campaign >= 0)
    violated(4, "c{} can't be stopped: it is said not to exist", q.asked.campaign);
  const bool disk = trouble_ && !(healed_ && q.at > *healed_);
  const bool others = several_nodes_ && (paused_ || touched_);
  if (e.why == dispatch::StopCode::store && !disk && !others)
    violated(4, "question {} could not be answered although nothing was wrong with the store", e.question);
}

void Checker::on(const PauseAsked& e) {
  pauses_[e.question] = {e, at_};
  hindered_ = true;
  caps_.interrupted(e.campaign);
  if (!e.resume) return;
  CampaignSeen& c = campaigns_[e.campaign];
  c.resuming.insert(e.question);
  c.last_resume = at_;
  c.paused.reset();
}

// Holds until somebody asks to resume, unless somebody did while it was under way.
void Checker::on(const PauseAnswered& e) {
  CampaignSeen& c = campaigns_[e.campaign];
  const std::size_t asked = pauses_[e.question].second;
  const bool with_series =
      c.series != nullptr && (!c.series->resuming.empty() || c.series->last_resume >= asked);
  if (c.resuming.empty() && c.last_resume < asked && !with_series) c.paused = at_;
  if (!e.tally.balances()) violated(3, "c{} does not add up when it is paused", e.campaign);
  if (c.create && c.create->recurrence) return;  // the sums of the runs that were paused with it
  if (e.planned) same_audience(e.campaign, c, e.tally.audience);
  if (c.paused) left_by(c, e.tally, fmt::format("the pause of c{}", e.campaign));
}

void Checker::on(const PauseFailed& e) {
  const auto& [asked, at] = pauses_[e.question];
  if (asked.resume && e.why != dispatch::PauseCode::store)
    campaigns_[asked.campaign].resuming.erase(e.question);
  if (e.why == dispatch::PauseCode::not_found)
    violated(4, "c{} can't be paused or resumed: it is said not to exist", asked.campaign);
}

// ---- line 3: what can be read ----------------------------------------------------------------------

void Checker::same_audience(CampaignNo no, CampaignSeen& c, std::uint32_t audience) {
  if (!c.audience) c.audience = audience;
  if (*c.audience != audience)
    violated(3, "the audience of c{} was {}, now it is {}", no, *c.audience, audience);
  const bool some = undeliverable_ || (c.create && c.create->continues > 0);
  if (audience > history_.people || (!some && audience != history_.people))
    violated(3, "the audience of c{} is {} of {}", no, audience, history_.people);
}

void Checker::on(const Read& e) {
  if (!e.tally.balances()) violated(3, "c{} does not add up while {}", e.campaign, name_of(e.state));
  same_audience(e.campaign, campaigns_[e.campaign], e.tally.audience);
}

void Checker::person_at_the_end(const Final& f, const CampaignSeen& c, Ordinal ordinal) {
  const RunAccount::Recipient& r = f.people[ordinal];
  const auto found = c.people.find(f.who[ordinal]);
  const PersonSeen p = found == c.people.end() ? PersonSeen{} : found->second;
  const auto wrong = [&](int line, std::string_view why) {
    violated(line, "c{} p{} is {} after {} hand-overs ({} accepted, {} failed, {} again): {}", f.campaign,
             f.who[ordinal], name_of(r.standing), p.handed, p.accepted, p.failed, p.again, why);
  };
  if (p.handed > r.attempts) wrong(2, "more than the journal knows of");
  switch (r.standing) {
    case belay::Standing::accepted:
      if (p.accepted == 0) wrong(3, "nobody has accepted it");
      break;
    case belay::Standing::failed:
      if (p.failed + p.again == 0 && r.reason != Reason::unreachable) wrong(3, "nobody has refused it");
      if (p.accepted > 0) wrong(3, "it was accepted");
      break;
    case belay::Standing::withheld:
      if (p.handed > 0) wrong(1, "it has left");
      if (f.state != State::stopped) wrong(3, "nothing has stopped it");
      break;
    case belay::Standing::skipped:
      if (p.handed > p.again) wrong(3, "it has left");
      break;
    case belay::Standing::in_doubt:
      if (r.reason == Reason::crash && c.deaths == 0) wrong(2, "nothing died that could have left it open");
      if (r.reason != Reason::crash && p.handed == 0) wrong(2, "it never left");
      if (r.reason != Reason::crash && p.accepted + p.failed > 0) wrong(2, "the verdict was heard");
      break;
    case belay::Standing::pending:
    case belay::Standing::in_flight:
      wrong(3, "everything is over");
      break;
  }
}

void Checker::on(const Final& e) {
  CampaignSeen& c = campaigns_[e.campaign];
  c.ended = true;
  in_the_end_[e.campaign] = e.tally;
  caps_.ended(e);
  if (c.series != nullptr) at_its_local_time(e, c);
  if (c.answer) {
    const bool was_over = is_final(c.answer->receipt.found_in);
    if (e.state != (was_over ? c.answer->receipt.found_in : State::stopped))
      violated(1, "c{} was stopped by stop-{}, in the end it is {}", e.campaign, c.answer->stop,
               name_of(e.state));
    if (c.answer->admitted && *c.answer->admitted != e.admitted)
      violated(1, "c{} had admitted {} when stop-{} was answered, in the end {}", e.campaign,
               *c.answer->admitted, c.answer->stop, e.admitted);
  }
  if (e.state == State::stopped && !was_asked_to_stop(e.campaign, c))
    violated(5, "c{} is stopped, and nobody asked for that", e.campaign);
  if (!e.planned) {
    if (c.hand_overs > 0)
      violated(5, "c{} is {} and {} have left", e.campaign, name_of(e.state), c.hand_overs);
    if (e.state == State::missed && c.create && !c.create->recurrence) missed(e.campaign, *c.create);
    return;
  }
  same_audience(e.campaign, c, e.tally.audience);
  if (!e.tally.balances()) violated(3, "c{} does not add up in the end", e.campaign);
  for (Ordinal o = 0; o < e.people.size(); ++o) person_at_the_end(e, c, o);
  const auto open = std::count_if(e.people.begin(), e.people.end(), [](const RunAccount::Recipient& r) {
    return r.standing == belay::Standing::in_doubt && r.reason == Reason::crash;
  });
  if (static_cast<std::uint64_t>(open) > lost(c))
    violated(2, "c{}: {} people are in doubt after {} deaths that may leave {} each", e.campaign, open,
             c.deaths, history_.window);
  const std::set<Person> audience(e.who.begin(), e.who.end());
  for (const auto& [person, seen] : c.people)
    if (seen.handed > 0 && !audience.contains(person))
      violated(2, "c{} p{} was handed over and is not in the audience", e.campaign, person);
}

// Threads that wait for a processor are late by seconds at most.
void Checker::missed(CampaignNo no, const Create& create) {
  if (!hindered_ && create.grace >= Seconds{10})
    violated(3, "c{} was missed, and nothing kept it from being sent", no);
  const Micros at = history_.entries[at_].at;
  if (!clock_stepped_ && history_.begins + at + at / 100 < create.due + create.grace)
    violated(3, "c{} was given up as missed before its grace was over", no);
}

void Checker::on(const FinalStop& e) {
  stops_in_the_end_.insert(e.record.id);
  for (const Receipt& r : e.record.receipts) {
    const CampaignNo no = no_of(r);
    if (!r.settled) violated(3, "the receipt of c{} in stop-{} is not settled in the end", no, e.record.id);
    const auto now = in_the_end_.find(no);
    Tally mine = r.tally, theirs = now == in_the_end_.end() ? Tally{} : now->second;
    mine.attempts = theirs.attempts = 0;
    if (r.planned && mine != theirs)
      violated(3, "the receipt of c{} in stop-{} is not what the journal says in the end", no, e.record.id);
    const CampaignSeen& c = campaigns_[no];
    if (c.answer && c.answer->stop == e.record.id) compare_with_the_answer(e.record, r, c);
  }
}

// Who was withheld or skipped stays so, who had a verdict keeps it; only who was in flight may still become
// something else, whatever died since.
void Checker::compare_with_the_answer(const StopRecord& record, const Receipt& now, const CampaignSeen& c) {
  const Tally &was = c.answer->receipt.tally, &is = now.tally;
  const auto changed = [&](std::string_view what, std::uint64_t then, std::uint64_t later) {
    violated(1, "stop-{} answered that {} of {} were {}, in the end it says {}", record.id, then,
             now.campaign_name, what, later);
  };
  if (was.handed_over != is.handed_over) changed("handed over", was.handed_over, is.handed_over);
  if (was.withheld != is.withheld) changed("withheld", was.withheld, is.withheld);
  if (was.skipped_total() != is.skipped_total()) changed("skipped", was.skipped_total(), is.skipped_total());
  if (is.accepted < was.accepted) changed("accepted", was.accepted, is.accepted);
  if (is.failed < was.failed) changed("failed", was.failed, is.failed);
  if (is.in_doubt < was.in_doubt) changed("in doubt", was.in_doubt, is.in_doubt);
}

bool Checker::was_asked_to_stop(CampaignNo no, const CampaignSeen& c) const {
  return std::any_of(questions_.begin(), questions_.end(), [&](const auto& q) {
    const StopAsked& asked = q.second.asked;
    return asked.campaign == no || asked.campaign == series_of(no) || covers(asked.scope, c);
  });
}

void Checker::at_the_end() {
  if (stops_in_the_end_.empty() && in_the_end_.empty()) return;  // the end could not be read: said above
  for (const Answered& stop : answered_)
    if (!stops_in_the_end_.contains(stop.record.id))
      violated(1, "stop-{} was answered and is forgotten", stop.record.id);
  for (const auto& [no, c] : campaigns_)
    if (c.created && !c.ended) violated(3, "c{} was created and is forgotten", no);
  of_the_caps(caps_.at_the_end());
}

}  // namespace

std::vector<Violation> check(const seen::History& history) {
  return Checker(history).run();
}

}  // namespace belay::sim
