#include "audience/event_reader.h"

#include <map>
#include <vector>

#include "audience/node.h"

namespace belay::audience {
namespace {

struct Kept {
  std::int64_t id;
  ProfileId profile;
  std::string name, properties;
  WallTime at;
};

// When each person first had the event, as far as it has been asked for.
class FirstTimes {
 public:
  FirstTimes(store::PeopleSession& people, AccountId account) : people_(people), account_(account) {}
  store::Result<WallTime> of(const Kept& event) {
    const auto [found, fresh] = times_.try_emplace(event.profile, event.at);
    if (fresh) {
      TRY_ASSIGN(const auto totals, people_.event_totals(account_, event.profile));
      for (const store::EventTotal& total : totals)
        if (total.name == event.name) found->second = total.first;
    }
    return found->second;
  }

 private:
  store::PeopleSession& people_;
  AccountId account_;
  std::map<ProfileId, WallTime> times_;
};

}  // namespace

Result<EventReader, std::string> EventReader::make(EventQuery query, AccountId account, TimeZone zone,
                                                   WallTime now, Range range, PeopleSet people) {
  EventReader reader(std::move(query), std::move(zone), std::move(people));
  const EventFilter& event = reader.query_.event();
  reader.scan_ = {.account = account,
                  .after = range.after,
                  .until = range.until,
                  .limit = range.chunk,
                  .names = {event.name}};
  if (!event.days.last_year()) {
    TRY(reader.zone_.day(event.days.from));
    TRY(reader.zone_.day(event.days.to));
  }
  reader.span_ = span_of(event.days, reader.zone_, now);
  reader.scan_.from = reader.span_.from;
  reader.scan_.before = reader.span_.before;
  return reader;
}

// But for whether it was the person's first, which is looked up only for what holds else.
bool EventReader::holds(const store::EventRow& row) const {
  if (!row.profile || (people_ && !people_->contains(RecipientId{row.profile.value}))) return false;
  const EventFilter& event = query_.event();
  content::Properties properties(row.properties);
  const WallTime first = event.first_time.value_or(true) ? row.at : row.at - Micros{1};
  return matches(event, span_, zone_, {row.name, row.at, properties, first});
}

store::Result<bool> EventReader::step(store::ProfileSession& session,
                                      const std::function<bool(const store::EventRow&)>& visit) {
  store::PeopleSession& people = store::people_of(session);
  std::vector<Kept> kept;  // looked at again when the store has been let go
  const auto look = [&](const store::EventRow& row) {
    if (holds(row))
      kept.push_back({row.id, row.profile, std::string(row.name), std::string(row.properties), row.at});
  };
  TRY_ASSIGN(const auto last, people.scan_events(scan_, look));
  FirstTimes first(people, scan_.account);
  for (const Kept& event : kept) {
    if (query_.event().first_time) {
      TRY_ASSIGN(const WallTime began, first.of(event));
      if (*query_.event().first_time != (event.at == began)) continue;
    }
    if (!visit({event.id, event.profile, event.name, event.properties, event.at})) {
      scan_.after = event.id - 1;
      return false;
    }
  }
  scan_.after = last ? *last : scan_.until;
  return !last;
}

}  // namespace belay::audience
