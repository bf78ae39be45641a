// Whom the runner leaves out although they were admitted: control groups, and who has had as many messages as
// the account's frequency caps allow. The runner is the only one that admits, so its count is exact whatever
// runs at once: it counts a recipient when it sends them to a loop, and takes that back when it hears that
// nothing left.
#include "base/log.h"
#include "dispatch/runner.h"

namespace belay::dispatch {
namespace {

constexpr Micros after_trouble = Millis{500};

std::uint32_t key_of(ProfileId person) {
  return static_cast<std::uint32_t>(person.value);
}

}  // namespace

Reason Runner::left_out(ActiveRun& run, const Granted& who, const store::RecipientRow& row) {
  if (who.handed_before) return Reason::none;  // they have had it: this is the same message once more
  if (in_control_group(run, row)) return Reason::control_group;
  FrequencyBook* book = accounts_.at(run.open->account)->book.get();
  if (book != nullptr && !within_caps(run, *book, who.ordinal, row.profile)) return Reason::frequency_cap;
  return Reason::none;
}

bool Runner::in_control_group(const ActiveRun& run, const store::RecipientRow& row) const {
  const RunReach& reach = run.reach;
  const AccountGuard& account = *accounts_.at(run.open->account);
  const std::uint32_t system = reach.system_control_group ? account.reach.control_group_percent : 0;
  if (reach.control_percent == 0 && system == 0) return false;
  // Who has no name of their own is known by their number here.
  const std::string number = row.person.empty() ? fmt::format("#{}", row.profile) : std::string();
  const std::string_view person = row.person.empty() ? std::string_view(number) : row.person;
  return drawn(lot_of("account-" + account.key, person), system) ||
         drawn(lot_of(reach.control_group, person), reach.control_percent);
}

// Counts the message, if there is room for it.
bool Runner::within_caps(ActiveRun& run, FrequencyBook& book, Ordinal ordinal, ProfileId person) {
  RunReach& reach = run.reach;
  if (reach.held.contains(ordinal)) return true;  // counted when reading failed half-way
  auto message = reach.messages.find(person);
  if (message == reach.messages.end()) {
    // After a restart it is not known any more which devices were sent to: the next one counts as a message.
    const bool had_it = reach.had_it.contains(key_of(person));
    const auto& caps = accounts_.at(run.open->account)->reach.frequency_caps;
    if (!had_it && reach.respects_caps && !book.room(person, run.open->channel, caps)) return false;
    if (!had_it) book.count(person, run.open->channel, book.today());
    message = reach.messages.emplace(person, RunReach::Message{book.today(), 0, had_it}).first;
  }
  ++message->second.devices;
  reach.held.emplace(ordinal, person);
  return true;
}

// Outcomes that are durable. What has left stays counted.
void Runner::settle_counts(ActiveRun& run, const std::vector<JournalEntry>& entries) {
  RunReach& reach = run.reach;
  if (reach.held.empty()) return;
  for (const JournalEntry& e : entries) {
    const auto held = reach.held.find(e.ordinal);
    if (held == reach.held.end()) continue;
    const auto message = reach.messages.find(held->second);
    reach.held.erase(held);
    if (e.handed_over) message->second.left = true;
    if (e.handed_over && reach.several_devices) reach.had_it.add(key_of(message->first));
    if (--message->second.devices > 0) continue;
    uncount(run, message->first, message->second);
    reach.messages.erase(message);
  }
}

// The run is off the books: who has no outcome was taken back from the loops, and nothing left for them.
void Runner::uncount_held(ActiveRun& run) {
  for (const auto& [person, message] : run.reach.messages) uncount(run, person, message);
  run.reach.messages.clear();
  run.reach.held.clear();
}

void Runner::uncount(const ActiveRun& run, ProfileId person, const RunReach::Message& message) {
  FrequencyBook* book = accounts_.at(run.open->account)->book.get();
  if (book != nullptr && !message.left) book->uncount(person, run.open->channel, message.day);
}

// Who is at a loop at midnight may be sent to on either day, and counts for the later one.
void Runner::roll_books() {
  for (auto& [id, account] : accounts_) {
    if (!account || !account->book) continue;
    FrequencyBook& book = *account->book;
    const std::int64_t today = day_number(account->zone.day_stamp(ports_.clock.wall()));
    if (today <= book.today()) continue;
    book.roll_to(today);
    for (auto& [campaign, run] : runs_) {
      if (run->open->account != id) continue;
      for (auto& [person, message] : run->reach.messages) {
        if (message.left) continue;
        book.uncount(person, run->open->channel, message.day);
        book.count(person, run->open->channel, today);
        message.day = today;
      }
    }
  }
}

// The account's rules have been read.
void Runner::keep_book(AccountId id, AccountGuard& account) {
  if (account.reach.frequency_caps.empty()) {
    account.book.reset();
    account.counting.reset();
    for (auto& [campaign, run] : runs_)
      if (run->open->account == id) run->reach.held.clear(), run->reach.messages.clear();
    return;
  }
  if (account.book) return;
  const WallTime now = ports_.clock.wall();
  account.book = std::make_unique<FrequencyBook>(day_number(account.zone.day_stamp(now)));
  const auto still_here = [this](RunId run, Ordinal ordinal) {
    for (const auto& [campaign, active] : runs_) {
      if (active->open->run != run) continue;
      return std::ranges::find(active->granted, ordinal, &Granted::ordinal) != active->granted.end();
    }
    return false;
  };
  account.counting = std::make_unique<PastMessages>(id, account.zone, now, still_here);
  ports_.runner.post([this, id] { count_past(id); });
}

// Something of the account is in the loops' hands, and may leave today or on another day: what is in the
// journal has left.
bool Runner::at_the_loops(AccountId id) const {
  return std::ranges::any_of(runs_, [&](const auto& r) {
    const ActiveRun& run = *r.second;
    if (run.open->account != id) return false;
    if (run.stopped || run.paused) return run.noisy_loops > 0 || !inbox_.empty();
    return run.unresolved > run.granted.size();
  });
}

// One step, and the next one after everything else that waits. Caps that are set while something is on its
// way are counted from when it has its verdict: a turn looks again.
void Runner::count_past(AccountId id) {
  const auto it = accounts_.find(id);
  if (it == accounts_.end() || !it->second || !it->second->counting) return;
  AccountGuard& account = *it->second;
  account.counting_waits = !account.counting->begun() && at_the_loops(id);
  if (account.counting_waits) return;
  const auto done = account.counting->step(*control_, *journal_, *profiles_, *account.book);
  if (!done) {
    log_error("caps.past_unreadable", {{"detail", done.error().text}});
    account.count_later = ports_.runner.after(after_trouble, [this, id] { count_past(id); });
    return;
  }
  if (!*done) return ports_.runner.post([this, id] { count_past(id); });
  account.counting.reset();
  schedule();
}

void Runner::count_what_waited() {
  for (auto& [id, account] : accounts_)
    if (account && std::exchange(account->counting_waits, false)) count_past(id);
}

}  // namespace belay::dispatch
