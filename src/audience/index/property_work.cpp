#include "audience/index/property_work.h"

#include <bit>

namespace belay::audience::index {

using store::IndexFieldKind;

std::int64_t NewFields::add(IndexFieldKind kind, std::string_view name) {
  if (next_ >= store::most_index_fields) return 0;
  fields_.push_back({next_, kind, std::string(name)});
  next_ += 2;
  return fields_.back().id;
}

std::map<std::uint32_t, std::vector<Place>> Additions::by_row() const {
  std::map<std::uint32_t, std::vector<Place>> all(rows.begin(), rows.end());
  std::array<std::vector<Place>, 64> bits;
  for (const std::uint32_t base : {integer_bits_row, real_bits_row, hash_bits_row}) {
    for (const Number& n : numbers)
      if (n.bits_row == base)
        for (std::uint64_t rest = n.key; rest != 0; rest &= rest - 1)
          bits[static_cast<std::size_t>(std::countr_zero(rest))].push_back(n.place);
    for (std::uint32_t b = 0; b < bits.size(); ++b)
      if (!bits[b].empty()) all[base + b] = std::exchange(bits[b], {});
  }
  return all;
}

class PropertyWork::Sink final : public ValueSink {
 public:
  Sink(Field& field, Additions& to, Place place) : field_(field), to_(to), place_(place) {}
  void row(std::uint32_t row) override {
    auto& places = to_.rows[row];
    if (places.empty() || places.back() != place_) places.push_back(place_);
  }
  void number(std::uint32_t bits_row, std::uint64_t key) override {
    to_.numbers.push_back({place_, bits_row, key});
  }
  void hash(std::uint16_t hash) override { to_.numbers.push_back({place_, hash_bits_row, hash}); }
  std::optional<std::uint32_t> value_row(std::string_view text) override {
    if (const auto known = field_.values.find(text); known != field_.values.end()) return known->second;
    if (field_.values.size() >= most_values_of_property || field_.next_row >= store::most_index_rows)
      return std::nullopt;
    const std::uint32_t row = field_.next_row++;
    field_.values.emplace(text, row);
    field_.new_values.emplace_back(row, text);
    return row;
  }

 private:
  Field& field_;
  Additions& to_;
  Place place_;
};

store::Result<PropertyWork> PropertyWork::load(store::IndexSession& session, NewFields& new_fields) {
  PropertyWork work(session, new_fields);
  TRY_ASSIGN(const auto fields, session.fields(IndexFieldKind::property));
  for (const store::IndexField& field : fields) TRY(work.load_field(field));
  return work;
}

store::Result<void> PropertyWork::load_field(const store::IndexField& field) {
  auto made = std::make_unique<Field>();
  made->id = field.id;
  TRY_ASSIGN(const auto values, session_->fragment(field.id + 1, 0));
  values->each(0, store::most_index_rows, [&](std::uint32_t row, std::string_view text) {
    made->values.emplace(text, row);
    made->next_row = row + 1;
  });
  by_name_.emplace(field.name, std::move(made));
  return {};
}

PropertyWork::Field* PropertyWork::field_named(std::string_view name) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) return known->second.get();
  if (by_name_.size() >= most_properties && !name.empty()) {
    Field* beyond = field_named("");
    if (beyond != nullptr) beyond_ = beyond->id;
    return beyond;
  }
  const std::int64_t id = new_fields_->add(IndexFieldKind::property, name);
  if (id == 0) return nullptr;
  auto& field = by_name_[std::string(name)];
  field = std::make_unique<Field>();
  field->id = id;
  return field.get();
}

void PropertyWork::add(ProfileId profile, std::string_view properties) {
  const auto shard = static_cast<std::uint32_t>(profile.value >> shard_bits);
  const auto place = static_cast<Place>(profile.value);
  each_property(properties, [&](std::string_view name, const content::RawValue& value) {
    Field* field = field_named(name);
    if (field == nullptr) return;
    Sink sink(*field, field->shards[shard], place);
    if (field->id == beyond_ && !name.empty()) return sink.row(has_row);
    if (field->last == profile) return;
    field->last = profile;
    put_value(value, sink);
  });
}

store::Result<void> PropertyWork::each_field(
    std::uint32_t shard,
    const std::function<store::Result<void>(std::int64_t, const Additions*)>& visit) const {
  for (const auto& [name, field] : by_name_) {
    const auto at = field->shards.find(shard);
    TRY(visit(field->id, at == field->shards.end() ? nullptr : &at->second));
  }
  return {};
}

store::Result<void> PropertyWork::take_values(std::vector<store::IndexRow>& rows) {
  std::vector<store::IndexRow> gone;
  for (const auto& [field, row] : empty_) {
    TRY_ASSIGN(const bool had, is_had(field, row, rows));
    if (!had) gone.push_back({field + 1, 0, row, ""});
  }
  rows.insert(rows.end(), gone.begin(), gone.end());
  for (auto& [name, field] : by_name_)
    for (auto& [row, text] : field->new_values) rows.push_back({field->id + 1, 0, row, std::move(text)});
  return {};
}

// `changed`: what this chunk writes comes over what is stored.
store::Result<bool> PropertyWork::is_had(std::int64_t field, std::uint32_t row,
                                         const std::vector<store::IndexRow>& changed) {
  std::set<std::uint32_t> emptied;
  for (const store::IndexRow& one : changed) {
    if (one.field != field || one.row != row) continue;
    if (!one.bytes.empty()) return true;
    emptied.insert(one.shard);
  }
  TRY_ASSIGN(const auto shards, session_->shards(field));
  for (const std::uint32_t shard : shards) {
    if (emptied.contains(shard)) continue;
    TRY_ASSIGN(const auto fragment, session_->fragment(field, shard));
    if (!fragment->row(row).empty()) return true;
  }
  return false;
}

}  // namespace belay::audience::index
