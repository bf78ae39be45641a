// The one place where a module's error becomes an HTTP answer.
#pragma once
#include <string>
#include <string_view>

#include "dispatch/engine.h"
#include "net/http_server.h"
#include "store/errors.h"

namespace belay::api {

// CleverTap's shape: {"status":"fail","error":text,"code":code} (contract 2.4). `code` is the HTTP
// status unless an application code is documented.
net::HttpReply clevertap_fail(int status, std::string_view text, int code = 0);
net::HttpReply clevertap_from(const store::Error& error);
net::HttpReply clevertap_from(const dispatch::StopError& error);

// The native API's shape: {"error":{"type":"not_found","message":text}} with the status that fits.
net::HttpReply native_fail(int status, std::string_view type, std::string_view text);
net::HttpReply native_from(const store::Error& error);
net::HttpReply native_from(const dispatch::StopError& error);
net::HttpReply native_from(const dispatch::PauseError& error);

net::HttpReply json_reply(int status, std::string body);

}  // namespace belay::api
