// Of a run in the runner's hands: whom of those who are admitted it leaves out. Plain state; only the runner
// touches it.
#pragma once
#include <string>
#include <unordered_map>

#include "campaign/campaign.h"
#include "dispatch/frequency_book.h"

namespace belay::dispatch {

struct RunReach {
  std::uint32_t control_percent = 0;
  std::string
      control_group;  // whose lots are drawn: the same for all runs of a series and what continues them
  bool system_control_group = false;
  bool respects_caps = true;
  bool several_devices = false;  // of one person may be among its recipients

  // Who was sent to a loop, has no outcome yet and is counted in the account's book; at most as many as a run
  // may have admitted without outcome.
  struct Held {
    ProfileId person;
    std::int64_t day = 0;  // counted on; 0: another device of the same person is
  };
  std::unordered_map<Ordinal, Held> held;
  PersonCounts devices;  // of people, that have been sent to; only where there may be several of one

  RunReach() = default;
  explicit RunReach(const Campaign& campaign)
      : system_control_group(campaign.definition.system_control_group),
        respects_caps(campaign.definition.respect_frequency_caps),
        several_devices(campaign.definition.send_to_all_devices) {
    if (!campaign.definition.control_group) return;
    const ControlGroup& group = *campaign.definition.control_group;
    const CampaignId own = campaign.series ? campaign.series : campaign.id;
    control_percent = group.percent;
    control_group = fmt::format("campaign-{}", group.drawn_for ? group.drawn_for : own);
  }
};

}  // namespace belay::dispatch
