#include "store/sqlite/owner.h"

namespace belay::store::sqlite {
namespace {

Result<Ownership> read(Db& db) {
  Query q = db.query("SELECT term, beat FROM owner");
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::damaged, fmt::format("{} has lost its owner row", db.path()));
  return Ownership{q.i64(0), q.i64(1)};
}

std::unexpected<Error> taken_over(std::int64_t now, std::int64_t mine) {
  return fail(Code::fenced,
              fmt::format("another server has taken this store over (term {}, this was {})", now, mine));
}

}  // namespace

Result<void> Tenure::check(Db& db) const {
  const std::int64_t mine = term();
  if (mine == 0) return {};
  TRY_ASSIGN(const Ownership now, read(db));
  if (now.term == mine) return {};
  return taken_over(now.term, mine);
}

Result<void> Tenure::check_mine(Db& db) const {
  TRY_ASSIGN(const Ownership now, read(db));
  if (now.term == term()) return {};
  return taken_over(now.term, term());
}

Result<void> Tenure::check_profiles(Db& db) const {
  const std::int64_t mine = term();
  if (mine == 0) return {};
  std::int64_t highest = 0;
  {
    Query q = db.query("SELECT term FROM owner");
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return fail(Code::damaged, fmt::format("{} has lost its owner row", db.path()));
    highest = q.i64(0);
  }
  if (highest > mine) return taken_over(highest, mine);
  if (highest < mine) TRY(db.run("UPDATE owner SET term = ?", mine));
  return {};
}

Result<Ownership> Owner::look() {
  return read(*db_);
}

Result<Ownership> Owner::claim(const Ownership& seen) {
  const std::int64_t in_profiles = profiles_.highest().value_or(0);
  const auto turn = turn_.take(Lane::ordinary);
  auto claimed = in_transaction(*db_, [&]() -> Result<Ownership> {
    TRY_ASSIGN(const Ownership now, read(*db_));
    if (now != seen) return fail(Code::fenced, "the store's owner has given a sign of life");
    const Ownership mine{std::max(now.term, in_profiles) + 1, now.beat + 1};
    TRY(db_->run("UPDATE owner SET term = ?, beat = ?", mine.term, mine.beat));
    return mine;
  });
  if (!claimed) return claimed;
  tenure_.begin(claimed->term);
  (void)profiles_.raise();  // else with the first write
  return claimed;
}

Result<Ownership> Owner::renew() {
  const auto turn = turn_.take(Lane::brake);  // a busy store must not cost its owner the ownership
  return in_transaction(*db_, [&]() -> Result<Ownership> {
    TRY(tenure_.check(*db_));
    TRY(db_->run("UPDATE owner SET beat = beat + 1"));
    return read(*db_);
  });
}

}  // namespace belay::store::sqlite
