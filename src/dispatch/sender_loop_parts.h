// The private parts of SenderLoop, shared by its two source files.
#pragma once
#include "dispatch/sender_loop.h"

namespace belay::dispatch {

// A batch stays until each of its parcels has left or has been given up.
struct SenderLoop::Held {
  Batch batch;
  std::uint32_t unfinished = 0;  // parcels submitted and not yet handed over
  bool spent() const { return batch.next == batch.parcels.size() && unfinished == 0; }
};

struct SenderLoop::LocalRun {
  std::shared_ptr<const OpenRun> open;
  bool closed = false;
  std::deque<std::unique_ptr<Held>> held;
  std::deque<std::pair<Held*, std::size_t>> again;  // came back unsent: first in line
  std::size_t first_open = 0;                       // held before this index have no parcel left to take
  LoopTally tally;
  std::uint32_t queued = 0;
  std::uint32_t dropped = 0;
  // Who was dropped behind the gate. A stop or a pause that gets written down makes this superfluous; if this
  // process ends in order before, they go back.
  std::vector<JournalEntry> taken_back;
  std::uint32_t half_sent = 0;   // half in a socket when the gate closed
  std::uint32_t unfinished = 0;  // submitted, no final event yet
  std::vector<JournalEntry> entries;
  std::vector<Again> retries;
  std::vector<RecipientId> dead;
  std::vector<Task> when_quiet;
  std::uint64_t next_seq = 1;
  std::deque<std::shared_ptr<const OutcomeBatch>> unacknowledged;

  std::unique_ptr<Executor::Timer> cut_off;

  bool has_work() const { return !closed && queued > 0; }
};

struct SenderLoop::Wire {
  LocalRun* run = nullptr;
  Held* held = nullptr;  // null once handed over
  std::size_t index = 0;
  Ordinal ordinal = 0;
  RecipientId recipient;
  std::uint8_t attempt = 1;
  bool handed_before = false;
  bool handed = false;
  bool half = false;
  std::uint32_t generation = 0;
  std::shared_ptr<const std::string> bearer;
};

struct SenderLoop::RouteSeat {
  std::unique_ptr<Route> route;
  std::vector<LocalRun*> runs;
  std::size_t turn = 0;
  bool scheduled = false;
  bool waiting_for_token = false;
  // The token used for the messages of this turn; refreshed each turn.
  std::shared_ptr<const std::string> bearer;
};

struct SenderLoop::Question {
  std::vector<CampaignId> campaigns;
  AnswerSink answer;
  std::unique_ptr<Executor::Timer> patience;
};

}  // namespace belay::dispatch
