#include "campaign/guardrails_json.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace belay {
namespace {

template <class T>
using Read = Result<T, std::string>;

std::unexpected<std::string> wrong(std::string text) {
  return std::unexpected(std::move(text));
}

constexpr std::uint32_t most_count = 1'000'000'000, most_sample = 100'000;
constexpr std::uint32_t most_start = 1'000'000, most_interval = 86'400;

Read<std::uint32_t> whole(const json::value& v, std::string_view key, std::uint32_t least,
                          std::uint32_t most) {
  std::int64_t n = -1;
  if (v.is_int64()) n = v.get_int64();
  if (n < std::int64_t{least} || n > std::int64_t{most})
    return wrong(fmt::format("guardrails: {} must be a whole number from {} to {}", key, least, most));
  return static_cast<std::uint32_t>(n);
}

Read<const json::object*> object_of(const json::value& v, std::string_view key,
                                    std::initializer_list<std::string_view> keys) {
  const auto* o = v.if_object();
  if (!o) return wrong(fmt::format("guardrails: {} must be an object", key));
  for (const auto& member : *o)
    if (std::ranges::find(keys, std::string_view(member.key())) == keys.end())
      return wrong(fmt::format("guardrails: unknown key \"{}\" in {}", std::string_view(member.key()), key));
  for (const std::string_view needed : keys)
    if (!o->contains(needed)) return wrong(fmt::format("guardrails: {} needs \"{}\"", key, needed));
  return o;
}

Read<RateRule> rate(const json::value& v, std::string_view key) {
  TRY_ASSIGN(const auto* o, object_of(v, key, {"percent", "min_sample"}));
  const json::value& p = o->at("percent");
  RateRule rule;
  if (p.is_double()) rule.percent = p.get_double();
  if (p.is_int64()) rule.percent = static_cast<double>(p.get_int64());
  if (!std::isfinite(rule.percent) || rule.percent <= 0 || rule.percent >= 100)
    return wrong(fmt::format("guardrails: percent of {} must be above 0 and below 100", key));
  TRY_ASSIGN(rule.min_sample,
             whole(o->at("min_sample"), fmt::format("min_sample of {}", key), 1, most_sample));
  return rule;
}

Read<Ramp> ramp(const json::value& v) {
  TRY_ASSIGN(const auto* o, object_of(v, "ramp", {"start_per_second", "double_every"}));
  Ramp r;
  TRY_ASSIGN(r.start_per_second, whole(o->at("start_per_second"), "start_per_second of ramp", 1, most_start));
  TRY_ASSIGN(const auto every,
             whole(o->at("double_every"), "double_every of ramp (seconds)", 1, most_interval));
  r.double_every = Seconds{every};
  return r;
}

Read<WallTime> cut_off(const json::value& v, const TimeZone& zone) {
  constexpr std::int64_t most_epoch = 253'402'300'799;  // the year 9999
  if (const auto* n = v.if_int64(); n && *n > 0 && *n <= most_epoch) return wall_from_micros(*n * 1'000'000);
  const auto* text = v.if_string();
  if (!text) return wrong("guardrails: cut_off must be a time like \"20300131 18:30\", or epoch seconds");
  auto t = zone.instant(*text);
  if (!t) return wrong("guardrails: cut_off: " + t.error());
  return *t;
}

constexpr std::string_view of_accounts[] = {"error_rate", "in_doubt_rate", "max_hand_overs_per_minute",
                                            "max_per_day"};

Read<void> read_one(Guardrails& g, std::string_view key, const json::value& v, const TimeZone& zone) {
  const auto count = [&](std::optional<std::uint32_t>& to) -> Read<void> {
    TRY_ASSIGN(to, whole(v, key, 1, most_count));
    return {};
  };
  if (key == "max_hand_overs_per_minute") return count(g.max_hand_overs_per_minute);
  if (key == "expect_audience_max") return count(g.expect_audience_max);
  if (key == "canary") return count(g.canary);
  if (key == "max_per_run") return count(g.max_per_run);
  if (key == "max_per_day") return count(g.max_per_day);
  if (key == "max_total") return count(g.max_total);
  if (key == "error_rate") {
    TRY_ASSIGN(g.error_rate, rate(v, key));
  } else if (key == "in_doubt_rate") {
    TRY_ASSIGN(g.in_doubt_rate, rate(v, key));
  } else if (key == "ramp") {
    TRY_ASSIGN(g.ramp, ramp(v));
  } else if (key == "cut_off") {
    TRY_ASSIGN(g.cut_off, cut_off(v, zone));
  } else {
    return wrong(fmt::format("guardrails: unknown key \"{}\"", key));
  }
  return {};
}

json::object rate_json(const RateRule& r) {
  json::value percent = r.percent;
  if (r.percent == std::floor(r.percent)) percent = static_cast<std::int64_t>(r.percent);  // 10, not 1E1
  return {{"percent", std::move(percent)}, {"min_sample", r.min_sample}};
}

}  // namespace

Result<Guardrails, std::string> parse_guardrails(const json::value& value, GuardrailsOf whose,
                                                 const TimeZone& zone) {
  const auto* o = value.if_object();
  if (!o) return wrong("guardrails must be an object");
  Guardrails g;
  for (const auto& member : *o) {
    const std::string_view key = member.key();
    if (member.value().is_null()) continue;
    TRY(read_one(g, key, member.value(), zone));
    if (whose == GuardrailsOf::account && std::ranges::find(of_accounts, key) == std::end(of_accounts))
      return wrong(fmt::format("guardrails: {} is for a campaign, not for an account", key));
  }
  return g;
}

json::object to_json(const Guardrails& g) {
  json::object o;
  if (g.error_rate) o["error_rate"] = rate_json(*g.error_rate);
  if (g.in_doubt_rate) o["in_doubt_rate"] = rate_json(*g.in_doubt_rate);
  if (g.max_hand_overs_per_minute) o["max_hand_overs_per_minute"] = *g.max_hand_overs_per_minute;
  if (g.expect_audience_max) o["expect_audience_max"] = *g.expect_audience_max;
  if (g.canary) o["canary"] = *g.canary;
  if (g.ramp)
    o["ramp"] = {{"start_per_second", g.ramp->start_per_second},
                 {"double_every", g.ramp->double_every.count()}};
  if (g.cut_off) o["cut_off"] = to_epoch_seconds(*g.cut_off);
  if (g.max_per_run) o["max_per_run"] = *g.max_per_run;
  if (g.max_per_day) o["max_per_day"] = *g.max_per_day;
  if (g.max_total) o["max_total"] = *g.max_total;
  return o;
}

}  // namespace belay
