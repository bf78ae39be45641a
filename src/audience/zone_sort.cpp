#include "audience/zone_sort.h"

#include <algorithm>

#include "campaign/timing.h"
#include "content/properties.h"

namespace belay::audience {
namespace {

constexpr std::uint32_t chunk = 5'000;     // recipients a step, so that a stop can come in between
constexpr std::size_t most_known = 4'000;  // texts; zones have fewer names
constexpr std::size_t batch = 500;

}  // namespace

ZoneSort::ZoneSort(AccountId account, RecipientKind kind, store::AudienceSet recipients,
                   TimeZone account_zone)
    : account_(account),
      kind_(kind),
      recipients_(std::move(recipients)),
      account_zone_(std::move(account_zone)) {}

store::AudienceSet& ZoneSort::part_named(std::string_view text) {
  const std::string key(text);
  if (const auto found = known_.find(key); found != known_.end()) return *found->second;
  const TimeZone zone = TimeZone::of_person(text).value_or(account_zone_);
  auto& part = parts_.try_emplace(zone.name(), ZonePart{zone, {}}).first->second.people;
  if (known_.size() < most_known) known_.emplace(key, &part);
  return part;
}

store::AudienceSet& ZoneSort::part_of(std::string_view text) {
  content::Properties properties(text.empty() ? "{}" : text);
  for (const std::string_view name : {zone_property, zone_property_too}) {
    const content::RawValue value = properties.find(name);
    if (value.kind != content::RawValue::Kind::text || value.json.empty()) continue;
    if (!value.escaped) return part_named(value.json);
    std::string unescaped;  // "Asia\/Kolkata"
    content::append_unescaped(unescaped, value.json);
    return part_named(unescaped);
  }
  return part_named("");
}

store::Result<bool> ZoneSort::step(store::ProfileSession& session) {
  std::vector<RecipientId> ids;
  recipients_.range(next_, chunk, ids);
  for (std::size_t from = 0; from < ids.size(); from += batch) {
    const std::span<const RecipientId> some(ids.data() + from, std::min(batch, ids.size() - from));
    // Adding somebody again after an error changes nothing, unless their zone has changed in between: so they
    // are added when all of the batch is there.
    std::vector<store::AudienceSet*> where;
    TRY(session.read(account_, kind_, some,
                     [&](const store::RecipientRow& row) { where.push_back(&part_of(row.properties)); }));
    for (std::size_t i = 0; i < some.size(); ++i) where[i]->add(some[i]);
    next_ += static_cast<Ordinal>(some.size());
  }
  return next_ >= recipients_.size();
}

std::vector<ZonePart> ZoneSort::take() {
  std::vector<ZonePart> out;
  for (auto& [name, part] : parts_) {
    part.people.compact();
    if (part.people.size() > 0) out.push_back(std::move(part));
  }
  return out;
}

}  // namespace belay::audience
