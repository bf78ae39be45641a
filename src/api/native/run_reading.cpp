#include "api/native/run_reading.h"

#include "campaign/triggered.h"

namespace belay::api {

store::Result<std::optional<RunReading>> read_run(store::JournalSession& journal, CampaignId campaign) {
  TRY_ASSIGN(std::optional<store::Run> run, journal.run_of(campaign));
  if (!run) return std::nullopt;
  RunReading reading{std::move(*run), RunAccount(0)};
  reading.account = RunAccount(reading.run.audience);
  for (const store::Slice& s : reading.run.slices) reading.account.admit(s.begin, s.cursor);
  bool whole = true;
  TRY(journal.blocks(reading.run.id, [&](std::string_view block, WallTime) {
    whole = reading.account.add_block(block) && whole;
  }));
  if (!whole)
    return fail(store::Code::damaged, fmt::format("The journal of campaign {} is damaged", campaign));
  return reading;
}

namespace {

// Counts are of this instant; first and last hand-over are as of the last commit, a moment ago.
store::Result<CampaignNumbers> live_numbers(Worker& worker, CampaignId campaign,
                                            const dispatch::LiveRun& live) {
  CampaignNumbers numbers{live.tally, live.span, true};
  TRY_ASSIGN(const std::optional<store::Run> run, worker.journal->run_of(campaign));
  if (!run) return numbers;
  TRY_ASSIGN(const store::Progress progress, worker.journal->progress(run->id));
  numbers.span.merge(progress.span);
  return numbers;
}

// Adding up a series may read the journals of this many recipients, about a second of work.
constexpr std::uint64_t most_recipients_of_a_series = 40'000'000;

}  // namespace

// Ordinals of different runs do not compare: the span is left to the runs.
static store::Result<CampaignNumbers> numbers_of_series(const Services& services, Worker& worker,
                                                        const Campaign& series) {
  CampaignNumbers sum;
  StopRecord numbers;
  std::uint64_t read = 0;
  store::CampaignFilter filter;
  filter.series = series.id;
  for (;;) {
    TRY_ASSIGN(const auto runs, worker.control->campaigns(filter));
    for (const Campaign& run : runs) {
      TRY_ASSIGN(const CampaignNumbers each, numbers_of(services, worker, run));
      sum.planned = sum.planned || each.planned;
      read += each.tally.audience;
      numbers.receipts.emplace_back().tally = each.tally;
    }
    if (read > most_recipients_of_a_series)
      return fail(
          store::Code::conflict,
          fmt::format("Campaign {} has had too many recipients to add them up: ask for its runs, one by "
                      "one",
                      series.id));
    if (runs.size() < filter.limit) break;
    filter.before = runs.back().id;
  }
  sum.tally = numbers.total();
  return sum;
}

store::Result<CampaignNumbers> numbers_of(const Services& services, Worker& worker,
                                          const Campaign& campaign) {
  if (campaign.definition.recurrence || is_triggered(campaign)) return numbers_of_series(services, worker, campaign);
  if (services.engine != nullptr)
    if (auto live = services.engine->live(campaign.id)) return live_numbers(worker, campaign.id, *live);
  TRY_ASSIGN(const std::optional<RunReading> reading, read_run(*worker.journal, campaign.id));
  CampaignNumbers numbers;
  if (!reading) return numbers;
  TRY_ASSIGN(const store::Progress progress, worker.journal->progress(reading->run.id));
  numbers.tally = reading->account.tally(is_final(campaign.state));
  numbers.tally.attempts = progress.attempts;
  numbers.span = progress.span;
  numbers.planned = true;
  return numbers;
}

std::shared_ptr<void> ExportSlots::take(const std::shared_ptr<ExportSlots>& slots) {
  if (slots->free_.fetch_sub(1) <= 0) {
    ++slots->free_;
    return nullptr;
  }
  return {slots.get(), [slots](void*) { ++slots->free_; }};
}

store::Result<void> read_recipients(store::ProfileSession& profiles, AccountId account, RecipientKind kind,
                                    std::span<const RecipientId> ids,
                                    const std::function<void(const store::RecipientRow&)>& visit) {
  while (!ids.empty()) {
    const auto end = std::ranges::adjacent_find(ids, std::greater_equal());
    const auto count = end == ids.end() ? ids.size() : static_cast<std::size_t>(end - ids.begin()) + 1;
    TRY(profiles.read(account, kind, ids.first(count), visit));
    ids = ids.subspan(count);
  }
  return {};
}

}  // namespace belay::api
