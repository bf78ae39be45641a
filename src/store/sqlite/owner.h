// Ownership of a data folder: the term that a Store object has claimed, and the check of it in each of its
// write transactions. A store that never claimed is not checked: its caller holds the folder lock.
//
// belay.db says who owns the folder. profiles.db is a file of its own, with transactions of its own: it keeps
// the highest term that it has heard of, refuses lower ones, and hears of a new one at the claim, or at the
// latest with the new owner's first write. A claim is above both, whichever file was put back from a backup.
#pragma once
#include <atomic>
#include <functional>
#include <memory>

#include "store/sqlite/db.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class Tenure {
 public:
  // Inside a write transaction: Code::fenced when another has claimed since.
  Result<void> check(Db& db) const;
  // For housekeeping: fenced also where another owns the folder and this one never has, as a standby does.
  Result<void> check_mine(Db& db) const;
  // Likewise, inside one of profiles.db, which hears of this term if it has not yet.
  Result<void> check_profiles(Db& db) const;
  std::int64_t term() const { return term_.load(std::memory_order_relaxed); }
  void begin(std::int64_t term) { term_.store(term, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> term_{0};  // 0: never claimed
};

template <class Body>
auto in_owned_transaction(Db& db, const Tenure* tenure, Body&& body) {
  return in_transaction(db, [&]() -> std::invoke_result_t<Body> {
    if (tenure != nullptr) TRY(tenure->check(db));
    return body();
  });
}

// What a claim needs of profiles.db. Both may fail there: a takeover, and the stop behind it, must not depend
// on that file.
struct ProfileTerms {
  std::function<Result<std::int64_t>()> highest;
  std::function<Result<void>()> raise;  // to the tenure's
};

class Owner final : public OwnerSession {
 public:
  Owner(std::unique_ptr<Db> db, WriteTurn& turn, Tenure& tenure, ProfileTerms profiles)
      : db_(std::move(db)), turn_(turn), tenure_(tenure), profiles_(std::move(profiles)) {}
  Result<Ownership> look() override;
  Result<Ownership> claim(const Ownership& seen) override;
  Result<Ownership> renew() override;

 private:
  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  Tenure& tenure_;
  ProfileTerms profiles_;
};

}  // namespace belay::store::sqlite
