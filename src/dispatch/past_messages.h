// Fills a frequency book from the journals of an account's runs: after a start, and when caps are set. In
// steps, so that other accounts are not kept waiting; the account's own runs admit nobody meanwhile. Blocks
// on the store.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "campaign/schedule.h"
#include "dispatch/frequency_book.h"
#include "store/store.h"

namespace belay::dispatch {

class PastMessages {
 public:
  // Of a running run: that recipient is admitted, and certainly still here.
  using StillHere = std::function<bool(RunId, Ordinal)>;

  PastMessages(AccountId account, TimeZone zone, WallTime now, StillHere still_here);

  // True when all is counted. After an error the same step may be tried again.
  store::Result<bool> step(store::ControlSession& control, store::JournalSession& journal,
                           store::ProfileSession& profiles, FrequencyBook& into);
  bool begun() const { return all_listed_ || before_ || reading_; }

 private:
  struct Reading {
    Campaign campaign;
    store::Run run;
    store::AudienceSet audience;
    std::int64_t first_day = 0;
    std::vector<std::uint16_t> days;  // by ordinal: 0 none, else 1 + days since first_day; `doubtful` or not
    // First those who have had it for certain, then the doubtful from the last day on: who has several
    // devices counts on the latest day that may be the first.
    std::vector<std::uint16_t> passes{certain};
    Ordinal next = 0;
    Roaring people;  // counted already, with another device
  };
  static constexpr std::uint16_t certain = 0, doubtful = 0x8000;
  struct Had {
    RecipientId recipient;
    std::uint16_t day;
  };
  store::Result<bool> look_for_campaigns(store::ControlSession& control);
  store::Result<void> open(store::JournalSession& journal, const FrequencyBook& book);
  store::Result<void> read_days(store::JournalSession& journal, const FrequencyBook& book);
  store::Result<void> count_some(store::ProfileSession& profiles, FrequencyBook& into);
  std::int64_t day_of(WallTime at) const { return day_number(zone_.day_stamp(at)); }

  AccountId account_;
  TimeZone zone_;
  WallTime now_, oldest_;
  StillHere still_here_;
  std::optional<CampaignId> before_;
  bool all_listed_ = false;
  std::vector<Campaign> waiting_;
  std::optional<Reading> reading_;
};

}  // namespace belay::dispatch
