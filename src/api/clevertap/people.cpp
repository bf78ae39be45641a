// POST /1/delete/profiles.json and POST /1/demerge/profiles.json: the end of people, and of wrong merges.
// Who is not known is passed over: after the answer they are as it was asked, however often it is asked.
#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"
#include "store/people.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_named = 100, most_id_bytes = 512;

// A text, a number, or a list of these.
Read<std::vector<std::string>> ids(const json::object& request, std::string_view key) {
  std::vector<std::string> out;
  const json::value* found = member(request, key);
  if (!found) return out;
  const json::array one{*found};
  const json::array& list = found->is_array() ? found->get_array() : one;
  if (list.size() > most_named)
    return std::unexpected(fmt::format("{} must not have more than {} elements", key, most_named));
  for (const json::value& element : list) {
    std::string text = element.is_string()  ? std::string(element.get_string())
                       : element.is_int64() ? fmt::format("{}", element.get_int64())
                                            : "";
    if (text.empty() || text.size() > most_id_bytes)
      return std::unexpected(
          fmt::format("{} must be a text, or a list of texts, none of them empty or longer than {} bytes", key,
                      most_id_bytes));
    out.push_back(std::move(text));
  }
  return out;
}

net::HttpReply done() {
  return json_reply(200, R"({"status":"success"})");
}

net::HttpReply remove(Call& call) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto identities = ids(*request, "identity");
  if (!identities) return clevertap_fail(400, identities.error());
  const auto guids = ids(*request, "guid");
  if (!guids) return clevertap_fail(400, guids.error());
  std::vector<store::IdentityRef> who;
  for (const std::string& id : *identities) who.push_back({store::IdentityKind::identity, id});
  for (const std::string& id : *guids) who.push_back({store::IdentityKind::object_id, id});
  if (who.empty()) return clevertap_fail(400, "identity or guid is required, a text or a list of texts");
  if (const auto removed = store::people_of(*call.worker.profiles).remove(call.account, who); !removed)
    return clevertap_from(removed.error());
  return done();
}

net::HttpReply part(Call& call) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto identities = ids(*request, "identities");
  if (!identities) return clevertap_fail(400, identities.error());
  if (identities->empty()) return clevertap_fail(400, "identities is required, a text or a list of texts");
  const std::vector<std::string_view> names(identities->begin(), identities->end());
  if (const auto parted = store::people_of(*call.worker.profiles).part(call.account, names); !parted)
    return clevertap_from(parted.error());
  return done();
}

}  // namespace

void delete_profiles(Call call, Answer answer) {
  answer.send(remove(call));
}

void demerge_profiles(Call call, Answer answer) {
  answer.send(part(call));
}

}  // namespace belay::api::clevertap
