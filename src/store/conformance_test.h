// The conformance suite: what every Store must do, whatever it stands on. The tests are in
// conformance_*_test.cpp; a store joins by instantiating StoreConformance with a way to make one:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(StoreKind{"sqlite", &make}));
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "store/store.h"

namespace belay::store {

// A place that outlives the store opened on it: a folder, a database.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::unique_ptr<Store> open() = 0;
};

struct StoreKind {
  std::string name;
  std::unique_ptr<StorePlace> (*make)();
  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }
};

inline WallTime at(std::int64_t seconds) {
  return wall_from_micros((1'457'432'000 + seconds) * 1'000'000);
}

// The value, or the test ends with the error's text.
template <class T>
T must(Result<T> result, const char* what = "") {
  if (!result) throw std::runtime_error(std::string(what) + " failed: " + result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
Code code_of(const Result<T>& result) {
  if (result) throw std::runtime_error("went through although it must not");
  return result.error().code;
}

class StoreConformance : public testing::TestWithParam<StoreKind> {
 protected:
  StoreConformance() : place(GetParam().make()) { open(); }

  // Opens all anew, as after a restart.
  void open();

  AccountId account(const std::string& key = "TEST-123-4567");
  Campaign campaign(AccountId owner, std::int64_t id, const std::string& label = "");
  Campaign create(AccountId owner, std::int64_t id = 100, const std::string& label = "");
  // ... and brought to planning, and to running with an audience of `recipients`.
  Campaign plan(const Campaign& c);
  store::Run run(const Campaign& c, std::uint32_t recipients, std::uint32_t slice_size = 10);

  static StopEvidence evidence(const Campaign& c, std::uint32_t audience = 10, std::uint32_t handed_over = 4,
                               std::uint32_t in_flight = 0);
  static StopWrite stop_write(const Scope& scope, std::vector<StopEvidence> campaigns = {},
                              bool latch = false);
  static Scope of(const Campaign& c) { return {.account = c.account, .campaign = c.id}; }
  State state_of(CampaignId id) { return must(control->campaign({}, id)).state; }

  std::unique_ptr<StorePlace> place;
  std::unique_ptr<Store> store;
  std::unique_ptr<ControlSession> control;
  std::unique_ptr<JournalSession> journal;
  std::unique_ptr<ProfileSession> profiles;
};

}  // namespace belay::store
