// Evaluates a query into an audience, a bounded chunk of work at a time, so that whoever plans can see
// a stop between two steps and drop the rest. One thread; step() blocks on the store.
//
// The audience is what the store held while the scan went by: addresses that appear behind the scan's
// place are seen, those that appear before it are not. Where the audience index answers, who fulfils the query
// is as of one moment of that time.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "audience/query.h"
#include "base/ids.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"
#include "store/store.h"

namespace belay::audience {

struct ScanSpec {
  AccountId account;
  RecipientKind kind = RecipientKind::address;
  std::vector<Platform> devices;     // addresses only; empty: all
  bool send_to_all_devices = false;  // false: a person's newest (highest id) live address among `devices`
  std::uint32_t chunk = 10'000;      // rows looked at per step
  // What days are reckoned by in conditions on events: needed where the query asks about any.
  std::optional<TimeZone> zone = std::nullopt;
  WallTime now{};
  bool count_only = false;           // reach() is all that is wanted: take() gives nobody
  bool with_index = true;            // the audience index may be asked, where it is worth it:
  std::uint32_t index_from = 5'000;  // from as many people on
};

ScanSpec scan_spec(AccountId account, const Definition& definition);
ScanSpec scan_spec(AccountId account, const Definition& definition, TimeZone zone, WallTime now);

struct Reach {
  std::uint32_t total = 0;
  std::array<std::uint32_t, 4> by_platform{};  // addresses only; index: static_cast<size_t>(Platform)
};

class Scan {
 public:
  Scan(Query query, ScanSpec spec);
  ~Scan();
  Scan(Scan&&) noexcept;
  Scan& operator=(Scan&&) noexcept;

  // True once everything has been looked at. After an error the same step may be tried again.
  store::Result<bool> step(store::ProfileSession& session);

  Reach reach() const;        // of what has been found so far
  store::AudienceSet take();  // once, after step() said true; compacted

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::audience
