#include "audience/facts.h"

#include <algorithm>
#include <limits>

#include "audience/event_days.h"
#include "base/check.h"

namespace belay::audience {
namespace {

std::uint32_t key_of(ProfileId profile) {
  return static_cast<std::uint32_t>(profile.value);
}

template <class Visit>
void each_filter(const Node& root, const Visit& visit) {
  each_of<EventTest>(root, [&](const EventTest& test) {
    for (const EventFilter& filter : test.any_of) visit(filter);
  });
}

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

Span span_of(const Days& days, const TimeZone& zone, WallTime now) {
  const auto [first, last] = local_days_of(days, zone, now);
  return {zone.instant(LocalTime{first, 0}), zone.instant(LocalTime{last + 1, 0})};
}

bool matches(const EventFilter& filter, const Span& span, const TimeZone& zone, const Happened& event) {
  if (event.name != filter.name || !span.contains(event.at)) return false;
  if (filter.first_time && *filter.first_time != (event.at == event.first)) return false;
  if (filter.time_of_day) {
    const std::int64_t clock = zone.minute_stamp(event.at) % 10'000;  // HHMM
    if (!filter.time_of_day->holds(static_cast<std::int32_t>(clock / 100 * 60 + clock % 100))) return false;
  }
  return std::ranges::all_of(filter.properties,
                             [&](const FieldTest& test) { return test.holds_of_event(event.properties); });
}

Facts::Facts(Query query, AccountId account, TimeZone zone, WallTime now)
    : query_(std::move(query)), account_(account), zone_(std::move(zone)), now_(now) {
  if (!query_.root()) return;
  each_of<EventTest>(*query_.root(), [&](const EventTest& test) {
    CHECK(test.number == counted_.size());
    Counted counted{.test = &test, .spans = {}, .once = {}, .times = {}};
    for (const EventFilter& filter : test.any_of) counted.spans.push_back(span_of(filter.days, zone_, now_));
    counted_.push_back(std::move(counted));
  });
}

void Facts::next_stage() {
  after_event_ = 0;
  do stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
  while ((stage_ == Stage::firsts && of_firsts().names.empty()) ||
         (stage_ == Stage::events && counted_.empty()) ||
         (stage_ == Stage::devices && !query_.asks_devices()));
}

store::Result<bool> Facts::step(store::ProfileSession& session, std::uint32_t chunk) {
  bool ended = false;
  switch (stage_) {
    case Stage::begin: {
      if (!counted_.empty()) {
        TRY_ASSIGN(last_event_, store::people_of(session).last_event(account_));
      }
      ended = true;
      break;
    }
    case Stage::firsts: {
      TRY_ASSIGN(ended,
                 scan(session, of_firsts(), chunk, [&](const store::EventRow& row) { see_first(row); }));
      break;
    }
    case Stage::events: {
      TRY_ASSIGN(ended, scan(session, of_events(), chunk, [&](const store::EventRow& row) { count(row); }));
      break;
    }
    case Stage::devices: {
      TRY_ASSIGN(ended, see_devices(session, chunk));
      break;
    }
    case Stage::done:
      return true;
  }
  if (ended) next_stage();
  return stage_ == Stage::done;
}

// ---- events --------------------------------------------------------------------------------------

// A step is seen whole or not at all, so that one that failed half-way can be made again.
store::Result<bool> Facts::scan(store::ProfileSession& session, const store::EventScan& which,
                                std::uint32_t chunk,
                                const std::function<void(const store::EventRow&)>& visit) {
  struct Kept {
    store::EventRow row;
    std::string name, properties;
  };
  std::vector<Kept> kept;
  store::EventScan part = which;
  part.after = after_event_;
  part.until = last_event_;
  part.limit = chunk;
  TRY_ASSIGN(const auto last, store::people_of(session).scan_events(part, [&](const store::EventRow& row) {
    if (row.profile) kept.push_back({row, std::string(row.name), std::string(row.properties)});
  }));
  for (Kept& each : kept) {
    each.row.name = each.name;
    each.row.properties = each.properties;
    visit(each.row);
  }
  if (last) after_event_ = *last;
  return !last;
}

store::EventScan Facts::of_firsts() const {
  store::EventScan which{.account = account_, .names = {}, .before = WallTime::max()};
  if (query_.root())
    each_filter(*query_.root(), [&](const EventFilter& filter) {
      if (filter.first_time) add_name(which.names, filter.name);
    });
  return which;
}

void Facts::see_first(const store::EventRow& row) {
  const auto [found, fresh] = firsts_[std::string(row.name)].try_emplace(key_of(row.profile), row.at);
  if (!fresh) found->second = std::min(found->second, row.at);
}

store::EventScan Facts::of_events() const {
  store::EventScan which{
      .account = account_, .names = {}, .from = WallTime::max(), .before = WallTime::min()};
  for (const Counted& counted : counted_) {
    for (const EventFilter& filter : counted.test->any_of) add_name(which.names, filter.name);
    for (const Span& span : counted.spans) {
      which.from = std::min(which.from, span.from);
      which.before = std::max(which.before, span.before);
    }
  }
  return which;
}

void Facts::count(const store::EventRow& row) {
  content::Properties properties(row.properties);
  Happened event{row.name, row.at, properties, {}};
  if (const auto named = firsts_.find(std::string(row.name)); named != firsts_.end()) {
    const auto first = named->second.find(key_of(row.profile));
    if (first != named->second.end()) event.first = first->second;
  }
  for (Counted& counted : counted_) {
    const auto& filters = counted.test->any_of;
    bool matched = false;
    for (std::size_t i = 0; i < filters.size() && !matched; ++i)
      matched = matches(filters[i], counted.spans[i], zone_, event);
    if (!matched) continue;
    if (counted.test->at_least_once())
      counted.once.add(key_of(row.profile));
    else
      ++counted.times[key_of(row.profile)];
  }
}

std::int64_t Facts::events(ProfileId profile, const EventTest& test) const {
  const Counted& counted = counted_.at(test.number);
  if (test.at_least_once()) return counted.once.contains(key_of(profile)) ? 1 : 0;
  const auto found = counted.times.find(key_of(profile));
  return found == counted.times.end() ? 0 : found->second;
}

// ---- devices -------------------------------------------------------------------------------------

store::Result<bool> Facts::see_devices(store::ProfileSession& session, std::uint32_t chunk) {
  TRY_ASSIGN(const auto last,
             session.scan({account_, RecipientKind::address, after_address_, chunk, false},
                          [&](const store::ScanRow& row) {
                            on_platform_[static_cast<std::size_t>(row.platform)].add(key_of(row.profile));
                          }));
  if (last) after_address_ = *last;
  return !last;
}

unsigned Facts::platforms(ProfileId profile) const {
  unsigned mask = 0;
  for (std::size_t i = 0; i < on_platform_.size(); ++i)
    if (on_platform_[i].contains(key_of(profile))) mask |= 1u << i;
  return mask;
}

}  // namespace belay::audience
