// Accounts and their passcodes: for the operator, over the Unix socket; an account's own for its Admins, too.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/provider_check.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"
#include "campaign/guardrails_json.h"
#include "campaign/reach_json.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

constexpr std::size_t id_length = 12;  // of a passcode's id: the first characters of its hash

std::string id_of(const store::Passcode& p) {
  return p.hash.substr(0, id_length);
}

json::object account_json(const store::Account& a) {
  return {{"id", a.key}, {"timezone", a.time_zone}, {"region", a.region}};
}

json::object passcode_json(const store::Passcode& p) {
  return {{"id", id_of(p)}, {"prefix", p.prefix}, {"created", iso_time(p.created)}};
}

void credentials_changed(const Services& services) {
  if (services.credentials_changed) services.credentials_changed();
}

// 80 random bits in letters and digits that can't be taken for one another: "7KQM-W3XN-…".
Secret new_passcode(Random& random) {
  static constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string out;
  for (int i = 0; i < 16; ++i) {
    if (i != 0 && i % 4 == 0) out += '-';
    out += letters[random.below(letters.size())];
  }
  return Secret(std::move(out));
}

// The one in the body, or a new one.
Asked<Secret> passcode_from(const json::object& body, Random& random) {
  auto text = text_of(body, "passcode", 200);
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->empty()) return new_passcode(random);
  if (text->size() < 6) return invalid("A passcode must have at least 6 characters");
  if (std::ranges::any_of(*text, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
    return invalid("A passcode must be of printable ASCII characters without blanks");
  return Secret(std::move(*text));
}

store::Result<store::Passcode> store_passcode(const Call& call, AccountId account, const Secret& passcode) {
  store::Passcode row{account, keyed_hash(call.services.hash_key.reveal(), passcode.reveal()),
                      passcode.reveal().substr(0, 3), call.services.clock.wall()};
  TRY(call.worker.control->put_passcode(row));
  credentials_changed(call.services);
  return row;
}

Asked<store::Account> account_at(const Call& call, std::string_view key) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return refused(accounts.error());
  for (const store::Account& a : *accounts)
    if (a.key == key) return a;
  return not_found(fmt::format("There is no account {}", key));
}

Asked<store::Account> account_from(const json::object& body) {
  auto id = text_of(body, "id", 64), zone = text_of(body, "timezone", 64, "UTC"),
       region = text_of(body, "region", 16, "eu1");
  for (auto* part : {&id, &zone, &region})
    if (!*part) return std::unexpected(std::move(part->error()));
  if (!is_plain_name(*id)) return invalid("\"id\" must be 1 to 64 letters, digits, '-', '_' or '.'");
  if (auto known = TimeZone::named(*zone); !known) return invalid(known.error());
  return store::Account{{}, std::move(*id), std::move(*zone), std::move(*region)};
}

}  // namespace

void list_accounts(Call call, Answer answer) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return answer.send(native_from(accounts.error()));
  json::array out;
  for (const store::Account& a : *accounts) out.push_back(account_json(a));
  answer.send(ok(json::object{{"accounts", std::move(out)}}));
}

void put_account(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"id", "timezone", "region", "passcode"}), answer);
  ASK(const store::Account wanted, account_from(body), answer);
  const bool is_new = !account_at(call, wanted.key);
  ASK(const Secret passcode, passcode_from(body, call.services.random), answer);
  const auto put = call.worker.control->put_account(wanted);
  if (!put) return answer.send(native_from(put.error()));
  json::object out = account_json(*put);
  if (is_new || body.contains("passcode")) {
    if (const auto stored = store_passcode(call, put->id, passcode); !stored)
      return answer.send(native_from(stored.error()));
    if (!body.contains("passcode")) out["passcode"] = passcode.reveal();
  }
  credentials_changed(call.services);
  answer.send(json_reply(is_new ? 201 : 200, to_text(out)));
}

void remove_account(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto removed = call.worker.control->remove_account(account.id);
  if (!removed) return answer.send(native_from(removed.error()));
  credentials_changed(call.services);
  answer.send(ok(json::object{{"removed", account.key}}));
}

void list_passcodes(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto passcodes = call.worker.control->passcodes(account.id);
  if (!passcodes) return answer.send(native_from(passcodes.error()));
  json::array out;
  for (const store::Passcode& p : *passcodes) out.push_back(passcode_json(p));
  answer.send(ok(json::object{{"passcodes", std::move(out)}}));
}

void add_passcode(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"passcode"}), answer);
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  ASK(const Secret passcode, passcode_from(body, call.services.random), answer);
  const auto stored = store_passcode(call, account.id, passcode);
  if (!stored) return answer.send(native_from(stored.error()));
  json::object out = passcode_json(*stored);
  if (!body.contains("passcode")) out["passcode"] = passcode.reveal();
  answer.send(json_reply(201, to_text(out)));
}

void remove_passcode(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto passcodes = call.worker.control->passcodes(account.id);
  if (!passcodes) return answer.send(native_from(passcodes.error()));
  for (const store::Passcode& p : *passcodes) {
    if (id_of(p) != call.params.at(1)) continue;
    const auto removed = call.worker.control->remove_passcode(account.id, p.hash);
    if (!removed) return answer.send(native_from(removed.error()));
    credentials_changed(call.services);
    return answer.send(ok(json::object{{"removed", id_of(p)}}));
  }
  answer.send(native_fail(404, "not_found",
                          fmt::format("Account {} has no passcode {}", account.key, call.params.at(1))));
}

void show_guardrails(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto rules = call.worker.control->guardrails(account.id);
  if (!rules) return answer.send(native_from(rules.error()));
  answer.send(ok(to_json(*rules)));
}

// All of them at once: what is not named is no more.
void put_guardrails(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto body = parse_json(call.request.body);
  if (!body) return answer.send(invalid(body.error()).error());
  const auto zone = TimeZone::named(account.time_zone);
  if (!zone) return answer.send(invalid(zone.error()).error());
  const auto rules = parse_guardrails(*body, GuardrailsOf::account, *zone);
  if (!rules) return answer.send(invalid(rules.error()).error());
  if (const auto put = call.worker.control->put_guardrails(account.id, *rules); !put)
    return answer.send(native_from(put.error()));
  if (call.services.engine != nullptr) call.services.engine->guardrails_changed(account.id);
  answer.send(ok(to_json(*rules)));
}

void show_reach_rules(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto rules = call.worker.control->reach_rules(account.id);
  if (!rules) return answer.send(native_from(rules.error()));
  answer.send(ok(to_json(*rules)));
}

// All of them at once, likewise.
void put_reach_rules(Call call, Answer answer) {
  ASK(const store::Account account, account_at(call, call.params.at(0)), answer);
  const auto body = parse_json(call.request.body);
  if (!body) return answer.send(invalid(body.error()).error());
  const auto rules = parse_reach_rules(*body);
  if (!rules) return answer.send(invalid(rules.error()).error());
  if (const auto put = call.worker.control->put_reach_rules(account.id, *rules); !put)
    return answer.send(native_from(put.error()));
  if (call.services.engine != nullptr) call.services.engine->guardrails_changed(account.id);
  answer.send(ok(to_json(*rules)));
}

}  // namespace belay::api
