// What the store can say and do about single people beyond what planning needs: everything that is known of
// one, their events, whether they want messages, and their end. Every ProfileSession is a PeopleSession, too
// (people_of): the same thread, the same data, every call blocks on the medium, durable as store.h says.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "store/store.h"

namespace belay::store {

// A device that a person is known by, with what it can be reached by.
struct Device {
  std::string object_id;
  Platform platform = Platform::android;  // of its token
  std::string token;                      // "": it has none
  bool live = false;
};

struct EventTotal {
  std::string name;
  std::uint64_t count = 0;
  WallTime first{}, last{};
};

// Ways to reach a person that the person can say no to.
enum class ContactKind : std::uint8_t { phone, email, whatsapp };

struct Subscription {
  ContactKind kind = ContactKind::phone;
  std::string_view value;
  bool wanted = true;
  WallTime at{};
};

// A property to take away from a profile, provided that its value is still this one (JSON text).
struct Unset {
  ProfileId profile;
  std::string name, value;
};

// Views are valid inside the visit only.
struct EventRow {
  std::int64_t id = 0;
  ProfileId profile;  // whom it belongs to now; 0: nobody any more
  std::string_view name, properties;
  WallTime at{};
};

struct EventScan {
  AccountId account;
  std::int64_t after = 0, until = 0;  // ids: behind this one, up to and with this one
  std::uint32_t limit = 10'000;       // rows looked at, at most
  std::vector<std::string> names;     // only these; empty: all
  WallTime from{}, before{};          // [from, before)
};

// Messages that people may have engaged with: those of a campaign, or, with a day, of its run on that day.
struct EngagedScope {
  CampaignId campaign;
  std::optional<std::int32_t> day;  // yyyymmdd; none: any, also where none was named
};

class PeopleSession {
 public:
  virtual ~PeopleSession() = default;

  virtual Result<std::vector<Device>> devices(AccountId account, ProfileId profile) = 0;
  virtual Result<std::vector<EventTotal>> event_totals(AccountId account, ProfileId profile) = 0;  // by name
  // Everybody's events in the order of their ids. Returns the last id looked at, or nullopt at the end.
  // Nothing is held between calls; `visit` must not call this session.
  virtual Result<std::optional<std::int64_t>> scan_events(const EventScan& scan,
                                                          const std::function<void(const EventRow&)>& visit) = 0;
  virtual Result<std::int64_t> last_event(AccountId account) = 0;  // the highest id there is; 0: none

  // Who did that with a message of the scopes, and when first; of several scopes once for each. People who
  // were merged are one, and the deleted are gone. `visit` must not call this session.
  virtual Result<void> engaged(AccountId account, Engagement how, std::span<const EngagedScope> scopes,
                               const std::function<void(ProfileId, WallTime)>& visit) = 0;
  // One person's events of that name in [from, before), by time.
  virtual Result<void> events_of(AccountId account, ProfileId profile, std::string_view name, WallTime from,
                                 WallTime before, const std::function<void(const EventRow&)>& visit) = 0;

  // Deletes people with their names, addresses, properties and events; who is not known is passed over. One
  // transaction a person. A recipient of a run who is deleted is not found at hand-over, and is skipped.
  virtual Result<std::uint32_t> remove(AccountId account, std::span<const IdentityRef> who) = 0;
  // Undoes merging: the name that is given keeps the profile with its properties and events; each other name
  // of it becomes a profile of its own, without properties, and a device takes its address along. A name is
  // looked for among identities, FB ids, GP ids and devices, in that order. How many profiles came into being.
  virtual Result<std::uint32_t> part(AccountId account, std::span<const std::string_view> names) = 0;
  // How many profiles were changed.
  virtual Result<std::uint32_t> unset(AccountId account, std::span<const Unset> properties) = 0;

  // The newest word on an address counts; who never said anything wants messages. Values are kept as they are
  // given: whoever asks must write them the same way (see contact_value).
  virtual Result<void> subscribe(AccountId account, std::span<const Subscription> words) = 0;
  virtual Result<bool> wanted(AccountId account, ContactKind kind, std::string_view value) = 0;
};

inline PeopleSession& people_of(ProfileSession& session) {
  auto* const people = dynamic_cast<PeopleSession*>(&session);
  CHECK(people != nullptr);
  return *people;
}

// An address as it is compared: phones without '+', e-mail addresses in lower case (of a to z).
std::string contact_value(ContactKind kind, std::string_view value);

}  // namespace belay::store
