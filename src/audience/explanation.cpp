#include "audience/explanation.h"

#include <algorithm>
#include <utility>

namespace belay::audience {
namespace {

std::pair<std::string_view, const std::vector<Node>*> parts_of(const Node& node) {
  if (const All* all = std::get_if<All>(&node.is)) return {"all", &all->of};
  if (const Any* any = std::get_if<Any>(&node.is)) return {"any", &any->of};
  if (const None* none = std::get_if<None>(&node.is)) return {"none", &none->of};
  return {"", nullptr};
}

// Where one part is the whole.
const Node& inmost(const Node& node) {
  const auto [joined, parts] = parts_of(node);
  return parts && parts->size() == 1 && joined != "none" ? inmost(parts->front()) : node;
}

Explained explained(const Node& outer) {
  const Node& node = inmost(outer);
  const auto [joined, parts] = parts_of(node);
  Explained out{.in_words = in_words(node), .joined = std::string(joined), .people = 0, .parts = {}};
  if (parts)
    for (const Node& part : *parts) out.parts.push_back(explained(part));
  return out;
}

// Every part is asked, also where the whole is decided already.
bool count(const Node& outer, const Person& person, Explained& at) {
  const Node& node = inmost(outer);
  const auto [joined, parts] = parts_of(node);
  bool holds = false;
  if (!parts) {
    holds = node.holds(person);
  } else {
    std::size_t holding = 0;
    for (std::size_t i = 0; i < parts->size(); ++i)
      holding += count((*parts)[i], person, at.parts[i]) ? 1u : 0u;
    holds = joined == "all" ? holding == parts->size() : (joined == "any") == (holding > 0);
  }
  at.people += holds;
  return holds;
}

}  // namespace

Explanation::Explanation(Query query, AccountId account, TimeZone zone, WallTime now, std::uint32_t chunk)
    : query_(query), account_(account), chunk_(chunk), facts_(query, account, std::move(zone), now) {
  if (query_.root())
    whole_ = explained(*query_.root());
  else
    whole_.in_words = query_.in_words();
}

store::Result<bool> Explanation::step(store::ProfileSession& session) {
  if (!knows_) {
    TRY_ASSIGN(knows_, facts_.step(session, chunk_));
    return false;
  }
  // Counted aside, so that a chunk that failed half-way counts for nothing.
  Explained so_far = whole_;
  std::uint32_t seen = 0;
  TRY_ASSIGN(
      const auto last,
      session.scan({account_, RecipientKind::profile, after_, chunk_, true}, [&](const store::ScanRow& row) {
        ++seen;
        content::Properties properties(row.properties);
        if (query_.root())
          count(*query_.root(), {properties, row.profile, &facts_}, so_far);
        else
          ++so_far.people;
      }));
  whole_ = std::move(so_far);
  looked_at_ += seen;
  if (last) after_ = *last;
  return !last;
}

}  // namespace belay::audience
