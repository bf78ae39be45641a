// "conversion_goal" (contract 3.6): what is done after a message that makes it a success.
#include "audience/conversion_goal.h"

#include "api/clevertap/content_parts.h"

namespace belay::api::clevertap {

Checked<std::string> read_conversion_goal(const json::object& request) {
  const json::value* found = member(request, "conversion_goal");
  if (!found) return std::string();
  if (const auto goal = audience::ConversionGoal::parse(*found); !goal)
    return std::unexpected(Refusal{goal.error()});
  return to_text(*found);
}

}  // namespace belay::api::clevertap
