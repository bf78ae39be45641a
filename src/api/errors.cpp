#include "api/errors.h"

#include "base/json.h"

namespace belay::api {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  append_json_escaped(out, text);
  out += '"';
  return out;
}

// One row a store error; both APIs read it. CleverTap's statuses are those of contract 2.3.
struct StoreRow {
  int status;
  std::string_view native_type;
};

StoreRow row_of(store::Code code) {
  switch (code) {
    case store::Code::not_found:
      return {404, "not_found"};
    case store::Code::conflict:
      return {409, "conflict"};
    case store::Code::fenced:
      return {409, "conflict"};
    case store::Code::latched:
      return {403, "latched"};
    case store::Code::full:
      return {503, "store_full"};
    case store::Code::io:
      return {500, "store_error"};
    case store::Code::damaged:
      return {500, "store_error"};
    case store::Code::busy:
      return {503, "busy"};
  }
  return {500, "store_error"};
}

}  // namespace

net::HttpReply json_reply(int status, std::string body) {
  net::HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

net::HttpReply clevertap_fail(int status, std::string_view text, int code) {
  return json_reply(status, fmt::format(R"({{"status":"fail","error":{},"code":{}}})", quoted(text),
                                        code != 0 ? code : status));
}

net::HttpReply clevertap_from(const store::Error& error) {
  return clevertap_fail(row_of(error.code).status, error.text);
}

net::HttpReply clevertap_from(const dispatch::StopError& error) {
  switch (error.code) {
    case dispatch::StopCode::not_found:
      return clevertap_fail(400, "Invalid campaign id");
    case dispatch::StopCode::store:
      return clevertap_fail(500, error.text);
    case dispatch::StopCode::shutting_down:
      return clevertap_fail(503, error.text);
  }
  return clevertap_fail(500, error.text);
}

net::HttpReply native_fail(int status, std::string_view type, std::string_view text) {
  return json_reply(status,
                    fmt::format(R"({{"error":{{"type":{},"message":{}}}}})", quoted(type), quoted(text)));
}

net::HttpReply native_from(const store::Error& error) {
  const StoreRow row = row_of(error.code);
  // A latch refuses what would be legal otherwise: a conflict with the present state of things.
  return native_fail(error.code == store::Code::latched ? 409 : row.status, row.native_type, error.text);
}

net::HttpReply native_from(const dispatch::StopError& error) {
  switch (error.code) {
    case dispatch::StopCode::not_found:
      return native_fail(404, "not_found", error.text);
    case dispatch::StopCode::store:
      return native_fail(500, "store_error", error.text);
    case dispatch::StopCode::shutting_down:
      return native_fail(503, "shutting_down", error.text);
  }
  return native_fail(500, "store_error", error.text);
}

net::HttpReply native_from(const dispatch::PauseError& error) {
  switch (error.code) {
    case dispatch::PauseCode::not_found:
      return native_fail(404, "not_found", error.text);
    case dispatch::PauseCode::conflict:
      return native_fail(409, "conflict", error.text);
    case dispatch::PauseCode::latched:
      return native_fail(409, "latched", error.text);
    case dispatch::PauseCode::store:
      return native_fail(500, "store_error", error.text);
    case dispatch::PauseCode::shutting_down:
      return native_fail(503, "shutting_down", error.text);
  }
  return native_fail(500, "store_error", error.text);
}

}  // namespace belay::api
