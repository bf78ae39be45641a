// GET /1/profile.json: all that is known of one person; and GET /v1/connect, which says that the
// credentials are right.
#include "api/clevertap/handlers.h"
#include "api/clevertap/person_json.h"
#include "api/errors.h"
#include "audience/query.h"

namespace belay::api::clevertap {
namespace {

struct Found {
  ProfileId id;
  std::string identity, object_id, properties;
};

// E-mail addresses are properties like others: everybody is looked at, a chunk at a time.
store::Result<std::optional<Found>> find_by_email(Call& call, std::string email) {
  const auto wanted = audience::Query::property_is_any_of("Email", {std::move(email)});
  std::optional<Found> found;
  const auto visit = [&](const store::ScanRow& row) {
    if (!found && wanted.matches(row.properties))
      found = {row.profile, std::string(row.identity), std::string(row.object_id), std::string(row.properties)};
  };
  store::ScanQuery scan{.account = call.account, .kind = RecipientKind::profile, .with_properties = true};
  while (true) {
    TRY_ASSIGN(const auto last, call.worker.profiles->scan(scan, visit));
    if (found || !last) return found;
    scan.after = *last;
  }
}

store::Result<std::optional<Found>> find(Call& call) {
  const auto value = [&](std::string_view name) { return call.request.query_value(name).value_or(""); };
  if (std::string email = value("email"); !email.empty()) return find_by_email(call, std::move(email));
  const std::string identity = value("identity"), object_id = value("objectId");
  const store::IdentityRef who = !identity.empty()
                                     ? store::IdentityRef{store::IdentityKind::identity, identity}
                                     : store::IdentityRef{store::IdentityKind::object_id, object_id};
  TRY_ASSIGN(auto profile, call.worker.profiles->find(call.account, who));
  if (!profile) return std::nullopt;
  return Found{profile->id, std::move(profile->identity), std::move(profile->object_id),
               std::move(profile->properties)};
}

store::Result<std::string> events_of(Call& call, ProfileId profile) {
  TRY_ASSIGN(const auto totals, store::people_of(*call.worker.profiles).event_totals(call.account, profile));
  std::string out;
  for (const store::EventTotal& total : totals) {
    out += out.empty() ? "\"" : ",\"";
    append_json_escaped(out, total.name);
    out += fmt::format("\":{{\"count\":{},\"first_seen\":{},\"last_seen\":{}}}", total.count,
                       to_micros(total.first) / 1'000'000, to_micros(total.last) / 1'000'000);
  }
  return fmt::format("{{{}}}", out);
}

net::HttpReply read(Call& call) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const std::string_view keys[] = {"email", "identity", "objectId"};
  const auto given = std::ranges::count_if(
      keys, [&](std::string_view key) { return !call.request.query_value(key).value_or("").empty(); });
  if (given != 1) return clevertap_fail(400, "Name the profile by one of email, identity and objectId");
  const auto found = find(call);
  if (!found) return clevertap_from(found.error());
  if (!*found) return clevertap_fail(404, "Profile not found");
  const Found& person = **found;
  const auto events = events_of(call, person.id);
  if (!events) return clevertap_from(events.error());
  const auto platforms = platform_info(call.worker, call.account, person.id);
  if (!platforms) return clevertap_from(platforms.error());
  const std::string members =
      person_members({person.id, person.identity, person.object_id, person.properties});
  return json_reply(200, fmt::format(R"({{"status":"success","record":{{{},"events":{},"platformInfo":{}}}}})",
                                     members, *events, *platforms));
}

}  // namespace

void read_profile(Call call, Answer answer) {
  answer.send(read(call));
}

void connect(Call, Answer answer) {
  answer.send(json_reply(200, R"({"status":"success"})"));
}

}  // namespace belay::api::clevertap
