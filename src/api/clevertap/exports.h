// Exports under way: what a cursor stands for. A cursor is opaque, needs no percent-encoding, and is good for
// its account and endpoint only: for events 4 hours, and 1 hour after it was last used, for profiles 4 days. It
// is kept in memory: a restart invalidates it. Safe from any thread.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/clevertap/reading.h"

namespace belay::api::clevertap {

struct Export {
  AccountId account;
  bool of_events = false;
  std::optional<audience::EventQuery> events;
  std::size_t batch = 0;     // records a page
  std::int64_t until = 0;    // the last event when it began
  WallTime begun{}, used{};  // guarded by the table
  // Set once by who makes the set of people, under `mutex`.
  std::mutex mutex;
  bool ready = false;
  std::string failure;  // ready, and it could not be made
  audience::PeopleSet people;
};

class Exports {
 public:
  static constexpr std::size_t most = 256, most_of_account = 32;  // the least recently used goes

  // The cursor of its first page.
  std::string add(std::shared_ptr<Export> one, Random& random, WallTime now);
  struct Place {
    std::shared_ptr<Export> of;
    std::string token;
    std::int64_t position = 0;
  };
  Answered<Place> find(std::string_view cursor, AccountId account, bool of_events, WallTime now);
  static std::string cursor(const std::string& token, std::int64_t position);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Export>, std::less<>> all_;
};

}  // namespace belay::api::clevertap
