// Whom the runner leaves out although they were admitted: control groups, and who has had as many messages as
// the account's frequency caps allow. The runner is the only one that admits, so its count is exact whatever
// runs at once: it counts a recipient when it sends them to a loop, and takes that back when it hears that
// nothing left.
#include "base/log.h"
#include "dispatch/runner.h"

namespace belay::dispatch {
namespace {

constexpr Micros after_trouble = Millis{500};

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
  // After a restart it is not known any more which devices were sent to: the next one counts as a message.
  const bool same_message = reach.several_devices && reach.devices.of(person) > 0;
  if (!same_message) {
    const auto& caps = accounts_.at(run.open->account)->reach.frequency_caps;
    if (reach.respects_caps && !book.room(person, run.open->channel, caps)) return false;
    book.count(person, run.open->channel, book.today());
  }
  reach.held.emplace(ordinal, RunReach::Held{person, same_message ? 0 : book.today()});
  if (reach.several_devices) reach.devices.add(person);
  return true;
}

// Outcomes that are durable. What has left stays counted.
void Runner::settle_counts(ActiveRun& run, const std::vector<JournalEntry>& entries) {
  if (run.reach.held.empty()) return;
  for (const JournalEntry& e : entries) {
    const auto held = run.reach.held.find(e.ordinal);
    if (held == run.reach.held.end()) continue;
    if (!e.handed_over) uncount(run, held->second);
    run.reach.held.erase(held);
  }
}

// The run is off the books: who has no outcome was taken back from the loops, and nothing left for them.
void Runner::uncount_held(ActiveRun& run) {
  for (const auto& [ordinal, held] : run.reach.held) uncount(run, held);
  run.reach.held.clear();
}

void Runner::uncount(ActiveRun& run, const RunReach::Held& held) {
  FrequencyBook* book = accounts_.at(run.open->account)->book.get();
  if (book == nullptr) return;
  // Another device may have had the same message: then it stays counted.
  const bool last = !run.reach.several_devices || run.reach.devices.of(held.person) == 1;
  if (run.reach.several_devices) run.reach.devices.take(held.person);
  if (last && held.day != 0) book->uncount(held.person, run.open->channel, held.day);
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
      for (auto& [ordinal, held] : run->reach.held) {
        if (held.day == 0) continue;
        book.uncount(held.person, run->open->channel, held.day);
        book.count(held.person, run->open->channel, today);
        held.day = today;
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
      if (run->open->account == id) run->reach.held.clear();
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

// One step, and the next one after everything else that waits.
void Runner::count_past(AccountId id) {
  const auto it = accounts_.find(id);
  if (it == accounts_.end() || !it->second || !it->second->counting) return;
  AccountGuard& account = *it->second;
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

}  // namespace belay::dispatch
