#include "api/clevertap/export_pages.h"

#include "api/clevertap/person_json.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

struct Person {
  std::string object_id, members;
};

net::HttpReply page_of(const Exports::Place& place, std::string_view records,
                       std::optional<std::int64_t> next) {
  std::string cursors;
  if (place.position > 0)
    cursors = fmt::format(R"(,"previous_cursor":"{}")", Exports::cursor(place.token, place.position));
  if (next) cursors += fmt::format(R"(,"next_cursor":"{}")", Exports::cursor(place.token, *next));
  return json_reply(200, fmt::format(R"({{"status":"success"{},"records":[{}]}})", cursors, records));
}

struct Event {
  std::int64_t id;
  ProfileId profile;
  WallTime at;
  std::string properties;
};

store::Result<std::map<ProfileId, Person>> people_of_events(Call& call, const std::vector<Event>& events) {
  std::vector<RecipientId> ids;
  for (const Event& event : events) ids.push_back(RecipientId{event.profile.value});
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::map<ProfileId, Person> people;
  TRY(call.worker.profiles->read(
      call.account, RecipientKind::profile, ids, [&](const store::RecipientRow& row) {
        const ProfileId id{row.id.value};
        const PersonRow person{id, row.identity, row.object_id, row.found ? row.properties : "{}"};
        people.emplace(id, Person{std::string(row.object_id), person_members(person)});
      }));
  return people;
}

std::string event_record(const Event& event, const Person& person, const TimeZone& zone) {
  std::string device;
  if (!person.object_id.empty()) {
    device = "\"objectId\":\"";
    append_json_escaped(device, person.object_id);
    device += "\",";
  }
  return fmt::format(R"({{"profile":{{{}{},"id":{}}},"ts":{},"event_props":{},"session_props":{{}}}})", device,
                     person.members, event.profile, second_stamp(zone, event.at), event.properties);
}

}  // namespace

net::HttpReply event_page(Call& call, const Home& home, const Exports::Place& place) {
  const Export& one = *place.of;
  auto reader = audience::EventReader::make(*one.events, call.account, home.zone, one.begun,
                                            {.after = place.position, .until = one.until}, one.people);
  if (!reader) return clevertap_fail(400, reader.error());
  std::vector<Event> events;
  std::size_t bytes = 0;
  bool done = false;
  const auto take = [&](const store::EventRow& row) {
    if (events.size() >= one.batch || bytes >= most_page_bytes) return false;
    bytes += row.properties.size();
    events.push_back({row.id, row.profile, row.at, std::string(row.properties)});
    return true;
  };
  while (!done && events.size() < one.batch && bytes < most_page_bytes) {
    const auto stepped = reader->step(*call.worker.profiles, take);
    if (!stepped) return clevertap_from(stepped.error());
    done = *stepped;
  }
  const auto people = people_of_events(call, events);
  if (!people) return clevertap_from(people.error());
  std::string records;
  for (const Event& event : events)
    records += (records.empty() ? "" : ",") + event_record(event, people->at(event.profile), home.zone);
  if (done) return page_of(place, records, std::nullopt);
  return page_of(place, records, events.empty() ? reader->after() : events.back().id);
}

net::HttpReply profile_page(Call& call, const Exports::Place& place) {
  const Export& one = *place.of;
  if (!one.people || place.position > one.people->size()) return clevertap_fail(400, "Invalid cursor");
  const auto from = static_cast<Ordinal>(place.position);
  std::vector<RecipientId> ids;
  one.people->range(from, static_cast<std::uint32_t>(one.batch), ids);
  std::vector<std::pair<ProfileId, std::string>> people;
  std::size_t bytes = 0, looked_at = 0;
  const auto read = call.worker.profiles->read(
      call.account, RecipientKind::profile, ids, [&](const store::RecipientRow& row) {
        if (bytes >= most_page_bytes) return;
        ++looked_at;
        bytes += row.properties.size();
        const ProfileId id{row.id.value};
        if (row.found) people.emplace_back(id, person_members({id, row.identity, row.object_id, row.properties}));
      });
  if (!read) return clevertap_from(read.error());
  std::string records;
  for (const auto& [id, members] : people) {
    const auto platforms = platform_info(call.worker, call.account, id);
    if (!platforms) return clevertap_from(platforms.error());
    records += fmt::format(R"({}{{{},"platformInfo":{}}})", records.empty() ? "" : ",", members, *platforms);
  }
  const std::size_t next = from + looked_at;
  return page_of(place, records,
                 next >= one.people->size() ? std::nullopt : std::optional(static_cast<std::int64_t>(next)));
}

}  // namespace belay::api::clevertap
