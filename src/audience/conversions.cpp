#include "audience/conversions.h"

#include <algorithm>

namespace belay::audience {
namespace {

constexpr std::size_t people_a_step = 500;

std::int64_t second_of(WallTime at) {
  return to_epoch_seconds(at);
}
WallTime at_second(std::int64_t second) {
  return wall_from_micros(second * 1'000'000);
}

}  // namespace

Conversions::Conversions(ConversionGoal goal, AccountId account, TimeZone zone,
                         std::vector<HandedTo> messages)
    : goal_(std::move(goal)), account_(account), zone_(std::move(zone)), messages_(std::move(messages)) {
  std::ranges::sort(messages_);
  messages_.erase(std::unique(messages_.begin(), messages_.end()), messages_.end());
  one_by_one_ = messages_.size() <= most_one_by_one;
  std::uint32_t first = 0, last = 0;
  if (!messages_.empty()) {
    const auto [least, most] = std::ranges::minmax_element(messages_, {}, &HandedTo::second);
    first = least->second;
    last = most->second;
  }
  scan_.account = account;
  scan_.names = {goal_.event()};
  scan_.from = at_second(first);
  scan_.before = at_second(last + goal_.within().count() + 1);
}

// Events come by the second, so a message is taken to the second, too.
bool Conversions::follows_a_message(ProfileId profile, WallTime at) const {
  const std::int64_t second = second_of(at);
  const HandedTo limit{static_cast<std::uint32_t>(profile.value), static_cast<std::uint32_t>(second)};
  auto found = std::ranges::upper_bound(messages_, limit);
  if (found == messages_.begin()) return false;
  --found;
  return found->profile == limit.profile && second - found->second <= goal_.within().count();
}

void Conversions::see(const store::EventRow& row) {
  if (!row.profile || !follows_a_message(row.profile, row.at)) return;
  seen_.push_back({row.profile, row.at, std::string(row.properties)});
}

store::Result<void> Conversions::count_seen(store::PeopleSession& people) {
  std::ranges::stable_sort(seen_, {}, &Event::profile);
  ProfileId asked_of;
  std::vector<RecipientId> converted;
  double revenue = 0;
  ConversionGoal::Happened happened;
  for (const Event& event : seen_) {
    if (goal_.asks_first_or_last() && event.profile != asked_of) {
      TRY_ASSIGN(const auto totals, people.event_totals(account_, event.profile));
      const auto total = std::ranges::find(totals, goal_.event(), &store::EventTotal::name);
      if (total == totals.end()) continue;  // deleted meanwhile
      happened.first = total->first;
      happened.last = total->last;
      asked_of = event.profile;
    }
    happened.at = event.at;
    happened.properties = event.properties;
    if (!goal_.holds(happened, zone_)) continue;
    converted.push_back(RecipientId{event.profile.value});
    revenue += goal_.revenue(event.properties);
  }
  for (const RecipientId id : converted) converted_.add(id);
  revenue_ += revenue;
  return {};
}

store::Result<bool> Conversions::step_person(store::PeopleSession& people) {
  std::size_t next = next_;
  for (std::size_t asked = 0; next < messages_.size() && asked < people_a_step; ++asked) {
    const std::uint32_t profile = messages_[next].profile;
    const std::uint32_t first = messages_[next].second;
    while (next < messages_.size() && messages_[next].profile == profile) ++next;
    const std::int64_t last = messages_[next - 1].second + goal_.within().count();
    TRY(people.events_of(account_, ProfileId{profile}, goal_.event(), at_second(first), at_second(last + 1),
                         [&](const store::EventRow& row) { see(row); }));
  }
  TRY(count_seen(people));
  next_ = next;
  return next_ >= messages_.size();
}

store::Result<bool> Conversions::step_events(store::PeopleSession& people) {
  if (scan_.until == 0) {
    TRY_ASSIGN(scan_.until, people.last_event(account_));
  }
  TRY_ASSIGN(const auto last, people.scan_events(scan_, [&](const store::EventRow& row) { see(row); }));
  TRY(count_seen(people));
  if (last) scan_.after = *last;
  return !last;
}

store::Result<bool> Conversions::step(store::ProfileSession& session) {
  if (messages_.empty()) return true;
  seen_.clear();
  store::PeopleSession& people = store::people_of(session);
  return one_by_one_ ? step_person(people) : step_events(people);
}

}  // namespace belay::audience
