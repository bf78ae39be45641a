// A condition on events, as days of the index. Exact where the filters ask for nothing but names and days.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "audience/index/field_plan.h"
#include "campaign/schedule.h"

namespace belay::audience::index {

class EventPlan {
 public:
  // Nothing: the index can't say.
  static store::Result<std::optional<EventPlan>> of(store::IndexSession& session, const EventTest& test,
                                                    const TimeZone& zone, WallTime now);
  store::Result<void> evaluate(store::IndexSession& session, std::uint32_t shard, Bounds& out) const;
  // How many of the events one person has had.
  store::Result<std::int64_t> count(store::IndexSession& session, ProfileId profile) const;

 private:
  struct Event {
    std::int64_t field;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  // of days: first, last
  };
  explicit EventPlan(const EventTest& test) : test_(&test) {}
  bool any_number_alike() const;
  store::Result<void> count_all(store::IndexSession& session, std::uint32_t shard, Bits& any,
                                std::vector<std::uint32_t>* times) const;

  const EventTest* test_;
  std::vector<Event> events_;
};

}  // namespace belay::audience::index
