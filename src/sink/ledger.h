// Whom the sink got, by campaign: exact counts, every recipient by name, and when each message came.
// Safe from any thread (one lock, held for well under a microsecond a message).
//
// Memory: 24 bytes a message, and for a recipient its key once plus 24 bytes plus 8 to 16 bytes of hash
// table: 5,000,000 recipients with keys of 160 bytes and one message each take about 1.1 GB, with keys
// of 16 bytes 0.4 GB. Beyond max_recipients or max_arrivals messages are still counted, but new
// recipients are not named (`unnamed`) and times not kept.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace belay::sink {

struct CampaignCount {
  std::uint64_t messages = 0;
  std::uint64_t recipients = 0;  // different ones
  std::uint64_t duplicates = 0;  // messages to a recipient that had one before
  std::uint64_t unnamed = 0;     // messages to recipients beyond max_recipients
  std::int64_t first_at = 0;     // wall clock, microseconds since 1970
  std::int64_t last_at = 0;
  std::map<int, std::uint64_t> by_status;  // what was answered; 0: nothing
};

struct Counts {
  std::uint64_t total = 0;       // whole messages received, whatever was answered
  std::uint64_t incomplete = 0;  // message requests that began and never became whole
  std::uint64_t malformed = 0;   // whole requests without recipient or with a body that is not JSON
  std::map<std::string, CampaignCount> by_campaign;
};

struct ArrivalTime {
  WallTime wall;
  SteadyTime steady;  // RealClock's, the same for all processes of one machine
};

struct Arrival {
  std::string recipient;
  std::uint64_t order;  // 0, 1, ... within the campaign
  ArrivalTime at;
  int status;
};

class Ledger {
 public:
  Ledger(std::size_t max_recipients, std::size_t max_arrivals);
  ~Ledger();

  // A whole message. `status` is what it is answered with; 0: it never will be.
  void record(std::string_view campaign, std::string_view recipient, int status, ArrivalTime at);
  void count_incomplete(std::uint64_t n = 1);
  void count_malformed();

  Counts counts() const;
  // Messages that arrived later than `when` by steady time.
  std::uint64_t arrived_after(std::string_view campaign, SteadyTime when) const;
  void reset();

  enum class Format { csv, jsonl };
  // Appends lines of recipients in the order of their first message, from the `from`-th on, until
  // `out` holds `enough` bytes. Returns where to go on, or `from` when there is nothing more.
  // csv: recipient,messages,first_order,first_at_us; jsonl: objects of the same names.
  std::size_t list_recipients(std::string_view campaign, Format format, std::size_t from, std::size_t enough,
                              std::string& out) const;
  // The same for single messages: order,recipient,at_us,steady_us,status.
  std::size_t list_arrivals(std::string_view campaign, Format format, std::size_t from, std::size_t enough,
                            std::string& out) const;
  std::vector<std::string> recipients(std::string_view campaign) const;  // for tests and small runs
  std::vector<Arrival> arrivals(std::string_view campaign) const;

 private:
  struct Campaign;
  Campaign& campaign_of(std::string_view id);
  const Campaign* find(std::string_view id) const;

  const std::size_t max_recipients_;
  const std::size_t max_arrivals_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Campaign>, std::less<>> campaigns_;
  std::uint64_t total_ = 0;
  std::uint64_t incomplete_ = 0;
  std::uint64_t malformed_ = 0;
  std::size_t named_ = 0;
  std::size_t timed_ = 0;
};

}  // namespace belay::sink
