#include "sim/checker_caps.h"

#include <algorithm>

namespace belay::sim {

using namespace seen;

void CapsChecker::set(const CapsSet& e, std::size_t at) {
  caps_ = e.caps;
  std::erase_if(caps_, [](const FrequencyCap& cap) { return cap.channel && *cap.channel != Channel::push; });
  zone_ = *TimeZone::named(e.zone);
  set_at_ = at;
}

void CapsChecker::created(const Create& e, std::size_t at) {
  campaigns_[e.campaign] = {at, history_.entries[at].at, e.respects_caps, e.continues, {}};
}

void CapsChecker::made(CampaignNo campaign) {
  const CampaignSeen& c = campaigns_[campaign];
  if (c.continues == 0) return;
  std::optional<std::size_t>& settled = campaigns_[c.continues].settled;
  settled = std::min(settled.value_or(c.created), c.created);
}

std::int64_t CapsChecker::day_of(WallTime at) const {
  return zone_->local(at).day;
}

// ---- never more than the cap -----------------------------------------------------------------------

std::vector<std::string> CapsChecker::handed_over(CampaignNo campaign, Person device, WallTime wall,
                                                  std::size_t at) {
  const Person person = person_of(device);
  std::vector<Message>& all = messages_[person];
  const Micros now = history_.entries[at].at;
  const auto known = std::ranges::find(all, campaign, &Message::campaign);
  if (known != all.end()) {
    known->last = now;
    return {};
  }
  all.push_back({campaign, wall, at, now});
  std::vector<std::string> out;
  if (!campaigns_[campaign].respects_caps) return out;
  for (const FrequencyCap& cap : caps_)
    if (is_broken(cap, all, day_of(wall)))
      out.push_back(
          fmt::format("c{} p{} was handed over as one message more than {} within {} days to person {}",
                      campaign, device, cap.messages, cap.days(), person));
  return out;
}

// Whoever was admitted last of those that respect caps was admitted when the others, and what had left
// before, were known. That is certain where one of them was created under these caps: everybody who was
// admitted after it was, too.
bool CapsChecker::is_broken(const FrequencyCap& cap, const std::vector<Message>& of_person,
                            std::int64_t today) const {
  std::optional<std::size_t> created_last;
  std::vector<const Message*> within;
  for (const Message& m : of_person) {
    if (day_of(m.first) <= today - cap.days()) continue;
    within.push_back(&m);
    const CampaignSeen& c = campaigns_.at(m.campaign);
    if (c.respects_caps && c.created > set_at_) created_last = std::max(created_last.value_or(0), c.created);
  }
  if (!created_last) return false;
  const auto counts = std::ranges::count_if(within, [&](const Message* m) {
    return campaigns_.at(m->campaign).respects_caps || m->at < *created_last;
  });
  return static_cast<std::uint64_t>(counts) > cap.messages;
}

// ---- nobody is left out without a reason -------------------------------------------------------------

void CapsChecker::heard(CampaignNo campaign, Person device, std::size_t at) {
  std::vector<Message>& all = messages_[person_of(device)];
  const auto known = std::ranges::find(all, campaign, &Message::campaign);
  if (known != all.end()) known->last = history_.entries[at].at;
}

std::vector<std::string> CapsChecker::at_the_end() const {
  std::vector<std::string> out;
  if (times_asked_ != 1 || caps_.empty()) return out;
  for (const Final& f : finals_)
    for (std::size_t o = 0; o < f.people.size(); ++o) {
      const RunAccount::Recipient& r = f.people[o];
      if (r.standing != belay::Standing::skipped || r.reason != Reason::frequency_cap) continue;
      const Person person = person_of(f.who[o]);
      const auto had = [&](const FrequencyCap& cap) { return may_have_had(cap, f, person) >= cap.messages; };
      if (std::ranges::none_of(caps_, had))
        out.push_back(
            fmt::format("c{} p{} was left out, though person {} cannot have had as many messages as the "
                        "caps allow",
                        f.campaign, f.who[o], person));
    }
  return out;
}

// Of all campaigns, how many messages may have counted when that one left the person out.
unsigned CapsChecker::may_have_had(const FrequencyCap& cap, const Final& left_out_of, Person person) const {
  const auto asking = campaigns_.find(left_out_of.campaign);
  const std::int64_t first =
      asking == campaigns_.end() ? 0 : day_of(history_.begins + asking->second.at) - cap.days() + 1;
  const std::size_t created = asking == campaigns_.end() ? 0 : asking->second.created;
  unsigned had = 0;
  for (const Final& f : finals_) {
    // One that went on by itself knows that another device is the same message.
    if (f.campaign == left_out_of.campaign && !forgetful(f.campaign)) continue;
    const Counted c = counted(f, person, created);
    if (c.until == WallTime::max() || (c.messages > 0 && day_of(c.until) >= first)) had += c.messages;
  }
  return had;
}

bool CapsChecker::settled(CampaignNo campaign, std::size_t before) const {
  const auto c = campaigns_.find(campaign);
  return c != campaigns_.end() && c->second.settled && *c->second.settled <= before;
}

CapsChecker::Counted CapsChecker::counted(const Final& of, Person person, std::size_t before) const {
  const bool over = settled(of.campaign, before);
  unsigned devices = 0;
  bool left = true;  // all of them, and are known to have
  for (std::size_t o = 0; o < of.people.size(); ++o) {
    const RunAccount::Recipient& r = of.people[o];
    // Who was left out at the first attempt was never counted; at a later one, the first may have been. Who
    // was withheld counts until the stop is settled.
    const bool never = r.standing == belay::Standing::skipped && r.attempts <= 1;
    const bool not_now = r.standing == belay::Standing::withheld && over;
    if (person_of(of.who[o]) != person || never || not_now) continue;
    ++devices;
    const bool told = r.standing == belay::Standing::accepted || r.standing == belay::Standing::failed;
    left = left && told && r.handed_over;
  }
  if (devices == 0) return {};
  Counted c{forgetful(of.campaign) ? devices : 1, WallTime::max()};
  const auto all = messages_.find(person);
  if (!left || all == messages_.end()) return c;
  const auto message = std::ranges::find(all->second, of.campaign, &Message::campaign);
  if (message != all->second.end()) c.until = history_.begins + written(message->last);
  return c;
}

// After a restart, a pause, or when caps are set, it is not known any more which devices have been sent to:
// the next one of the same person counts as another message.
bool CapsChecker::forgetful(CampaignNo campaign) const {
  const auto c = campaigns_.find(campaign);
  return died_ || interrupted_.contains(campaign) || c == campaigns_.end() || c->second.created < set_at_;
}

// When at the latest what was heard at `heard` is in the journal; threads are late by seconds, unless all
// sleep.
Micros CapsChecker::written(Micros heard) const {
  Micros latest = heard + Seconds{30};
  for (const Entry& e : history_.entries) {
    const auto* sleep = std::get_if<Paused>(&e.event);
    if (sleep != nullptr && e.at >= heard && e.at - sleep->length <= latest) latest += sleep->length;
  }
  return latest;
}

}  // namespace belay::sim
