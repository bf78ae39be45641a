#include "api/native/campaign_json.h"

#include "api/native/time_text.h"

namespace belay::api {
namespace {

json::value time_json(const std::optional<WallTime>& t) {
  return t ? json::value(iso_time(*t)) : json::value(nullptr);
}

template <class Names, class Key>
json::value name_json(const Names& names, const Key& key) {
  const auto found = names.find(key);
  return found == names.end() ? json::value(nullptr) : json::value(found->second);
}

}  // namespace

json::object campaign_json(const Campaign& c, const CampaignNames& names) {
  json::array labels;
  for (const std::string& label : c.definition.labels) labels.push_back(json::value(label));
  return {{"id", c.id.value},
          {"name", c.definition.name},
          {"channel", name_of(c.definition.channel)},
          {"state", name_of(c.state)},
          {"state_reason", c.state_reason},
          {"account", name_json(names.accounts, c.account)},
          {"provider", name_json(names.providers, c.provider)},
          {"labels", std::move(labels)},
          {"due", iso_time(c.due)},
          {"created", iso_time(c.created)},
          {"started", time_json(c.started)},
          {"finished", time_json(c.finished)}};
}

void add_numbers(json::object& to, const CampaignNumbers& numbers) {
  to["counts"] = numbers.planned ? json::value(counts_json(numbers.tally, true)) : json::value(nullptr);
  to["first_hand_over"] = hand_over_json(numbers.span.first);
  to["last_hand_over"] = hand_over_json(numbers.span.last);
}

}  // namespace belay::api
