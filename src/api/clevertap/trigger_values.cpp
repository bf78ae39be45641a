#include <regex>

#include "api/clevertap/trigger.h"

namespace belay::api::clevertap {
namespace {

std::string value_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  return value.is_int64() || value.is_uint64() || value.is_double() ? to_text(value) : "";
}

std::string value_at(const json::object& values, std::string_view path) {
  const json::object* at = &values;
  while (true) {
    const std::size_t dot = path.find('.');
    const json::value* found = at->if_contains(path.substr(0, dot));
    if (!found) return "";
    if (dot == std::string_view::npos) return value_text(*found);
    if (!found->is_object()) return "";
    at = &found->get_object();
    path.remove_prefix(dot + 1);
  }
}

// False where a value would be a template. No values: a text for every one.
bool put_in(std::string& text, const json::object* values) {
  static const std::regex tag(R"(\{\{-?\s*ExternalTrigger\.([A-Za-z0-9_.\- ]*[A-Za-z0-9_])\s*-?\}\})");
  std::string out;
  auto from = text.cbegin();
  std::smatch found;
  for (; std::regex_search(from, text.cend(), found, tag); from = found.suffix().first) {
    const std::string value = values ? value_at(*values, found[1].str()) : "value";
    if (value.find("{{") != std::string::npos || value.find("{%") != std::string::npos) return false;
    out.append(from, found.prefix().second);
    out += value;
  }
  out.append(from, text.cend());
  text = std::move(out);
  return true;
}

bool put_in_all(Definition& definition, const json::object* values) {
  bool sound = put_in(definition.push.title, values) && put_in(definition.push.body, values);
  for (KeyValues* pairs : {&definition.push.android, &definition.push.ios, &definition.push.web,
                           &definition.push.windows, &definition.webhook.key_values})
    for (auto& [key, value] : *pairs) sound = sound && put_in(value, values);
  return sound;
}

}  // namespace

Checked<void> put_in_trigger(Definition& definition, const json::object& values) {
  if (put_in_all(definition, &values)) return {};
  return std::unexpected(Refusal{"A value of ExternalTrigger must not hold a template tag"});
}

Definition with_any_trigger(Definition definition) {
  (void)put_in_all(definition, nullptr);
  return definition;
}

}  // namespace belay::api::clevertap
