// What a query's conditions on events and devices need to know of everybody, gathered from the store a
// bounded chunk at a time before the people are gone through. One thread; step() blocks on the store.
//
// Events count for whoever they belong to now: those of a profile that was merged into another are the
// other's. Memory: 2 bytes a person for "at least once", some 40 for other numbers of times and for first
// times.
#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include <roaring/roaring.hh>

#include "audience/node.h"
#include "audience/query.h"
#include "campaign/schedule.h"
#include "store/people.h"

namespace belay::audience {

// The moments that Days mean: [from, before). The last 365 days end with the day of `now`.
struct Span {
  WallTime from{}, before{};
  bool contains(WallTime at) const { return from <= at && at < before; }
};
Span span_of(const Days& days, const TimeZone& zone, WallTime now);

// An event as a filter looks at it.
struct Happened {
  std::string_view name;
  WallTime at{};
  content::Properties& properties;
  WallTime first{};  // when the person first had one of that name; only looked at by filters with first_time
};
bool matches(const EventFilter& filter, const Span& span, const TimeZone& zone, const Happened& event);

class Facts final : public Known {
 public:
  Facts(Query query, AccountId account, TimeZone zone, WallTime now);

  // True once all is gathered. After an error the same step may be tried again.
  store::Result<bool> step(store::ProfileSession& session, std::uint32_t chunk);

  std::int64_t events(ProfileId profile, const EventTest& test) const override;
  unsigned platforms(ProfileId profile) const override;

 private:
  enum class Stage { begin, firsts, events, devices, done };
  struct Counted {
    const EventTest* test;
    std::vector<Span> spans;  // of test->any_of, one each
    Roaring once;             // where at_least_once()
    std::unordered_map<std::uint32_t, std::uint32_t> times;
  };
  store::Result<void> begin(store::ProfileSession& session);
  store::Result<bool> scan(store::ProfileSession& session, const store::EventScan& which, std::uint32_t chunk,
                           const std::function<void(const store::EventRow&)>& visit);
  store::EventScan of_firsts() const;
  store::EventScan of_events() const;
  void see_first(const store::EventRow& row);
  void count(const store::EventRow& row);
  store::Result<bool> see_devices(store::ProfileSession& session, std::uint32_t chunk);
  void next_stage();

  Query query_;  // whose tree the tests are of
  AccountId account_;
  TimeZone zone_;
  WallTime now_;
  Stage stage_ = Stage::begin;
  std::vector<Counted> counted_;  // index: EventTest::number
  std::int64_t last_event_ = 0, after_event_ = 0;
  RecipientId after_address_;
  std::unordered_map<std::string, std::unordered_map<std::uint32_t, WallTime>> firsts_;  // by event's name
  std::array<Roaring, 4> on_platform_;
};

}  // namespace belay::audience
