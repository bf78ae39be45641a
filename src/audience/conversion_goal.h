// What makes a message a success: an event of the person after it ("conversion_goal", contract 3.6).
// Immutable; safe from any thread, never blocks.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audience/event_query.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "campaign/schedule.h"

namespace belay::audience {

class ConversionGoal {
 public:
  // The error is a sentence that begins with the key, "conversion_goal.filter_type …".
  static Result<ConversionGoal, std::string> parse(const json::value& goal);
  // Of a Definition of our own store.
  static Result<ConversionGoal, std::string> parse_stored(std::string_view text);

  const std::string& event() const { return event_; }
  // From the message on, both ends included; a month is 30 days, and where none is named it is a day.
  Seconds within() const { return within_; }
  // Whether holds() looks at a person's first and last event of that name.
  bool asks_first_or_last() const { return first_time_ || last_time_; }

  struct Happened {
    WallTime at{};
    std::string_view properties;  // JSON
    WallTime first{}, last{};     // of the person's events of that name, as they are kept
  };
  // Of an event of that name: whether the filter lets it count.
  bool holds(const Happened& event, const TimeZone& zone) const;
  // What the event is worth; 0 where nothing is to be summed, or its property is no number.
  double revenue(std::string_view properties) const;

 private:
  ConversionGoal() = default;
  Result<void, std::string> read_filter(const json::object& filter);
  bool at_a_time(WallTime at, const TimeZone& zone) const;

  struct Minutes {
    std::int32_t from = 0, to = 0;  // of the local day, both included; from > to goes over midnight
  };
  std::string event_, revenue_property_;
  Seconds within_{86'400};
  bool first_time_ = false, last_time_ = false;
  std::shared_ptr<const EventQuery> properties_;  // null: none are asked for
  std::vector<Minutes> times_;                    // any of them; empty: any time
  std::vector<std::int64_t> weekdays_, days_of_month_;
};

}  // namespace belay::audience
