// POST /1/send/{sms,email,webpush,whatsapp}.json: read and checked whole (contract 3.7). No provider of these
// channels exists yet, so a sound request is refused for that reason alone.
#include "api/clevertap/body.h"
#include "api/clevertap/content_parts.h"
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/new_campaign.h"
#include "api/clevertap/send_request.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_message_id = 8;

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

// WhatsApp's own name of the message.
Checked<void> check_message_id(const json::object& request, Mode mode) {
  const auto id = text(request, "message_id", most_message_id);
  if (!id) return refuse(id.error());
  if (mode != Mode::whatsapp && *id) return refuse("message_id is for whatsapp");
  if (mode == Mode::whatsapp && (!*id || (*id)->empty()))
    return refuse(fmt::format("message_id is required: a text of at most {} bytes", most_message_id));
  return {};
}

Checked<SendRequest> read_whole(const json::object& request, Mode mode) {
  TRY_ASSIGN(SendRequest read, read_send_request(request));
  if (const auto caps = flag(request, "respect_frequency_caps", true); !caps) return refuse(caps.error());
  TRY(check_message_id(request, mode));
  TRY_ASSIGN(const auto parts, read_parts(request, mode));
  if (const auto mistake = mistake_in(parts))
    return refuse(fmt::format("{}: {}", mistake->text->place, mistake->error.text));
  return read;
}

net::HttpReply send(const Call& call, Mode mode) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto read = read_whole(*request, mode);
  if (!read) return answer_to(read.error());
  if (read->campaign_id)
    if (const auto counts = counting_campaign(call, *read->campaign_id); !counts) return counts.error();
  return clevertap_fail(400,
                        fmt::format("No provider for target_mode {} exists in this version of Belay. The "
                                    "request is good, and nothing was sent",
                                    name_of(mode)));
}

}  // namespace

std::vector<Route> send_routes() {
  struct Row {
    std::string_view pattern;
    Mode mode;
  };
  constexpr Row rows[] = {{"/1/send/sms.json", Mode::sms},
                          {"/1/send/email.json", Mode::email},
                          {"/1/send/webpush.json", Mode::webpush},
                          {"/1/send/whatsapp.json", Mode::whatsapp}};
  std::vector<Route> routes;
  for (const Row& row : rows)
    routes.push_back({"POST", row.pattern, Access::account, Lane::read, Cap::campaign,
                      [mode = row.mode](Call call, Answer answer) { answer.send(send(call, mode)); }});
  return routes;
}

}  // namespace belay::api::clevertap
