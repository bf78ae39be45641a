#include "dispatch/frequency_book.h"

#include <algorithm>
#include <chrono>

namespace belay::dispatch {
namespace {

std::uint32_t key_of(ProfileId person) {
  return static_cast<std::uint32_t>(person.value);
}

std::size_t index_of(Channel channel) {
  return static_cast<std::size_t>(channel);
}

}  // namespace

std::uint32_t PersonCounts::of(ProfileId person) const {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < digits_.size(); ++i)
    if (digits_[i].contains(key_of(person))) n |= 1u << i;
  return n;
}

void PersonCounts::add(ProfileId person) {
  for (Roaring& digit : digits_) {
    if (digit.addChecked(key_of(person))) return;
    digit.remove(key_of(person));
  }
  digits_.emplace_back().add(key_of(person));
}

void PersonCounts::take(ProfileId person) {
  if (of(person) == 0) return;
  for (Roaring& digit : digits_) {
    if (digit.removeChecked(key_of(person))) return;
    digit.add(key_of(person));
  }
}

std::int64_t day_number(std::int64_t yyyymmdd) {
  using namespace std::chrono;
  const sys_days day{year{static_cast<int>(yyyymmdd / 10'000)} / static_cast<int>(yyyymmdd / 100 % 100) /
                     static_cast<int>(yyyymmdd % 100)};
  return day.time_since_epoch().count();
}

void FrequencyBook::roll_to(std::int64_t today) {
  today_ = std::max(today_, today);
  days_.erase(days_.begin(), days_.lower_bound(first_day()));
}

bool FrequencyBook::room(ProfileId person, Channel channel, std::span<const FrequencyCap> caps) const {
  return std::ranges::all_of(caps, [&](const FrequencyCap& cap) {
    if (cap.channel && *cap.channel != channel) return true;
    std::uint32_t had = 0;
    const auto first = days_.lower_bound(today_ - cap.days() + 1);
    for (auto day = first; day != days_.end() && had < cap.messages; ++day)
      for (std::size_t c = 0; c < channels; ++c)
        if (!cap.channel || index_of(*cap.channel) == c) had += day->second[c].of(person);
    return had < cap.messages;
  });
}

void FrequencyBook::count(ProfileId person, Channel channel, std::int64_t day) {
  if (day >= first_day()) days_[day][index_of(channel)].add(person);
}

void FrequencyBook::uncount(ProfileId person, Channel channel, std::int64_t day) {
  if (const auto found = days_.find(day); found != days_.end()) found->second[index_of(channel)].take(person);
}

}  // namespace belay::dispatch
