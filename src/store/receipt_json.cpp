#include "store/receipt_json.h"

#include "base/json.h"

namespace belay::store {
namespace {

template <class T>
T number(const json::object& o, std::string_view key) {
  return o.at(key).to_number<T>();
}

Tally tally_from(const json::object& o) {
  Tally t;
  t.audience = number<std::uint32_t>(o, "audience");
  t.handed_over = number<std::uint32_t>(o, "handed_over");
  t.accepted = number<std::uint32_t>(o, "accepted");
  t.failed = number<std::uint32_t>(o, "failed");
  const json::object& skipped = o.at("skipped").as_object();
  for (const ReasonRow& row : reason_table)
    if (skipped.contains(row.name))
      t.skipped[static_cast<std::size_t>(row.reason)] = number<std::uint32_t>(skipped, row.name);
  t.withheld = number<std::uint32_t>(o, "withheld");
  t.in_doubt = number<std::uint32_t>(o, "in_doubt");
  t.in_flight = number<std::uint32_t>(o, "in_flight");
  t.pending = number<std::uint32_t>(o, "pending");
  t.attempts = number<std::uint64_t>(o, "attempts");
  return t;
}

json::value hand_over_value(const std::optional<HandOver>& h) {
  if (!h) return nullptr;
  return json::object{{"at", to_micros(h->at)}, {"ordinal", h->ordinal}};
}

std::optional<HandOver> hand_over_from(const json::value& v) {
  if (v.is_null()) return std::nullopt;
  const json::object& o = v.as_object();
  return HandOver{wall_from_micros(number<std::int64_t>(o, "at")), number<std::uint32_t>(o, "ordinal")};
}

json::array loops_array(const std::vector<LoopCount>& loops) {
  json::array out;
  for (const LoopCount& l : loops)
    out.push_back(json::object{{"loop", l.loop.value},
                               {"handed_over", l.handed_over},
                               {"attempts", l.attempts},
                               {"in_flight", l.in_flight},
                               {"dropped", l.dropped}});
  return out;
}

LoopCount loop_from(const json::object& o) {
  return {LoopNo{number<std::int32_t>(o, "loop")}, number<std::uint32_t>(o, "handed_over"),
          number<std::uint64_t>(o, "attempts"), number<std::uint32_t>(o, "in_flight"),
          number<std::uint32_t>(o, "dropped")};
}

Receipt read(const json::object& o) {
  Receipt r;
  r.campaign = CampaignId{number<std::int64_t>(o, "campaign")};
  r.campaign_name = std::string(o.at("campaign_name").as_string());
  const auto found_in = state_named(std::string_view(o.at("found_in").as_string()));
  if (!found_in) throw std::runtime_error("unknown state");
  r.found_in = *found_in;
  r.planned = o.at("planned").as_bool();
  r.tally = tally_from(o.at("tally").as_object());
  r.settled = o.at("settled").as_bool();
  r.span = {hand_over_from(o.at("first")), hand_over_from(o.at("last"))};
  for (const json::value& v : o.at("loops").as_array()) r.loops.push_back(loop_from(v.as_object()));
  return r;
}

}  // namespace

json::object tally_object(const Tally& t) {
  json::object skipped;
  for (const ReasonRow& row : reason_table)
    if (const auto n = t.skipped[static_cast<std::size_t>(row.reason)]; n > 0) skipped[row.name] = n;
  return {{"audience", t.audience}, {"handed_over", t.handed_over},  {"accepted", t.accepted},
          {"failed", t.failed},     {"skipped", std::move(skipped)}, {"withheld", t.withheld},
          {"in_doubt", t.in_doubt}, {"in_flight", t.in_flight},      {"pending", t.pending},
          {"attempts", t.attempts}};
}

std::string receipt_to_json(const Receipt& r) {
  return to_text(json::object{{"campaign", r.campaign.value},
                              {"campaign_name", r.campaign_name},
                              {"found_in", name_of(r.found_in)},
                              {"planned", r.planned},
                              {"tally", tally_object(r.tally)},
                              {"settled", r.settled},
                              {"first", hand_over_value(r.span.first)},
                              {"last", hand_over_value(r.span.last)},
                              {"loops", loops_array(r.loops)}});
}

belay::Result<Receipt, std::string> receipt_from_json(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return std::unexpected(std::move(value.error()));
  try {
    return read(value->as_object());
  } catch (const std::exception& e) {
    return std::unexpected(std::string(e.what()));
  }
}

}  // namespace belay::store
