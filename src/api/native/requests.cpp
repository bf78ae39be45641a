#include "api/native/requests.h"

#include <charconv>

#include "api/errors.h"

namespace belay::api {
namespace {

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::unexpected<net::HttpReply> invalid(std::string_view text) {
  return std::unexpected(native_fail(400, "invalid", text));
}

std::unexpected<net::HttpReply> not_found(std::string_view text) {
  return std::unexpected(native_fail(404, "not_found", text));
}

std::unexpected<net::HttpReply> refused(const store::Error& error) {
  return std::unexpected(native_from(error));
}

net::HttpReply ok(const json::value& body) {
  return json_reply(200, to_text(body));
}

Asked<json::object> body_object(const net::HttpRequest& request,
                                std::initializer_list<std::string_view> known) {
  auto parsed = parse_json(request.body);
  if (!parsed) return invalid(parsed.error());
  if (!parsed->is_object()) return invalid("The body must be a JSON object");
  for (const auto& pair : parsed->as_object())
    if (std::ranges::find(known, std::string_view(pair.key())) == known.end())
      return invalid(fmt::format("Unknown key \"{}\"", std::string_view(pair.key())));
  return std::move(parsed->as_object());
}

Asked<json::object> optional_object(const net::HttpRequest& request,
                                    std::initializer_list<std::string_view> known) {
  if (request.body.empty()) return json::object();
  return body_object(request, known);
}

Asked<std::string> text_of(const json::object& body, std::string_view key, std::size_t most_bytes,
                           std::string otherwise) {
  const json::value* v = body.if_contains(key);
  if (v == nullptr || v->is_null()) return otherwise;
  if (!v->is_string()) return invalid(fmt::format("\"{}\" must be a text", key));
  if (v->as_string().size() > most_bytes)
    return invalid(fmt::format("\"{}\" is longer than {} bytes", key, most_bytes));
  return std::string(v->as_string());
}

Asked<bool> flag_of(const json::object& body, std::string_view key) {
  const json::value* v = body.if_contains(key);
  if (v == nullptr || v->is_null()) return false;
  if (!v->is_bool()) return invalid(fmt::format("\"{}\" must be true or false", key));
  return v->as_bool();
}

Asked<std::int64_t> number_of(const json::object& body, std::string_view key, std::int64_t least,
                              std::int64_t most, std::int64_t otherwise) {
  const json::value* v = body.if_contains(key);
  if (v == nullptr || v->is_null()) return otherwise;
  if (!v->is_int64() || v->as_int64() < least || v->as_int64() > most)
    return invalid(fmt::format("\"{}\" must be a whole number from {} to {}", key, least, most));
  return v->as_int64();
}

Asked<std::int64_t> query_number(const net::HttpRequest& request, std::string_view key, std::int64_t least,
                                 std::int64_t most, std::int64_t otherwise) {
  const auto text = request.query_value(key);
  if (!text) return otherwise;
  const auto number = integer(*text);
  if (!number || *number < least || *number > most)
    return invalid(fmt::format("\"{}\" must be a whole number from {} to {}", key, least, most));
  return *number;
}

Asked<Campaign> campaign_of(const Call& call, std::string_view id) {
  const auto number = integer(id);
  if (!number || *number <= 0) return invalid(fmt::format("\"{}\" is no campaign id", id));
  auto campaign = call.worker.control->campaign(call.account, CampaignId{*number});
  if (!campaign && campaign.error().code == store::Code::not_found)
    return not_found(fmt::format("There is no campaign {}", *number));
  if (!campaign) return refused(campaign.error());
  return std::move(*campaign);
}

AccountKeys account_keys(const Call& call) {
  if (call.account) return {{call.account, call.account_key}};
  AccountKeys out;
  if (const auto accounts = call.worker.control->accounts())
    for (const store::Account& a : *accounts) out.emplace(a.id, a.key);
  return out;
}

}  // namespace belay::api
