// A frozen set of recipients, sorted by the time zone that each one's profile names: a bounded chunk at a
// time. One thread; step() blocks on the store. Whoever names no zone that there is belongs to the account's.
#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/time_zone.h"
#include "store/store.h"

namespace belay::audience {

struct ZonePart {
  TimeZone zone;
  store::AudienceSet people;
};

class ZoneSort {
 public:
  ZoneSort(AccountId account, RecipientKind kind, store::AudienceSet recipients, TimeZone account_zone);

  // True once everybody has been looked at. After an error the same step may be tried again.
  store::Result<bool> step(store::ProfileSession& session);
  std::vector<ZonePart> take();  // once, after step() said true; by name. Each recipient is in one part

 private:
  store::AudienceSet& part_of(std::string_view properties);
  store::AudienceSet& part_named(std::string_view text);

  AccountId account_;
  RecipientKind kind_;
  store::AudienceSet recipients_;
  TimeZone account_zone_;
  std::map<std::string, ZonePart, std::less<>> parts_;          // by the zone's name
  std::unordered_map<std::string, store::AudienceSet*> known_;  // by what profiles say; bounded
  Ordinal next_ = 0;
};

}  // namespace belay::audience
