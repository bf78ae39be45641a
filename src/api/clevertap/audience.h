// Whom a request means: where, segment and exclude_segments, made into one query that can be stored. A
// segment is copied as it is now: what becomes of it later changes nothing of what was made from it.
#pragma once
#include <functional>

#include "api/clevertap/draft.h"
#include "api/services.h"
#include "store/segments.h"

namespace belay::api::clevertap {

struct Audience {
  audience::Query query;
  std::string where;  // as Query::parse_stored takes it
};

// Refuses where and segment together, segments that are not there, and a query that would cost more than it
// may with all that it names. Neither where nor segment is everybody.
Checked<Audience> read_audience(const json::object& request, const SegmentLookup& segments);

// By the store.
SegmentLookup segments_in(Worker& worker, AccountId account);

}  // namespace belay::api::clevertap
