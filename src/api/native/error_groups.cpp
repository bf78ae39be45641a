// GET /api/v1/campaigns/{id}/errors: those who did not get it, grouped by why, with a few of each. The
// groups are as many as there are outcomes and reasons: their number is bounded.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"

namespace belay::api {
namespace {

constexpr std::size_t most_examples = 5;

std::string_view in_words(Reason reason) {
  switch (reason) {
    case Reason::address_dead:
      return "The provider had said before that this address is gone";
    case Reason::recipient_gone:
      return "Deleted after the audience was frozen";
    case Reason::content_error:
      return "The content could not be rendered for this person";
    case Reason::unregistered:
      return "The provider says that this address is gone";
    case Reason::rejected:
      return "The provider refuses this message";
    case Reason::unauthorized:
      return "The provider refuses our credentials";
    case Reason::attempts_used_up:
      return "The provider said \"later\" at every attempt";
    case Reason::unreachable:
      return "No connection to the provider at any attempt";
    case Reason::stopped_in_retry:
      return "The provider had said \"later\", and it was stopped before the next attempt";
    case Reason::no_answer:
      return "Handed over, and no answer came in time";
    case Reason::connection_lost:
      return "Handed over, and the connection broke before the answer";
    case Reason::crash:
      return "The server died before the answer";
    case Reason::throttled:
      return "The provider is to be asked more slowly";
    case Reason::temporary:
      return "The provider can't take it now";
    case Reason::local_time_passed:
      return "The time had passed where they are";
    case Reason::cut_off_passed:
      return "Not reached before the day's cut-off";
    case Reason::quiet_hours:
      return "It fell into their do-not-disturb hours";
    case Reason::frequency_cap:
      return "They have had as many messages as the account's frequency caps allow";
    case Reason::control_group:
      return "In the control group, which gets nothing";
    case Reason::none:
      return "No reason is known";
  }
  return "";
}

struct Group {
  std::uint32_t count = 0;
  std::vector<Ordinal> examples;
};
using Groups = std::map<std::pair<Standing, Reason>, Group>;

Groups groups_of(const RunAccount& account, bool ended) {
  Groups groups;
  for (Ordinal n = 0; n < account.audience(); ++n) {
    const RunAccount::Recipient r = account.recipient(n, ended);
    if (r.standing != Standing::failed && r.standing != Standing::skipped && r.standing != Standing::in_doubt)
      continue;
    Group& g = groups[{r.standing, r.reason}];
    ++g.count;
    if (g.examples.size() < most_examples) g.examples.push_back(n);
  }
  return groups;
}

store::Result<json::array> examples_json(Worker& worker, const Campaign& campaign, const store::Run& run,
                                         const store::AudienceSet& audience,
                                         const std::vector<Ordinal>& ordinals) {
  std::vector<RecipientId> ids;
  for (const Ordinal n : ordinals) ids.push_back(audience.at(n));
  json::array out;
  TRY(read_recipients(*worker.profiles, campaign.account, run.kind, ids, [&](const store::RecipientRow& row) {
    out.push_back(json::object{
        {"ordinal", ordinals[out.size()]}, {"identity", row.identity}, {"objectId", row.object_id}});
  }));
  return out;
}

store::Result<json::array> groups_json(Worker& worker, const Campaign& campaign, const RunReading& reading) {
  TRY_ASSIGN(const store::AudienceSet audience, worker.journal->audience(reading.run.id));
  const Groups groups = groups_of(reading.account, is_final(campaign.state));
  std::vector<const Groups::value_type*> order;
  for (const auto& group : groups) order.push_back(&group);
  std::ranges::stable_sort(order, std::greater(), [](const auto* g) { return g->second.count; });
  json::array out;
  for (const auto* group : order) {
    const auto& [standing, reason] = group->first;
    json::object each{{"outcome", name_of(standing)}};
    each["reason"] = reason == Reason::none ? json::value(nullptr) : json::value(name_of(reason));
    each["in_words"] = in_words(reason);
    each["recipients"] = group->second.count;
    TRY_ASSIGN(auto examples, examples_json(worker, campaign, reading.run, audience, group->second.examples));
    each["examples"] = std::move(examples);
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace

void list_errors(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto slot = ExportSlots::take(slots);
  if (!slot) return answer.send(native_fail(503, "busy", "Too many exports are under way, retry later"));
  const auto reading = read_run(*call.worker.journal, campaign.id);
  if (!reading) return answer.send(native_from(reading.error()));
  json::object body{{"campaign", campaign.id.value}, {"errors", json::array{}}};
  if (*reading) {
    auto groups = groups_json(call.worker, campaign, **reading);
    if (!groups) return answer.send(native_from(groups.error()));
    body["errors"] = std::move(*groups);
  }
  answer.send(ok(body));
}

}  // namespace belay::api
