// What came of a campaign's messages: who viewed and clicked them, as events tell it, and who did afterwards
// what the campaign was for (conversion_goal). Of a series or a trigger: over all its runs. Waits for the
// store, a bounded chunk of work at a time; on a worker only.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/services.h"
#include "audience/conversions.h"
#include "base/json.h"
#include "campaign/schedule.h"

namespace belay::api {

struct Converted {
  std::uint64_t people = 0;  // each once
  double revenue = 0;
};

// What of it fell on one local day: messages that were accepted, people who did it for the first time.
struct DayEffects {
  std::uint64_t sent = 0, viewed = 0, clicked = 0;
};

struct Effects {
  std::uint64_t viewed = 0, clicked = 0;    // people, each once
  std::map<std::int64_t, DayEffects> days;  // by yyyymmdd, where they are wanted
  std::optional<Converted> converted;       // none: it has no goal, or more messages than can be counted
};

// A sum as people write it: 12, 12.5; to the millionth.
std::string number_text(double sum);
json::value sum_json(double sum);

class EffectsReader {
 public:
  static constexpr std::size_t most_messages = 10'000'000;  // of a campaign with a goal: 80 MB

  // `accepted`: how many of its messages have been, by its numbers.
  EffectsReader(Services& services, const Campaign& campaign, TimeZone zone, std::uint32_t accepted,
                bool wants_days = false);
  ~EffectsReader();
  EffectsReader(EffectsReader&&) noexcept;

  // True once everything is counted. After an error the same step may be tried again.
  store::Result<bool> step(Worker& worker);
  const Effects& effects() const { return effects_; }  // after that

 private:
  struct Reading;  // of one run

  store::Result<void> find_runs(Worker& worker);
  store::Result<void> read_engaged(Worker& worker);
  store::Result<bool> begin_goal(Worker& worker);
  store::Result<void> read_run(Worker& worker);
  store::Result<void> read_people(Worker& worker);
  void count_days(const std::vector<std::uint32_t>& seconds);

  Services& services_;
  Campaign campaign_;
  TimeZone zone_;
  std::uint32_t accepted_;
  bool wants_days_;
  Effects effects_;
  enum class Stage { begin, runs, events, done } stage_ = Stage::begin;
  std::vector<CampaignId>
      runs_;  // whose messages are still to be read; the campaign itself, if it is no series
  std::int64_t last_event_ = 0;
  std::optional<audience::ConversionGoal> goal_;
  std::vector<audience::HandedTo> messages_;
  std::unique_ptr<Reading> reading_;
  std::optional<audience::Conversions> conversions_;
};

}  // namespace belay::api
