// The sink's own requests under /_sink/: counts, lists, behaviour, reset.
#include <memory>

#include "base/json.h"
#include "sink/service.h"

namespace belay::sink {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

Outgoing control_error(int status, std::string_view text) {
  std::string body = R"({"error":")";
  append_json_escaped(body, text);
  return {.status = status, .body = body + "\"}"};
}

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

struct Knob {
  std::string_view name;
  std::uint32_t Behaviour::*value;
};

constexpr Knob knobs[] = {
    {"delay_ms", &Behaviour::delay_ms},
    {"fail_every", &Behaviour::fail_every},
    {"fail_status", &Behaviour::fail_status},
    {"retry_after", &Behaviour::retry_after},
    {"unregistered_every", &Behaviour::unregistered_every},
    {"hang_every", &Behaviour::hang_every},
    {"close_every", &Behaviour::close_every},
    {"goaway_every", &Behaviour::goaway_every},
    {"max_streams", &Behaviour::max_streams},
};

// Says what is wrong, or "".
std::string apply_setting(std::string_view name, const json::value& value, Behaviour& behaviour) {
  if (name == "stop_reading") {
    if (!value.is_bool()) return "stop_reading must be true or false";
    behaviour.stop_reading = value.as_bool();
    return {};
  }
  for (const Knob& knob : knobs) {
    if (knob.name != name) continue;
    if (!value.is_int64() || value.as_int64() < 0 || value.as_int64() > 1'000'000'000)
      return std::string(name) + " must be a number of 0 or more";
    behaviour.*knob.value = static_cast<std::uint32_t>(value.as_int64());
    return {};
  }
  return "unknown setting: " + std::string(name);
}

std::string behaviour_json(const Behaviour& behaviour) {
  json::object object;
  for (const Knob& knob : knobs) object[knob.name] = behaviour.*knob.value;
  object["stop_reading"] = behaviour.stop_reading;
  return to_text(object);
}

}  // namespace

Outgoing Service::answer_control(const Incoming& request, const std::string& body) {
  const std::size_t mark = request.target.find('?');
  const std::string_view path = request.target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? "" : request.target.substr(mark + 1);
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path == "/_sink/counts") return get ? Outgoing{.body = counts_json()} : control_error(405, "GET only");
  if (path == "/_sink/list") return get ? list(query) : control_error(405, "GET only");
  if (path == "/_sink/behave" && get) return {.body = behaviour_json(behaviour())};
  if (path == "/_sink/behave") return post ? behave(body) : control_error(405, "GET or POST");
  if (path != "/_sink/reset")
    return control_error(404, "there are counts, list, behave and reset under /_sink/");
  if (!post) return control_error(405, "POST only");
  reset();
  return {.body = counts_json()};
}

Outgoing Service::behave(const std::string& body) {
  const auto parsed = parse_json(body);
  if (!parsed) return control_error(400, parsed.error());
  if (!parsed->is_object()) return control_error(400, "an object of settings is wanted");
  Behaviour changed = behaviour();
  for (const auto& [name, value] : parsed->as_object()) {
    const std::string wrong = apply_setting(name, value, changed);
    if (!wrong.empty()) return control_error(400, wrong);
  }
  if (changed.fail_status < 200 || changed.fail_status > 599)
    return control_error(400, "fail_status must be 200 to 599");
  set_behaviour(changed);
  return {.body = behaviour_json(changed)};
}

std::string Service::counts_json() const {
  const Counts counts = ledger_.counts();
  json::object by_campaign;
  for (const auto& [id, count] : counts.by_campaign) {
    json::object statuses;
    for (const auto& [status, n] : count.by_status) statuses[std::to_string(status)] = n;
    by_campaign[id] = {{"messages", count.messages},      {"recipients", count.recipients},
                       {"duplicates", count.duplicates},  {"unnamed", count.unnamed},
                       {"first_at", count.first_at},      {"last_at", count.last_at},
                       {"by_status", std::move(statuses)}};
  }
  json::object object{
      {"total", counts.total}, {"incomplete", counts.incomplete}, {"malformed", counts.malformed}};
  object["by_campaign"] = std::move(by_campaign);
  return to_text(object);
}

// ?campaign=ID&format=csv|jsonl&what=recipients|arrivals
Outgoing Service::list(std::string_view query) const {
  const std::string_view format_name = query_value(query, "format");
  const std::string_view what = query_value(query, "what");
  if (!format_name.empty() && format_name != "csv" && format_name != "jsonl")
    return control_error(400, "format must be csv or jsonl");
  if (!what.empty() && what != "recipients" && what != "arrivals")
    return control_error(400, "what must be recipients or arrivals");
  const auto format = format_name == "csv" ? Ledger::Format::csv : Ledger::Format::jsonl;
  const auto next = what == "arrivals" ? &Ledger::list_arrivals : &Ledger::list_recipients;
  Outgoing out;
  out.content_type = format == Ledger::Format::csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  out.pieces = [this, campaign = std::string(query_value(query, "campaign")), format, next,
                from = std::size_t{0}](std::string& to) mutable {
    const std::size_t before = to.size();
    from = (ledger_.*next)(campaign, format, from, before + piece_bytes, to);
    return to.size() > before;
  };
  return out;
}

}  // namespace belay::sink
