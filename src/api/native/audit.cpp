// The audit trail: read, and checked from its first row to its last. For the operator; an account's
// own rows for its users, too.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

constexpr std::uint32_t rows_a_turn = 2000;  // of a check; then whoever waits for this worker has a turn

json::object row_json(const AuditEntry& e, const AccountKeys& accounts) {
  const auto account = accounts.find(e.account);
  return {{"id", e.id},
          {"at", iso_time(e.at)},
          {"account", account == accounts.end() ? json::value(nullptr) : json::value(account->second)},
          {"actor", e.actor},
          {"action", e.action},
          {"subject", e.subject},
          {"before", e.before},
          {"after", e.after},
          {"detail", e.detail},
          {"hash", e.hash}};
}

// A check under way.
struct Check {
  Worker& worker;
  Answer answer;
  AuditChain chain;
  std::string expected;
};

json::object verdict_json(const Check& c, const std::optional<std::string>& fault) {
  json::object out{{"ok", !fault}, {"rows", c.chain.rows()}, {"head", c.chain.head()}, {"error", nullptr}};
  if (fault) out["error"] = *fault;
  return out;
}

void go_on(const std::shared_ptr<Check>& c) {
  const auto rows = c->worker.control->audit({.after = c->chain.rows(), .limit = rows_a_turn});
  if (!rows) return c->answer.send(native_from(rows.error()));
  for (const AuditEntry& e : *rows)
    if (auto fault = c->chain.add(e)) return c->answer.send(ok(verdict_json(*c, fault)));
  if (rows->size() == rows_a_turn) {
    if (c->worker.executor == nullptr) return go_on(c);
    return c->worker.executor->post([c] { go_on(c); });
  }
  std::optional<std::string> fault;
  if (!c->chain.met_expected())
    fault = fmt::format("the trail is whole, but {} is not in it: rows were cut off, or it was made anew",
                        c->expected);
  c->answer.send(ok(verdict_json(*c, fault)));
}

}  // namespace

void list_audit(Call call, Answer answer) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  ASK(const auto limit, query_number(call.request, "limit", 1, 1000, 100), answer);
  ASK(const auto cursor, query_number(call.request, "cursor", 1, most, 0), answer);
  ASK(const auto campaign, query_number(call.request, "campaign", 1, most, 0), answer);
  store::AuditFilter filter{.account = call.account,
                            .after = cursor,
                            .limit = static_cast<std::uint32_t>(limit),
                            .newest_first = true};
  if (campaign != 0) filter.subject = fmt::format("campaign-{}", campaign);
  const auto rows = call.worker.control->audit(filter);
  if (!rows) return answer.send(native_from(rows.error()));
  const AccountKeys accounts = account_keys(call);
  json::array out;
  for (const AuditEntry& e : *rows) out.push_back(row_json(e, accounts));
  json::object body{{"rows", std::move(out)}, {"next", nullptr}};
  if (rows->size() == static_cast<std::size_t>(limit)) body["next"] = fmt::format("{}", rows->back().id);
  answer.send(ok(body));
}

void show_audit_head(Call call, Answer answer) {
  const auto rows = call.worker.control->audit({.limit = 1, .newest_first = true});
  if (!rows) return answer.send(native_from(rows.error()));
  if (rows->empty()) return answer.send(ok(json::object{{"rows", 0}, {"head", audit_origin}}));
  answer.send(ok(json::object{{"rows", rows->front().id}, {"head", rows->front().hash}}));
}

void verify_audit(Call call, Answer answer) {
  const std::string expected = call.request.query_value("expect").value_or("");
  const bool is_hash =
      expected.size() == 64 && expected.find_first_not_of("0123456789abcdef") == expected.npos;
  if (!expected.empty() && !is_hash)
    return answer.send(native_fail(400, "invalid", "\"expect\" must be a hash: 64 digits of 0-9, a-f"));
  auto check = std::make_shared<Check>(Check{call.worker, std::move(answer), {}, expected});
  check->chain.expect(expected);
  go_on(check);
}

}  // namespace belay::api
