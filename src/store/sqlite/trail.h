// What an act leaves behind, inside its own transaction on belay.db: its row in the audit trail, and the
// notices of it for whoever wants them. One Trail a transaction; it reads the chain's end and the
// subscribers once, when first needed.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "campaign/audit.h"
#include "campaign/tally.h"
#include "store/notices.h"
#include "store/sqlite/db.h"
#include "store/store.h"

namespace belay::store::sqlite {

// An act that is told to subscribers, too.
struct Told {
  NoticeKind kind = NoticeKind::state;
  CampaignId campaign;  // none: a stop that found nothing to stop
  StopId stop;
  std::string_view reason;
  const Receipt* receipt = nullptr;
};

class Trail {
 public:
  explicit Trail(Db& db) : db_(db) {}

  // Appends; id and hash are set here. Gives them back.
  Result<AuditRef> append(AuditEntry entry);
  Result<AuditRef> append_and_tell(AuditEntry entry, const Told& told);

 private:
  struct Listener {
    SubscriberId id;
    AccountId account;
    NoticeKinds kinds;
  };
  Result<void> find_end();
  Result<void> find_listeners();
  Result<std::string> notice_body(NoticeId id, const AuditEntry& entry, const Told& told);

  Db& db_;
  std::int64_t last_ = -1;  // -1: not looked yet
  std::string head_;
  std::optional<std::vector<Listener>> listeners_;
};

std::string subject_of(CampaignId id);
std::string subject_of(StopId id);
std::string subject_of(LatchId id);

}  // namespace belay::store::sqlite
