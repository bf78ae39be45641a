#include "dispatch/chosen_audience.h"

#include <algorithm>

#include "base/check.h"
#include "dispatch/recover.h"

namespace belay::dispatch {
namespace {

constexpr std::uint32_t page = 1000;
constexpr std::uint32_t chunk = 10'000;

// SplitMix64: no two recipients have the same one.
std::uint64_t lot_of(RecipientId recipient, CampaignId run) {
  std::uint64_t h =
      (static_cast<std::uint64_t>(run.value) << 32) ^ static_cast<std::uint64_t>(recipient.value);
  h += 0x9e3779b97f4a7c15;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
  h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
  return h ^ (h >> 31);
}

template <class Visit>
void each(const store::AudienceSet& audience, Visit visit) {
  std::vector<RecipientId> ids;
  for (std::uint32_t from = 0; from < audience.size(); from += chunk) {
    ids.clear();
    audience.range(from, chunk, ids);
    for (const RecipientId id : ids) visit(id);
  }
}

store::Result<std::uint64_t> used_by(store::JournalSession& journal, const Campaign& sibling) {
  TRY_ASSIGN(const auto run, journal.run_of(sibling.id));
  if (!run) return 0;
  if (!is_final(sibling.state)) return run->audience;
  TRY_ASSIGN(const Recovered past, recover(journal, *run, sibling.state));
  return past.tally.handed_over;
}

store::Result<std::uint64_t> used_before(store::ControlSession& control, store::JournalSession& journal,
                                         const Campaign& run) {
  store::CampaignFilter filter;
  filter.series = run.series;
  filter.limit = page;
  std::uint64_t used = 0;
  while (true) {
    TRY_ASSIGN(const auto siblings, control.campaigns(filter));
    for (const Campaign& sibling : siblings) {
      if (sibling.id == run.id) continue;
      TRY_ASSIGN(const std::uint64_t more, used_by(journal, sibling));
      used += more;
      if (used >= *run.definition.limits.overall) return used;
    }
    if (siblings.size() < page) return used;
    filter.before = siblings.back().id;
  }
}

}  // namespace

store::Result<std::uint32_t> people_allowed(store::ControlSession& control, store::JournalSession& journal,
                                            const Campaign& run, std::uint32_t found) {
  const PeopleLimits& limits = run.definition.limits;
  if (!limits.overall || !run.series) return limits.least_of(found, limits.overall);
  TRY_ASSIGN(const std::uint64_t used, used_before(control, journal, run));
  return limits.least_of(
      found, *limits.overall - static_cast<std::uint32_t>(std::min<std::uint64_t>(used, *limits.overall)));
}

store::AudienceSet chosen(const store::AudienceSet& audience, std::uint32_t most, CampaignId run) {
  CHECK(most <= audience.size());
  store::AudienceSet out;
  if (most == 0) return out;
  std::vector<std::uint64_t> lots;
  lots.reserve(audience.size());
  each(audience, [&](RecipientId id) { lots.push_back(lot_of(id, run)); });
  const auto last = lots.begin() + static_cast<std::ptrdiff_t>(most - 1);
  std::nth_element(lots.begin(), last, lots.end());
  each(audience, [&](RecipientId id) {
    if (lot_of(id, run) <= *last) out.add(id);
  });
  out.compact();
  return out;
}

}  // namespace belay::dispatch
