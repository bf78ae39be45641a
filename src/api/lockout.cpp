#include "api/lockout.h"

#include <algorithm>

namespace belay::api {

Seconds Lockout::wait_after(std::uint32_t failures) const {
  if (failures <= rules_.free_failures) return Seconds{0};
  const std::uint32_t doublings = std::min(failures - rules_.free_failures - 1, 20u);
  return std::min(rules_.first_wait * (std::int64_t{1} << doublings), rules_.longest_wait);
}

Seconds Lockout::wait(std::string_view key, SteadyTime now) const {
  const std::lock_guard lock(guard_);
  const auto found = records_.find(key);
  if (found == records_.end()) return Seconds{0};
  const auto left = found->second.last + wait_after(found->second.failures) - now;
  return std::max(std::chrono::ceil<Seconds>(left), Seconds{0});
}

bool Lockout::failed(std::string_view key, SteadyTime now) {
  const std::lock_guard lock(guard_);
  auto found = records_.find(key);
  if (found == records_.end()) {
    make_room(now);
    found = records_.emplace(key, Record{}).first;
  }
  Record& r = found->second;
  if (now - r.last > rules_.forgotten_after) r.failures = 0;
  ++r.failures;
  r.last = now;
  return r.failures == rules_.free_failures + 1;
}

void Lockout::succeeded(std::string_view key) {
  const std::lock_guard lock(guard_);
  if (const auto found = records_.find(key); found != records_.end()) records_.erase(found);
}

std::size_t Lockout::kept() const {
  const std::lock_guard lock(guard_);
  return records_.size();
}

// First what is forgotten anyway; then whoever has failed least, so that a flood of made-up names does not
// wash out the one that is under attack.
void Lockout::make_room(SteadyTime now) {
  if (records_.size() < rules_.most_kept) return;
  std::erase_if(records_, [&](const auto& r) { return now - r.second.last > rules_.forgotten_after; });
  if (records_.size() < rules_.most_kept) return;
  records_.erase(std::ranges::min_element(
      records_, {}, [](const auto& r) { return std::pair(r.second.failures, r.second.last); }));
}

}  // namespace belay::api
