// A run that this server delivers: what every loop needs to know of it, and the counters each loop
// keeps. Shared by runner, loops, brake and API. Everything but the counters is constant.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/tally.h"
#include "channel/channel.h"
#include "dispatch/engine.h"
#include "dispatch/meter.h"
#include "net/endpoint.h"

namespace belay::dispatch {

// What one loop did for one run since the server started. A recipient whose attempts went over
// different loops is counted +1 here and -1 there: only the sum over the loops means something.
struct LoopTally {
  std::int64_t handed_first = 0;  // recipients whose first hand-over this was
  std::int64_t attempts = 0;      // hand-overs
  std::int64_t on_wire = 0;       // handed over, verdict awaited
  std::int64_t accepted = 0;
  std::int64_t failed = 0;
  std::int64_t in_doubt = 0;
  std::int64_t deferred = 0;  // have left and wait for a further attempt
  std::array<std::int64_t, reason_count> skipped{};
  HandOverSpan span;
};

// LoopTally, readable by others while its loop writes it. Written by one loop only.
struct alignas(64) LiveTally {
  std::atomic<std::int64_t> handed_first{0}, attempts{0}, on_wire{0}, accepted{0}, failed{0}, in_doubt{0},
      deferred{0};
  std::array<std::atomic<std::int64_t>, reason_count> skipped{};
  void publish(const LoopTally& t);
  LoopTally read() const;  // without the span
};

// Where a run stood when this server took it up.
struct Baseline {
  Tally tally;
  std::uint32_t deferred = 0;  // of tally.pending, those that have been handed over
  HandOverSpan span;
};

struct OpenRun {
  CampaignId campaign;
  CampaignId series;  // it is a run of, or none
  RunId run;
  AccountId account;
  Epoch epoch;
  RecipientKind kind = RecipientKind::address;
  std::string name;
  Channel channel = Channel::push;
  std::vector<std::string> labels;
  ProviderId provider;
  std::string provider_name;
  std::uint32_t max_per_second = 0;  // 0: no limit
  std::optional<WallTime> cut_off;   // nothing leaves after this
  net::Endpoint endpoint;
  std::shared_ptr<const channel::Sender> sender;
  Baseline base;
  mutable std::vector<LiveTally> live;  // by LoopNo
  // Its schedule leaves people out: that is counted below, by the runner, and only the journal tells what a
  // stop that comes in between has found.
  bool timed = false;
  mutable LiveTally by_runner;
  // The runner's own count of everybody, from what it has made durable: must equal the audience.
  mutable std::atomic<std::uint64_t> accounted{0};
  // When this run last came forward (an attempt, an outcome), in steady microseconds: a run that is not
  // paused, not paced and does not come forward is alarmed (S27, S30, S37).
  mutable std::atomic<std::int64_t> forward_at{0};
  mutable Meter meter;
  mutable std::atomic<bool> stopped{false};  // a stop of it is on disk: who waits, waits no more

  explicit OpenRun(std::size_t loops) : live(loops) {}
};

// The whole account from the base and what the loops did since. `ended`: nobody waits any more.
Tally add_up(const Baseline& base, const std::vector<LoopTally>& loops, bool ended);

}  // namespace belay::dispatch
