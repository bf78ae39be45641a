// A query taken apart: how many people each of its conditions means by itself, and the whole. Works through
// the store a bounded chunk at a time; one thread; step() blocks on the store.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "audience/facts.h"

namespace belay::audience {

struct Explained {
  std::string in_words;
  std::string joined;        // "all", "any", "none": what must hold of the parts; "" where there are none
  std::uint32_t people = 0;  // for whom this holds, whatever the rest says
  std::vector<Explained> parts;
};

class Explanation {
 public:
  // Not of people named one by one.
  Explanation(Query query, AccountId account, TimeZone zone, WallTime now, std::uint32_t chunk = 2'000);

  // True once everybody has been looked at. After an error that step may be tried again.
  store::Result<bool> step(store::ProfileSession& session);
  std::uint32_t looked_at() const { return looked_at_; }
  const Explained& whole() const { return whole_; }

 private:
  Query query_;
  AccountId account_;
  std::uint32_t chunk_;
  Facts facts_;
  bool knows_ = false;
  RecipientId after_;
  std::uint32_t looked_at_ = 0;
  Explained whole_;
};

}  // namespace belay::audience
