#include "sink/service.h"

#include "sink/fcm_answers.h"

namespace belay::sink {
namespace {

constexpr std::string_view push_prefix = "/v1/projects/";
constexpr std::string_view push_suffix = "/messages:send";

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// The project of "/v1/projects/{project}/messages:send", or "".
std::string_view project_of(std::string_view path) {
  if (!path.starts_with(push_prefix) || !path.ends_with(push_suffix)) return {};
  if (path.size() <= push_prefix.size() + push_suffix.size()) return {};
  const std::string_view project =
      path.substr(push_prefix.size(), path.size() - push_prefix.size() - push_suffix.size());
  return project.find('/') == std::string_view::npos ? project : std::string_view{};
}

bool is_bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  return authorization.starts_with(scheme) && authorization.size() > scheme.size();
}

bool falls_on(std::uint64_t number, std::uint32_t every) {
  return every != 0 && number % every == 0;
}

bool asks_for_nothing(const Behaviour& b) {
  return b.delay_ms == 0 && b.fail_every == 0 && b.unregistered_every == 0 && b.hang_every == 0 &&
         b.close_every == 0 && b.goaway_every == 0;
}

Outgoing plain_error(int status, std::string_view text) {
  return {.status = status, .body = fmt::format(R"({{"error":"{}"}})", text)};
}

}  // namespace

Service::Service(const SinkOptions& options, TokenEndpoint tokens, std::function<void()> behaviour_changed)
    : ledger_(options.max_recipients, options.max_arrivals),
      tokens_(std::move(tokens)),
      behaviour_changed_(std::move(behaviour_changed)) {
  keep(options.behaviour);
}

bool Service::is_message(std::string_view target) {
  return target.starts_with("/webhook") || !project_of(path_of(target)).empty();
}

bool Service::is_control(std::string_view target) {
  return target.starts_with("/_sink/");
}

Outgoing Service::answer(const Incoming& request, std::string& body, MessageReader& reader) {
  if (is_control(request.target)) return answer_control(request, body);
  const std::string_view path = path_of(request.target);
  const bool known = path == "/token" || is_message(request.target);
  if (!known)
    return plain_error(
        404, "the sink knows /v1/projects/{project}/messages:send, /token, /webhook... and /_sink/...");
  if (request.method != "POST") return plain_error(405, "POST only");
  if (path == "/token") return answer_token(request, body);
  if (path.starts_with("/webhook")) return answer_webhook(request, body, reader);
  return answer_push(request, body, reader);
}

Outgoing Service::answer_push(const Incoming& request, std::string& body, MessageReader& reader) {
  const auto message = reader.read_push(body);
  if (!message) {
    ledger_.count_malformed();
    return {.status = 400, .body = fcm_error(400)};
  }
  const bool authorised = is_bearer(request.authorization);
  return answer_message(*message, authorised ? 200 : 401, authorised, project_of(path_of(request.target)));
}

Outgoing Service::answer_webhook(const Incoming&, std::string& body, MessageReader& reader) {
  const auto message = reader.read_webhook(body);
  if (!message) {
    ledger_.count_malformed();
    return plain_error(400, "not a webhook payload: profiles[0].identity, objectId or push_token is missing");
  }
  return answer_message(*message, 200, true, {});
}

Outgoing Service::answer_message(const Message& message, int status, bool authorised,
                                 std::string_view project) {
  const std::uint64_t number = messages_.fetch_add(1, std::memory_order_relaxed) + 1;
  Outgoing out;
  if (!plain_.load(std::memory_order_relaxed)) {
    int asked = 200;
    apply(number, asked, out);
    if (authorised) status = asked;
  }
  const bool answered = !out.hang && !out.close;
  ledger_.record(message.campaign, message.recipient, answered ? status : 0,
                 {clock_.wall(), clock_.steady()});
  out.status = status;
  if (!answered) return out;
  if (status != 200)
    out.body = fcm_error(status);
  else if (project.empty())
    out.body = R"({"status":"success"})";
  else
    out.body = fcm_accepted(project, number);
  return out;
}

void Service::apply(std::uint64_t number, int& status, Outgoing& out) const {
  const Behaviour b = behaviour();
  out.delay = Millis{b.delay_ms};
  out.last = falls_on(number, b.goaway_every);
  if (falls_on(number, b.close_every)) {
    out.close = true;
  } else if (falls_on(number, b.hang_every)) {
    out.hang = true;
  } else if (falls_on(number, b.unregistered_every)) {
    status = 404;
  } else if (falls_on(number, b.fail_every)) {
    status = static_cast<int>(b.fail_status);
    if (status == 429 || status == 503) out.retry_after = b.retry_after;
  }
}

Outgoing Service::answer_token(const Incoming&, const std::string& body) {
  const std::string why = tokens_.refusal(body);
  if (!why.empty()) return {.status = 400, .body = TokenEndpoint::refused(why)};
  return {.body = TokenEndpoint::granted(tokens_given_.fetch_add(1, std::memory_order_relaxed) + 1)};
}

Behaviour Service::behaviour() const {
  const std::lock_guard lock(mutex_);
  return behaviour_;
}

void Service::keep(const Behaviour& behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = behaviour;
  stop_reading_ = behaviour.stop_reading;
  max_streams_ = behaviour.max_streams;
  plain_ = asks_for_nothing(behaviour);
}

void Service::set_behaviour(const Behaviour& behaviour) {
  keep(behaviour);
  behaviour_changed_();
}

void Service::reset() {
  ledger_.reset();
  messages_ = 0;
}

}  // namespace belay::sink
