#include "dispatch/past_messages.h"

#include <algorithm>
#include <set>

#include "dispatch/recover.h"

namespace belay::dispatch {
namespace {

constexpr std::uint32_t campaigns_per_step = 200;
constexpr std::size_t people_per_step = 2000;

}  // namespace

PastMessages::PastMessages(AccountId account, TimeZone zone, WallTime now, StillHere still_here)
    : account_(account),
      zone_(std::move(zone)),
      now_(now),
      oldest_(now - std::chrono::days{most_cap_days + 1}),
      still_here_(std::move(still_here)) {}

store::Result<bool> PastMessages::step(store::ControlSession& control, store::JournalSession& journal,
                                       store::ProfileSession& profiles, FrequencyBook& into) {
  if (reading_) {
    TRY(count_some(profiles, into));
    if (reading_->next < reading_->days.size()) return false;
    reading_->next = 0;
    reading_->passes.erase(reading_->passes.begin());
    if (reading_->passes.empty()) reading_.reset();
    return false;
  }
  if (waiting_.empty()) return look_for_campaigns(control);
  TRY(open(journal, into));
  waiting_.pop_back();
  return false;
}

// True: there are no more.
store::Result<bool> PastMessages::look_for_campaigns(store::ControlSession& control) {
  if (all_listed_) return true;
  store::CampaignFilter filter;
  filter.account = account_;
  filter.before = before_;
  filter.limit = campaigns_per_step;
  TRY_ASSIGN(auto found, control.campaigns(filter));
  all_listed_ = found.size() < campaigns_per_step;
  if (!found.empty()) before_ = found.back().id;
  std::erase_if(found, [this](const Campaign& c) { return c.finished && *c.finished < oldest_; });
  waiting_ = std::move(found);
  return false;
}

store::Result<void> PastMessages::open(store::JournalSession& journal, const FrequencyBook& book) {
  const Campaign& campaign = waiting_.back();
  TRY_ASSIGN(auto run, journal.run_of(campaign.id));
  if (!run) return {};
  Reading reading{.campaign = campaign, .run = std::move(*run), .first_day = book.first_day()};
  reading.days.resize(reading.run.audience);
  TRY_ASSIGN(reading.audience, journal.audience(reading.run.id));
  reading_ = std::move(reading);
  const auto read = read_days(journal, book);
  if (!read) reading_.reset();
  return read;
}

// The day of everybody's first hand-over. Who was admitted and has no word may have been sent to until today;
// who was when a server died, until it was written down.
store::Result<void> PastMessages::read_days(store::JournalSession& journal, const FrequencyBook& book) {
  Reading& r = *reading_;
  const auto mark = [&](Ordinal ordinal, std::int64_t day, std::uint16_t how) {
    if (day < r.first_day || ordinal >= r.days.size()) return;
    const auto offset = static_cast<std::uint16_t>(how | (1 + day - r.first_day));
    if (r.days[ordinal] == 0 || offset < r.days[ordinal]) r.days[ordinal] = offset;
  };
  std::vector<JournalEntry> entries;
  TRY(journal.blocks(r.run.id, [&](std::string_view packed, WallTime at) {
    entries.clear();
    (void)unpack(packed, entries);
    // A version that did not write down when: at the latest when the campaign was over.
    if (at == WallTime{}) at = r.campaign.finished.value_or(now_);
    const std::int64_t day = day_of(at);
    for (const JournalEntry& e : entries)
      if (e.handed_over)
        mark(e.ordinal, day, e.entry == Entry::in_doubt && e.reason == Reason::crash ? doubtful : certain);
  }));
  TRY_ASSIGN(const RunAccount account, fold(journal, r.run));
  const State state = r.campaign.state;
  for (const JournalEntry& e : account.unanswered(is_final(state) || state == State::paused))
    if (!still_here_(r.run.id, e.ordinal)) mark(e.ordinal, book.today(), doubtful);
  std::set<std::uint16_t, std::greater<>> doubtful_days;
  for (const std::uint16_t day : r.days)
    if (day >= doubtful) doubtful_days.insert(day);
  r.passes.insert(r.passes.end(), doubtful_days.begin(), doubtful_days.end());
  return {};
}

store::Result<void> PastMessages::count_some(store::ProfileSession& profiles, FrequencyBook& into) {
  Reading& r = *reading_;
  std::vector<Had> had;
  Ordinal next = r.next;
  const std::uint16_t pass = r.passes.front();
  for (; next < r.days.size() && had.size() < people_per_step; ++next) {
    const std::uint16_t day = r.days[next];
    const bool wanted = pass == certain ? day != 0 && day < doubtful : day == pass;
    if (wanted) had.push_back({r.audience.at(next), static_cast<std::uint16_t>(day & ~doubtful)});
  }
  std::ranges::sort(had, {}, &Had::recipient);
  std::vector<RecipientId> ids;
  for (const Had& h : had) ids.push_back(h.recipient);
  std::vector<ProfileId> people;
  TRY(profiles.read(account_, r.run.kind, ids,
                    [&](const store::RecipientRow& row) { people.push_back(row.profile); }));
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (!people[i] || !r.people.addChecked(static_cast<std::uint32_t>(people[i].value))) continue;
    into.count(people[i], r.campaign.definition.channel, r.first_day + had[i].day - 1);
  }
  r.next = next;
  return {};
}

}  // namespace belay::dispatch
