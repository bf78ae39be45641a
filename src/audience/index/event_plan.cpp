#include "audience/index/event_plan.h"

#include <algorithm>
#include <map>

#include "audience/event_days.h"
#include "audience/index/layout.h"
#include "audience/index/more_times.h"

namespace belay::audience::index {
namespace {

using Rows = std::pair<std::uint32_t, std::uint32_t>;

std::optional<Rows> rows_of(const Days& days, const TimeZone& zone, WallTime now) {
  const auto [first_day, last_day] = local_days_of(days, zone, now);
  const auto first = day_row(first_day), last = day_row(last_day);
  if (!first || !last) return std::nullopt;
  return Rows{*first, more_row(*last)};
}

// A day that two filters name counts once.
std::vector<Rows> united(std::vector<Rows> all) {
  std::ranges::sort(all);
  std::vector<Rows> out;
  for (const Rows& rows : all) {
    if (!out.empty() && rows.first <= out.back().second + 1)
      out.back().second = std::max(out.back().second, rows.second);
    else
      out.push_back(rows);
  }
  return out;
}

}  // namespace

store::Result<std::optional<EventPlan>> EventPlan::of(store::IndexSession& session, const EventTest& test,
                                                      const TimeZone& zone, WallTime now) {
  std::map<std::string, std::vector<Rows>> by_name;
  for (const EventFilter& filter : test.any_of) {
    const auto rows = rows_of(filter.days, zone, now);
    if (!filter.plain() || !rows) return std::nullopt;
    by_name[filter.name].push_back(*rows);
  }
  EventPlan plan(test);
  for (auto& [name, rows] : by_name) {
    TRY_ASSIGN(const auto field, session.field(store::IndexFieldKind::event, name));
    if (field) plan.events_.push_back({field->id, united(std::move(rows))});
  }
  return plan;
}

// Whether it is all the same how often, once it has been at all.
bool EventPlan::any_number_alike() const {
  switch (test_->op) {
    case Operator::greater_than_equals:
    case Operator::less_than:
      return test_->count <= 1;
    default:
      return test_->count <= 0;
  }
}

store::Result<void> EventPlan::count_all(store::IndexSession& session, std::uint32_t shard, Bits& any,
                                         std::vector<std::uint32_t>* times) const {
  any.clear();
  for (const Event& event : events_) {
    TRY_ASSIGN(const auto fragment, session.fragment(event.field, shard));
    for (const auto& [first, last] : event.rows)
      fragment->each(first, last, [&](std::uint32_t row, std::string_view bytes) {
        if (row % 2 == 0) add_to(any, bytes);
        if (times == nullptr) return;
        if (row % 2 == 0)
          each_in(bytes, [&](Place p) { ++(*times)[p]; });
        else
          each_more_times(bytes, [&](Place p, std::uint32_t more) { (*times)[p] += more; });
      });
  }
  return {};
}

store::Result<void> EventPlan::evaluate(store::IndexSession& session, std::uint32_t shard,
                                        Bounds& out) const {
  Bits any;
  if (any_number_alike()) {
    TRY(count_all(session, shard, any, nullptr));
    if (!test_->holds(1)) {
      Bits others;
      others.fill();
      any = test_->holds(0) ? others.and_not(any) : (others.clear(), others);
    } else if (test_->holds(0)) {
      any.fill();
    }
    out.set_exactly(any);
    return {};
  }
  std::vector<std::uint32_t> times(shard_size);
  TRY(count_all(session, shard, any, &times));
  Bits fulfil;
  test_->holds(0) ? fulfil.fill() : fulfil.clear();
  any.each([&](Place p) { test_->holds(times[p]) ? fulfil.set(p) : fulfil.reset(p); });
  out.set_exactly(fulfil);
  return {};
}

store::Result<std::int64_t> EventPlan::count(store::IndexSession& session, ProfileId profile) const {
  std::int64_t count = 0;
  const auto place = static_cast<Place>(profile.value);
  for (const Event& event : events_) {
    TRY_ASSIGN(const auto fragment,
               session.fragment(event.field, static_cast<std::uint32_t>(profile.value >> shard_bits)));
    for (const auto& [first, last] : event.rows)
      fragment->each(first, last, [&](std::uint32_t row, std::string_view bytes) {
        count += row % 2 == 0 ? (holds(bytes, place) ? 1 : 0) : more_times(bytes, place);
      });
  }
  return count;
}

}  // namespace belay::audience::index
