// Who of those that a query means gets the message all the same: control groups, limits and frequency caps.
// Pure values; reach_json.h reads them.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace belay {

enum class Channel;

// At most so many people. An audience that is larger is cut down when it is frozen, to a sample.
struct PeopleLimits {
  std::optional<std::uint32_t> overall;  // over all runs of a series
  std::optional<std::uint32_t> per_run;
  std::optional<std::uint32_t> segment;  // "upper_cap_for_target_segment"; of one run, too
  bool empty() const { return *this == PeopleLimits{}; }
  // Of a run; `overall` is what is left of it.
  std::uint32_t least_of(std::uint32_t people, std::optional<std::uint32_t> left_overall) const;
  friend bool operator==(const PeopleLimits&, const PeopleLimits&) = default;
};

// So many percent of the people that a campaign means get nothing, so that it can be seen what it changes.
struct ControlGroup {
  std::uint32_t percent = 0;
  CampaignId drawn_for;  // the campaign whose group it is; none: the series', or the campaign's own
  friend bool operator==(const ControlGroup&, const ControlGroup&) = default;
};

// A number of a person in the eyes of a group: always the same for the same texts, on every machine and in
// every version, and evenly spread. `person` is what the person is known by.
std::uint64_t lot_of(std::string_view group, std::string_view person);

// Whether that lot is among the lowest `percent` of 100.
bool drawn(std::uint64_t lot, std::uint32_t percent);

// Nobody gets more messages than this within so many of the account's local days, today being the last of
// them. A message is one run of one campaign to one person, to however many devices.
struct FrequencyCap {
  enum class Per : std::uint8_t { day, week, month };
  std::uint32_t messages = 0;
  Per per = Per::day;
  std::optional<Channel> channel;  // nothing: of all channels together
  std::uint32_t days() const { return per == Per::day ? 1 : per == Per::week ? 7 : 30; }
  friend bool operator==(const FrequencyCap&, const FrequencyCap&) = default;
};
inline constexpr std::uint32_t most_cap_days = 30;
inline constexpr std::size_t most_frequency_caps = 12, most_capped_messages = 1000;

// What an account has set for all its campaigns.
struct ReachRules {
  std::vector<FrequencyCap> frequency_caps;
  std::uint32_t control_group_percent = 0;  // of everybody
  bool empty() const { return *this == ReachRules{}; }
  friend bool operator==(const ReachRules&, const ReachRules&) = default;
};

}  // namespace belay
