// A frozen audience: a set of recipient ids in ascending order; the place in that order is the
// recipient's ordinal. It may have parts, one behind the other, each in ascending order: then ordinals run
// through the parts. Immutable once built; reading is safe from any thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace belay::store {

class AudienceSet {
 public:
  AudienceSet();
  ~AudienceSet();
  AudienceSet(AudienceSet&&) noexcept;
  AudienceSet& operator=(AudienceSet&&) noexcept;

  // Building. Ids must fit 32 bits (CHECKed by the store when it hands them out).
  void add(RecipientId id);
  void remove(RecipientId id);
  bool contains(RecipientId id) const;
  void compact();  // once, after the last add: run-length encodes
  // `parts` behind each other; nobody is in two of them (CHECKed).
  static AudienceSet in_order(std::vector<AudienceSet> parts);

  std::uint32_t size() const;
  // The recipients with ordinals [from, from+count), fewer at the end, appended to `out`.
  void range(Ordinal from, std::uint32_t count, std::vector<RecipientId>& out) const;
  RecipientId at(Ordinal ordinal) const;  // ordinal < size()
  std::optional<Ordinal> ordinal_of(RecipientId id) const;

  std::string serialize() const;
  static std::optional<AudienceSet> parse(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::store
