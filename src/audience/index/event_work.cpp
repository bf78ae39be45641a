#include "audience/index/event_work.h"

#include <algorithm>

#include "audience/index/layout.h"
#include "audience/index/more_times.h"

namespace belay::audience::index {

using store::IndexFieldKind;

// A day goes from its midnight to the next one's, as conditions have it: where clocks go back over midnight,
// the hour that comes again belongs to the day that has begun.
std::int64_t DayFinder::day(WallTime t) {
  const auto at = known_.upper_bound(t);
  if (at != known_.begin() && t < std::prev(at)->second.end) return std::prev(at)->second.day;
  const auto stamped = calendar_day(zone_.day_stamp(t));
  if (!stamped) return furthest_day;  // no such year in a calendar: in no row
  if (known_.size() >= 4096) known_.clear();
  for (const std::int64_t day : {*stamped, *stamped + 1, *stamped - 1}) {
    const WallTime begin = zone_.instant(LocalTime{day, 0}), end = zone_.instant(LocalTime{day + 1, 0});
    if (t < begin || end <= t) continue;
    known_[begin] = {end, day};
    return day;
  }
  return *stamped;
}

store::Result<EventWork> EventWork::load(store::IndexSession& session, NewFields& new_fields, TimeZone zone) {
  EventWork work(session, new_fields, std::move(zone));
  TRY_ASSIGN(const auto people, session.field(IndexFieldKind::people, ""));
  if (people) work.people_ = people->id;
  TRY_ASSIGN(const auto fields, session.fields(IndexFieldKind::event));
  for (const store::IndexField& field : fields) work.fields_.emplace(field.name, field.id);
  return work;
}

void EventWork::note(std::int64_t field, std::uint32_t row, ProfileId profile, std::uint32_t times) {
  changes_.push_back({field, static_cast<std::uint32_t>(profile.value >> shard_bits), row,
                      static_cast<Place>(profile.value), times});
}

store::Result<void> EventWork::merge(const std::vector<std::pair<ProfileId, ProfileId>>& merged) {
  for (const auto& [from, into] : merged) {
    TRY_ASSIGN(const ProfileId now, now_called(into));
    called_[from] = now;  // for events of this chunk, too
    for (const auto& [name, field] : fields_) TRY(move(field, from, now));
  }
  return {};
}

store::Result<void> EventWork::forget(ProfileId profile) {
  for (const auto& [name, field] : fields_) TRY(move(field, profile, std::nullopt));
  return {};
}

store::Result<void> EventWork::move(std::int64_t field, ProfileId from, std::optional<ProfileId> into) {
  TRY_ASSIGN(const auto fragment,
             session_->fragment(field, static_cast<std::uint32_t>(from.value >> shard_bits)));
  const auto place = static_cast<Place>(from.value);
  fragment->each(0, store::most_index_rows, [&](std::uint32_t row, std::string_view bytes) {
    if (row % 2 != 0 || !holds(bytes, place)) return;
    if (into) note(field, row, *into, 1 + more_times(fragment->row(more_row(row)), place));
    note(field, row, from, 0);
  });
  return {};
}

store::Result<const store::Fragment*> EventWork::people(std::uint32_t shard) {
  auto& known = people_fragments_[shard];
  if (!known) {
    TRY_ASSIGN(known, session_->fragment(people_, shard));
  }
  return known.get();
}

store::Result<const store::Fragment*> EventWork::fragment(std::int64_t field, std::uint32_t shard) {
  if (!last_ || last_key_ != std::pair(field, shard)) {
    TRY_ASSIGN(last_, session_->fragment(field, shard));
    last_key_ = {field, shard};
  }
  return last_.get();
}

// Whoever is not among the people may be somebody else by now.
store::Result<ProfileId> EventWork::now_called(ProfileId profile) {
  if (const auto known = called_.find(profile); known != called_.end()) return known->second;
  ProfileId now = profile;
  while (true) {
    TRY_ASSIGN(const auto into, session_->merged_into(now));
    if (!into) break;
    now = *into;
  }
  called_.emplace(profile, now);
  return now;
}

store::Result<std::int64_t> EventWork::field_of(std::int64_t name) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) return known->second;
  TRY_ASSIGN(const auto text, session_->event_name(name));
  std::int64_t field = 0;
  if (text) {
    const auto at = fields_.find(*text);
    field = at != fields_.end() ? at->second : new_fields_->add(IndexFieldKind::event, *text);
    if (field == 0) return fail(store::Code::full, "the index has no room for more kinds of events");
    fields_.emplace(*text, field);
  }
  by_name_.emplace(name, field);
  return field;
}

store::Result<void> EventWork::add(const store::IndexedEvent& event) {
  TRY_ASSIGN(const std::int64_t field, field_of(event.name));
  const auto row = day_row(days_.day(event.at));
  if (field == 0 || !row) return {};
  ProfileId profile = event.profile;
  bool known = false;
  if (people_ != 0) {
    TRY_ASSIGN(const auto* all, people(static_cast<std::uint32_t>(profile.value >> shard_bits)));
    known = holds(all->row(everybody_row), static_cast<Place>(profile.value));
  }
  if (!known || called_.contains(profile)) {
    TRY_ASSIGN(profile, now_called(profile));
  }
  note(field, *row, profile, 1);
  return {};
}

store::Result<void> EventWork::write(std::vector<store::IndexRow>& rows) {
  const auto row_of = [](const Change& c) { return std::tuple(c.field, c.shard, c.row); };
  std::ranges::stable_sort(changes_, {}, row_of);
  for (std::size_t begin = 0; begin < changes_.size();) {
    std::size_t end = begin;
    while (end < changes_.size() && row_of(changes_[end]) == row_of(changes_[begin])) ++end;
    TRY(write_row(std::span(changes_).subspan(begin, end - begin), rows));
    begin = end;
  }
  return {};
}

// Who goes, goes first: a merge moves what was there before this chunk.
store::Result<void> EventWork::write_row(std::span<const Change> changes,
                                         std::vector<store::IndexRow>& rows) {
  const Change& one = changes.front();
  TRY_ASSIGN(const auto* before, fragment(one.field, one.shard));
  Bits bits = decode(before->row(one.row));
  std::map<Place, std::uint32_t> more = all_more_times(before->row(more_row(one.row)));
  const std::size_t had_more = more.size();
  for (const Change& c : changes) {
    if (c.times != 0) continue;
    bits.reset(c.place);
    more.erase(c.place);
  }
  bool any_more = more.size() != had_more;
  for (const Change& c : changes) {
    if (c.times == 0) continue;
    const std::uint32_t further = bits.test(c.place) ? c.times : c.times - 1;
    bits.set(c.place);
    if (further == 0) continue;
    more[c.place] += further;
    any_more = true;
  }
  rows.push_back({one.field, one.shard, one.row, encode(bits)});
  if (any_more) rows.push_back({one.field, one.shard, more_row(one.row), encode_more_times(more)});
  return {};
}

}  // namespace belay::audience::index
