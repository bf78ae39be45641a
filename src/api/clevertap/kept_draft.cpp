// "draft": true of create.json: the request is checked like any other and then kept among the account's
// drafts, where a person finds it, finishes it and sends it. Nothing is scheduled, so there is no campaign id
// to answer with.
#include "api/clevertap/kept_draft.h"

#include "api/clevertap/lookup.h"
#include "api/drafts.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

// Whom it is for, in words that the request itself could say.
Checked<json::value> where_of(const Definition& definition) {
  auto where = parse_json(definition.where);
  const bool plain = where && where->is_object() && !where->as_object().contains("$all");
  if (plain) return std::move(*where);
  return std::unexpected(Refusal{
      "\"draft\": true does not go with segment beside where, nor with exclude_segments: a draft keeps one "
      "query"});
}

std::string new_id(Random& random) {
  return fmt::format("api-{:016x}", random.next());
}

}  // namespace

net::HttpReply keep_draft(Call& call, json::object request, const Definition& definition) {
  auto where = where_of(definition);
  if (!where) return answer_to(where.error());
  for (const char* key : {"draft", "segment", "skip_estimate", "estimate_only"}) request.erase(key);
  request["where"] = std::move(*where);
  const std::string id = new_id(call.services.random);
  const store::StoredDraft draft{
      call.account, id, to_text(json::object{{"name", definition.name}, {"request", std::move(request)}}),
      call.services.clock.wall()};
  if (draft.body.size() > most_draft_bytes)
    return clevertap_fail(400, fmt::format("A draft is at most {} bytes, and this one would be {}",
                                           most_draft_bytes, draft.body.size()));
  const auto put = call.worker.control->put_draft(draft, most_drafts);
  if (!put && put.error().code == store::Code::conflict)
    return clevertap_fail(400, fmt::format("There are {} drafts already: remove one", most_drafts));
  if (!put) return clevertap_from(put.error());
  return json_reply(200, fmt::format(R"({{"status":"success","draft":"{}"}})", id));
}

}  // namespace belay::api::clevertap
