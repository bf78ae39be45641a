// The counting endpoints' tallies over one event (contract 5.2), fed one event at a time: how many, the most
// and least frequent values, and how many a day, week or month. Each is made for one request. Pure.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/clevertap/body.h"
#include "campaign/schedule.h"
#include "store/people.h"

namespace belay::api::clevertap {

inline constexpr std::size_t most_groups = 5, most_values = 10'000;

// The person is only there where a tally asks for it.
struct Seen {
  const store::EventRow& event;
  std::string_view profile_properties;
};

class EventTally {
 public:
  virtual ~EventTally() = default;
  virtual bool wants_people() const { return false; }
  virtual void add(const Seen& seen) = 0;
  // The answer's members behind "status", or a sentence why there is none.
  virtual Read<std::string> members() const = 0;
};

std::unique_ptr<EventTally> count_tally();
// groups: {name: {property_type, name, top_n, order}}
Read<std::unique_ptr<EventTally>> top_tally(const json::object& request);
// groups: {name: {trend_type}}, unique, sum_event_prop; over at most a year.
Read<std::unique_ptr<EventTally>> trends_tally(const json::object& request, const TimeZone& zone);

}  // namespace belay::api::clevertap
