#include "audience/index/upkeep.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "audience/index/bits.h"
#include "audience/index/event_work.h"
#include "audience/index/layout.h"
#include "audience/index/property_work.h"

namespace belay::audience::index {
namespace {

using store::IndexFieldKind;
using store::Result;

// The people of a chunk in one shard.
struct ShardPeople {
  ShardPeople() { looked_at.clear(); }
  Bits looked_at;                   // whose rows are made anew
  std::vector<Place> there;         // those of them that exist
  std::vector<ProfileId> profiles;  // likewise
  bool any_before = false;          // some of them may be in the index
};

class Chunk {
 public:
  Chunk(store::IndexSession& session, const Effort& effort, std::string_view zone)
      : session_(session), effort_(effort), zone_(zone) {}

  Result<bool> run() {
    TRY_ASSIGN(const std::int64_t highest, session_.highest_field());
    NewFields new_fields(highest);
    write_.next = session_.state();
    TRY(begin_fields(new_fields));
    if (write_.next.zone != zone_) return change_zone(new_fields);
    TRY_ASSIGN(auto properties, PropertyWork::load(session_, new_fields));
    TRY_ASSIGN(auto zone, zone_named(zone_));
    TRY_ASSIGN(auto events, EventWork::load(session_, new_fields, std::move(zone)));

    TRY_ASSIGN(const auto changes, session_.changes(effort_.profiles));
    write_.changes_done = changes.last;
    TRY(take_changed(changes, properties, events));
    TRY_ASSIGN(const bool all_new, take_new(properties));
    TRY(events.merge(changes.merged));
    bool all_events = false;
    if (changes.all && all_new) {
      TRY_ASSIGN(all_events, take_events(events));
    }
    const bool nothing = shards_.empty() && changes.last == 0 &&
                         write_.next.events_to == session_.state().events_to &&
                         session_.state().generation != 0;
    if (nothing) {
      session_.end();
      return all_events;
    }
    for (const auto& [shard, people] : shards_) TRY(write_shard(shard, people, properties));
    TRY(properties.take_values(write_.rows));
    TRY(events.write(write_.rows));
    TRY(commit(new_fields));
    return changes.all && all_new && all_events;
  }

 private:
  static Result<TimeZone> zone_named(const std::string& name) {
    auto zone = TimeZone::named(name);
    if (!zone) return fail(store::Code::damaged, zone.error());
    return std::move(*zone);
  }

  Result<void> begin_fields(NewFields& new_fields) {
    const auto field = [&](IndexFieldKind kind) -> Result<std::int64_t> {
      TRY_ASSIGN(const auto known, session_.field(kind, ""));
      return known ? known->id : new_fields.add(kind, "");
    };
    TRY_ASSIGN(people_, field(IndexFieldKind::people));
    TRY_ASSIGN(devices_, field(IndexFieldKind::devices));
    if (people_ == 0 || devices_ == 0)
      return fail(store::Code::full, "the index has no room for more fields");
    return {};
  }

  // Days are kept by the zone: all events are gone through anew.
  Result<bool> change_zone(NewFields& new_fields) {
    TRY_ASSIGN(const auto fields, session_.fields(IndexFieldKind::event));
    for (const store::IndexField& field : fields) write_.emptied.push_back(field.id);
    write_.next.zone = zone_;
    write_.next.events_to = 0;
    TRY(commit(new_fields));
    return false;
  }

  Result<void> commit(NewFields& new_fields) {
    write_.fields = new_fields.take();
    std::ranges::stable_sort(write_.rows, {},
                             [](const store::IndexRow& r) { return std::tuple(r.field, r.shard); });
    return session_.commit(write_);
  }

  ShardPeople& people_of(ProfileId profile) {
    return shards_[static_cast<std::uint32_t>(profile.value >> shard_bits)];
  }

  Result<void> take_changed(const store::IndexChanges& changes, PropertyWork& properties, EventWork& events) {
    for (const ProfileId profile : changes.profiles) {
      ShardPeople& people = people_of(profile);
      people.looked_at.set(static_cast<Place>(profile.value));
      people.any_before = true;
    }
    std::vector<ProfileId> there;
    TRY(session_.profiles(changes.profiles, [&](ProfileId profile, std::string_view text) {
      there.push_back(profile);
      take_there(profile, text, properties);
    }));
    std::vector<ProfileId> gone;
    std::ranges::set_difference(changes.profiles, there, std::back_inserter(gone));
    for (const ProfileId profile : gone) TRY(events.forget(profile));
    return {};
  }

  void take_there(ProfileId profile, std::string_view text, PropertyWork& properties) {
    ShardPeople& people = people_of(profile);
    people.there.push_back(static_cast<Place>(profile.value));
    people.profiles.push_back(profile);
    properties.add(profile, text);
  }

  // One that is new may be in the log, too: it has been taken then.
  Result<bool> take_new(PropertyWork& properties) {
    std::int64_t last = session_.state().profiles_to;
    auto visit = [&](ProfileId profile, std::string_view text) {
      last = profile.value;
      ShardPeople& people = people_of(profile);
      const auto place = static_cast<Place>(profile.value);
      if (people.looked_at.test(place)) return;
      people.looked_at.set(place);
      take_there(profile, text, properties);
    };
    TRY_ASSIGN(const bool all, session_.new_profiles(effort_.profiles, visit));
    write_.next.profiles_to = last;
    return all;
  }

  Result<bool> take_events(EventWork& events) {
    Result<void> added{};
    std::int64_t last = session_.state().events_to;
    TRY_ASSIGN(const bool all, session_.new_events(effort_.events, [&](const store::IndexedEvent& event) {
      if (added) added = events.add(event);
      last = event.id;
    }));
    TRY(std::move(added));
    write_.next.events_to = last;
    return all;
  }

  Result<void> write_shard(std::uint32_t shard, const ShardPeople& people, PropertyWork& properties) {
    std::map<std::uint32_t, std::vector<Place>> all;
    if (!people.there.empty()) all[everybody_row] = people.there;
    TRY(write_field(people_, shard, people, all));
    TRY_ASSIGN(const auto devices, device_rows(people));
    TRY(write_field(devices_, shard, people, devices));
    return properties.each_field(shard, [&](std::int64_t field, const Additions* added) -> Result<void> {
      if (added == nullptr && !people.any_before) return {};
      const std::size_t written = write_.rows.size();
      TRY(write_field(field, shard, people, added ? added->by_row() : decltype(all){}));
      for (const store::IndexRow& row : std::span(write_.rows).subspan(written))
        if (row.row >= values_row && row.bytes.empty()) properties.note_empty(field, row.row);
      return {};
    });
  }

  Result<std::map<std::uint32_t, std::vector<Place>>> device_rows(const ShardPeople& people) {
    std::map<ProfileId, std::vector<Platform>> devices;
    TRY(session_.devices(people.profiles, [&](const store::IndexDevice& device) {
      devices[device.profile].push_back(device.platform);
    }));
    std::map<std::uint32_t, std::vector<Place>> rows;
    for (auto& [profile, platforms] : devices) {
      const auto place = static_cast<Place>(profile.value);
      std::array<std::uint32_t, 4> counts{};
      std::uint32_t order = 0, digit = 1;
      for (const Platform p : platforms | std::views::reverse) {  // the newest first
        if (counts[static_cast<std::size_t>(p)]++ != 0) continue;
        order += digit * (static_cast<std::uint32_t>(p) + 1);
        digit *= 5;
      }
      rows[order_row + order].push_back(place);
      for (std::uint32_t p = 0; p < counts.size(); ++p)
        for (std::uint32_t rest = counts[p]; rest != 0; rest &= rest - 1)
          rows[device_count_row(static_cast<Platform>(p)) +
               static_cast<std::uint32_t>(std::countr_zero(rest))]
              .push_back(place);
    }
    return rows;
  }

  // Rows become what they were without those looked at, and with what is there of them now.
  Result<void> write_field(std::int64_t field, std::uint32_t shard, const ShardPeople& people,
                           const std::map<std::uint32_t, std::vector<Place>>& added) {
    TRY_ASSIGN(const auto before, session_.fragment(field, shard));
    std::set<std::uint32_t> rows;
    for (const auto& [row, places] : added) rows.insert(row);
    if (people.any_before)
      before->each(0, store::most_index_rows, [&](std::uint32_t row, std::string_view) { rows.insert(row); });
    for (const std::uint32_t row : rows) {
      const std::string_view old = before->row(row);
      Bits bits = decode(old);
      if (people.any_before) bits.and_not(people.looked_at);
      if (const auto at = added.find(row); at != added.end())
        for (const Place p : at->second) bits.set(p);
      std::string bytes = encode(bits);
      if (bytes != old) write_.rows.push_back({field, shard, row, std::move(bytes)});
    }
    return {};
  }

  store::IndexSession& session_;
  const Effort effort_;
  const std::string zone_;
  std::int64_t people_ = 0, devices_ = 0;
  std::map<std::uint32_t, ShardPeople> shards_;
  store::IndexWrite write_;
};

}  // namespace

Result<bool> catch_up(store::IndexSession& session, AccountId account, std::string_view zone,
                      const Effort& effort) {
  TRY(session.begin(account, true));
  auto done = Chunk(session, effort, zone).run();
  session.end();
  return done;
}

}  // namespace belay::audience::index
