// What a scope covers: the one place that says so, for campaigns in a store and in memory. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "campaign/campaign.h"
#include "campaign/stop.h"

namespace belay::store {

// What of a campaign a scope can name. Views: no longer than what they were made from.
struct ScopeFacts {
  CampaignId campaign;
  AccountId account;
  Channel channel = Channel::push;
  std::string_view provider;  // nick name; "" for none
  std::span<const std::string> labels;
  CampaignId series{};  // of a run of a series: that series
};

// A scope of one campaign covers, where that is a series, every run of it.
bool covers(const Scope& scope, const ScopeFacts& facts);

// "campaign 1457432766", "label \"onboarding\"", "everything": for texts that people read.
std::string describe(const Scope& scope);

std::string_view name_of(Scope::Kind kind);
std::optional<Scope::Kind> scope_kind_named(std::string_view name);

}  // namespace belay::store
