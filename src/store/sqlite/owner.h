// Ownership of belay.db: the term that a Store object has claimed, and the check of it in each of its
// write transactions. A store that never claimed is not checked: its caller holds the folder lock.
#pragma once
#include <atomic>
#include <memory>

#include "store/sqlite/db.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class Tenure {
 public:
  // Inside a write transaction: Code::fenced when another has claimed since.
  Result<void> check(Db& db) const;
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

class Owner final : public OwnerSession {
 public:
  Owner(std::unique_ptr<Db> db, WriteTurn& turn, Tenure& tenure)
      : db_(std::move(db)), turn_(turn), tenure_(tenure) {}
  Result<Ownership> look() override;
  Result<Ownership> claim(const Ownership& seen) override;
  Result<Ownership> renew() override;

 private:
  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  Tenure& tenure_;
};

}  // namespace belay::store::sqlite
