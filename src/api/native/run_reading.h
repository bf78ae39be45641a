// A campaign's run read back from the journal, recipient by recipient. Blocks on the store; memory is
// 2 bytes a recipient and the audience's bitmap.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "api/services.h"
#include "campaign/run_account.h"

namespace belay::api {

struct RunReading {
  store::Run run;
  RunAccount account;
};

// Nothing where no audience has been frozen yet.
store::Result<std::optional<RunReading>> read_run(store::JournalSession& journal, CampaignId campaign);

struct CampaignNumbers {
  Tally tally;
  HandOverSpan span;
  bool planned = false;
};

// As they stand this instant: from the engine while the campaign is being delivered, else from the store. Of
// a series: the sums over its runs; Code::conflict where those are too many to read.
store::Result<CampaignNumbers> numbers_of(const Services& services, Worker& worker, const Campaign& campaign);

// How many exports may be under way.
class ExportSlots {
 public:
  explicit ExportSlots(int most) : free_(most) {}
  // Null when none is free. Giving up the slot is letting go of it.
  static std::shared_ptr<void> take(const std::shared_ptr<ExportSlots>& slots);

 private:
  std::atomic<int> free_;
};

// Visits those recipients in this order, each once. (Through the waves of an audience ids do not ascend.)
store::Result<void> read_recipients(store::ProfileSession& profiles, AccountId account, RecipientKind kind,
                                    std::span<const RecipientId> ids,
                                    const std::function<void(const store::RecipientRow&)>& visit);

}  // namespace belay::api
