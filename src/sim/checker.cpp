#include "sim/checker.h"

#include <map>
#include <optional>
#include <set>

#include "campaign/schedule.h"
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
  bool deaths = false;     // something died since it was asked for
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
  explicit Checker(const History& h) : history_(h) {}
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
  void on(const StopAsked& e) { questions_[e.question] = {e, at_}; }
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
  void on(const Started& e) { several_nodes_ = several_nodes_ || e.node > 0; }
  void on(const Owned& e) {
    if (e.term > 1) on(Died{});  // the one before left things open, dead or not
    owner_ = e.node;
  }
  void on(const Died&) {
    for (auto& [no, c] : campaigns_) c.deaths = true;
    died_ = true;
  }
  void on(const PowerLost&) {}
  void on(const Paused&) { paused_ = true; }
  void on(const ClockStepped&) { clock_stepped_ = true; }
  void on(const DiskTrouble&) { trouble_ = true; }
  void on(const Healed&) {}
  void on(const Read& e);
  void on(const Final& e);
  void on(const FinalStop& e);
  void on(const Stuck& e) { violated(0, "{}", e.what); }

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
  bool died_ = false, paused_ = false, clock_stepped_ = false, trouble_ = false, several_nodes_ = false;
  std::optional<int> owner_;    // the node that sends
  bool undeliverable_ = false;  // an address may have died
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
}

void Checker::on(const Verdict& e) {
  PersonSeen& p = campaigns_[no_of(e.campaign, e.id)].people[e.person];
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
  c.account = e.account;
  c.labels = e.labels;
  for (auto& [no, run] : campaigns_)
    if (run.series == &c) run.account = e.account, run.labels = e.labels;
}

void Checker::on(const Created& e) {
  CampaignSeen& c = campaigns_[e.campaign];
  c.id = e.id;
  c.created = at_;
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
  std::uint32_t handed = 0;
  for (const auto& [person, seen] : c.people) handed += seen.handed > 0 ? 1 : 0;
  if (t.handed_over < handed || t.handed_over > handed + t.in_doubt || (!c.deaths && t.handed_over != handed))
    violated(1, "stop-{} says that {} of c{} were handed over, {} in doubt; it was {}", stop.record.id,
             t.handed_over, no, t.in_doubt, handed);
  if (!c.deaths && t.attempts != c.hand_overs)
    violated(1, "stop-{} says {} attempts of c{}, it was {}", stop.record.id, t.attempts, no, c.hand_overs);
}

void Checker::on(const StopFailed& e) {
  const Question& q = questions_[e.question];
  if (e.why == dispatch::StopCode::not_found && q.asked.campaign >= 0)
    violated(4, "c{} can't be stopped: it is said not to exist", q.asked.campaign);
  if (e.why == dispatch::StopCode::store && !trouble_ && !paused_ && !several_nodes_)
    violated(4, "question {} could not be answered although nothing was wrong with the store", e.question);
}

void Checker::on(const PauseAsked& e) {
  pauses_[e.question] = {e, at_};
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
  const auto handed = static_cast<std::uint32_t>(
      std::count_if(c.people.begin(), c.people.end(), [](const auto& p) { return p.second.handed > 0; }));
  if (c.paused && !c.deaths && e.tally.handed_over != handed)
    violated(1, "c{} was paused with {} handed over, it was {}", e.campaign, e.tally.handed_over, handed);
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
  if (audience > history_.people || (!undeliverable_ && audience != history_.people))
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
      break;
    case belay::Standing::withheld:
      if (p.handed > 0) wrong(1, "it has left");
      break;
    case belay::Standing::skipped:
      if (p.handed > p.again) wrong(3, "it has left");
      break;
    case belay::Standing::in_doubt:
      if (p.handed == 0 && !c.deaths) wrong(2, "it never left and nothing died");
      if (p.accepted + p.failed > 0 && !c.deaths) wrong(2, "the verdict was heard and nothing died");
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
  if (!e.planned) {
    if (c.hand_overs > 0)
      violated(5, "c{} is {} and {} have left", e.campaign, name_of(e.state), c.hand_overs);
    return;
  }
  same_audience(e.campaign, c, e.tally.audience);
  if (!e.tally.balances()) violated(3, "c{} does not add up in the end", e.campaign);
  for (Ordinal o = 0; o < e.people.size(); ++o) person_at_the_end(e, c, o);
  const std::set<Person> audience(e.who.begin(), e.who.end());
  for (const auto& [person, seen] : c.people)
    if (seen.handed > 0 && !audience.contains(person))
      violated(2, "c{} p{} was handed over and is not in the audience", e.campaign, person);
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
    if (c.answer && c.answer->stop == e.record.id &&
        c.answer->receipt.tally.handed_over != r.tally.handed_over)
      violated(1, "stop-{} answered that {} of c{} were handed over, in the end it says {}", e.record.id,
               c.answer->receipt.tally.handed_over, no, r.tally.handed_over);
  }
}

void Checker::at_the_end() {
  if (stops_in_the_end_.empty() && in_the_end_.empty()) return;  // the end could not be read: said above
  for (const Answered& stop : answered_)
    if (!stops_in_the_end_.contains(stop.record.id))
      violated(1, "stop-{} was answered and is forgotten", stop.record.id);
  for (const auto& [no, c] : campaigns_)
    if (c.created && !c.ended) violated(3, "c{} was created and is forgotten", no);
}

}  // namespace

std::vector<Violation> check(const seen::History& history) {
  return Checker(history).run();
}

}  // namespace belay::sim
