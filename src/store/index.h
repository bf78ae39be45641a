// Where an index of profiles and events is kept, and how it learns what has changed. The store knows neither
// properties nor bits: it keeps rows of bytes by field, shard and row number, in the same file and under the
// same transactions as the profiles, so that one moment of both can be looked at, and says what is not in
// the index yet. What the rows mean is src/audience/index.
//
// Keeping up: new profiles and events are told by their ids, which ascend within an account; profiles that
// were changed, merged away or have other devices now, by a log that is written in the transaction of the
// change. All of an account's index may be dropped at any time: it is built anew.
//
// A session belongs to one thread at a time, like the ProfileSession that it comes from. It blocks.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "campaign/campaign.h"
#include "store/errors.h"

namespace belay::store {

struct IndexState {
  std::int64_t generation = 0;   // counts commits; 0: there is no index yet
  std::int64_t profiles_to = 0;  // ids up to here are in, but for what the log says
  std::int64_t events_to = 0;
  std::string zone;  // whose days the events are kept by
};

enum class IndexFieldKind : std::uint8_t { people, devices, property, event };

struct IndexField {
  std::int64_t id = 0;  // even; rows may also be kept under the odd number behind it, which goes with it
  IndexFieldKind kind = IndexFieldKind::people;
  std::string name;
};
inline constexpr std::int64_t most_index_fields = 1 << 23;  // ids below this
inline constexpr std::uint32_t most_index_rows = 1 << 23;   // row numbers below this

struct IndexRow {
  std::int64_t field = 0;
  std::uint32_t shard = 0;  // below 65,536
  std::uint32_t row = 0;
  std::string bytes;  // "": there is no such row any more
};

// All rows of a field in one shard, by number. Immutable; reading is safe from any thread.
class Fragment {
 public:
  void add(std::uint32_t row, std::string_view bytes);  // rows ascend; while it is made only
  std::string_view row(std::uint32_t number) const;     // "": none
  bool empty() const { return entries_.empty(); }
  std::size_t size_in_memory() const;
  // visit(row, bytes) for rows in [from, to].
  template <class Visit>
  void each(std::uint32_t from, std::uint32_t to, Visit&& visit) const {
    for (std::size_t i = lower_bound(from); i < entries_.size() && entries_[i].row <= to; ++i)
      visit(entries_[i].row, bytes_of(i));
  }

 private:
  struct Entry {
    std::uint32_t row, begin;
  };
  std::size_t lower_bound(std::uint32_t row) const;
  std::string_view bytes_of(std::size_t entry) const;
  std::vector<Entry> entries_;
  std::string bytes_;
};

// What the log says, oldest first.
struct IndexChanges {
  std::vector<ProfileId> profiles;                      // ascending, each once; some may be gone
  std::vector<std::pair<ProfileId, ProfileId>> merged;  // who, into whom
  std::int64_t last = 0;                                // of the log's entries
  bool all = true;                                      // false: there are more
};

struct IndexedEvent {
  std::int64_t id = 0;
  ProfileId profile;  // as it was written: may be merged since
  std::int64_t name = 0;
  WallTime at{};
};

struct IndexDevice {
  ProfileId profile;
  Platform platform = Platform::android;
};

struct IndexWrite {
  IndexState next;                 // generation is set by the store
  std::int64_t changes_done = 0;   // the log's entries up to here are in
  std::vector<IndexField> fields;  // new ones
  std::vector<IndexRow> rows;
  std::vector<std::int64_t> emptied;  // fields whose rows all go, before `rows` are written
};

class IndexSession {
 public:
  virtual ~IndexSession() = default;

  // From here to end() everything below sees the store as it is now. `upkeep` also keeps others from
  // updating any index meanwhile: needed for commit().
  virtual Result<void> begin(AccountId account, bool upkeep) = 0;
  virtual void end() = 0;

  virtual const IndexState& state() const = 0;
  virtual Result<std::optional<IndexField>> field(IndexFieldKind kind, std::string_view name) = 0;
  virtual Result<std::vector<IndexField>> fields(IndexFieldKind kind) = 0;
  virtual Result<std::int64_t> highest_field() = 0;  // of every account
  virtual Result<std::vector<std::uint32_t>> shards(std::int64_t field) = 0;
  // From memory where it is there. Never null.
  virtual Result<std::shared_ptr<const Fragment>> fragment(std::int64_t field, std::uint32_t shard) = 0;

  virtual Result<IndexChanges> changes(std::uint32_t most) = 0;
  // Profiles and events behind state(), by id; false when that was not all. Views live inside the visit only.
  virtual Result<bool> new_profiles(std::uint32_t most,
                                    const std::function<void(ProfileId, std::string_view)>& visit) = 0;
  virtual Result<bool> new_events(std::uint32_t most,
                                  const std::function<void(const IndexedEvent&)>& visit) = 0;
  virtual Result<std::optional<std::string>> event_name(std::int64_t id) = 0;
  // Those of `profiles` (ascending) that are there, with their properties as JSON text.
  virtual Result<void> profiles(std::span<const ProfileId> profiles,
                                const std::function<void(ProfileId, std::string_view)>& visit) = 0;
  // Live devices of `profiles` (ascending), oldest first within a profile.
  virtual Result<void> devices(std::span<const ProfileId> profiles,
                               const std::function<void(const IndexDevice&)>& visit) = 0;
  virtual Result<std::optional<ProfileId>> merged_into(ProfileId profile) = 0;

  // One transaction, and the end of the moment. Code::conflict if somebody else has changed the account's
  // index since begin().
  virtual Result<void> commit(const IndexWrite& write) = 0;
};

}  // namespace belay::store
