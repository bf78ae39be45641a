// Who is signed in: the sessions of the store with their users, as a snapshot in memory. check() may be
// called from any thread and never touches the store, so that a stop with a cookie is as quick as one with a
// passcode; reload() waits for the store.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "store/store.h"
#include "store/users.h"

namespace belay::api {

struct SessionLimits {
  Seconds idle{12 * 3600};      // since the last request
  Seconds life{7 * 24 * 3600};  // since signing in
};

inline constexpr std::string_view session_cookie = "belay_session";
inline constexpr Seconds link_life{3600};

// How tokens rest in the store, and what a session's changing requests must carry. Different words are
// hashed with a token, so that no one of the three can be passed off as another.
std::string hash_of_session(const Secret& key, std::string_view token);
std::string hash_of_link(const Secret& key, std::string_view token);
std::string csrf_of(const Secret& key, std::string_view token);

class SessionBook {
 public:
  SessionBook(store::Store& store, Secret hash_key, SessionLimits limits);
  ~SessionBook();

  // Reads the sessions again. On an error the earlier snapshot stays in force.
  store::Result<void> reload();

  struct Found {
    std::shared_ptr<const store::SignedIn> who;
    bool note = false;  // the store should be told that it was seen: so every now and then
  };
  // Nothing for a token that is none, or of a session that is over. Counts as the session's being used.
  std::optional<Found> check(std::string_view token, WallTime now) const;

  // The same for a session that check() has found, without counting as its use: an open page is not a person.
  bool lasts(const std::string& hash, WallTime now) const;

  const SessionLimits& limits() const { return limits_; }

 private:
  struct Entry;
  struct Snapshot;
  std::shared_ptr<const Snapshot> snapshot() const;

  store::Store& store_;
  const Secret hash_key_;
  const SessionLimits limits_;
  std::mutex reloading_;  // so that an older reading never replaces a newer one
  mutable std::mutex guard_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace belay::api
