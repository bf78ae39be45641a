// The numbers of campaigns in lists and streams, where a journal must not be folded for each row and
// request: live ones come from the engine, a stopped one's from its receipt, those of others are folded
// once and then kept. Waits for the store; on a worker only.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "api/services.h"
#include "base/json.h"

namespace belay::api {

struct RowNumbers {
  Tally tally;
  bool live = false;
  bool settled = true;    // false: a stop's verdicts are still coming in
  double per_second = 0;  // messages
  HandOverSpan span;
};

class NumbersReader {
 public:
  // Folds journals of at most `most_recipients` over its life; 2,000,000 are about 50 ms.
  NumbersReader(const Services& services, Worker& worker, std::uint32_t most_recipients = 2'000'000)
      : services_(services), worker_(worker), budget_(most_recipients) {}

  // Nothing: no audience yet, or nothing kept and the budget is used up.
  std::optional<RowNumbers> of(const store::ListedCampaign& row);
  // Keeps what was folded. A store that can't is no reason to fail: it is folded again.
  void keep();

 private:
  std::optional<RowNumbers> folded(const Campaign& campaign);

  const Services& services_;
  Worker& worker_;
  std::uint32_t budget_;
  std::vector<std::pair<Epoch, Receipt>> fresh_;
};

// counts, per_second, seconds_left (null where it stands still, or is over).
void add_row_numbers(json::object& to, const std::optional<RowNumbers>& numbers);

}  // namespace belay::api
