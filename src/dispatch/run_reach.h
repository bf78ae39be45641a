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

  // Who was sent to a loop and has no outcome yet, and their messages: one a person, counted in the account's
  // book. At most as many as a run may have admitted without outcome.
  struct Message {
    std::int64_t day = 0;       // counted on
    std::uint32_t devices = 0;  // at the loops
    bool left = false;          // to one device at least: it stays counted
  };
  std::unordered_map<Ordinal, ProfileId> held;
  std::unordered_map<ProfileId, Message> messages;
  Roaring had_it;  // people: another device is the same message. Only where there may be several of one

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
