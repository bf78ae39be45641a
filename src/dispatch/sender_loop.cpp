#include "dispatch/sender_loop.h"

#include "base/check.h"
#include "base/log.h"
#include "dispatch/sender_loop_parts.h"

namespace belay::dispatch {
namespace {

constexpr std::size_t ship_at = 512;  // entries; less is shipped after ship_after
constexpr Micros ship_after = Millis{2};
constexpr Micros lease_recheck = Millis{100};
constexpr Micros default_throttle = Seconds{10};  // FCM: at least 10 s where it names no time

Micros backoff(const EngineOptions& options, std::uint8_t attempt) {
  const unsigned doublings = std::min<unsigned>(attempt - 1u, 20);
  return std::min<Micros>(options.retry_initial * (std::int64_t{1} << doublings), options.retry_most);
}

}  // namespace

SenderLoop::SenderLoop(LoopNo no, const LoopSeat& seat, const Clock& clock, const EngineOptions& options,
                       OutcomeSink sink, const Lease* lease)
    : no_(no),
      executor_(*seat.executor),
      transport_(*seat.transport),
      clock_(clock),
      options_(options),
      sink_(std::move(sink)),
      lease_(lease) {}

SenderLoop::~SenderLoop() = default;

SenderLoop::LocalRun& SenderLoop::local(const std::shared_ptr<const OpenRun>& run) {
  auto& slot = runs_[run->campaign];
  if (!slot) {
    slot = std::make_unique<LocalRun>();
    slot->open = run;
    const auto gate = closed_.find(run->campaign);
    slot->closed = gate != closed_.end() && run->epoch <= gate->second;
    seat_of(*run).runs.push_back(slot.get());
    if (run->cut_off) look_at_cut_off(*slot);
  }
  return *slot;
}

SenderLoop::RouteSeat& SenderLoop::seat_of(const OpenRun& run) {
  auto& slot = routes_[run.provider];
  if (!slot) {
    slot = std::make_unique<RouteSeat>();
    RouteSeat* seat = slot.get();
    slot->route =
        std::make_unique<Route>(executor_, transport_, clock_, run.endpoint, options_.links_per_route,
                                static_cast<RouteOwner&>(*this), [this, seat] { schedule(*seat); });
  }
  return *slot;
}

void SenderLoop::deliver(Batch batch) {
  LocalRun& run = local(batch.run);
  const auto count = static_cast<std::uint32_t>(batch.parcels.size());
  if (run.closed) {  // the gate closed first: nothing of this leaves (S05, S16)
    for (const Parcel& parcel : batch.parcels) drop(run, parcel);
    if (draining_) give_back(run);
    return;
  }
  auto held = std::make_unique<Held>(Held{std::move(batch)});
  run.held.push_back(std::move(held));
  run.queued += count;
  queued_ += count;
  if (draining_) {
    give_back(run);
    check_drained();
    return;
  }
  schedule(seat_of(*run.open));
}

void SenderLoop::schedule(RouteSeat& seat) {
  if (seat.scheduled) return;
  seat.scheduled = true;
  executor_.post([this, &seat] {
    seat.scheduled = false;
    pump(seat);
  });
}

// One turn: a bounded number of messages, then the executor gets to everything else, the brake's
// question first of all.
void SenderLoop::pump(RouteSeat& seat) {
  if (draining_ || lapsed()) return;
  for (LocalRun* run : seat.runs)
    if (run->open->cut_off) look_at_cut_off(*run);
  std::uint32_t budget = options_.turn_messages;
  bool work = true;
  seat.bearer.reset();
  while (budget > 0 && work) {
    work = false;
    for (std::size_t i = 0; i < seat.runs.size() && budget > 0; ++i) {
      LocalRun& run = *seat.runs[(seat.turn + i) % seat.runs.size()];
      if (!run.has_work()) continue;
      if (!send_next(seat, run)) {
        budget = 0;  // no room: the route wakes us
        work = false;
        break;
      }
      work = true;
      --budget;
    }
    ++seat.turn;
  }
  const bool more = work && budget == 0;
  seat.route->flush();
  publish();
  if (more) schedule(seat);
  if (lease_ != nullptr && !lease_timer_) watch_lease();
}

// The lease has run out: another node may own the store by now. What has not left is taken back and
// waits; should the lease go on after all, so does the loop.
bool SenderLoop::lapsed() {
  if (lease_ == nullptr || lease_->holds(clock_.steady())) return false;
  if (!lease_timer_) watch_lease();
  return true;
}

// A link's last question before its write. The look of pump() is not enough: what a full socket has left in
// the link's buffer goes on by itself, and the first thing to run after a suspension may be that.
bool SenderLoop::may_write() const {
  return lease_ == nullptr || lease_->holds(clock_.steady());
}

void SenderLoop::watch_lease() {
  const SteadyTime now = clock_.steady();
  const Micros left = std::max<Micros>(lease_->ends() - now, lease_recheck);
  lease_timer_ = executor_.after(left, [this] {
    lease_timer_.reset();
    const bool over = !lease_->holds(clock_.steady());
    for (auto& [id, seat] : routes_) {
      if (over) {
        (void)seat->route->withdraw([](net::Token) { return true; });
        seat->route->close_half_sent();
      } else {
        schedule(*seat);
      }
    }
    if (over || unfinished_ > on_wire_) watch_lease();
  });
}

// Takes the run's next parcel; false when the route has no room.
bool SenderLoop::send_next(RouteSeat& seat, LocalRun& run) {
  net::Link* link = seat.route->with_room();
  if (link == nullptr || !authorize(seat, *run.open)) return false;
  CHECK(!run.closed);  // the gate
  Held* held = nullptr;
  std::size_t index = 0;
  if (!run.again.empty()) {
    std::tie(held, index) = run.again.front();
    run.again.pop_front();
    --held->unfinished;
  } else {
    while (run.held[run.first_open]->batch.next == run.held[run.first_open]->batch.parcels.size())
      ++run.first_open;
    held = run.held[run.first_open].get();
    index = held->batch.next++;
  }
  --run.queued;
  --queued_;
  const Parcel& parcel = held->batch.parcels[index];
  if (parcel.skip != Reason::none) {
    skip(run, parcel, parcel.skip);
    let_go(run, held);
    return true;
  }
  if (parcel.leave_by != WallTime::max() && clock_.wall() >= parcel.leave_by) {
    too_late(run, parcel);
    let_go(run, held);
    return true;
  }
  submit(seat, run, *link, held, index);
  return true;
}

// The runner knows whether it may leave later.
void SenderLoop::too_late(LocalRun& run, const Parcel& parcel) {
  run.retries.push_back({parcel.ordinal, parcel.recipient, static_cast<std::uint8_t>(parcel.attempt + 1),
                         parcel.handed_before, Micros{0}});
  record(run, {parcel.ordinal, Entry::returned, Reason::none, parcel.attempt, parcel.handed_before});
}

bool SenderLoop::authorize(RouteSeat& seat, const OpenRun& run) {
  const auto& credentials = run.sender->credentials();
  if (!credentials || seat.bearer) return true;
  seat.bearer = credentials->header_value();
  if (seat.bearer) return true;
  if (!std::exchange(seat.waiting_for_token, true))
    credentials->on_change([this, &seat] {
      executor_.post([this, &seat] {
        seat.waiting_for_token = false;
        schedule(seat);
      });
    });
  return false;
}

bool SenderLoop::submit(RouteSeat& seat, LocalRun& run, net::Link& link, Held* held, std::size_t index) {
  const Parcel& parcel = held->batch.parcels[index];
  const Batch& batch = held->batch;
  const channel::Recipient who{parcel.recipient,
                               parcel.ordinal,
                               parcel.platform,
                               batch.view(parcel.token),
                               batch.view(parcel.identity),
                               batch.view(parcel.object_id),
                               batch.view(parcel.properties)};
  net::Request request;
  if (!run.open->sender->render(who, clock_.wall(), request.body)) {
    skip(run, parcel, Reason::content_error);
    let_go(run, held);
    return false;
  }
  const auto fixed = run.open->sender->headers();
  headers_.assign(fixed.begin(), fixed.end());
  if (seat.bearer) headers_.push_back({"authorization", *seat.bearer});
  request.path = run.open->sender->path();
  request.headers = headers_;
  request.answer_within = std::min(options_.answer_within, run.open->sender->patience().answer_within);

  const net::Token token = take_wire();
  Wire& w = wires_[static_cast<std::uint32_t>(token.value)];
  w.run = &run;
  w.held = held;
  w.index = index;
  w.ordinal = parcel.ordinal;
  w.recipient = parcel.recipient;
  w.attempt = parcel.attempt;
  w.handed_before = parcel.handed_before;
  w.bearer = seat.bearer;
  ++held->unfinished;
  ++run.unfinished;
  ++unfinished_;
  link.submit(std::move(request), token);
  return true;
}

void SenderLoop::skip(LocalRun& run, const Parcel& parcel, Reason reason) {
  if (parcel.handed_before) --run.tally.deferred;
  ++run.tally.skipped[static_cast<std::size_t>(reason)];
  record(run, {parcel.ordinal, Entry::skipped, reason, parcel.attempt, parcel.handed_before});
}

void SenderLoop::let_go(LocalRun& run, Held* held) {
  if (!held->spent()) return;
  while (!run.held.empty() && run.held.front()->spent()) {
    run.held.pop_front();
    if (run.first_open > 0) --run.first_open;
  }
}

// ---- what the route tells ---------------------------------------------------------------------

void SenderLoop::handed_over(net::Token token) {
  Wire& w = wire(token);
  LocalRun& run = *w.run;
  ++run.tally.attempts;
  ++run.tally.on_wire;
  ++on_wire_;
  if (w.handed_before)
    --run.tally.deferred;
  else
    ++run.tally.handed_first;
  run.tally.span.add({clock_.wall(), w.ordinal});
  hand_overs_.fetch_add(1, std::memory_order_relaxed);
  w.handed = true;
  --w.held->unfinished;
  let_go(run, std::exchange(w.held, nullptr));
  if (std::exchange(w.half, false)) half_done(run);
}

void SenderLoop::answered(net::Token token, const net::Answer& answer) {
  Wire& w = wire(token);
  const auto verdict =
      w.run->open->sender->judge(answer.status, answer.body, answer.retry_after, clock_.wall());
  settle(w, verdict);
  free_wire(token);
}

void SenderLoop::settle(Wire& w, const channel::Verdict& verdict) {
  LocalRun& run = *w.run;
  switch (verdict.kind) {
    case channel::VerdictKind::accepted:
      ++run.tally.accepted;
      return record(run, {w.ordinal, Entry::accepted, Reason::none, w.attempt, true});
    case channel::VerdictKind::address_dead:
      run.dead.push_back(w.recipient);
      [[fallthrough]];
    case channel::VerdictKind::failed:
      ++run.tally.failed;
      return record(run, {w.ordinal, Entry::failed, verdict.reason, w.attempt, true});
    case channel::VerdictKind::later:
      return defer(w, Reason::temporary, verdict.retry_after);
    case channel::VerdictKind::throttled: {
      const Micros pause = verdict.retry_after.value_or(default_throttle);
      seat_of(*run.open).route->hold_until(clock_.steady() + pause);
      return defer(w, Reason::throttled, pause);
    }
    case channel::VerdictKind::unauthorized:
      if (w.bearer) run.open->sender->credentials()->refused(w.bearer);
      return defer(w, Reason::unauthorized, verdict.retry_after);
  }
}

void SenderLoop::defer(Wire& w, Reason reason, std::optional<Micros> retry_after) {
  LocalRun& run = *w.run;
  const std::uint8_t most = std::min(options_.max_attempts, run.open->sender->patience().attempts);
  if (w.attempt >= most) {
    ++run.tally.failed;
    const Reason why = reason == Reason::unauthorized ? reason : Reason::attempts_used_up;
    return record(run, {w.ordinal, Entry::failed, why, w.attempt, true});
  }
  ++run.tally.deferred;
  const Micros delay = std::max(backoff(options_, w.attempt), retry_after.value_or(Micros{0}));
  // Also behind a closed gate: if the stop could not be written down, somebody still waits for it.
  run.retries.push_back({w.ordinal, w.recipient, static_cast<std::uint8_t>(w.attempt + 1), true, delay});
  record(run, {w.ordinal, Entry::deferred, reason, w.attempt, true});
}

void SenderLoop::lost(net::Token token, net::LinkError error) {
  Wire& w = wire(token);
  if (error == net::LinkError::refused_stream) {
    defer(w, Reason::temporary, std::nullopt);  // the provider guarantees that it did not process it
  } else {
    const Reason why = error == net::LinkError::timeout ? Reason::no_answer : Reason::connection_lost;
    ++w.run->tally.in_doubt;
    record(*w.run, {w.ordinal, Entry::in_doubt, why, w.attempt, true});
  }
  free_wire(token);
}

void SenderLoop::unsent(net::Token token, net::LinkError) {
  Wire& w = wire(token);
  LocalRun& run = *w.run;
  const bool half = std::exchange(w.half, false);
  Held* held = std::exchange(w.held, nullptr);
  if (run.closed) {
    drop(run, held->batch.parcels[w.index]);
    --held->unfinished;
    let_go(run, held);
    if (draining_) give_back(run);
  } else {  // it stays "unfinished" in its batch until it is taken again
    run.again.emplace_back(held, w.index);
    ++run.queued;
    ++queued_;
    if (draining_)
      give_back(run);
    else
      schedule(seat_of(*run.open));
  }
  free_wire(token);
  if (half) half_done(run);
}

// ---- wires and outcomes -------------------------------------------------------------------------

SenderLoop::Wire& SenderLoop::wire(net::Token token) {
  Wire& w = wires_.at(static_cast<std::uint32_t>(token.value));
  CHECK(w.generation == token.value >> 32 && w.run != nullptr);
  return w;
}

net::Token SenderLoop::take_wire() {
  if (free_wires_.empty()) {
    free_wires_.push_back(static_cast<std::uint32_t>(wires_.size()));
    wires_.emplace_back();
  }
  const std::uint32_t index = free_wires_.back();
  free_wires_.pop_back();
  return {(std::uint64_t{wires_[index].generation} << 32) | index};
}

void SenderLoop::free_wire(net::Token token) {
  const auto index = static_cast<std::uint32_t>(token.value);
  Wire& w = wires_[index];
  if (w.handed) {
    --w.run->tally.on_wire;
    --on_wire_;
  }
  LocalRun& run = *w.run;
  --run.unfinished;
  --unfinished_;
  const std::uint32_t generation = w.generation + 1;
  w = Wire{};
  w.generation = generation;
  free_wires_.push_back(index);
  if (run.unfinished == 0 && !run.when_quiet.empty()) check_quiet(run);
  if (draining_) check_drained();
}

void SenderLoop::record(LocalRun& run, JournalEntry entry) {
  run.entries.push_back(entry);
  by_entry_[static_cast<std::size_t>(entry.entry)].fetch_add(1, std::memory_order_relaxed);
  if (run.entries.size() >= ship_at) return ship(run);
  if (!ship_timer_)
    ship_timer_ = executor_.after(ship_after, [this] {
      ship_timer_.reset();
      ship_all();
    });
}

void SenderLoop::ship(LocalRun& run) {
  if (run.entries.empty()) return;
  auto batch = std::make_shared<OutcomeBatch>();
  batch->loop = no_;
  batch->seq = run.next_seq++;
  batch->run = run.open;
  batch->entries = std::exchange(run.entries, {});
  batch->again = std::exchange(run.retries, {});
  batch->dead = std::exchange(run.dead, {});
  batch->span = run.tally.span;
  batch->attempts = static_cast<std::uint64_t>(run.tally.attempts);
  run.unacknowledged.push_back(batch);
  run.entries.reserve(ship_at);
  sink_(std::move(batch));
}

void SenderLoop::ship_all() {
  for (auto& [id, run] : runs_) ship(*run);
  publish();
}

void SenderLoop::acknowledged(CampaignId campaign, std::uint64_t seq) {
  const auto it = runs_.find(campaign);
  if (it == runs_.end()) return;
  auto& waiting = it->second->unacknowledged;
  while (!waiting.empty() && waiting.front()->seq <= seq) waiting.pop_front();
}

LoopTotals SenderLoop::totals() const {
  const auto of = [&](Entry e) {
    return by_entry_[static_cast<std::size_t>(e)].load(std::memory_order_relaxed);
  };
  return {hand_overs_.load(std::memory_order_relaxed),
          of(Entry::accepted),
          of(Entry::failed),
          of(Entry::skipped),
          of(Entry::in_doubt),
          of(Entry::deferred)};
}

void SenderLoop::publish() {
  for (auto& [id, run] : runs_) run->open->live[static_cast<std::size_t>(no_.value)].publish(run->tally);
  queued_live_.store(queued_, std::memory_order_relaxed);
  in_flight_live_.store(on_wire_, std::memory_order_relaxed);
}

}  // namespace belay::dispatch
