// What a query can be made of, and whom it means now: GET /api/v1/properties, POST
// /api/v1/audience/estimate and explain.
#include "api/clevertap/estimate.h"
#include "api/errors.h"
#include "api/native/audience_request.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "audience/explanation.h"
#include "audience/query.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_profiles = 2000;  // looked at: the first of the account
constexpr std::size_t most_names = 200;
constexpr std::size_t most_examples = 3;
constexpr std::size_t most_example_bytes = 60;

struct Seen {
  std::string kind;
  std::uint32_t profiles = 0;
  std::vector<std::string> examples;
};

std::string kind_of(const json::value& v) {
  if (v.is_string()) return v.as_string().starts_with("$D_") ? "date" : "text";
  if (v.is_number()) return "number";
  if (v.is_bool()) return "boolean";
  return v.is_array() ? "list" : "object";
}

void see(std::map<std::string, Seen, std::less<>>& names, std::string_view properties) {
  const auto parsed = parse_json(properties);
  if (!parsed || !parsed->is_object()) return;
  for (const auto& [key, value] : parsed->as_object()) {
    if (value.is_null()) continue;
    auto found = names.find(std::string_view(key));
    if (found == names.end()) {
      if (names.size() == most_names) continue;
      found = names.emplace(key, Seen{}).first;
    }
    Seen& seen = found->second;
    const std::string kind = kind_of(value);
    seen.kind = seen.kind.empty() || seen.kind == kind ? kind : "mixed";
    ++seen.profiles;
    if (seen.examples.size() == most_examples) continue;
    std::string text = value.is_string() ? std::string(value.as_string()) : to_text(value);
    if (text.size() <= most_example_bytes && std::ranges::find(seen.examples, text) == seen.examples.end())
      seen.examples.push_back(std::move(text));
  }
}

json::object estimate_json(const audience::Reach& reach, const Definition& d, const audience::Query& query) {
  json::object out{{"channel", name_of(d.channel)}, {"recipients", reach.total}, {"by_platform", nullptr}};
  if (d.channel == Channel::push) {
    json::object platforms;
    for (const Platform p : {Platform::android, Platform::ios, Platform::web, Platform::windows})
      platforms[name_of(p)] = reach.by_platform[static_cast<std::size_t>(p)];
    out["by_platform"] = std::move(platforms);
  }
  out["in_words"] = query.in_words();
  return out;
}

json::object explained_json(const audience::Explained& e) {
  json::object out{{"in_words", e.in_words}, {"people", e.people}};
  if (e.parts.empty()) return out;
  json::array parts;
  for (const audience::Explained& part : e.parts) parts.push_back(explained_json(part));
  out["must_hold"] = e.joined;
  out["parts"] = std::move(parts);
  return out;
}

}  // namespace

void list_properties(Call call, Answer answer) {
  ASK(const AccountId account, account_in(call), answer);
  std::map<std::string, Seen, std::less<>> names;
  std::uint32_t looked_at = 0;
  const auto scanned = call.worker.profiles->scan(
      {.account = account, .kind = RecipientKind::profile, .limit = most_profiles, .with_properties = true},
      [&](const store::ScanRow& row) {
        ++looked_at;
        see(names, row.properties);
      });
  if (!scanned) return answer.send(native_from(scanned.error()));
  const auto events = call.worker.profiles->event_names(account, most_names);
  if (!events) return answer.send(native_from(events.error()));
  json::array properties, event_names;
  for (const auto& [name, seen] : names) {
    json::array examples;
    for (const std::string& text : seen.examples) examples.push_back(json::value(text));
    properties.push_back(json::object{
        {"name", name}, {"kind", seen.kind}, {"profiles", seen.profiles}, {"examples", std::move(examples)}});
  }
  for (const std::string& name : *events) event_names.push_back(json::value(name));
  answer.send(ok(json::object{{"properties", std::move(properties)},
                              {"events", std::move(event_names)},
                              {"profiles_looked_at", looked_at}}));
}

void estimate_audience(Call call, Answer answer) {
  ASK(const AccountId account, account_in(call), answer);
  ASK(const json::object body,
      body_object(call.request,
                  {"where", "segment", "exclude_segments", "target_mode", "devices", "send_to_all_devices"}),
      answer);
  ASK(Definition definition, whom(body), answer);
  ASK(const audience::Query query, query_in(call, body), answer);
  ASK(const TimeZone zone, zone_of(call, account), answer);
  auto spec = audience::scan_spec(account, definition, zone, call.services.clock.wall());
  Worker& worker = call.worker;
  clevertap::estimate(worker, query, std::move(spec),
                      [answer = std::move(answer), definition = std::move(definition),
                       query](const store::Result<audience::Reach>& reach) mutable {
                        if (!reach) return answer.send(native_from(reach.error()));
                        answer.send(ok(estimate_json(*reach, definition, query)));
                      });
}

void explain_audience(Call call, Answer answer) {
  ASK(const AccountId account, account_in(call), answer);
  ASK(const json::object body, body_object(call.request, {"where", "segment", "exclude_segments"}), answer);
  ASK(const audience::Query query, query_in(call, body), answer);
  ASK(const TimeZone zone, zone_of(call, account), answer);
  Worker& worker = call.worker;
  clevertap::in_steps(worker, [&worker, answer = std::move(answer),
                               explanation = audience::Explanation(query, account, zone,
                                                                   call.services.clock.wall())]() mutable {
    const auto ended = explanation.step(*worker.profiles);
    if (ended && !*ended) return false;
    if (!ended) return answer.send(native_from(ended.error())), true;
    json::object out = explained_json(explanation.whole());
    out["of"] = explanation.looked_at();
    answer.send(ok(out));
    return true;
  });
}

}  // namespace belay::api
