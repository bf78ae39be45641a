#include "api/clevertap/reach_parts.h"

#include "campaign/reach_json.h"
#include "campaign/schedule.h"

namespace belay::api::clevertap {
namespace {

constexpr std::int64_t most_people = 1'000'000'000;
// The least that CleverTap takes, where it says one (contract 3.1).
constexpr std::int64_t least_overall = 100, least_segment = 100, least_per_run = 1;

Checked<std::optional<std::uint32_t>> limit(const json::object& request, std::string_view key,
                                            std::int64_t least) {
  const json::value* value = member(request, key);
  if (value == nullptr) return std::nullopt;
  const auto n = whole_number(value);
  if (!n || *n < least || *n > most_people)
    return std::unexpected(Refusal{fmt::format("{} must be a whole number from {} to {}, and is {}", key,
                                               least, most_people, to_text(*value))});
  return static_cast<std::uint32_t>(*n);
}

Checked<bool> switch_at(const json::object& request, std::string_view key) {
  auto on = flag(request, key, true);
  if (!on) return std::unexpected(Refusal{std::move(on.error())});
  return *on;
}

// Devices of the same person would be told apart.
Checked<void> check_limits_count_people(const Definition& definition) {
  if (definition.limits.empty() || !definition.send_to_all_devices) return {};
  return std::unexpected(Refusal{
      "users_limit_overall, users_limit_per_run and upper_cap_for_target_segment count people and do not go "
      "with \"send_to_all_devices\": true"});
}

std::uint32_t share(std::uint32_t n, std::uint64_t of, std::uint64_t whole) {
  return whole == 0 ? n : static_cast<std::uint32_t>(n * of / whole);
}

}  // namespace

Checked<void> read_reach(const json::object& request, Definition& definition) {
  TRY_ASSIGN(definition.limits.overall, limit(request, "users_limit_overall", least_overall));
  TRY_ASSIGN(definition.limits.per_run, limit(request, "users_limit_per_run", least_per_run));
  TRY_ASSIGN(definition.limits.segment, limit(request, "upper_cap_for_target_segment", least_segment));
  TRY(check_limits_count_people(definition));
  TRY_ASSIGN(definition.system_control_group, switch_at(request, "system_control_group_include"));
  TRY_ASSIGN(definition.respect_frequency_caps, switch_at(request, "respect_frequency_caps"));
  const json::value* group = member(request, "control_group");
  if (group == nullptr || (group->is_object() && group->get_object().empty())) return {};
  auto read = parse_control_group(*group);
  if (!read) return std::unexpected(Refusal{std::move(read.error())});
  definition.control_group = *read;
  return {};
}

audience::Reach expected(audience::Reach found, const Definition& definition, std::uint32_t system_percent) {
  const std::uint64_t all = found.total;
  std::uint64_t reached = definition.limits.least_of(found.total, definition.limits.overall);
  std::uint64_t percents = 100 * 100;
  if (definition.control_group) percents = percents * (100 - definition.control_group->percent) / 100;
  if (definition.system_control_group) percents = percents * (100 - system_percent) / 100;
  reached = reached * percents / (100 * 100);
  found.total = static_cast<std::uint32_t>(reached);
  for (std::uint32_t& n : found.by_platform) n = share(n, reached, all);
  return found;
}

}  // namespace belay::api::clevertap
