// Who did, after a message, what its campaign was for: counted from the events that are there, a bounded
// chunk at a time. One thread; step() blocks on the store. Memory: 8 bytes a message, and 2 a person who
// converted.
#pragma once
#include <cstdint>
#include <vector>

#include "audience/conversion_goal.h"
#include "store/audience_set.h"
#include "store/people.h"

namespace belay::audience {

// A message that was accepted: for whom, and in which second since 1970.
struct HandedTo {
  std::uint32_t profile = 0, second = 0;
  friend auto operator<=>(const HandedTo&, const HandedTo&) = default;
};

class Conversions {
 public:
  // Up to so many people are asked for one by one; above that everybody's events are gone through.
  static constexpr std::size_t most_one_by_one = 20'000;

  Conversions(ConversionGoal goal, AccountId account, TimeZone zone, std::vector<HandedTo> messages);

  // True once all is counted. After an error the same step may be tried again.
  store::Result<bool> step(store::ProfileSession& session);

  std::uint32_t people() const { return converted_.size(); }  // each once
  double revenue() const { return revenue_; }                 // over all events that count

 private:
  struct Event {
    ProfileId profile;
    WallTime at;
    std::string properties;
  };
  bool follows_a_message(ProfileId profile, WallTime at) const;
  void see(const store::EventRow& row);
  store::Result<void> count_seen(store::PeopleSession& people);
  store::Result<bool> step_person(store::PeopleSession& people);
  store::Result<bool> step_events(store::PeopleSession& people);

  ConversionGoal goal_;
  AccountId account_;
  TimeZone zone_;
  std::vector<HandedTo> messages_;  // in order
  bool one_by_one_;
  std::size_t next_ = 0;     // one by one: the message whose person comes next
  store::EventScan scan_;    // else
  std::vector<Event> seen_;  // of this step: looked at when the store has been let go
  store::AudienceSet converted_;
  double revenue_ = 0;
};

}  // namespace belay::audience
