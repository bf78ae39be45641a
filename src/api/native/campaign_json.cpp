#include "api/native/campaign_json.h"

#include "api/native/time_text.h"
#include "campaign/guardrails_json.h"

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

json::object guardrails_json(const Guardrails& rules) {
  json::object out = to_json(rules);
  if (rules.cut_off) out["cut_off"] = iso_time(*rules.cut_off);
  return out;
}

}  // namespace

namespace {

json::value parent_json(const Campaign& c, Derivation::How how) {
  const auto& derived = c.definition.derived;
  return derived && derived->how == how ? json::value(derived->parent.value) : json::value(nullptr);
}

json::value scopes_json(const Campaign& c) {
  if (!c.definition.derived) return nullptr;
  json::array out;
  for (const Standing s : c.definition.derived->standings) out.push_back(json::value(name_of(s)));
  return out;
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
          {"continues", parent_json(c, Derivation::How::continues)},
          {"corrects", parent_json(c, Derivation::How::corrects)},
          {"scopes", scopes_json(c)},
          {"due", iso_time(c.due)},
          {"created", iso_time(c.created)},
          {"started", time_json(c.started)},
          {"finished", time_json(c.finished)},
          {"guardrails", guardrails_json(c.definition.guardrails)}};
}

void add_numbers(json::object& to, const CampaignNumbers& numbers) {
  to["counts"] = numbers.planned ? json::value(counts_json(numbers.tally, true)) : json::value(nullptr);
  to["first_hand_over"] = hand_over_json(numbers.span.first);
  to["last_hand_over"] = hand_over_json(numbers.span.last);
}

}  // namespace belay::api
