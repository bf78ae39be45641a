// Bodies as the FCM HTTP v1 API sends them (Google's error model with the FcmError detail; reference:
// firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode and projects.messages/send).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::sink {

std::string fcm_accepted(std::string_view project, std::uint64_t number);
// 400, 401, 403, 404 (UNREGISTERED), 429, 500, 503; others get a plain error of that status.
std::string fcm_error(int status);

}  // namespace belay::sink
