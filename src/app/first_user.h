// Where nobody can sign in to the dashboard yet: a one-time link for each account, which makes its first
// user. Blocks on the store.
#pragma once
#include <string>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "store/store.h"
#include "store/users.h"

namespace belay::app {

struct FirstLink {
  std::string account;
  std::string token;  // nowhere else: the store has its hash
};

inline constexpr std::size_t most_first_links = 5;  // further accounts: `belay user add`

// None if any account has a user: then it is known how users are made. Earlier links stop working.
store::Result<std::vector<FirstLink>> first_links(store::ControlSession& control, store::UserSession& users,
                                                  const Secret& hash_key, Random& random, WallTime now);

}  // namespace belay::app
