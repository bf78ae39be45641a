#include "audience/planner_scan.h"

#include <algorithm>
#include <utility>

#include <roaring/roaring.hh>

#include "audience/facts.h"
#include "base/check.h"

namespace belay::audience {
namespace {

// Looked up one by one, each a query of its own: a step must stay short.
constexpr std::size_t references_per_step = 200;

constexpr unsigned bit(Platform p) {
  return 1u << static_cast<unsigned>(p);
}

unsigned platform_mask(const std::vector<Platform>& devices) {
  unsigned mask = 0;
  for (const Platform p : devices) mask |= bit(p);
  return devices.empty() ? ~0u : mask;
}

struct Found {
  RecipientId recipient;
  ProfileId profile;
  Platform platform;
};

}  // namespace

ScanSpec scan_spec(AccountId account, const Definition& definition) {
  return {.account = account,
          .kind = recipient_kind(definition.channel),
          .devices = definition.devices,
          .send_to_all_devices = definition.send_to_all_devices};
}

ScanSpec scan_spec(AccountId account, const Definition& definition, TimeZone zone, WallTime now) {
  ScanSpec spec = scan_spec(account, definition);
  spec.zone = std::move(zone);
  spec.now = now;
  return spec;
}

// Every function may be run again after an error half-way: adding and removing what is so already
// changes nothing.
struct Scan::State {
  State(Query q, ScanSpec s) : query(std::move(q)), spec(std::move(s)), wanted(platform_mask(spec.devices)) {
    if (const IdList* ids = query.ids()) list_references(*ids);
    if (!query.asks_events() && !query.asks_devices()) return;
    CHECK(spec.zone);
    facts.emplace(query, spec.account, *spec.zone, spec.now);
  }

  void list_references(const IdList& ids) {
    const auto add_all = [this](store::IdentityKind kind, const std::vector<std::string>& values) {
      for (const std::string& value : values) references.push_back({kind, value});
    };
    add_all(store::IdentityKind::identity, ids.identity);
    add_all(store::IdentityKind::object_id, ids.object_id);
    add_all(store::IdentityKind::fb_id, ids.fb_id);
    add_all(store::IdentityKind::gp_id, ids.gp_id);
    if (!ids.email.empty()) by_email = Query::property_is_any_of("Email", ids.email);
  }

  bool one_device_each() const { return spec.kind == RecipientKind::address && !spec.send_to_all_devices; }

  void add(RecipientId id, Platform platform) {
    if (found.contains(id)) return;
    found.add(id);
    if (spec.kind == RecipientKind::address) ++by_platform[static_cast<std::size_t>(platform)];
  }
  void remove(RecipientId id, Platform platform) {
    if (!found.contains(id)) return;
    found.remove(id);
    --by_platform[static_cast<std::size_t>(platform)];
  }

  // Rows come in ascending id, so a later address of the same person is the newer one.
  store::Result<void> replace_older(store::ProfileSession& session, const Found& newer) {
    TRY_ASSIGN(const auto addresses, session.addresses_of(spec.account, newer.profile));
    for (const store::Address& address : addresses)
      if (address.id < newer.recipient) remove(address.id, address.platform);
    add(newer.recipient, newer.platform);
    return {};
  }

  store::Result<void> add_devices_of(store::ProfileSession& session, ProfileId profile) {
    if (spec.kind == RecipientKind::profile)
      return add(RecipientId{profile.value}, Platform::android), store::Result<void>{};
    TRY_ASSIGN(const auto addresses, session.addresses_of(spec.account, profile));
    const store::Address* newest = nullptr;
    for (const store::Address& address : addresses) {
      if (!address.live || !(wanted & bit(address.platform))) continue;
      if (spec.send_to_all_devices) add(address.id, address.platform);
      if (!newest || newest->id < address.id) newest = &address;
    }
    if (newest && !spec.send_to_all_devices) add(newest->id, newest->platform);
    return {};
  }

  bool wants(const store::ScanRow& row) const {
    content::Properties properties(row.properties);
    return query.matches({properties, row.profile, facts ? &*facts : nullptr});
  }

  // A chunk of all addresses (or profiles), held against the query.
  store::Result<bool> step_rows(store::ProfileSession& session) {
    const bool all = query.everybody();
    std::vector<Found> later_devices;
    const auto visit = [&](const store::ScanRow& row) {
      if (spec.kind == RecipientKind::address && !(wanted & bit(row.platform))) return;
      if (!all && !wants(row)) return;
      if (one_device_each() && !seen.addChecked(static_cast<std::uint32_t>(row.profile.value))) {
        later_devices.push_back({row.recipient, row.profile, row.platform});
      } else {
        add(row.recipient, row.platform);
      }
    };
    TRY_ASSIGN(const auto last, session.scan({spec.account, spec.kind, after, spec.chunk, !all}, visit));
    for (const Found& device : later_devices) TRY(replace_older(session, device));
    if (last) after = *last;
    return !last;
  }

  store::Result<void> step_references(store::ProfileSession& session) {
    const std::size_t end = std::min(references.size(), next_reference + references_per_step);
    for (; next_reference < end; ++next_reference) {
      TRY_ASSIGN(const auto profile, session.find(spec.account, references[next_reference]));
      if (profile) TRY(add_devices_of(session, profile->id));
    }
    return {};
  }

  // A chunk of all profiles, held against the wanted e-mail addresses.
  store::Result<bool> step_emails(store::ProfileSession& session) {
    std::vector<ProfileId> people;
    const auto visit = [&](const store::ScanRow& row) {
      if (by_email->matches(row.properties)) people.push_back(row.profile);
    };
    TRY_ASSIGN(const auto last,
               session.scan({spec.account, RecipientKind::profile, after, spec.chunk, true}, visit));
    for (const ProfileId person : people) TRY(add_devices_of(session, person));
    if (last) after = *last;
    return !last;
  }

  store::Result<bool> step(store::ProfileSession& session) {
    if (facts && !knows) {
      TRY_ASSIGN(knows, facts->step(session, spec.chunk));
      return false;
    }
    if (!query.ids()) return step_rows(session);
    if (next_reference < references.size()) {
      TRY(step_references(session));
      return next_reference == references.size() && !by_email;
    }
    return by_email ? step_emails(session) : store::Result<bool>(true);
  }

  Query query;
  ScanSpec spec;
  unsigned wanted;
  store::AudienceSet found;
  std::array<std::uint32_t, 4> by_platform{};
  Roaring seen;  // people with a device in `found`
  RecipientId after;
  std::vector<store::IdentityRef>
      references;  // views into the query's IdList, which is shared and never changes
  std::size_t next_reference = 0;
  std::optional<Query> by_email;
  std::optional<Facts> facts;
  bool knows = false;  // `facts` is gathered
};

Scan::Scan(Query query, ScanSpec spec) : state_(std::make_unique<State>(std::move(query), std::move(spec))) {}
Scan::~Scan() = default;
Scan::Scan(Scan&&) noexcept = default;
Scan& Scan::operator=(Scan&&) noexcept = default;

store::Result<bool> Scan::step(store::ProfileSession& session) {
  return state_->step(session);
}

Reach Scan::reach() const {
  return {state_->found.size(), state_->by_platform};
}

store::AudienceSet Scan::take() {
  state_->found.compact();
  return std::exchange(state_->found, store::AudienceSet{});
}

}  // namespace belay::audience
