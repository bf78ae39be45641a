#include "audience/index/property_rows.h"

#include "audience/node.h"

namespace belay::audience::index {
namespace {

using content::RawValue;

constexpr char text_mark = 't', number_mark = 'n', truth_mark = 'b';

bool put_own_row(const RawValue& scalar, ValueSink& sink) {
  const std::string text = value_text(scalar);
  if (text.size() > longest_value) return false;
  const auto row = sink.value_row(text);
  if (row) sink.row(*row);
  return row.has_value();
}

void put_scalar(const RawValue& value, ValueSink& sink) {
  std::string scratch;
  const Operand operand = operand_of(value, scratch);
  if (operand.number && !operand.is_text) {
    const bool whole = operand.number->whole;
    sink.row(whole ? integer_row : real_row);
    sink.number(whole ? integer_bits_row : real_bits_row,
                whole ? key_of(operand.number->integer) : key_of(operand.number->real));
    return;
  }
  if (put_own_row(value, sink)) return;
  if (!operand.is_text) return sink.row(unindexed_row);  // a number of very many digits
  sink.row(hashed_row);
  sink.hash(hash_of(operand.text));
  if (operand.number || operand.truth) sink.row(convertible_row);
}

}  // namespace

std::string value_text(const RawValue& scalar) {
  std::string text(1, scalar.kind == RawValue::Kind::text     ? text_mark
                      : scalar.kind == RawValue::Kind::number ? number_mark
                                                              : truth_mark);
  if (scalar.escaped)
    content::append_unescaped(text, scalar.json);
  else
    text += scalar.json;
  return text;
}

RawValue value_of(std::string_view text) {
  if (text.empty()) return {};
  const RawValue::Kind kind = text[0] == text_mark     ? RawValue::Kind::text
                              : text[0] == number_mark ? RawValue::Kind::number
                              : text[0] == truth_mark  ? RawValue::Kind::boolean
                                                       : RawValue::Kind::missing;
  return {kind, false, text.substr(1)};
}

void put_value(const RawValue& value, ValueSink& sink) {
  using Kind = RawValue::Kind;
  if (value.kind == Kind::missing || value.kind == Kind::null) return;
  sink.row(has_row);
  if (value.kind == Kind::object) return;  // nothing but existing can be asked of it
  if (value.kind != Kind::list) return put_scalar(value, sink);
  bool all = true;
  content::each_element(value, [&](const RawValue& element) {
    const bool scalar =
        element.kind == Kind::text || element.kind == Kind::number || element.kind == Kind::boolean;
    all = all && (!scalar || put_own_row(element, sink));
    return true;
  });
  if (!all) sink.row(unindexed_row);
}

void each_property(std::string_view object,
                   const std::function<void(std::string_view, const RawValue&)>& visit) {
  const auto behind = [&](std::size_t at, char wanted) {
    at = object.find_first_not_of(" \t\r\n", at);
    return at != std::string_view::npos && object[at] == wanted ? at + 1 : std::string_view::npos;
  };
  std::string name;
  for (std::size_t at = behind(0, '{'); at < object.size(); at = behind(at, ',')) {
    const RawValue key = content::scan_value(object, at);
    if (key.kind != RawValue::Kind::text) return;
    at = behind(at, ':');
    if (at == std::string_view::npos) return;
    const RawValue value = content::scan_value(object, at);
    if (value.kind == RawValue::Kind::missing) return;
    if (!key.escaped) {
      visit(key.json, value);
    } else {
      name.clear();
      content::append_unescaped(name, key.json);
      visit(name, value);
    }
  }
}

}  // namespace belay::audience::index
