// Decides from what left, and to whom, whether an account's frequency caps were kept. Pure; part of the
// checker, which tells it what it reads. Only of histories in which no clock is set or drifts: caps go by
// days.
//
// A message is one campaign to one person, on the day of its first hand-over, to however many devices. No
// window of a cap may have more of them than the cap allows, counted of the campaigns that respect caps;
// those of the others count when they had left before.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "campaign/schedule.h"
#include "sim/history.h"

namespace belay::sim {

class CapsChecker {
 public:
  explicit CapsChecker(const seen::History& history) : history_(history) {}

  // `at`: where in the history.
  void asked() {
    ++times_asked_;
    caps_.clear();
  }
  void set(const seen::CapsSet& e, std::size_t at);
  void created(const seen::Create& e, std::size_t at);
  void made(seen::CampaignNo campaign);
  void interrupted(seen::CampaignNo campaign) { interrupted_.insert(campaign); }  // paused or resumed
  void died() { died_ = true; }
  void heard(seen::CampaignNo campaign, seen::Person device, std::size_t at);
  void ended(const seen::Final& e) { finals_.push_back(e); }

  // Each in words; empty: nothing is wrong.
  std::vector<std::string> handed_over(seen::CampaignNo campaign, seen::Person device, WallTime wall,
                                       std::size_t at);
  // Who was left out although they had had fewer messages.
  std::vector<std::string> at_the_end() const;

 private:
  struct CampaignSeen {
    std::size_t created = 0;
    Micros at{0};
    bool respects_caps = true;
    seen::CampaignNo continues = 0;
    std::optional<std::size_t> settled;  // another continues it that was created here: it is over and settled
  };
  struct Message {
    seen::CampaignNo campaign;
    WallTime first;
    std::size_t at;
    Micros last;  // what was heard of it: when
  };
  // What may have been counted of a campaign for a person, and until when at the latest.
  struct Counted {
    unsigned messages = 0;
    WallTime until{};
  };
  seen::Person person_of(seen::Person device) const {
    return device < history_.persons.size() ? history_.persons[device] : device;
  }
  std::int64_t day_of(WallTime at) const;
  bool is_broken(const FrequencyCap& cap, const std::vector<Message>& of_person, std::int64_t today) const;
  Counted counted(const seen::Final& of, seen::Person person, std::size_t before) const;
  bool settled(seen::CampaignNo campaign, std::size_t before) const;
  unsigned may_have_had(const FrequencyCap& cap, const seen::Final& left_out_of, seen::Person person) const;
  bool forgetful(seen::CampaignNo campaign) const;
  Micros written(Micros heard) const;

  const seen::History& history_;
  std::map<seen::CampaignNo, CampaignSeen> campaigns_;
  std::map<seen::Person, std::vector<Message>> messages_;  // by person, as they left
  std::vector<FrequencyCap> caps_;                         // in force; none while it is not certain which
  std::optional<TimeZone> zone_;
  std::size_t set_at_ = 0;
  unsigned times_asked_ = 0;
  std::set<seen::CampaignNo> interrupted_;
  bool died_ = false;
  std::vector<seen::Final> finals_;
};

}  // namespace belay::sim
