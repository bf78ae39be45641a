#include "audience/planner_scan.h"

#include <algorithm>
#include <utility>

#include <roaring/roaring.hh>

#include "audience/facts.h"
#include "audience/index/answer.h"
#include "base/check.h"

namespace belay::audience {
namespace {

// Looked up one by one, each a query of its own: a step must stay short.
constexpr std::size_t references_per_step = 200;
// Where fewer than one in so many fulfil the query, their devices are looked up one by one.
constexpr std::uint64_t few = 20;

constexpr unsigned bit(Platform p) {
  return 1u << static_cast<unsigned>(p);
}

unsigned platform_mask(const std::vector<Platform>& devices) {
  unsigned mask = 0;
  for (const Platform p : devices) mask |= bit(p);
  return devices.empty() ? ~0u : mask;
}

std::uint32_t key_of(ProfileId profile) {
  return static_cast<std::uint32_t>(profile.value);
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
      if (!all && !(members ? members->contains(key_of(row.profile)) : wants(row))) return;
      if (one_device_each() && !seen.addChecked(key_of(row.profile))) {
        later_devices.push_back({row.recipient, row.profile, row.platform});
      } else {
        add(row.recipient, row.platform);
      }
    };
    const bool by_properties = !all && !members;
    TRY_ASSIGN(const auto last,
               session.scan({spec.account, spec.kind, after, spec.chunk, by_properties}, visit));
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

  // An index that can't be read keeps nobody from planning: everybody is gone through.
  store::Result<void> ask_index(store::ProfileSession& session) {
    asked_index = true;
    store::IndexSession* const index = session.index();
    if (!query.root() || !spec.with_index || index == nullptr) return {};
    TRY_ASSIGN(const auto people, session.count(spec.account, RecipientKind::profile));
    const auto zone = spec.zone ? spec.zone : TimeZone::named("UTC").value();
    if (people < spec.index_from) return {};
    auto answer = index::ask(*index, {.account = spec.account,
                                      .query = query,
                                      .zone = *zone,
                                      .now = spec.now,
                                      .kind = spec.kind,
                                      .platforms = wanted & every_platform,
                                      .all_devices = spec.send_to_all_devices,
                                      .people = !spec.count_only});
    if (!answer || !*answer) return {};
    if (spec.count_only) counted = Reach{(*answer)->total, (*answer)->by_platform};
    members = std::move((*answer)->people);
    one_by_one = members->cardinality() < people / few;
    return {};
  }

  // Those whom the index named, a few at a time.
  store::Result<bool> step_members(store::ProfileSession& session) {
    const std::uint64_t end = std::min<std::uint64_t>(members->cardinality(), next_member + references_per_step);
    for (; next_member < end; ++next_member) {
      std::uint32_t profile = 0;
      CHECK(members->select(static_cast<std::uint32_t>(next_member), &profile));
      TRY(add_devices_of(session, ProfileId{profile}));
    }
    return next_member == members->cardinality();
  }

  store::Result<bool> step(store::ProfileSession& session) {
    if (!asked_index) {
      TRY(ask_index(session));
      if (counted) return true;
      if (members) return false;  // that was enough for a step
    }
    if (members && one_by_one) return step_members(session);
    if (facts && !knows && !members) {
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
  bool asked_index = false, one_by_one = false;
  std::optional<Reach> counted;    // by the index
  std::optional<Roaring> members;  // who fulfils the query, where the index says it
  std::uint64_t next_member = 0;
};

Scan::Scan(Query query, ScanSpec spec) : state_(std::make_unique<State>(std::move(query), std::move(spec))) {}
Scan::~Scan() = default;
Scan::Scan(Scan&&) noexcept = default;
Scan& Scan::operator=(Scan&&) noexcept = default;

store::Result<bool> Scan::step(store::ProfileSession& session) {
  return state_->step(session);
}

Reach Scan::reach() const {
  if (state_->counted) return *state_->counted;
  return {state_->found.size(), state_->by_platform};
}

store::AudienceSet Scan::take() {
  state_->found.compact();
  return std::exchange(state_->found, store::AudienceSet{});
}

}  // namespace belay::audience
