// What the reading endpoints share (contract 5.2): their queries, and the set of people behind one, made a
// step at a time. For a worker's thread.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "api/clevertap/body.h"
#include "api/clevertap/lookup.h"
#include "api/route.h"
#include "audience/event_query.h"
#include "audience/event_reader.h"
#include "audience/planner_scan.h"

namespace belay::api::clevertap {

// The request as CQL: without the endpoint's own keys, and with "props", as old clients say, under its
// present name.
json::object query_part(const json::object& request, const std::vector<std::string_view>& own_keys);

// About events; the error is a whole answer. `must_exist`: of a name that the account never had, which the
// count endpoints refuse with HTTP 200 (contract 5.2).
Answered<audience::EventQuery> read_event_query(Call& call, const json::object& query, bool must_exist);
Answered<audience::Query> read_people_query(const json::object& query);

// How the people of a query are looked for: as they are now.
audience::ScanSpec people_spec(const Home& home, WallTime now);

// The people of a query: null for everybody.
class PeopleScan {
 public:
  PeopleScan(const audience::Query& query, const Home& home, WallTime now);
  store::Result<bool> step(Worker& worker);       // true: done
  audience::PeopleSet take() { return people_; }  // after that

 private:
  std::optional<audience::Scan> scan_;
  audience::PeopleSet people_;
};

// yyyyMMddHHmmss on the account's clock.
std::int64_t second_stamp(const TimeZone& zone, WallTime at);

}  // namespace belay::api::clevertap
