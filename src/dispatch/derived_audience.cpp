#include "dispatch/derived_audience.h"

#include <algorithm>

#include "dispatch/recover.h"

namespace belay::dispatch {
namespace {

bool among(const std::vector<Standing>& wanted, Standing standing) {
  return std::ranges::find(wanted, standing) != wanted.end();
}

store::Result<store::AudienceSet> people_of(store::JournalSession& journal, const store::Run& run,
                                            const std::vector<Standing>& wanted) {
  TRY_ASSIGN(const RunAccount account, fold(journal, run));
  TRY_ASSIGN(const store::AudienceSet everybody, journal.audience(run.id));
  constexpr std::uint32_t part = 10'000;
  store::AudienceSet people;
  std::vector<RecipientId> ids;
  for (Ordinal from = 0; from < run.audience; from += part) {
    ids.clear();
    everybody.range(from, part, ids);
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (among(wanted, account.recipient(from + static_cast<Ordinal>(i), true).standing)) people.add(ids[i]);
  }
  people.compact();
  return people;
}

}  // namespace

store::Result<std::optional<store::AudienceSet>> derived_audience(store::ControlSession& control,
                                                                  store::JournalSession& journal,
                                                                  const Campaign& campaign) {
  std::optional<Derivation> derived = campaign.definition.derived;
  while (derived) {
    TRY_ASSIGN(const std::optional<store::Run> run, journal.run_of(derived->parent));
    if (run) {
      TRY_ASSIGN(store::AudienceSet people, people_of(journal, *run, derived->standings));
      return std::optional(std::move(people));
    }
    // It had no audience yet: everybody it was for was withheld, and nobody is anything else.
    if (!among(derived->standings, Standing::withheld)) return std::optional(store::AudienceSet());
    TRY_ASSIGN(Campaign parent, control.campaign(AccountId{}, derived->parent));
    derived = std::move(parent.definition.derived);
  }
  return std::optional<store::AudienceSet>();
}

}  // namespace belay::dispatch
