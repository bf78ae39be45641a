#include "dispatch/brake.h"

#include "base/check.h"
#include "base/log.h"
#include "dispatch/brake_case.h"
#include "dispatch/trials.h"
#include "store/scope_match.h"

namespace belay::dispatch {
Brake::Brake(const Ports& ports, std::vector<SenderLoop*> loops, RunRegistry& registry, Trials& trials,
             Hooks hooks)
    : ports_(ports),
      loops_(std::move(loops)),
      registry_(registry),
      trials_(trials),
      hooks_(std::move(hooks)) {
  // Not at the first stop: by then there may be no descriptor left to open the store with. Where it can't be
  // opened yet, each stop tries again.
  (void)book();
}

Brake::~Brake() = default;

bool Brake::book() {
  if (book_) return true;
  auto opened = StopBook::open(ports_.store);
  if (opened) book_.emplace(std::move(*opened));
  return book_.has_value();
}

void Brake::stop(StopRequest request, StopDone done) {
  auto c = std::make_shared<Case>();
  c->request = std::move(request);
  c->done = std::move(done);
  c->at = ports_.clock.wall();
  c->began = ports_.clock.steady();
  begin(c);
}

void Brake::begin(const CasePtr& c) {
  if (!book()) return close_from_memory(c, "the store can't be opened");
  auto found = book_->find(c->request);
  if (!found && found.error().code == StopCode::not_found) return give_up(c, found.error());
  if (!found) return close_from_memory(c, found.error().text);
  c->campaigns = std::move(found->campaigns);
  if (found->over) return begin_on_final(c);
  std::vector<GateOrder> gates;
  for (const Campaign& campaign : c->campaigns) gates.push_back({campaign.id, campaign.epoch});
  ask(c, gates);
}

// One campaign, and it is over: the first stop's receipt again, or one that says how it ended.
void Brake::begin_on_final(const CasePtr& c) {
  if (c->paused) return give_up(c, {PauseCode::conflict, "it is over: there is nothing to pause"});
  auto known = book_->of_what_is_over(c->request.scope);
  if (!known) return give_up(c, known.error());
  if (auto* earlier = std::get_if<StopRecord>(&*known)) return succeed(c, std::move(*earlier));
  auto record = book_->write(c->request, c->at, {std::move(std::get<store::StopEvidence>(*known))});
  if (!record) return give_up(c, {StopCode::store, record.error().text});
  succeed(c, std::move(*record));
}

void Brake::ask(const CasePtr& c, const std::vector<GateOrder>& campaigns) {
  c->answers.clear();
  c->awaited = loops_.size();
  if (campaigns.empty() || loops_.empty()) return answered(c);
  for (SenderLoop* loop : loops_)
    loop->executor().post([this, c, loop, campaigns] {
      loop->ask_to_stop(campaigns, [this, c](std::vector<LoopAnswer> answers) {
        ports_.brake.post([this, c, answers = std::move(answers)]() mutable {
          std::move(answers.begin(), answers.end(), std::back_inserter(c->answers));
          if (--c->awaited == 0) answered(c);
        });
      });
    });
}

// No message of these campaigns can leave any more. Now it must outlive us.
void Brake::answered(const CasePtr& c) {
  if (!c->store_trouble.empty())
    return give_up(
        c, {StopCode::store,
            fmt::format("Nothing more is being sent, but the {} could not be written down (", c->what()) +
                c->store_trouble +
                "). Ask again until it succeeds: until then a restart "
                "would go on sending"});
  write(c);
}

Result<store::StopEvidence, StopError> Brake::evidence(const CasePtr& c, const Campaign& campaign) {
  const auto run = registry_.find(campaign.id);
  c->delivered.emplace_back(campaign.id, run != nullptr);
  if (!run) {
    auto from_journal = c->paused ? book_->waiting_in_journal(campaign) : book_->from_journal(campaign);
    if (!from_journal) return fail(StopCode::store, from_journal.error().text);
    if (registry_.find(campaign.id) == nullptr) return std::move(*from_journal);
    return fail(StopCode::store, "taken up meanwhile");  // look again: it has a base now
  }
  store::StopEvidence e;
  e.campaign = campaign.id;
  e.run = run->run;
  Receipt& r = e.receipt;
  r.campaign = campaign.id;
  r.campaign_name = campaign.definition.name;
  r.found_in = campaign.state;
  r.planned = true;
  r.span = run->base.span;
  std::vector<LoopTally> tallies;
  std::vector<JournalEntry> entries;
  for (LoopAnswer& a : c->answers) {
    if (a.campaign != campaign.id) continue;
    tallies.push_back(a.tally);
    r.span.merge(a.tally.span);
    entries.insert(entries.end(), a.evidence.begin(), a.evidence.end());
    r.loops.push_back({a.loop, static_cast<std::uint32_t>(std::max<std::int64_t>(a.tally.handed_first, 0)),
                       static_cast<std::uint64_t>(a.tally.attempts),
                       static_cast<std::uint32_t>(a.tally.on_wire), a.dropped});
  }
  tallies.push_back(run->by_runner.read());
  r.tally = add_up(run->base, tallies, !c->paused);
  CHECK(r.tally.balances());
  r.settled = r.tally.in_flight == 0 && !run->timed;
  if (!entries.empty()) e.block = pack(entries);
  return e;
}

// While the loops were answering, another stop may have been quicker, or campaigns have appeared, or one was
// resumed: then its epoch is another, and the gates that were closed are not those. From
// here to the commit nothing else runs on this executor. False: the case has gone another way.
bool Brake::still_to_stop(const CasePtr& c) {
  auto found = book_->find(c->request);
  if (!found) {
    give_up(c, found.error());
    return false;
  }
  const auto asked = [&](const Campaign& now) {
    return std::any_of(c->campaigns.begin(), c->campaigns.end(),
                       [&](const Campaign& k) { return k.id == now.id && k.epoch == now.epoch; });
  };
  for (const Campaign& campaign : found->campaigns) {
    if (asked(campaign)) continue;
    if (++c->round < most_rounds)
      begin(c);
    else  // writing it down without having asked every loop would be a promise that nobody made
      give_up(
          c, {StopCode::store,
              "Campaigns appear or change faster than they can be stopped: ask again, with a latch. What was "
              "found so far sends nothing, but is not written down as stopped"});
    return false;
  }
  c->campaigns = std::move(found->campaigns);
  if (found->over) begin_on_final(c);
  return !found->over;
}

void Brake::write(const CasePtr& c) {
  if (!still_to_stop(c)) return;
  if (c->paused) return write_pause(c);
  std::vector<store::StopEvidence> all;
  c->delivered.clear();
  for (const Campaign& campaign : c->campaigns) {
    auto e = evidence(c, campaign);
    if (!e && ++c->round < most_rounds) return begin(c);
    if (!e) return give_up(c, e.error());
    all.push_back(std::move(*e));
  }
  auto record = book_->write(c->request, c->at, std::move(all));
  if (!record && record.error().code == store::Code::conflict && ++c->round < most_rounds) return begin(c);
  if (!record)
    return give_up(c,
                   {StopCode::store, "Nothing more is being sent, but the stop could not be written down (" +
                                         record.error().text + "). Ask again until it succeeds"});
  for (const auto& [campaign, delivered] : c->delivered)
    if (const auto run = registry_.find(campaign)) run->stopped = true;
  succeed(c, std::move(*record));
  for (const auto& [campaign, delivered] : c->delivered)
    if (delivered) hooks_.stopped(campaign, record->id);
}

void Brake::succeed(const CasePtr& c, StopRecord record) {
  trials_.withdraw(c->request.scope);  // behind the commit: who enters later finds the latch
  const Micros latency = ports_.clock.steady() - c->began;
  ++stops;
  latency_sum += latency.count();
  std::size_t bucket = 0;
  while (bucket < stop_latency_bounds.size() && latency.count() > stop_latency_bounds[bucket]) ++bucket;
  ++latency_buckets[bucket];
  const bool first_answer = record.latency == Micros{0};
  if (first_answer) record.latency = latency;
  const StopId id = record.id;
  const Tally t = record.total();
  log_info("stop", {{"stop", id},
                    {"repeated", !first_answer},
                    {"actor", c->request.actor},
                    {"reason", c->request.reason},
                    {"campaigns", record.receipts.size()},
                    {"handed_over", t.handed_over},
                    {"withheld", t.withheld},
                    {"in_flight", t.in_flight},
                    {"in_doubt", t.in_doubt},
                    {"latency_us", latency.count()}});
  c->done(std::move(record));
  if (first_answer)
    if (auto r = book_->record_latency(id, latency); !r)
      log_warning("stop.latency_unrecorded", {{"detail", r.error().text}});
}

void Brake::give_up(const CasePtr& c, StopError error) {
  if (c->paused) return give_up(c, PauseError{pause_code(error.code), std::move(error.text)});
  if (error.code != StopCode::not_found) {
    ++errors;
    log_error("stop.failed", {{"actor", c->request.actor}, {"detail", error.text}});
  }
  c->done(std::unexpected(std::move(error)));
}

// The store can't say which campaigns are meant. Those being delivered are known without it.
void Brake::close_from_memory(const CasePtr& c, const std::string& why) {
  c->store_trouble = why;
  trials_.withdraw(c->request.scope);
  std::vector<GateOrder> gates;
  for (const auto& run : registry_.all()) {
    const store::ScopeFacts facts{run->campaign,      run->account, run->channel,
                                  run->provider_name, run->labels,  run->series};
    if (store::covers(c->request.scope, facts)) gates.push_back({run->campaign, run->epoch});
  }
  ask(c, gates);
}

}  // namespace belay::dispatch
