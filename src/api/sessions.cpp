#include "api/sessions.h"

#include <atomic>
#include <unordered_map>

namespace belay::api {
namespace {

constexpr Seconds most_between_notes{300};

}  // namespace

std::string hash_of_session(const Secret& key, std::string_view token) {
  return keyed_hash(key.reveal(), fmt::format("session {}", token));
}

std::string hash_of_link(const Secret& key, std::string_view token) {
  return keyed_hash(key.reveal(), fmt::format("link {}", token));
}

std::string csrf_of(const Secret& key, std::string_view token) {
  return keyed_hash(key.reveal(), fmt::format("csrf {}", token));
}

struct SessionBook::Entry {
  explicit Entry(store::SignedIn signed_in)
      : who(std::move(signed_in)), seen(to_micros(who.session.seen)), noted(seen.load()) {}
  const store::SignedIn who;
  std::atomic<std::int64_t> seen, noted;  // as WallTime; the store knows of `noted`

  bool over(const SessionLimits& limits, WallTime now) const {
    return now - who.session.begun > limits.life || now - wall_from_micros(seen.load()) > limits.idle;
  }
};

struct SessionBook::Snapshot {
  std::unordered_map<std::string, std::shared_ptr<Entry>> by_hash;
};

SessionBook::SessionBook(store::Store& store, Secret hash_key, SessionLimits limits)
    : store_(store),
      hash_key_(std::move(hash_key)),
      limits_(limits),
      snapshot_(std::make_shared<const Snapshot>()) {}

SessionBook::~SessionBook() = default;

store::Result<void> SessionBook::reload() {
  const std::lock_guard reloading(reloading_);
  TRY_ASSIGN(auto session, store_.users());
  TRY_ASSIGN(auto rows, session->sessions());
  const auto earlier = snapshot();
  auto fresh = std::make_shared<Snapshot>();
  for (store::SignedIn& row : rows) {
    const std::string hash = row.session.hash;
    auto entry = std::make_shared<Entry>(std::move(row));
    if (const auto found = earlier->by_hash.find(hash); found != earlier->by_hash.end())
      entry->seen = std::max(entry->seen.load(), found->second->seen.load());
    fresh->by_hash.emplace(hash, std::move(entry));
  }
  const std::lock_guard lock(guard_);
  snapshot_ = std::move(fresh);
  return {};
}

std::shared_ptr<const SessionBook::Snapshot> SessionBook::snapshot() const {
  const std::lock_guard lock(guard_);
  return snapshot_;
}

std::optional<SessionBook::Found> SessionBook::check(std::string_view token, WallTime now) const {
  if (token.empty() || token.size() > 128) return std::nullopt;
  const auto known = snapshot();
  const auto found = known->by_hash.find(hash_of_session(hash_key_, token));
  if (found == known->by_hash.end()) return std::nullopt;
  Entry& entry = *found->second;
  if (entry.over(limits_, now)) return std::nullopt;
  const std::int64_t us = to_micros(now);
  if (us > entry.seen.load()) entry.seen = us;
  const auto between = std::chrono::duration_cast<Micros>(std::min(most_between_notes, limits_.idle / 4));
  std::int64_t noted = entry.noted.load();
  const bool note = us - noted > between.count() && entry.noted.compare_exchange_strong(noted, us);
  return Found{std::shared_ptr<const store::SignedIn>(found->second, &entry.who), note};
}

bool SessionBook::lasts(const std::string& hash, WallTime now) const {
  const auto known = snapshot();
  const auto found = known->by_hash.find(hash);
  return found != known->by_hash.end() && !found->second->over(limits_, now);
}

}  // namespace belay::api
