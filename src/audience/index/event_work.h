// The rows of events that a chunk of upkeep changes: new events, and those of people who were merged into
// others. Belongs to one chunk.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "audience/index/bits.h"
#include "audience/index/property_work.h"
#include "campaign/schedule.h"
#include "store/index.h"

namespace belay::audience::index {

// Local days of instants; those that come one after the other are mostly the same day.
class DayFinder {
 public:
  explicit DayFinder(TimeZone zone) : zone_(std::move(zone)) {}
  std::int64_t day(WallTime t);  // since 1970-01-01

 private:
  struct Span {
    WallTime end;
    std::int64_t day;
  };
  TimeZone zone_;
  std::map<WallTime, Span> known_;  // by where they begin
};

class EventWork {
 public:
  static store::Result<EventWork> load(store::IndexSession& session, NewFields& new_fields, TimeZone zone);

  // Who was merged into whom, oldest first: their days move.
  store::Result<void> merge(const std::vector<std::pair<ProfileId, ProfileId>>& merged);
  store::Result<void> forget(ProfileId profile);  // is no more; who was merged is passed to merge(), too
  store::Result<void> add(const store::IndexedEvent& event);
  store::Result<void> write(std::vector<store::IndexRow>& rows);

 private:
  EventWork(store::IndexSession& session, NewFields& fields, TimeZone zone)
      : session_(&session), new_fields_(&fields), days_(std::move(zone)) {}

  struct Change {
    std::int64_t field;
    std::uint32_t shard, row;
    Place place;
    std::uint32_t times;  // 0: goes
  };
  store::Result<const store::Fragment*> people(std::uint32_t shard);
  store::Result<const store::Fragment*> fragment(std::int64_t field, std::uint32_t shard);
  store::Result<ProfileId> now_called(ProfileId profile);
  store::Result<std::int64_t> field_of(std::int64_t name);
  store::Result<void> move(std::int64_t field, ProfileId from, std::optional<ProfileId> into);
  store::Result<void> write_row(std::span<const Change> changes, std::vector<store::IndexRow>& rows);
  void note(std::int64_t field, std::uint32_t row, ProfileId profile, std::uint32_t times);

  store::IndexSession* session_;
  NewFields* new_fields_;
  DayFinder days_;
  std::int64_t people_ = 0;
  std::unordered_map<std::string, std::int64_t> fields_;    // by name
  std::unordered_map<std::int64_t, std::int64_t> by_name_;  // by the store's number of the name
  std::unordered_map<ProfileId, ProfileId> called_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const store::Fragment>> people_fragments_;
  std::pair<std::int64_t, std::uint32_t> last_key_;
  std::shared_ptr<const store::Fragment> last_;  // the one that fragment() gave out last
  std::vector<Change> changes_;
};

}  // namespace belay::audience::index
