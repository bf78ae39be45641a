// What stops a campaign without anybody watching it: limits that its owner, or its account, has set.
// Pure values, and the judge of the rates. Limits of admission (canary, ramp, the caps) are numbers that
// are never passed; rates are judged on outcomes that are durable, so a few messages more than the
// sample have left when they trip. One thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "campaign/outcome.h"

namespace belay {

// Every rule that can stop, by its key in JSON and its label in the metrics.
enum class Rule : std::uint8_t {
  error_rate,
  in_doubt_rate,
  max_hand_overs_per_minute,
  expect_audience_max,
  cut_off,
  max_per_run,
  max_total,
};
inline constexpr std::array<std::string_view, 7> rule_names{
    "error_rate",  "in_doubt_rate", "max_hand_overs_per_minute", "expect_audience_max", "cut_off",
    "max_per_run", "max_total"};
constexpr std::string_view name_of(Rule rule) {
  return rule_names[static_cast<std::size_t>(rule)];
}

struct Breach {
  Rule rule;
  std::string reason;  // the stop's reason, for people
};

// Stops when more than `percent` of at least `min_sample` verdicts are bad.
struct RateRule {
  double percent = 0;
  std::uint32_t min_sample = 0;
  friend bool operator==(const RateRule&, const RateRule&) = default;
};

// The pace begins at `start_per_second` and doubles every `double_every`, until the provider's own pace or
// nothing limits it.
struct Ramp {
  std::uint32_t start_per_second = 1;
  Seconds double_every{60};
  // 0: as fast as it goes.
  std::uint32_t per_second(Micros since_start) const;
  friend bool operator==(const Ramp&, const Ramp&) = default;
};

struct Guardrails {
  std::optional<RateRule> error_rate, in_doubt_rate;
  std::optional<std::uint32_t> max_hand_overs_per_minute;  // further attempts count, too
  std::optional<std::uint32_t> expect_audience_max;        // a larger one is not sent to at all
  std::optional<std::uint32_t> canary;                     // so many recipients, then it holds
  std::optional<Ramp> ramp;
  std::optional<WallTime> cut_off;           // nothing leaves after this
  std::optional<std::uint32_t> max_per_run;  // recipients
  std::optional<std::uint32_t> max_per_day;  // recipients; a pace: goes on the next day
  std::optional<std::uint32_t> max_total;    // messages, further attempts included
  bool empty() const { return *this == Guardrails{}; }
  friend bool operator==(const Guardrails&, const Guardrails&) = default;
};

// Watches one run, or everything that one account sends.
class GuardrailWatch {
 public:
  explicit GuardrailWatch(Guardrails rules) { set_rules(std::move(rules)); }
  void set_rules(Guardrails rules);
  const Guardrails& rules() const { return rules_; }

  // Verdicts from before this server's time. What a crash left in doubt says nothing of the provider.
  void begin_with(std::uint32_t accepted, std::uint32_t failed);
  // An outcome that is durable. Skipped recipients and attempts that will be repeated don't count.
  void count(const JournalEntry& entry);
  // The rate that is too high: of the run so far, or of the last verdicts (1,000, or the sample if that is
  // larger).
  std::optional<Breach> judge() const;
  void forget_verdicts();

  // How many of `wanted` messages may be let through within this minute; they are counted as let
  // through. Exact to a second.
  std::uint32_t take(std::uint32_t wanted, SteadyTime now);
  void give_back(std::uint32_t n);
  Breach too_many() const;

 private:
  enum class Verdict : std::uint8_t { good, failed, in_doubt };
  struct Counts {
    std::uint64_t all = 0, failed = 0, in_doubt = 0;
    void add(Verdict v, std::int64_t n);
  };
  static constexpr std::size_t seconds = 60;
  void forget_old_seconds(SteadyTime now);
  static std::optional<Breach> over(Rule rule, const RateRule& limit, std::uint64_t bad, std::uint64_t all,
                                    std::string_view of_what);

  Guardrails rules_;
  Counts whole_, last_;
  std::vector<Verdict> ring_;  // the last verdicts; `next_` is the oldest once it is full
  std::size_t next_ = 0, filled_ = 0;
  std::array<std::uint32_t, seconds> let_through_{};
  std::int64_t second_ = 0;
};

}  // namespace belay
