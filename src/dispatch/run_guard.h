// Guardrails in the runner's hands: what it keeps of a run and of an account to apply them. Plain state;
// only the runner touches it.
#pragma once
#include <memory>
#include <optional>

#include "base/executor.h"
#include "campaign/guardrails.h"
#include "campaign/reach.h"
#include "campaign/schedule.h"
#include "dispatch/frequency_book.h"
#include "dispatch/pacing.h"
#include "dispatch/past_messages.h"

namespace belay::dispatch {

// A loop stops handing over this long before a cut-off, so that what is in a connection's buffer then is
// taken back in time.
inline constexpr Micros cut_off_margin = Millis{100};

struct DayCount {
  std::int64_t day = 0;  // yyyymmdd in the account's zone
  std::uint32_t admitted = 0;
  void roll_to(std::int64_t today) {
    if (day != today) *this = {today, 0};
  }
};

struct RunGuard {
  GuardrailWatch watch{Guardrails{}};
  bool canary_released = false;
  std::uint64_t permitted = 0;  // messages let through, further attempts included
  Pace ramp{0};
  SteadyTime ramp_began{};
  DayCount today;
  bool breached = false;  // a guardrail has spoken: nobody more is admitted
  bool asked = false;     // for the stop, or for the pause of a canary
};

struct AccountGuard {
  explicit AccountGuard(TimeZone z) : zone(std::move(z)) {}
  TimeZone zone;
  GuardrailWatch watch{Guardrails{}};
  DayCount today;
  bool asked = false;
  std::string key;   // the account's public name
  ReachRules reach;  // who gets its messages
  // While it has frequency caps: who has had how many messages; and until they are all counted, what counts
  // them. Nobody is admitted before that.
  std::unique_ptr<FrequencyBook> book;
  std::unique_ptr<PastMessages> counting;
  bool counting_waits = false;                               // for what is at the loops
  std::unique_ptr<Executor::Timer> count_later, read_later;  // the store is in trouble
};

}  // namespace belay::dispatch
