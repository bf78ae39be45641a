#include "dispatch/recover.h"

namespace belay::dispatch {

store::Result<Recovered> recover(store::JournalSession& journal, const store::Run& run, bool stopped) {
  RunAccount account(run.audience);
  for (const store::Slice& slice : run.slices) account.admit(slice.begin, slice.cursor);
  bool whole = true;
  TRY(journal.blocks(run.id, [&](std::string_view block) { whole = account.add_block(block) && whole; }));
  if (!whole)
    return fail(store::Code::damaged,
                fmt::format("the journal of campaign {} can't be understood", run.campaign));
  TRY_ASSIGN(const store::Progress progress, journal.progress(run.id));

  Recovered r;
  r.unanswered = account.unanswered(stopped);
  for (const JournalEntry& e : r.unanswered) account.add(e);
  r.tally = account.tally(stopped);
  // A crash may have lost the count of the last attempts; whoever counts as reached had at least one.
  r.tally.attempts = std::max<std::uint64_t>(progress.attempts, r.tally.handed_over);
  r.span = progress.span;
  if (!stopped) {
    r.waiting = account.waiting();
    for (const auto& w : r.waiting) r.deferred += w.handed_over ? 1 : 0;
  }
  return r;
}

}  // namespace belay::dispatch
