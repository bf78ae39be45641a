// The rows of properties that a chunk of upkeep adds to. Belongs to one chunk.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audience/index/bits.h"
#include "audience/index/property_rows.h"
#include "audience/node.h"
#include "store/index.h"

namespace belay::audience::index {

// Gives out ids of new fields, of the whole file.
class NewFields {
 public:
  explicit NewFields(std::int64_t highest) : next_(highest + 2) {}
  // 0: no more.
  std::int64_t add(store::IndexFieldKind kind, std::string_view name);
  std::vector<store::IndexField> take() { return std::move(fields_); }

 private:
  std::int64_t next_;
  std::vector<store::IndexField> fields_;
};

// Places to add to a field's rows in one shard.
struct Additions {
  std::unordered_map<std::uint32_t, std::vector<Place>> rows;
  struct Number {
    Place place;
    std::uint32_t bits_row;
    std::uint64_t key;
  };
  std::vector<Number> numbers;

  std::map<std::uint32_t, std::vector<Place>> by_row() const;  // numbers in their bits' rows
};

class PropertyWork {
 public:
  static store::Result<PropertyWork> load(store::IndexSession& session, NewFields& new_fields);

  void add(ProfileId profile, std::string_view properties);

  // Calls visit(id, additions) for every field there is now, old ones and new; null: none in that shard.
  store::Result<void> each_field(
      std::uint32_t shard,
      const std::function<store::Result<void>(std::int64_t, const Additions*)>& visit) const;
  // The row of a value (not one of the others) has become empty in a shard.
  void note_empty(std::int64_t field, std::uint32_t row) { empty_.emplace(field, row); }
  // Rows of values that are new; and, gone for good, of those that nobody has any more.
  store::Result<void> take_values(std::vector<store::IndexRow>& rows);

 private:
  struct Field;
  class Sink;
  PropertyWork(store::IndexSession& session, NewFields& fields) : session_(&session), new_fields_(&fields) {}
  store::Result<void> load_field(const store::IndexField& field);
  store::Result<bool> is_had(std::int64_t field, std::uint32_t row,
                             const std::vector<store::IndexRow>& changed);
  Field* field_named(std::string_view name);

  struct Field {
    std::int64_t id = 0;
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> values;
    std::uint32_t next_row = values_row;
    std::vector<std::pair<std::uint32_t, std::string>> new_values;
    std::map<std::uint32_t, Additions> shards;
    ProfileId last;  // whose value was taken last: of a name that comes twice the first counts
  };
  store::IndexSession* session_;
  NewFields* new_fields_;
  std::set<std::pair<std::int64_t, std::uint32_t>> empty_;
  std::int64_t beyond_ = 0;  // the field of properties that have none of their own
  std::unordered_map<std::string, std::unique_ptr<Field>, TextHash, std::equal_to<>> by_name_;
};

}  // namespace belay::audience::index
