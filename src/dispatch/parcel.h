// What runner and loops send each other. Plain data, moved from thread to thread by post().
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "campaign/outcome.h"
#include "dispatch/open_run.h"

namespace belay::dispatch {

// One recipient to be handed over. Texts are ranges of its batch's `text`.
struct Parcel {
  Ordinal ordinal = 0;
  RecipientId recipient;
  std::uint8_t attempt = 1;
  bool handed_before = false;
  Reason skip = Reason::none;  // not to be sent: say so and count it
  WallTime leave_by =
      WallTime::max();  // from then on it goes back: quiet hours begin, or the day's cut-off comes
  Platform platform = Platform::android;
  struct Range {
    std::uint32_t at = 0, size = 0;
  } token, identity, object_id, properties;
};

// Runner to loop: admitted recipients, durable before this is posted.
struct Batch {
  std::shared_ptr<const OpenRun> run;
  std::vector<Parcel> parcels;
  std::string text;
  std::size_t next = 0;  // parcels before this one have been taken

  std::string_view view(Parcel::Range r) const { return std::string_view(text).substr(r.at, r.size); }
};

struct Again {
  Ordinal ordinal;
  RecipientId recipient;
  std::uint8_t next_attempt;
  bool handed_over;
  Micros delay;
};

// Loop to runner: what became of parcels. Kept by the loop until the runner says that it is durable.
struct OutcomeBatch {
  LoopNo loop;
  std::uint64_t seq = 0;  // by loop and run, from 1
  std::shared_ptr<const OpenRun> run;
  std::vector<JournalEntry> entries;
  std::vector<Again> again;       // of entries, those to be tried once more
  std::vector<RecipientId> dead;  // addresses the provider calls gone
  HandOverSpan span;              // of the run on this loop so far
  std::uint64_t attempts = 0;     // likewise
};

// What the brake asks a loop to close: a campaign, up to this epoch. One that is resumed later has a
// higher one, and its gate is open.
struct GateOrder {
  CampaignId campaign;
  Epoch epoch;
};

// A loop's answer to the brake, for one campaign.
struct LoopAnswer {
  LoopNo loop;
  CampaignId campaign;
  LoopTally tally;
  std::uint32_t dropped = 0;
  std::vector<JournalEntry> evidence;  // outcomes the journal may not have, then what is on the wire
};

}  // namespace belay::dispatch
