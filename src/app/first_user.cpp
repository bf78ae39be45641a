#include "app/first_user.h"

#include "api/sessions.h"

namespace belay::app {

store::Result<std::vector<FirstLink>> first_links(store::ControlSession& control, store::UserSession& users,
                                                  const Secret& hash_key, Random& random, WallTime now) {
  std::vector<FirstLink> links;
  TRY_ASSIGN(const auto there, users.users({}));
  if (!there.empty()) return links;
  TRY_ASSIGN(const auto accounts, control.accounts());
  for (const store::Account& account : accounts) {
    if (links.size() == most_first_links) break;
    const std::string token = random_hex(random, 32);
    TRY(users.put_link({api::hash_of_link(hash_key, token), account.id, {}, now + api::link_life}));
    links.push_back({account.key, token});
  }
  return links;
}

}  // namespace belay::app
