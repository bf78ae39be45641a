#include "sink/fcm_answers.h"

#include <fmt/format.h>

namespace belay::sink {
namespace {

struct ErrorKind {
  int status;
  std::string_view name;  // google.rpc.Code
  std::string_view fcm;   // FcmError.errorCode, or ""
  std::string_view message;
};

constexpr ErrorKind kinds[] = {
    {400, "INVALID_ARGUMENT", "INVALID_ARGUMENT",
     "The registration token is not a valid FCM registration token"},
    {401, "UNAUTHENTICATED", "",
     "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
     "valid "
     "authentication credential."},
    {403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"},
    {404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."},
    {429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota exceeded for quota metric 'Messages sent'."},
    {500, "INTERNAL", "INTERNAL", "Internal error encountered."},
    {503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."},
};

}  // namespace

std::string fcm_accepted(std::string_view project, std::uint64_t number) {
  std::string body = R"({"name":"projects/)";
  body.append(project);
  fmt::format_to(std::back_inserter(body), "/messages/{}\"}}", number);
  return body;
}

std::string fcm_error(int status) {
  ErrorKind kind{status, "UNKNOWN", "", "The request failed."};
  for (const ErrorKind& known : kinds)
    if (known.status == status) kind = known;
  std::string details;
  if (!kind.fcm.empty())
    details = fmt::format(
        R"(,"details":[{{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{}"}}])",
        kind.fcm);
  return fmt::format(R"({{"error":{{"code":{},"message":"{}","status":"{}"{}}}}})", status, kind.message,
                     kind.name, details);
}

}  // namespace belay::sink
