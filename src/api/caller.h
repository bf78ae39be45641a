// Who makes a call, and whether the route is theirs: by the Unix socket, a passcode, or a session's cookie.
// Any thread; never touches the store.
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "api/credentials.h"
#include "api/route.h"
#include "api/sign_in.h"

namespace belay::api {

struct Caller {
  AccountId account;
  std::string account_key, actor;
  std::shared_ptr<const store::SignedIn> session;  // null: not by a session
  bool note_session = false;                       // the store should be told that it was seen
};

struct Doors {
  const CredentialBook& credentials;
  const SignIn& sign_in;
  const Secret& hash_key;
  const Clock& clock;
  bool demo;  // one click signs in
};

// `params`: what {…} in the route's pattern matched.
std::expected<Caller, net::HttpReply> identify(const Route& route, const std::vector<std::string>& params,
                                               const net::HttpRequest& request, const Doors& doors);

}  // namespace belay::api
