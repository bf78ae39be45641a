#include "api/clevertap/exports.h"

#include <charconv>

#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

constexpr std::chrono::hours events_last{4}, events_idle{1}, profiles_last{96};

bool over(const Export& one, WallTime now) {
  if (!one.of_events) return now - one.begun > profiles_last;
  return now - one.begun > events_last || now - one.used > events_idle;
}

std::unexpected<net::HttpReply> refuse(std::string_view text, int code = 0) {
  return std::unexpected(clevertap_fail(400, text, code));
}

}  // namespace

std::string Exports::cursor(const std::string& token, std::int64_t position) {
  return fmt::format("{}-{:x}", token, position);
}

std::string Exports::add(std::shared_ptr<Export> one, Random& random, WallTime now) {
  std::string token = random_hex(random, 16);
  one->begun = one->used = now;
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& entry) { return over(*entry.second, now); });
  const auto of_account = std::ranges::count_if(
      all_, [&](const auto& entry) { return entry.second->account == one->account; });
  const bool own = static_cast<std::size_t>(of_account) >= most_of_account;
  if (own || all_.size() >= most) {
    auto oldest = all_.end();
    for (auto each = all_.begin(); each != all_.end(); ++each)
      if ((!own || each->second->account == one->account) &&
          (oldest == all_.end() || each->second->used < oldest->second->used))
        oldest = each;
    all_.erase(oldest);
  }
  all_.emplace(token, std::move(one));
  return cursor(token, 0);
}

Answered<Exports::Place> Exports::find(std::string_view cursor, AccountId account, bool of_events, WallTime now) {
  if (cursor.find('%') != std::string_view::npos) return refuse("Incorrect Usage", 3);  // encoded twice
  const std::size_t dash = cursor.find('-');
  std::int64_t position = -1;
  if (dash != std::string_view::npos) {
    const char* end = cursor.data() + cursor.size();
    const auto [stop, error] = std::from_chars(cursor.data() + dash + 1, end, position, 16);
    if (error != std::errc{} || stop != end) position = -1;
  }
  if (position < 0) return refuse("Invalid cursor");
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(cursor.substr(0, dash));
  if (found == all_.end() || found->second->account != account || found->second->of_events != of_events)
    return refuse("Invalid cursor");
  if (over(*found->second, now)) {
    all_.erase(found);
    return refuse("CURSOR_INVALIDATED");
  }
  found->second->used = now;
  return Place{found->second, found->first, position};
}

}  // namespace belay::api::clevertap
