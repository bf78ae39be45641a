#include "campaign/guardrails.h"

#include <algorithm>

#include <fmt/format.h>

namespace belay {
namespace {

constexpr std::uint32_t last_verdicts = 1000;
constexpr std::uint64_t as_fast_as_it_goes = 1'000'000;  // a second: no provider takes more

// 12,345,678
std::string grouped(std::uint64_t n) {
  std::string text = fmt::format("{}", n);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

std::uint32_t Ramp::per_second(Micros since_start) const {
  const std::int64_t doublings = since_start / double_every;
  if (doublings >= 32) return 0;
  const std::uint64_t rate = std::uint64_t{start_per_second} << doublings;
  return rate >= as_fast_as_it_goes ? 0 : static_cast<std::uint32_t>(rate);
}

void GuardrailWatch::set_rules(Guardrails rules) {
  rules_ = std::move(rules);
  std::uint32_t most = last_verdicts;
  for (const auto& rule : {rules_.error_rate, rules_.in_doubt_rate})
    if (rule) most = std::max(most, rule->min_sample);
  if (ring_.size() == most) return;
  ring_.assign(most, Verdict::good);
  last_ = {};
  next_ = filled_ = 0;
}

void GuardrailWatch::Counts::add(Verdict v, std::int64_t n) {
  const auto step = static_cast<std::uint64_t>(n);  // wraps for -1, as it should
  all += step;
  if (v == Verdict::failed) failed += step;
  if (v == Verdict::in_doubt) in_doubt += step;
}

void GuardrailWatch::begin_with(std::uint32_t accepted, std::uint32_t failed) {
  whole_.all += std::uint64_t{accepted} + failed;
  whole_.failed += failed;
}

void GuardrailWatch::count(const JournalEntry& entry) {
  if (!is_final(entry.entry) || entry.entry == Entry::skipped) return;
  const Verdict v = entry.entry == Entry::accepted ? Verdict::good
                    : entry.entry == Entry::failed ? Verdict::failed
                                                   : Verdict::in_doubt;
  whole_.add(v, 1);
  if (filled_ == ring_.size())
    last_.add(ring_[next_], -1);
  else
    ++filled_;
  last_.add(v, 1);
  ring_[next_] = v;
  next_ = (next_ + 1) % ring_.size();
}

std::optional<Breach> GuardrailWatch::over(Rule rule, const RateRule& limit, std::uint64_t bad,
                                           std::uint64_t all, std::string_view of_what) {
  if (all == 0 || all < limit.min_sample) return std::nullopt;
  const double percent = 100.0 * static_cast<double>(bad) / static_cast<double>(all);
  if (percent <= limit.percent) return std::nullopt;
  return Breach{rule, fmt::format("{} {:.1f} % over {} {} is above {:g} %",
                                  rule == Rule::error_rate ? "error rate" : "in-doubt rate", percent, of_what,
                                  grouped(all), limit.percent)};
}

std::optional<Breach> GuardrailWatch::judge() const {
  std::optional<Breach> found;
  if (const auto& limit = rules_.error_rate) {
    found = over(Rule::error_rate, *limit, whole_.failed, whole_.all, "all");
    if (!found) found = over(Rule::error_rate, *limit, last_.failed, last_.all, "the last");
  }
  if (const auto& limit = rules_.in_doubt_rate; limit && !found) {
    found = over(Rule::in_doubt_rate, *limit, whole_.in_doubt, whole_.all, "all");
    if (!found) found = over(Rule::in_doubt_rate, *limit, last_.in_doubt, last_.all, "the last");
  }
  return found;
}

void GuardrailWatch::forget_verdicts() {
  whole_ = last_ = {};
  next_ = filled_ = 0;
}

void GuardrailWatch::forget_old_seconds(SteadyTime now) {
  const std::int64_t second = now.time_since_epoch() / Seconds{1};
  const std::int64_t gone = std::min<std::int64_t>(second - second_, seconds);
  for (std::int64_t i = 1; i <= gone; ++i)
    let_through_[static_cast<std::size_t>((second - gone + i) % std::int64_t{seconds})] = 0;
  second_ = second;
}

std::uint32_t GuardrailWatch::take(std::uint32_t wanted, SteadyTime now) {
  if (!rules_.max_hand_overs_per_minute) return wanted;
  forget_old_seconds(now);
  std::uint64_t so_far = 0;
  for (const std::uint32_t n : let_through_) so_far += n;
  const std::uint64_t most = *rules_.max_hand_overs_per_minute;
  const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, most - std::min(most, so_far)));
  let_through_[static_cast<std::size_t>(second_ % std::int64_t{seconds})] += n;
  return n;
}

void GuardrailWatch::give_back(std::uint32_t n) {
  auto& now = let_through_[static_cast<std::size_t>(second_ % std::int64_t{seconds})];
  now -= std::min(now, n);
}

Breach GuardrailWatch::too_many() const {
  return {Rule::max_hand_overs_per_minute,
          fmt::format("more than {} messages within a minute were about to leave",
                      grouped(rules_.max_hand_overs_per_minute.value_or(0)))};
}

}  // namespace belay
