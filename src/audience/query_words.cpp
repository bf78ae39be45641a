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

std::string in_words_of(const Node& node);

std::string in_words_of(const All& all) {
  std::string out;
  for (const Node& each : all.of) out += (out.empty() ? "" : ", and ") + in_words_of(each);
  return out;
}

std::string in_words_of(const Node& node) {
  return std::visit([](const auto& kind) { return in_words_of(kind); }, node.is);
}

}  // namespace

std::string Query::in_words() const {
  if (ids_) return fmt::format("{} named one by one", ids_->size());
  return root_ ? in_words_of(*root_) : "Everybody";
}

}  // namespace belay::audience
