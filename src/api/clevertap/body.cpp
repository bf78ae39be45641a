#include "api/clevertap/body.h"

#include <charconv>

namespace belay::api::clevertap {
namespace {

template <class... Args>
std::unexpected<std::string> wrong(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(fmt::format(format, std::forward<Args>(args)...));
}

constexpr std::size_t most_pairs = 256, most_key_bytes = 120, most_value_bytes = 4096;

Read<std::string> scalar_text(const json::value& value, std::string_view name) {
  switch (value.kind()) {
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::bool_:
      return std::string(value.get_bool() ? "true" : "false");
    case json::kind::int64:
      return fmt::format("{}", value.get_int64());
    case json::kind::uint64:
      return fmt::format("{}", value.get_uint64());
    case json::kind::double_:
      return fmt::format("{}", value.get_double());
    default:
      return wrong("{} must be a text, a number or a boolean", name);
  }
}

Read<std::int64_t> day_at(const json::object& object, std::string_view key) {
  const json::value* found = member(object, key);
  if (found && found->is_int64()) return found->get_int64();
  if (found && found->is_string() && found->get_string().size() == 8 &&
      std::ranges::all_of(found->get_string(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::stoll(std::string(found->get_string()));
  return wrong("{} is required: a day as an integer YYYYMMDD", key);
}

}  // namespace

Read<std::pair<WallTime, WallTime>> day_range(const json::object& object, const TimeZone& zone) {
  TRY_ASSIGN(const std::int64_t from, day_at(object, "from"));
  TRY_ASSIGN(const std::int64_t to, day_at(object, "to"));
  TRY_ASSIGN(const auto first, zone.day(from));
  TRY_ASSIGN(const auto last, zone.day(to));
  if (from > to) return wrong("from ({}) must not be later than to ({})", from, to);
  return std::pair{first.first, last.second - Micros{1}};
}

Read<json::object> parse_object(std::string_view body) {
  auto value = parse_json(body);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_object()) return wrong("The request body must be a JSON object");
  return std::move(value->get_object());
}

const json::value* member(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && !found->is_null() ? found : nullptr;
}

Read<bool> flag(const json::object& object, std::string_view key, bool otherwise) {
  const json::value* found = member(object, key);
  if (!found) return otherwise;
  if (!found->is_bool()) return wrong("{} must be true or false", key);
  return found->get_bool();
}

Read<std::optional<std::string>> text(const json::object& object, std::string_view key,
                                      std::size_t most_bytes) {
  const json::value* found = member(object, key);
  if (!found) return std::nullopt;
  if (!found->is_string()) return wrong("{} must be a text", key);
  const auto& value = found->get_string();
  if (value.size() > most_bytes) return wrong("{} must not be longer than {} bytes", key, most_bytes);
  return std::string(value);
}

Read<std::vector<std::string>> texts(const json::object& object, std::string_view key, std::size_t most,
                                     std::size_t most_bytes) {
  std::vector<std::string> out;
  const json::value* found = member(object, key);
  if (!found) return out;
  if (!found->is_array()) return wrong("{} must be a list of texts", key);
  if (found->get_array().size() > most) return wrong("{} must not have more than {} elements", key, most);
  for (const json::value& element : found->get_array()) {
    if (!element.is_string() || element.get_string().empty())
      return wrong("{} must be a list of texts that are not empty", key);
    if (element.get_string().size() > most_bytes)
      return wrong("{} has an element that is longer than {} bytes", key, most_bytes);
    out.emplace_back(element.get_string());
  }
  return out;
}

Read<KeyValues> key_values(const json::value& value, std::string_view name) {
  if (!value.is_object()) return wrong("{} must be an object", name);
  if (value.get_object().size() > most_pairs)
    return wrong("{} must not have more than {} keys", name, most_pairs);
  KeyValues out;
  for (const auto& [key, held] : value.get_object()) {
    if (held.is_null()) continue;
    const std::string_view key_text(key.data(), key.size());
    if (key_text.empty() || key_text.size() > most_key_bytes)
      return wrong("{} has a key that is empty or longer than {} bytes", name, most_key_bytes);
    auto read = scalar_text(held, fmt::format("{}.{}", name, key_text));
    if (!read) return std::unexpected(std::move(read.error()));
    if (read->size() > most_value_bytes)
      return wrong("{}.{} must not be longer than {} bytes", name, key_text, most_value_bytes);
    out.emplace_back(key_text, std::move(*read));
  }
  return out;
}

Read<CampaignId> campaign_id(const json::object& object) {
  constexpr std::string_view rule = "a positive integer up to 9223372036854775807, for example 1457432766";
  const json::value* found = object.if_contains("id");
  if (!found) return wrong("id is missing: it must be {}", rule);
  std::int64_t id = 0;
  if (found->is_int64()) {
    id = found->get_int64();
  } else if (found->is_string()) {
    const auto& digits = found->get_string();
    const char* end = digits.data() + digits.size();
    const bool only_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    const auto [stop, error] = std::from_chars(digits.data(), end, id);
    if (!only_digits || digits.empty() || error != std::errc{} || stop != end) id = 0;
  }
  if (id <= 0) return wrong("id is not valid: it must be {}", rule);
  return CampaignId{id};
}

}  // namespace belay::api::clevertap
