// Campaigns as a page of a list shows them: filtered, sorted, counted. Plain values of the Store port.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/stop.h"

namespace belay::store {

enum class CampaignSort : std::uint8_t { newest, name, due, state };

// Where a page ended: a campaign, and what it was sorted by then.
struct CampaignPlace {
  CampaignId id;
  std::int64_t key = 0;  // due: microseconds; state: its place in state_table; else 0
};

struct CampaignSearch {
  AccountId account;           // none: every account (operator)
  std::vector<State> states;   // empty: any
  std::optional<Channel> channel;
  std::string label;           // "" any
  CampaignId series;           // only the runs of this recurring campaign; none: any
  bool awaiting_next_run = false;  // only recurring ones between two of their runs
  std::string text;            // a part of the name (a-z in any case) or of the id's digits; "" any
  CampaignSort sort = CampaignSort::newest;
  bool descending = true;      // of one state always the newest first
  std::optional<CampaignPlace> after;
  std::uint32_t limit = 50;
  std::uint32_t count_to = 0;  // counts what matches, up to so many; 0: doesn't count
};

struct ListedCampaign {
  Campaign campaign;
  std::optional<StopId> stop;      // of a stopped one: the stop that ended it
  std::optional<Receipt> numbers;  // its receipt, or what keep_numbers() kept
};

struct CampaignPage {
  std::vector<ListedCampaign> rows;
  bool more = false;
  std::uint32_t count = 0;  // at most count_to
};

// What a list needs to know again and again.
struct CampaignFacts {
  CampaignId id;
  AccountId account;
  State state = State::scheduled;
  Epoch epoch;
};

}  // namespace belay::store
