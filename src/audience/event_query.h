// A query that is about events rather than people: the base event, which must be named, and what is asked of
// whoever had it. For exports and counts of events. Immutable; safe from any thread, never blocks.
#pragma once
#include <memory>

#include "audience/query.h"

namespace belay::audience {

struct EventFilter;  // node.h

class EventQuery {
 public:
  static Result<EventQuery, Error> parse(const json::value& query);

  const EventFilter& event() const { return *event_; }
  const Query& people() const { return people_; }  // everybody, where nothing is asked of them

 private:
  EventQuery(EventFilter event, Query people);
  std::shared_ptr<const EventFilter> event_;
  Query people_;
};

}  // namespace belay::audience
