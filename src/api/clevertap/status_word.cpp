#include "api/clevertap/status_word.h"

#include "campaign/state.h"

namespace belay::api::clevertap {
namespace {

store::Result<bool> runs_now(store::ControlSession& control, const Campaign& campaign) {
  if (!campaign.definition.recurrence) return false;
  TRY_ASSIGN(const auto runs, control.unfinished_runs(campaign.id));
  return !runs.empty();
}

}  // namespace

store::Result<std::string_view> list_word(store::ControlSession& control, const Campaign& campaign) {
  TRY_ASSIGN(const bool running, runs_now(control, campaign));
  if (running && campaign.state != State::stopped) return row_of(State::running).list_word;
  const bool to_come =
      campaign.state == State::paused && (!campaign.started || campaign.definition.recurrence.has_value());
  return row_of(to_come ? State::scheduled : campaign.state).list_word;
}

}  // namespace belay::api::clevertap
