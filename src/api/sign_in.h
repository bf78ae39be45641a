// What signing in works with, shared by every call. One for the life of the Api; any thread.
#pragma once
#include "api/lockout.h"
#include "api/sessions.h"

namespace belay::api {

struct SignIn {
  SignIn(store::Store& store, const Secret& hash_key, SessionLimits limits)
      : sessions(store, hash_key, limits) {}

  SessionBook sessions;
  Lockout users{lockout_of_user}, addresses{lockout_of_address};
};

}  // namespace belay::api
