// Drafts of campaigns, as a client keeps them between two visits: JSON that nobody here looks into. An
// account's own; bounded in size and number.
#include "api/drafts.h"
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/provider_check.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

Asked<AccountId> owner_of(const Call& call) {
  if (call.account) return call.account;
  return invalid("Drafts belong to an account: name it in X-CleverTap-Account-Id");
}

Asked<std::string> draft_id(const Call& call) {
  const std::string& id = call.params.at(0);
  if (!is_plain_name(id)) return invalid("A draft's id is 1 to 64 letters, digits, '-', '_' or '.'");
  return id;
}

json::object draft_json(const store::StoredDraft& d) {
  auto body = parse_json(d.body);
  return {{"id", d.id}, {"changed", iso_time(d.changed)}, {"draft", body ? *body : json::value(nullptr)}};
}

net::HttpReply no_draft(const std::string& id) {
  return native_fail(404, "not_found", fmt::format("There is no draft {}", id));
}

}  // namespace

void list_drafts(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  const auto drafts = call.worker.control->drafts(account);
  if (!drafts) return answer.send(native_from(drafts.error()));
  json::array out;
  for (const store::StoredDraft& d : *drafts) {
    json::object each{{"id", d.id}, {"changed", iso_time(d.changed)}, {"name", nullptr}};
    if (const auto body = parse_json(d.body); body && body->is_object())
      if (const json::value* name = body->as_object().if_contains("name"); name && name->is_string())
        each["name"] = *name;
    out.push_back(std::move(each));
  }
  answer.send(ok(json::object{{"drafts", std::move(out)}}));
}

void show_draft(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const std::string id, draft_id(call), answer);
  const auto draft = call.worker.control->draft(account, id);
  if (!draft && draft.error().code == store::Code::not_found) return answer.send(no_draft(id));
  if (!draft) return answer.send(native_from(draft.error()));
  answer.send(ok(draft_json(*draft)));
}

void put_draft(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const std::string id, draft_id(call), answer);
  if (call.request.body.size() > most_draft_bytes)
    return answer.send(invalid(fmt::format("A draft is at most {} bytes", most_draft_bytes)).error());
  const auto body = parse_json(call.request.body);
  if (!body) return answer.send(invalid(body.error()).error());
  if (!body->is_object()) return answer.send(invalid("The body must be a JSON object").error());
  const store::StoredDraft draft{account, id, to_text(*body), call.services.clock.wall()};
  const auto put = call.worker.control->put_draft(draft, most_drafts);
  if (!put && put.error().code == store::Code::conflict)
    return answer.send(
        native_fail(409, "conflict", fmt::format("There are {} drafts already: remove one", most_drafts)));
  if (!put) return answer.send(native_from(put.error()));
  answer.send(ok(draft_json(draft)));
}

void remove_draft(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const std::string id, draft_id(call), answer);
  const auto removed = call.worker.control->remove_draft(account, id);
  if (!removed && removed.error().code == store::Code::not_found) return answer.send(no_draft(id));
  if (!removed) return answer.send(native_from(removed.error()));
  answer.send(ok(json::object{{"removed", id}}));
}

}  // namespace belay::api
