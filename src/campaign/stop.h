// A stop as a first-class record: its scope, its receipt, the latch it may leave. Plain values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "campaign/audit.h"
#include "campaign/state.h"
#include "campaign/tally.h"

namespace belay {

// What a stop or a latch covers. account, where given, limits the rest to that account; only the
// operator (command line, signal, file) may leave it out.
struct Scope {
  enum class Kind { campaign, label, channel, provider, account, all };
  Kind kind = Kind::campaign;
  AccountId account;    // none: every account
  CampaignId campaign;  // kind campaign
  std::string name;     // label, channel ("push"), or the provider's nick name
  friend bool operator==(const Scope&, const Scope&) = default;
};

// What one sender loop answered to the question.
struct LoopCount {
  LoopNo loop;
  std::uint32_t handed_over =
      0;  // recipients whose first hand-over was this loop's, since the server started
  std::uint64_t attempts = 0;
  std::uint32_t in_flight = 0;  // on the wire when asked
  std::uint32_t dropped = 0;    // were queued on this loop and will not leave
};

// The numbers of one campaign's stop. handed_over is final when the stop is answered; everything
// else is final once settled.
struct Receipt {
  CampaignId campaign;
  std::string campaign_name;
  State found_in = State::running;  // the campaign's state when the stop came
  bool planned = false;             // false: no audience had been frozen yet
  Tally tally;                      // pending is always 0
  bool settled = false;
  HandOverSpan span;
  std::vector<LoopCount> loops;  // this server's loops; empty when it was not running
};

struct StopRecord {
  StopId id;
  Scope scope;
  std::string actor;  // "api:TEST-123-4567", "cli:root", "signal", "file"
  std::string reason;
  WallTime at{};                  // when the stop was asked for
  Micros latency{};               // from question to durable answer
  LatchId latch;                  // the latch it left, or none
  std::vector<Receipt> receipts;  // by campaign
  AuditRef audit;                 // its own row in the audit trail; none: a preview, or older than the trail

  bool settled() const;
  Tally total() const;  // over all receipts
};

// A standing stop: while it stands, nothing of its scope starts. Releasing it starts nothing by
// itself: campaigns that came due meanwhile follow their past-due rule.
struct Latch {
  LatchId id;
  Scope scope;
  StopId stop;
  std::string actor, reason;
  WallTime at{};
};

}  // namespace belay
