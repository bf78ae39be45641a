// Reading native requests and answering them: what the handlers of api/native share. Pure but for
// account_keys(), which reads the store.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "api/native/receipt_json.h"
#include "api/route.h"
#include "base/json.h"

namespace belay::api {

template <class T>
using Asked = std::expected<T, net::HttpReply>;  // or the reply that refuses

std::unexpected<net::HttpReply> invalid(std::string_view text);    // 400
std::unexpected<net::HttpReply> not_found(std::string_view text);  // 404
std::unexpected<net::HttpReply> refused(const store::Error& error);

net::HttpReply ok(const json::value& body);

// A JSON object with none but `known` keys.
Asked<json::object> body_object(const net::HttpRequest& request,
                                std::initializer_list<std::string_view> known);

// The same where nothing has to be said: no body is an empty object.
Asked<json::object> optional_object(const net::HttpRequest& request,
                                    std::initializer_list<std::string_view> known);

// A key of such an object; absent (or null) leaves `otherwise`.
Asked<std::string> text_of(const json::object& body, std::string_view key, std::size_t most_bytes,
                           std::string otherwise = "");
Asked<bool> flag_of(const json::object& body, std::string_view key);
Asked<std::int64_t> number_of(const json::object& body, std::string_view key, std::int64_t least,
                              std::int64_t most, std::int64_t otherwise);

// A number in the query string.
Asked<std::int64_t> query_number(const net::HttpRequest& request, std::string_view key, std::int64_t least,
                                 std::int64_t most, std::int64_t otherwise);

// The campaign that the path's `{id}` names, if the caller may see it.
Asked<Campaign> campaign_of(const Call& call, std::string_view id);

// The names the caller may see: its own, or, for the operator, all.
AccountKeys account_keys(const Call& call);

}  // namespace belay::api

// Gives a value its name, or answers the call with the refusal and returns.
#define ASK(declaration, expression, answer)                                 \
  auto BELAY_CONCAT(asked_, __LINE__) = (expression);                        \
  if (!BELAY_CONCAT(asked_, __LINE__))                                       \
    return (answer).send(std::move(BELAY_CONCAT(asked_, __LINE__).error())); \
  declaration = std::move(*BELAY_CONCAT(asked_, __LINE__))
