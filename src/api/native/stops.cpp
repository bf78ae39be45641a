#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/scope_request.h"

namespace belay::api {
namespace {

struct StopAsked {
  dispatch::StopRequest request;
  bool dry_run = false;
};

Asked<StopAsked> stop_from(const Call& call, const AccountKeys& accounts) {
  auto body = body_object(call.request, {"scope", "reason", "latch", "dry_run"});
  if (!body) return std::unexpected(std::move(body.error()));
  const json::value* scope = body->if_contains("scope");
  if (scope == nullptr) return invalid("\"scope\" is missing: what is to be stopped");
  StopAsked asked;
  auto parsed = scope_from(*scope, call, accounts);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  asked.request.scope = std::move(*parsed);
  asked.request.actor = call.actor;
  auto reason = text_of(*body, "reason", 500);
  if (!reason) return std::unexpected(std::move(reason.error()));
  asked.request.reason = std::move(*reason);
  auto latch = flag_of(*body, "latch"), dry_run = flag_of(*body, "dry_run");
  if (!latch) return std::unexpected(std::move(latch.error()));
  if (!dry_run) return std::unexpected(std::move(dry_run.error()));
  asked.request.latch = *latch;
  asked.dry_run = *dry_run;
  return asked;
}

net::HttpReply receipt_reply(const StopRecord& record, const std::string& body) {
  net::HttpReply reply = json_reply(200, body);
  if (!record.id) return reply;
  reply.headers.emplace_back("Belay-Stop", fmt::format("stop-{}", record.id));
  reply.headers.emplace_back("Location", fmt::format("/api/v1/stops/stop-{}", record.id));
  return reply;
}

// Remembers the answer under the caller's key. A stop that can't be remembered has still been done.
struct Memory {
  std::string key, fingerprint;

  void keep(Worker& worker, AccountId account, std::string_view reply, WallTime at) const {
    if (!key.empty()) (void)worker.control->remember(account, key, fingerprint, reply, at);
  }
};

// What came of the stop, or of the question about it, given to the caller.
void answer_stop(const Result<StopRecord, dispatch::StopError>& result, const AccountKeys& accounts,
                 Answer& answer, const std::function<void(std::string_view)>& remember) {
  if (!result) return answer.send(native_from(result.error()));
  const std::string body = to_text(receipt_json(*result, accounts));
  if (result->id) remember(body);
  answer.send(receipt_reply(*result, body));
}

void carry_out(Call call, Answer answer, StopAsked asked, AccountKeys accounts, Memory memory) {
  Services& services = call.services;
  Worker& worker = call.worker;
  const AccountId account = call.account;
  auto shared = std::make_shared<Answer>(std::move(answer));
  auto done = [&services, &worker, account, shared, accounts = std::move(accounts),
               memory = std::move(memory)](const Result<StopRecord, dispatch::StopError>& result) {
    answer_stop(result, accounts, *shared,
                [&](std::string_view body) { memory.keep(worker, account, body, services.clock.wall()); });
  };
  if (services.engine == nullptr)
    return done(dispatch::stop_offline(services.store, services.clock, std::move(asked.request)));
  services.engine->stop(std::move(asked.request), std::move(done));
}

// Reads every campaign of the scope: among the readers, so that no stop waits behind it.
void say_what_it_would_do(const Call& call, Answer answer, dispatch::StopRequest request,
                          AccountKeys accounts) {
  Services& services = call.services;
  auto task = [&services, answer = std::make_shared<Answer>(std::move(answer)), request = std::move(request),
               accounts = std::move(accounts)] {
    answer_stop(services.engine != nullptr
                    ? services.engine->preview(request)
                    : dispatch::preview_offline(services.store, services.clock, request),
                accounts, *answer, [](std::string_view) {});
  };
  Executor* readers = services.reads.empty() ? nullptr : services.reads.back()->executor;
  if (readers == nullptr) return task();
  readers->post(std::move(task));
}

}  // namespace

void create_stop(Call call, Answer answer) {
  AccountKeys accounts = account_keys(call);
  ASK(StopAsked asked, stop_from(call, accounts), answer);
  if (asked.dry_run)
    return say_what_it_would_do(call, std::move(answer), std::move(asked.request), std::move(accounts));
  Memory memory;
  memory.key = call.request.header("Idempotency-Key");
  if (memory.key.size() > 255)
    return answer.send(native_fail(400, "invalid", "Idempotency-Key is longer than 255 bytes"));
  if (!memory.key.empty()) {
    memory.fingerprint = keyed_hash("POST /api/v1/stops", call.request.body);
    const auto earlier = call.worker.control->replay(call.account, memory.key, memory.fingerprint);
    if (!earlier && earlier.error().code == store::Code::conflict)
      return answer.send(native_fail(409, "conflict", "This Idempotency-Key was used for another request"));
    // A stop is not refused because its key can't be looked up: repeating it changes nothing.
    if (earlier && *earlier) {
      net::HttpReply reply = json_reply(200, **earlier);
      reply.headers.emplace_back("Idempotency-Replayed", "true");
      return answer.send(std::move(reply));
    }
  }
  carry_out(std::move(call), std::move(answer), std::move(asked), std::move(accounts), std::move(memory));
}

void list_stops(Call call, Answer answer) {
  ASK(const auto limit, query_number(call.request, "limit", 1, 500, 50), answer);
  ASK(const auto before, query_number(call.request, "cursor", 1, std::numeric_limits<std::int64_t>::max(), 0),
      answer);
  const auto records =
      call.worker.control->stops(call.account, before != 0 ? std::optional(StopId{before}) : std::nullopt,
                                 static_cast<std::uint32_t>(limit));
  if (!records) return answer.send(native_from(records.error()));
  const AccountKeys accounts = account_keys(call);
  json::array stops;
  for (const StopRecord& r : *records) stops.push_back(receipt_json(r, accounts));
  json::object body{{"stops", std::move(stops)}, {"next", nullptr}};
  if (records->size() == static_cast<std::size_t>(limit))
    body["next"] = fmt::format("{}", records->back().id);
  answer.send(ok(body));
}

void show_stop(Call call, Answer answer) {
  const auto id = numbered("stop", call.params.at(0));
  if (!id)
    return answer.send(
        native_fail(400, "invalid", fmt::format("\"{}\" is no receipt id", call.params.at(0))));
  const auto record = call.worker.control->stop(call.account, StopId{*id});
  if (!record && record.error().code == store::Code::not_found)
    return answer.send(native_fail(404, "not_found", fmt::format("There is no stop-{}", *id)));
  if (!record) return answer.send(native_from(record.error()));
  const std::string format = call.request.query_value("format").value_or("json");
  if (format == "json") return answer.send(ok(receipt_json(*record, account_keys(call))));
  if (format != "csv")
    return answer.send(native_fail(400, "invalid", fmt::format("\"{}\" is no format: json or csv", format)));
  net::HttpReply reply = json_reply(200, receipt_csv(*record));
  reply.content_type = "text/csv;charset=utf-8";
  answer.send(std::move(reply));
}

void list_latches(Call call, Answer answer) {
  const auto latches = call.worker.control->latches(call.account);
  if (!latches) return answer.send(native_from(latches.error()));
  const AccountKeys accounts = account_keys(call);
  json::array out;
  for (const Latch& l : *latches) out.push_back(latch_json(l, accounts));
  answer.send(ok(json::object{{"latches", std::move(out)}}));
}

void release_latch(Call call, Answer answer) {
  const auto id = numbered("latch", call.params.at(0));
  if (!id)
    return answer.send(native_fail(400, "invalid", fmt::format("\"{}\" is no latch id", call.params.at(0))));
  const auto released = call.worker.control->release(call.account, LatchId{*id}, call.services.clock.wall());
  if (!released && released.error().code == store::Code::not_found)
    return answer.send(native_fail(404, "not_found", fmt::format("There is no latch-{}", *id)));
  if (!released) return answer.send(native_from(released.error()));
  if (call.services.engine != nullptr) call.services.engine->wake();
  answer.send(ok(json::object{{"released", fmt::format("latch-{}", *id)}}));
}

}  // namespace belay::api
