// Campaigns made from another's people.
#include "store/sqlite/control.h"

namespace belay::store::sqlite {

Result<void> Control::may_derive(const Campaign& c) {
  const Derivation& derived = *c.definition.derived;
  TRY_ASSIGN(const Campaign parent, campaign(c.account, derived.parent));
  if (parent.definition.recurrence)
    return fail(Code::conflict,
                fmt::format("campaign {} is a series: name the one of its runs that is meant", parent.id));
  if (parent.state != State::stopped && parent.state != State::completed)
    return fail(Code::conflict,
                fmt::format("campaign {} is {}: only of a stopped or completed one it is known who "
                            "was reached",
                            parent.id, name_of(parent.state)));
  Query open = db_->query("SELECT 1 FROM receipt WHERE campaign = ? AND settled = 0", parent.id);
  TRY_ASSIGN(const bool unsettled, open.next());
  if (unsettled)
    return fail(
        Code::conflict,
        fmt::format("the stop of campaign {} is not settled yet: some of its messages have no verdict. "
                    "Ask again in a few seconds",
                    parent.id));
  if (derived.how != Derivation::How::continues) return {};
  for (const Standing standing : derived.standings) {
    Query q = db_->query("SELECT campaign FROM derived WHERE parent = ? AND standing = ?", parent.id,
                         name_of(standing));
    TRY_ASSIGN(const bool taken, q.next());
    if (taken)
      return fail(Code::conflict,
                  fmt::format("campaign {} continues with those of {} who are {}: they would get it "
                              "twice",
                              q.i64(0), parent.id, name_of(standing)));
    TRY(db_->run("INSERT INTO derived (parent, standing, campaign) VALUES (?, ?, ?)", parent.id,
                 name_of(standing), c.id));
  }
  return {};
}

}  // namespace belay::store::sqlite
