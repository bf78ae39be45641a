// How many messages each person of an account has had, by local day and channel: what frequency caps are held
// against. In memory, in bitmaps; of 30 days at most. Only the runner touches it.
//
// It may say too much, never too little: who has been admitted is counted at once, and on the latest day that
// the message can have left on. People who were merged since keep what the one that stayed has had.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <roaring/roaring.hh>

#include "campaign/campaign.h"

namespace belay::dispatch {

// A number for each person, as rows of its binary digits.
class PersonCounts {
 public:
  std::uint32_t of(ProfileId person) const;
  void add(ProfileId person);
  void take(ProfileId person);  // nothing where there is none

 private:
  std::vector<Roaring> digits_;
};

// Local days, counted from 1970: yyyyMMdd as TimeZone::day_stamp() gives it.
std::int64_t day_number(std::int64_t yyyymmdd);

class FrequencyBook {
 public:
  explicit FrequencyBook(std::int64_t today) : today_(today) {}
  std::int64_t today() const { return today_; }
  std::int64_t first_day() const { return today_ - most_cap_days + 1; }
  // Days that no cap asks for are forgotten. A clock that is set back changes nothing.
  void roll_to(std::int64_t today);

  // Whether one more message today is within all `caps`.
  bool room(ProfileId person, Channel channel, std::span<const FrequencyCap> caps) const;
  void count(ProfileId person, Channel channel, std::int64_t day);
  void uncount(ProfileId person, Channel channel, std::int64_t day);

 private:
  static constexpr std::size_t channels = 2;
  std::int64_t today_;
  std::map<std::int64_t, std::array<PersonCounts, channels>> days_;
};

}  // namespace belay::dispatch
