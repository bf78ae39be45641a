#include "dispatch/recover.h"

namespace belay::dispatch {

store::Result<RunAccount> fold(store::JournalSession& journal, const store::Run& run) {
  RunAccount account(run.audience);
  for (const store::Slice& slice : run.slices) account.admit(slice.begin, slice.cursor);
  bool whole = true;
  TRY(journal.blocks(run.id,
                     [&](std::string_view block, WallTime) { whole = account.add_block(block) && whole; }));
  if (!whole)
    return fail(store::Code::damaged,
                fmt::format("the journal of campaign {} can't be understood", run.campaign));
  return account;
}

store::Result<Recovered> recover(store::JournalSession& journal, const store::Run& run, State state) {
  const bool over = is_final(state);
  TRY_ASSIGN(RunAccount account, fold(journal, run));
  TRY_ASSIGN(const store::Progress progress, journal.progress(run.id));

  Recovered r;
  r.unanswered = account.unanswered(over || state == State::paused);
  if (state == State::paused) {
    const auto unsent = account.unsent();
    r.unanswered.insert(r.unanswered.end(), unsent.begin(), unsent.end());
  }
  for (const JournalEntry& e : r.unanswered) account.add(e);
  r.tally = account.tally(over);
  // A crash may have lost the count of the last attempts; whoever counts as reached had at least one.
  r.tally.attempts = std::max<std::uint64_t>(progress.attempts, r.tally.handed_over);
  r.span = progress.span;
  if (!over) {
    r.waiting = account.waiting();
    for (const auto& w : r.waiting) r.deferred += w.handed_over ? 1 : 0;
  }
  return r;
}

store::Result<PausedRest> rest_of(store::JournalSession& journal, CampaignId campaign) {
  TRY_ASSIGN(const std::optional<store::Run> run, journal.run_of(campaign));
  if (!run) return PausedRest{};
  TRY_ASSIGN(const Recovered past, recover(journal, *run, State::paused));
  return PausedRest{run->id, past.unanswered.empty() ? "" : pack(past.unanswered)};
}

}  // namespace belay::dispatch
