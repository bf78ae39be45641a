// Reads the events that an EventQuery means, a bounded chunk at a time, in the order of their ids. One
// thread; step() blocks on the store. What is asked of the people behind the events is a set that the caller
// has made with a Scan (audience/planner_scan.h) of query.people().
#pragma once
#include <functional>
#include <memory>

#include "audience/event_query.h"
#include "audience/facts.h"
#include "campaign/schedule.h"
#include "store/audience_set.h"
#include "store/people.h"

namespace belay::audience {

using PeopleSet = std::shared_ptr<const store::AudienceSet>;  // of profiles; null: everybody

class EventReader {
 public:
  struct Range {
    std::int64_t after = 0, until = 0;  // ids of events
    std::uint32_t chunk = 10'000;       // looked at per step
  };
  // `now`: what the last 365 days end at, where the query names no days. A sentence if a day is none.
  static Result<EventReader, std::string> make(EventQuery query, AccountId account, TimeZone zone, WallTime now,
                                               Range range, PeopleSet people);

  // Calls visit for each event until it says false: then that event is not taken, and the next step begins
  // with it. True once everything has been looked at.
  store::Result<bool> step(store::ProfileSession& session,
                           const std::function<bool(const store::EventRow&)>& visit);
  std::int64_t after() const { return scan_.after; }  // the last event that needs no further look

 private:
  EventReader(EventQuery query, TimeZone zone, PeopleSet people)
      : query_(std::move(query)), zone_(std::move(zone)), people_(std::move(people)) {}
  bool holds(const store::EventRow& row) const;

  EventQuery query_;
  TimeZone zone_;
  PeopleSet people_;
  store::EventScan scan_;
  Span span_;
};

}  // namespace belay::audience
