#include "app/index_upkeep.h"

#include "audience/index/upkeep.h"

namespace belay::app {
namespace {

// Of an account in one round: the others come, too, and what else the housekeeper does.
constexpr int most_chunks = 4;

}  // namespace

store::Result<void> IndexUpkeep::round() {
  if (!control_) {
    TRY_ASSIGN(control_, store_.control(store::Lane::ordinary));
  }
  if (!profiles_) {
    TRY_ASSIGN(profiles_, store_.profiles());
  }
  store::IndexSession* const index = profiles_->index();
  if (index == nullptr) return {};
  TRY_ASSIGN(const auto accounts, control_->accounts());
  for (const store::Account& account : accounts) {
    for (int chunk = 0; chunk < most_chunks; ++chunk) {
      TRY_ASSIGN(const bool done, audience::index::catch_up(*index, account.id, account.time_zone));
      if (done) break;
    }
  }
  return {};
}

}  // namespace belay::app
