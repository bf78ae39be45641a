#include "api/effects.h"

#include <cmath>
#include <tuple>
#include <unordered_map>

#include "api/native/run_reading.h"
#include "campaign/triggered.h"

namespace belay::api {
namespace {

constexpr std::uint32_t people_a_step = 10'000;

std::vector<store::EngagedScope> scopes_of(const Campaign& campaign, const std::vector<CampaignId>& runs,
                                           const TimeZone& zone) {
  std::vector<store::EngagedScope> scopes{{campaign.id, std::nullopt}};
  for (const CampaignId run : runs)
    if (run != campaign.id) scopes.push_back({run, std::nullopt});
  // SDKs know a run of a series by the series and the day.
  if (campaign.series)
    scopes.push_back({campaign.series, static_cast<std::int32_t>(zone.day_stamp(campaign.due))});
  return scopes;
}

}  // namespace

// One run's messages: when each was accepted, and then for whom.
struct EffectsReader::Reading {
  store::Run run;
  store::AudienceSet audience;
  std::vector<std::uint32_t> seconds;  // by ordinal; 0: not accepted
  Ordinal next = 0;
};

std::string number_text(double sum) {
  const double rounded = std::round(sum * 1e6) / 1e6;
  constexpr double exact = 9'007'199'254'740'992;  // 2^53
  if (rounded == std::floor(rounded) && std::abs(rounded) < exact)
    return fmt::format("{}", static_cast<std::int64_t>(rounded));
  return fmt::format("{}", rounded);
}

json::value sum_json(double sum) {
  const auto text = number_text(sum);
  auto value = parse_json(text);
  return value ? std::move(*value) : json::value(sum);
}

EffectsReader::EffectsReader(Services& services, const Campaign& campaign, TimeZone zone,
                             std::uint32_t accepted, bool wants_days)
    : services_(services),
      campaign_(campaign),
      zone_(std::move(zone)),
      accepted_(accepted),
      wants_days_(wants_days) {}
EffectsReader::~EffectsReader() = default;
EffectsReader::EffectsReader(EffectsReader&&) noexcept = default;

store::Result<void> EffectsReader::find_runs(Worker& worker) {
  runs_.clear();
  if (!campaign_.definition.recurrence && !is_triggered(campaign_)) {
    runs_.push_back(campaign_.id);
    return {};
  }
  store::CampaignFilter filter;
  filter.account = campaign_.account;
  filter.series = campaign_.id;
  for (;;) {
    TRY_ASSIGN(const auto found, worker.control->campaigns(filter));
    for (const Campaign& run : found) runs_.push_back(run.id);
    if (found.size() < filter.limit) return {};
    filter.before = found.back().id;
  }
}

store::Result<void> EffectsReader::read_engaged(Worker& worker) {
  store::PeopleSession& people = store::people_of(*worker.profiles);
  const auto scopes = scopes_of(campaign_, runs_, zone_);
  for (const auto& [how, count, by_day] :
       {std::tuple{Engagement::viewed, &effects_.viewed, &DayEffects::viewed},
        {Engagement::clicked, &effects_.clicked, &DayEffects::clicked}}) {
    std::unordered_map<std::uint32_t, WallTime> first;  // of each person
    TRY(people.engaged(campaign_.account, how, scopes, [&](ProfileId profile, WallTime at) {
      const auto [known, fresh] = first.try_emplace(static_cast<std::uint32_t>(profile.value), at);
      if (!fresh) known->second = std::min(known->second, at);
    }));
    *count = first.size();
    if (!wants_days_) continue;
    for (const auto& [profile, at] : first) ++(effects_.days[zone_.day_stamp(at)].*by_day);
  }
  return {};
}

// True if there is nothing to count.
store::Result<bool> EffectsReader::begin_goal(Worker& worker) {
  if (campaign_.definition.conversion_goal.empty()) return true;
  auto goal = audience::ConversionGoal::parse_stored(campaign_.definition.conversion_goal);
  if (!goal) return fail(store::Code::damaged, goal.error());
  TRY_ASSIGN(last_event_, store::people_of(*worker.profiles).last_event(campaign_.account));
  const WallTime now = services_.clock.wall();
  if (const auto known = services_.conversions->find(campaign_.id, last_event_, accepted_, now)) {
    effects_.converted = {known->people, known->revenue};
    return true;
  }
  if (accepted_ > most_messages) return true;
  goal_ = std::move(*goal);
  return false;
}

store::Result<void> EffectsReader::read_run(Worker& worker) {
  TRY_ASSIGN(auto run, worker.journal->run_of(runs_.back()));
  if (!run) {
    runs_.pop_back();
    return {};
  }
  TRY_ASSIGN(auto audience, worker.journal->audience(run->id));
  auto reading = std::make_unique<Reading>(
      Reading{std::move(*run), std::move(audience), std::vector<std::uint32_t>(), 0});
  reading->seconds.resize(reading->run.audience);
  std::vector<JournalEntry> entries;
  TRY(worker.journal->blocks(reading->run.id, [&](std::string_view block, WallTime at) {
    entries.clear();
    unpack(block, entries);
    // A block that does not say was written by an older version: after the run was planned.
    const auto second = static_cast<std::uint32_t>(to_epoch_seconds(std::max(at, reading->run.planned)));
    for (const JournalEntry& entry : entries) {
      if (entry.entry != Entry::accepted || entry.ordinal >= reading->seconds.size()) continue;
      std::uint32_t& kept = reading->seconds[entry.ordinal];
      kept = kept == 0 ? second : std::min(kept, second);  // a stop may have written it down again
    }
  }));
  if (wants_days_) count_days(reading->seconds);
  if (!goal_) {
    runs_.pop_back();
    return {};
  }
  reading_ = std::move(reading);
  return {};
}

// A minute is on one local day.
void EffectsReader::count_days(const std::vector<std::uint32_t>& seconds) {
  std::unordered_map<std::uint32_t, std::uint32_t> minutes;
  for (const std::uint32_t second : seconds)
    if (second != 0) ++minutes[second / 60];
  for (const auto& [minute, count] : minutes)
    effects_.days[zone_.day_stamp(wall_from_micros(std::int64_t{minute} * 60'000'000))].sent += count;
}

// Whom the next so many messages of the run were for.
store::Result<void> EffectsReader::read_people(Worker& worker) {
  std::vector<RecipientId> ids, accepted;
  std::vector<std::uint32_t> seconds;
  reading_->audience.range(reading_->next, people_a_step, ids);
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (const std::uint32_t second = reading_->seconds[reading_->next + i]; second != 0) {
      accepted.push_back(ids[i]);
      seconds.push_back(second);
    }
  std::vector<audience::HandedTo> found;
  std::size_t at = 0;
  TRY(read_recipients(*worker.profiles, campaign_.account, reading_->run.kind, accepted,
                            [&](const store::RecipientRow& row) {
                              if (row.found)
                                found.push_back({static_cast<std::uint32_t>(row.profile.value), seconds[at]});
                              ++at;
                            }));
  messages_.insert(messages_.end(), found.begin(), found.end());
  reading_->next += people_a_step;
  if (reading_->next < reading_->run.audience) return {};
  reading_.reset();
  runs_.pop_back();
  return {};
}

store::Result<bool> EffectsReader::step(Worker& worker) {
  if (stage_ == Stage::begin) {
    TRY(find_runs(worker));
    TRY(read_engaged(worker));
    TRY_ASSIGN(const bool nothing, begin_goal(worker));
    stage_ = nothing && !wants_days_ ? Stage::done : Stage::runs;
  } else if (stage_ == Stage::runs) {
    if (runs_.empty() || messages_.size() > most_messages) {
      if (goal_ && messages_.size() <= most_messages)
        conversions_.emplace(std::move(*goal_), campaign_.account, zone_, std::move(messages_));
      stage_ = conversions_ ? Stage::events : Stage::done;
    } else if (reading_) {
      TRY(read_people(worker));
    } else {
      TRY(read_run(worker));
    }
  } else if (stage_ == Stage::events) {
    TRY_ASSIGN(const bool done, conversions_->step(*worker.profiles));
    if (!done) return false;
    effects_.converted = {conversions_->people(), conversions_->revenue()};
    services_.conversions->keep(campaign_.id, {last_event_, accepted_, effects_.converted->people,
                                               effects_.converted->revenue, services_.clock.wall()});
    stage_ = Stage::done;
  }
  return stage_ == Stage::done;
}

}  // namespace belay::api
