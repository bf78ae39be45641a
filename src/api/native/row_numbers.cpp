#include "api/native/row_numbers.h"

#include <cmath>

#include "api/native/receipt_json.h"
#include "api/native/run_reading.h"

namespace belay::api {

std::optional<RowNumbers> NumbersReader::of(const store::ListedCampaign& row) {
  const Campaign& c = row.campaign;
  if (services_.engine != nullptr)
    if (const auto live = services_.engine->live(c.id))
      return RowNumbers{live->tally, true, !is_final(c.state), live->per_second, live->span};
  if (row.numbers) {
    if (!row.numbers->planned) return std::nullopt;
    return RowNumbers{row.numbers->tally, false, row.numbers->settled, 0, row.numbers->span};
  }
  if (c.state == State::scheduled || c.state == State::missed || c.state == State::planning)
    return std::nullopt;
  return folded(c);
}

std::optional<RowNumbers> NumbersReader::folded(const Campaign& c) {
  const auto run = worker_.journal->run_of(c.id);
  if (!run || !*run || (*run)->audience > budget_) return std::nullopt;
  budget_ -= (*run)->audience;
  const auto numbers = numbers_of(services_, worker_, c);
  if (!numbers) return std::nullopt;
  // Without an engine nobody can say whether another process still adds to the journal.
  if (services_.engine != nullptr) {
    Receipt receipt;
    receipt.campaign = c.id;
    receipt.campaign_name = c.definition.name;
    receipt.found_in = c.state;
    receipt.planned = true;
    receipt.tally = numbers->tally;
    receipt.settled = true;
    receipt.span = numbers->span;
    fresh_.emplace_back(c.epoch, std::move(receipt));
  }
  return RowNumbers{numbers->tally, false, true, 0, numbers->span};
}

void NumbersReader::keep() {
  (void)worker_.control->keep_numbers(fresh_);
  fresh_.clear();
}

void add_row_numbers(json::object& to, const std::optional<RowNumbers>& numbers) {
  to["counts"] = numbers ? json::value(counts_json(numbers->tally, true)) : json::value(nullptr);
  to["per_second"] = nullptr;
  to["seconds_left"] = nullptr;
  if (!numbers || !numbers->live) return;
  const double rate = std::round(numbers->per_second * 10) / 10;
  to["per_second"] = rate;
  if (rate > 0) to["seconds_left"] = static_cast<std::int64_t>(std::ceil(numbers->tally.pending / rate));
}

}  // namespace belay::api
