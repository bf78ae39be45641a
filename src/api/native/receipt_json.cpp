#include "api/native/receipt_json.h"

#include <charconv>

#include "api/native/time_text.h"

namespace belay::api {
namespace {

std::string named(std::string_view prefix, std::int64_t number) {
  return fmt::format("{}-{}", prefix, number);
}

json::value account_name(AccountId id, const AccountKeys& accounts) {
  const auto found = accounts.find(id);
  return found == accounts.end() ? json::value(nullptr) : json::value(found->second);
}

json::array loops_json(const std::vector<LoopCount>& loops) {
  json::array out;
  for (const LoopCount& l : loops)
    out.push_back(json::object{{"loop", l.loop.value},
                               {"handed_over", l.handed_over},
                               {"attempts", l.attempts},
                               {"in_flight", l.in_flight},
                               {"dropped", l.dropped}});
  return out;
}

json::value audit_ref_json(const AuditRef& row) {
  if (row.id == 0) return nullptr;
  return json::object{{"id", row.id}, {"hash", row.hash}};
}

void append(json::object& to, json::object&& from) {
  for (auto& pair : from) to[pair.key()] = std::move(pair.value());
}

void add_numbers(json::object& to, const Tally& tally, bool settled, const HandOverSpan& span,
                 const std::vector<LoopCount>& loops) {
  append(to, counts_json(tally, false));
  to["settled"] = settled;
  to["first_hand_over"] = hand_over_json(span.first);
  to["last_hand_over"] = hand_over_json(span.last);
  to["loops"] = loops_json(loops);
}

void add_campaign(json::object& to, const Receipt& r) {
  to["campaign"] = r.campaign.value;
  to["campaign_name"] = r.campaign_name;
  to["found_in"] = name_of(r.found_in);
  to["planned"] = r.planned;
}

// What all campaigns of a record had on each loop.
std::vector<LoopCount> summed_loops(const std::vector<Receipt>& receipts) {
  std::map<std::int32_t, LoopCount> sums;
  for (const Receipt& r : receipts)
    for (const LoopCount& l : r.loops) {
      LoopCount& sum = sums[l.loop.value];
      sum.loop = l.loop;
      sum.handed_over += l.handed_over;
      sum.attempts += l.attempts;
      sum.in_flight += l.in_flight;
      sum.dropped += l.dropped;
    }
  std::vector<LoopCount> out;
  for (const auto& [number, sum] : sums) out.push_back(sum);
  return out;
}

}  // namespace

json::object scope_json(const Scope& scope, const AccountKeys& accounts) {
  json::object out;
  switch (scope.kind) {
    case Scope::Kind::campaign:
      out["campaign"] = scope.campaign.value;
      return out;
    case Scope::Kind::account:
      out["account"] = account_name(scope.account, accounts);
      return out;
    case Scope::Kind::all:
      out["all"] = true;
      return out;
    case Scope::Kind::label:
      out["label"] = scope.name;
      break;
    case Scope::Kind::channel:
      out["channel"] = scope.name;
      break;
    case Scope::Kind::provider:
      out["provider"] = scope.name;
      break;
  }
  if (scope.account) out["account"] = account_name(scope.account, accounts);
  return out;
}

json::object counts_json(const Tally& tally, bool with_pending) {
  json::object skipped;
  for (const ReasonRow& row : reason_table)
    if (const auto n = tally.skipped[static_cast<std::size_t>(row.reason)]; n != 0) skipped[row.name] = n;
  json::object out{{"audience", tally.audience},    {"handed_over", tally.handed_over},
                   {"accepted", tally.accepted},    {"failed", tally.failed},
                   {"skipped", std::move(skipped)}, {"withheld", tally.withheld},
                   {"in_doubt", tally.in_doubt},    {"in_flight", tally.in_flight}};
  if (with_pending) out["pending"] = tally.pending;
  out["attempts"] = tally.attempts;
  return out;
}

json::value hand_over_json(const std::optional<HandOver>& hand_over) {
  if (!hand_over) return nullptr;
  return json::object{{"time", iso_time(hand_over->at)}, {"recipient", hand_over->ordinal}};
}

json::object receipt_json(const StopRecord& record, const AccountKeys& accounts) {
  json::object out;
  out["id"] = record.id ? json::value(named("stop", record.id.value)) : json::value(nullptr);
  if (!record.id) out["dry_run"] = true;
  out["scope"] = scope_json(record.scope, accounts);
  out["at"] = iso_time(record.at);
  out["actor"] = record.actor;
  out["reason"] = record.reason;
  out["latch"] = record.latch ? json::value(named("latch", record.latch.value)) : json::value(nullptr);
  out["latency_us"] = record.latency.count();
  out["audit"] = audit_ref_json(record.audit);
  const bool one = record.receipts.size() == 1;
  if (one) add_campaign(out, record.receipts.front());
  HandOverSpan span;
  for (const Receipt& r : record.receipts) span.merge(r.span);
  // Ordinals of different campaigns do not compare: with several, each campaign's entry names its own.
  add_numbers(out, record.total(), record.settled(), span, summed_loops(record.receipts));
  if (one) return out;
  json::array campaigns;
  for (const Receipt& r : record.receipts) {
    json::object each;
    add_campaign(each, r);
    add_numbers(each, r.tally, r.settled, r.span, r.loops);
    campaigns.push_back(std::move(each));
  }
  out["campaigns"] = std::move(campaigns);
  return out;
}

namespace {

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string receipt_csv(const StopRecord& record) {
  std::string out =
      "stop,at,actor,reason,campaign,campaign_name,found_in,planned,audience,handed_over,accepted,failed,"
      "skipped,withheld,in_doubt,in_flight,attempts,settled\r\n";
  for (const Receipt& r : record.receipts) {
    const Tally& t = r.tally;
    out += fmt::format("{},{},{},{},{},{},{},{},", named("stop", record.id.value), iso_time(record.at),
                       csv_cell(record.actor), csv_cell(record.reason), r.campaign, csv_cell(r.campaign_name),
                       name_of(r.found_in), r.planned);
    out += fmt::format("{},{},{},{},{},{},{},{},{},{}\r\n", t.audience, t.handed_over, t.accepted, t.failed,
                       t.skipped_total(), t.withheld, t.in_doubt, t.in_flight, t.attempts, r.settled);
  }
  return out;
}

json::object latch_json(const Latch& latch, const AccountKeys& accounts) {
  return {{"id", named("latch", latch.id.value)},
          {"scope", scope_json(latch.scope, accounts)},
          {"stop", latch.stop ? json::value(named("stop", latch.stop.value)) : json::value(nullptr)},
          {"actor", latch.actor},
          {"reason", latch.reason},
          {"at", iso_time(latch.at)}};
}

std::optional<std::int64_t> numbered(std::string_view prefix, std::string_view text) {
  if (text.starts_with(prefix) && text.substr(prefix.size()).starts_with('-'))
    text.remove_prefix(prefix.size() + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace belay::api
