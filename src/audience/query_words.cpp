// A query as a sentence for people. One phrase an operator; a new kind of Node needs its own here.
#include <fmt/format.h>

#include "audience/node.h"
#include "audience/query.h"

namespace belay::audience {
namespace {

constexpr std::size_t most_values = 10;  // more are only counted

constexpr std::array<std::string_view, operator_names.size()> phrases{
    "is",         "is not",          "contains",    "does not contain", "is set",
    "is not set", "is greater than", "is at least", "is less than",     "is at most"};

std::string value_in_words(const Operand& value) {
  return value.is_text ? fmt::format("\"{}\"", value.text) : std::string(value.text);
}

std::string in_words_of(const FieldTest& test) {
  std::string out = fmt::format("{} {}", test.name, phrases[static_cast<std::size_t>(test.op)]);
  const bool none = test.op == Operator::not_equals || test.op == Operator::does_not_contain;
  const std::size_t shown = std::min(test.values.size(), most_values);
  for (std::size_t i = 0; i < shown; ++i)
    out += fmt::format("{}{}", i == 0 ? " " : none ? " nor " : " or ", value_in_words(test.values[i]));
  if (shown < test.values.size())
    out += fmt::format(" {} {} more", none ? "nor" : "or", test.values.size() - shown);
  return out;
}

// ---- events --------------------------------------------------------------------------------------

std::string day_in_words(std::int32_t day) {
  return fmt::format("{}-{:02}-{:02}", day / 10'000, day / 100 % 100, day % 100);
}

std::string in_words_of(const EventFilter& filter) {
  std::string out = fmt::format("\"{}\"", filter.name);
  if (filter.days.last_year())
    out += " in the last 365 days";
  else if (filter.days.from == filter.days.to)
    out += fmt::format(" on {}", day_in_words(filter.days.from));
  else
    out += fmt::format(" from {} to {}", day_in_words(filter.days.from), day_in_words(filter.days.to));
  if (filter.first_time) out += *filter.first_time ? " for the first time" : " not for the first time";
  if (const auto& time = filter.time_of_day)
    out += fmt::format(" between {:02}:{:02} and {:02}:{:02}", time->from / 60, time->from % 60,
                       time->to / 60, time->to % 60);
  for (std::size_t i = 0; i < filter.properties.size(); ++i)
    out += (i == 0 ? " with " : " and ") + in_words_of(filter.properties[i]);
  return out;
}

std::string_view times_phrase(Operator op) {
  switch (op) {
    case Operator::equals:
      return "exactly";
    case Operator::greater_than:
      return "more than";
    case Operator::less_than:
      return "fewer than";
    case Operator::less_than_equals:
      return "at most";
    default:
      return "at least";
  }
}

std::string in_words_of(const EventTest& test) {
  std::string out = "did ";
  for (std::size_t i = 0; i < test.any_of.size(); ++i) out += (i ? " or " : "") + in_words_of(test.any_of[i]);
  if (test.at_least_once()) return out;
  return out + fmt::format(", {} {} {}{}", times_phrase(test.op), test.count,
                           test.count == 1 ? "time" : "times", test.any_of.size() > 1 ? " in all" : "");
}

// ---- devices and places --------------------------------------------------------------------------

std::string in_words_of(const DeviceTest& test) {
  if (test.platforms == every_platform) return "has a device that can be sent to";
  std::string out;
  for (const Platform p : {Platform::android, Platform::ios, Platform::web, Platform::windows})
    if (test.platforms & platform_bit(p)) out += fmt::format("{}{}", out.empty() ? "" : " or ", name_of(p));
  return "has a device on " + out;
}

std::string in_words_of(const RadiusTest& test) {
  return fmt::format("is within {} km of {}, {}", test.kilometres, test.latitude, test.longitude);
}

// ---- the tree ------------------------------------------------------------------------------------

std::string in_words_of(const Node& node);

std::string joined(const std::vector<Node>& nodes, std::string_view between) {
  std::string out;
  for (const Node& each : nodes) {
    const auto* all = std::get_if<All>(&each.is);
    const auto* any = std::get_if<Any>(&each.is);
    const bool several = (all && all->of.size() > 1) || (any && any->of.size() > 1);
    out += out.empty() ? "" : std::string(between);
    out += several ? fmt::format("({})", in_words_of(each)) : in_words_of(each);
  }
  return out;
}

std::string in_words_of(const All& all) {
  std::string out;
  for (const Node& each : all.of) {
    const auto* any = std::get_if<Any>(&each.is);
    const bool several = any && any->of.size() > 1;
    out += (out.empty() ? "" : ", and ") +
           (several ? fmt::format("({})", in_words_of(each)) : in_words_of(each));
  }
  return out.empty() ? "everybody" : out;
}
std::string in_words_of(const Any& any) {
  return joined(any.of, ", or ");
}
std::string in_words_of(const None& none) {
  return (none.of.size() > 1 ? "none of: " : "not: ") + joined(none.of, "; ");
}

std::string in_words_of(const Node& node) {
  return std::visit([](const auto& kind) { return in_words_of(kind); }, node.is);
}

}  // namespace

std::string Query::in_words() const {
  if (ids_) return fmt::format("{} named one by one", ids_->size());
  return root_ ? in_words_of(*root_) : "Everybody";
}

std::string in_words(const Node& node) {
  return in_words_of(node);
}

}  // namespace belay::audience
