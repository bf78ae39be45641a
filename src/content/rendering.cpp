#include "content/rendering.h"

#include <algorithm>
#include <charconv>
#include <new>

#include <fmt/format.h>

#include "base/json.h"

namespace belay::content {
namespace {

using Kind = Value::Kind;
using Flow = Rendering::Flow;

// Each `T` with its initial value; nullptr when the memory does not have it.
template <class T>
T* take(Memory& memory, std::size_t count) {
  auto* first = static_cast<T*>(memory.take(count * sizeof(T)));
  for (std::size_t i = 0; first && i < count; ++i) new (first + i) T();
  return first;
}

}  // namespace

void append_text(const Text& text, std::string& out, Escape escape) {
  out += escape == Escape::json ? text.json : text.plain;
}

bool render_directly(const Output& output, Properties& profile, std::string& out, Escape escape) {
  const Filtered& tag = output.value;
  const auto* property = std::get_if<PropertyName>(&tag.of.of);
  if (!property || property->dotted || tag.filters.size() > 1) return false;
  const FilterCall* fallback = tag.filters.empty() ? nullptr : &tag.filters[0];
  const Literal* otherwise = nullptr;
  if (fallback) {
    if (!is_default_filter(*fallback->filter) || fallback->allow_false) return false;
    if (!fallback->arguments.empty()) {
      otherwise = std::get_if<Literal>(&fallback->arguments[0].of);
      if (!otherwise || otherwise->value.kind != Kind::text) return false;
    }
  }
  const RawValue raw = profile.find(property->name);
  if (!fallback || !is_blank(raw)) {
    print(raw, escape == Escape::json, out);
  } else if (otherwise && escape == Escape::json) {
    append_json_escaped(out, otherwise->text);
  } else if (otherwise) {
    out += otherwise->text;
  }
  return true;
}

Rendering::Rendering(const Template::Program& program, Properties& profile, std::string& out, Escape escape,
                     std::size_t limit, WallTime now)
    : program_(program), profile_(profile), out_(out), escape_(escape), before_(out.size()), limit_(limit),
      now_(now), memory_(memory_per_rendered * std::max(limit, max_rendered)) {}

bool Rendering::run() {
  variables_ = take<Variable>(memory_, program_.variables);
  loops_ = take<Loop>(memory_, program_.loops);
  places_ = take<std::int64_t>(memory_, program_.places);
  cycles_ = take<std::size_t>(memory_, program_.cycles);
  return !memory_.exhausted() && block(program_.nodes) != Flow::stop && !spent_ && !memory_.exhausted();
}

bool Rendering::charge(std::size_t steps) {
  spent_ = spent_ || steps > steps_ || memory_.exhausted();
  if (!spent_) steps_ -= steps;
  return !spent_;
}

Flow Rendering::block(const Block& nodes) {
  for (const Node& node : nodes) {
    if (!charge(1)) return Flow::stop;
    const Flow flow = std::visit(*this, node.part);
    if (flow != Flow::on) return flow;
  }
  return Flow::on;
}

Flow Rendering::written() {
  return memory_.exhausted() || out_.size() - before_ > limit_ ? Flow::stop : Flow::on;
}

void Rendering::write(std::string_view text) {
  if (escape_ == Escape::json) {
    append_json_escaped(out_, text);
  } else {
    out_ += text;
  }
}

void Rendering::write(const Value& value) {
  write(to_text(value, memory_));
}

Flow Rendering::operator()(const Text& text) {
  append_text(text, out_, escape_);
  return written();
}

Flow Rendering::operator()(const Output& output) {
  if (render_directly(output, profile_, out_, escape_)) return written();
  Value value;
  if (!evaluate(output.value, value)) return Flow::stop;
  write(value);
  return written();
}

Flow Rendering::operator()(const If& node) {
  for (const Branch& branch : node.branches)
    if (holds(branch.when) != branch.unless) return block(branch.then);
  return block(node.otherwise);
}

// Every "when" that fits, as in Liquid; mostly that is one.
Flow Rendering::operator()(const Case& node) {
  const Value value = value_of(node.of);
  bool found = false;
  for (const When& when : node.whens) {
    const bool fits = std::ranges::any_of(
        when.values, [&](const Expression& e) { return equal(value, value_of(e), memory_); });
    if (memory_.exhausted()) return Flow::stop;
    if (!fits) continue;
    found = true;
    if (const Flow flow = block(when.then); flow != Flow::on) return flow;
  }
  return found ? Flow::on : block(node.otherwise);
}

Value Rendering::Items::at(std::int64_t i) const {
  const std::int64_t at = first + (reversed ? count - 1 - i : i);
  return range ? Value::of(at) : list[static_cast<std::size_t>(at)];
}

bool Rendering::whole(const std::vector<Expression>& of, std::int64_t& into) {
  if (of.empty()) return true;
  const Value value = value_of(of[0]);
  if (value.is_nil()) return true;
  const auto n = whole_of(value);
  if (n) into = std::clamp<std::int64_t>(*n, 0, 1'000'000'000);
  return n.has_value();
}

bool Rendering::items_for(const For& loop, Items& items) {
  const Value value = value_of(loop.in);
  items.range = value.kind == Kind::range;
  if (items.range) {
    items.first = value.whole;
    items.count = std::max<std::int64_t>(value.last - value.whole + 1, 0);
  } else {
    items.list = items_of(value, memory_, false);
    items.count = static_cast<std::int64_t>(items.list.size());
  }
  std::int64_t offset = loop.continues ? places_[loop.place] : 0, limit = items.count;
  if (!whole(loop.offset, offset) || !whole(loop.limit, limit)) return false;
  offset = std::min(offset, items.count);
  items.first += offset;
  items.count = std::min(items.count - offset, limit);
  items.reversed = loop.reversed;
  places_[loop.place] = offset + items.count;
  return !memory_.exhausted();
}

Flow Rendering::operator()(const For& loop) {
  Items items;
  if (!items_for(loop, items)) return Flow::stop;
  if (items.count == 0 && !loop.table) return block(loop.otherwise);
  // A loop inside a loop comes by again: what stood there is put back.
  const Variable variable = variables_[loop.variable];
  Loop& state = loops_[loop.loop];
  const Loop outer = state;
  state = {0, items.count, std::max<std::int64_t>(items.count, 1)};
  if (!whole(loop.columns, state.columns)) return Flow::stop;
  state.columns = std::max<std::int64_t>(state.columns, 1);
  const Flow flow = turns(loop, items);
  variables_[loop.variable] = variable;
  loops_[loop.loop] = outer;
  return flow;
}

Flow Rendering::turns(const For& loop, const Items& items) {
  if (loop.table) write("<tr class=\"row1\">\n");
  for (std::int64_t i = 0; i < items.count; ++i) {
    if (!charge(1)) return Flow::stop;
    loops_[loop.loop].index = i;
    variables_[loop.variable].value = items.at(i);
    variables_[loop.variable].assigned = true;
    const Flow flow = loop.table ? turn(loop, loops_[loop.loop]) : block(loop.body);
    if (flow == Flow::stop) return flow;
    if (flow == Flow::leave) break;
  }
  if (loop.table) write("</tr>\n");
  return written();
}

// One cell of a table, in Shopify's form.
Flow Rendering::turn(const For& loop, const Loop& state) {
  const std::int64_t column = state.index % state.columns;
  if (column == 0 && state.index > 0)
    write(fmt::format("</tr>\n<tr class=\"row{}\">", state.index / state.columns + 1));
  write(fmt::format("<td class=\"col{}\">", column + 1));
  const Flow flow = block(loop.body);
  if (flow != Flow::stop) write("</td>");
  return flow;
}

Flow Rendering::operator()(const Assign& assign) {
  Value value;
  if (!evaluate(assign.value, value)) return Flow::stop;
  variables_[assign.variable].value = value;
  variables_[assign.variable].assigned = true;
  return Flow::on;
}

// Rendered behind the message, taken from there.
Flow Rendering::operator()(const Capture& capture) {
  const std::size_t begin = out_.size();
  const Escape escape = std::exchange(escape_, Escape::none);
  const Flow flow = block(capture.body);
  escape_ = escape;
  if (flow == Flow::stop) return flow;
  TextWriter copy(memory_, out_.size() - begin);
  copy.append(std::string_view(out_).substr(begin));
  out_.resize(begin);
  variables_[capture.variable].value = Value::of(copy.text());
  variables_[capture.variable].assigned = true;
  return memory_.exhausted() ? Flow::stop : flow;
}

// Prints what it was and then adds, or subtracts and then prints, as in Liquid.
Flow Rendering::operator()(const Count& count) {
  Variable& variable = variables_[count.counter];
  variable.counted = true;
  if (count.by < 0) --variable.count;
  write(Value::of(variable.count));
  if (count.by > 0) ++variable.count;
  return written();
}

Flow Rendering::operator()(const Cycle& cycle) {
  std::size_t& at = cycles_[cycle.cycle];
  write(value_of(cycle.values[at % cycle.values.size()]));
  at = (at + 1) % cycle.values.size();
  return written();
}

Flow Rendering::operator()(const Jump& jump) {
  return jump == Jump::next ? Flow::next : jump == Jump::leave ? Flow::leave : Flow::stop;
}

bool Rendering::evaluate(const Filtered& filtered, Value& into) {
  into = value_of(filtered.of);
  for (const FilterCall& call : filtered.filters)
    if (!apply(call, into)) return false;
  return !memory_.exhausted();
}

bool Rendering::apply(const FilterCall& call, Value& value) {
  std::array<Value, most_filter_arguments> arguments;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) arguments[i] = value_of(call.arguments[i]);
  const std::size_t looked_at =
      value.text.size() / 256 + (value.kind == Kind::list ? static_cast<std::size_t>(value.whole) / 16 : 0);
  if (!charge(1 + looked_at)) return false;
  return call.filter->apply(value, {std::span(arguments.data(), call.arguments.size()), memory_, now_,
                                    call.allow_false});
}

Value Rendering::value_of(const Expression& expression) {
  return std::visit([this](const auto& of) { return get(of); }, expression.of);
}

Value Rendering::get(const PropertyName& property) {
  const RawValue whole = profile_.find(property.name);
  if (!property.dotted || whole.kind != RawValue::Kind::missing) return to_value(whole, memory_);
  const std::string_view name = property.name;
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    const RawValue head = profile_.find(name.substr(0, dot));
    if (head.kind == RawValue::Kind::missing) continue;
    Value value = to_value(head, memory_);
    for (std::string_view rest = name.substr(dot + 1);;) {
      const std::size_t end = rest.find('.');
      value = member_of(value, rest.substr(0, end), memory_);
      if (end == std::string_view::npos) return value;
      rest.remove_prefix(end + 1);
    }
  }
  return {};
}

Value Rendering::get(const Path& path) {
  Value value;
  if (path.root == Path::Root::property) {
    value = to_value(profile_.find(path.property), memory_);
  } else {
    const Variable& variable = variables_[path.variable];
    if (variable.assigned) value = variable.value;
    if (!variable.assigned && variable.counted) value = Value::of(variable.count);
  }
  for (const Step& step : path.steps) {
    if (value.is_nil() || !charge(1)) return {};
    if (step.index.empty()) {
      value = member_of(value, step.name, memory_);
      continue;
    }
    const Value index = value_of(step.index[0]);
    value = index.kind == Kind::whole ? item_of(value, index.whole, memory_)
            : index.kind == Kind::text ? member_of(value, index.text, memory_)
                                       : Value{};
  }
  return value;
}

Value Rendering::get(const LoopReading& reading) {
  using enum LoopReading::What;
  const Loop& loop = loops_[reading.loop];
  const std::int64_t column = loop.index % loop.columns;
  switch (reading.what) {
    case index:
      return Value::of(loop.index + 1);
    case index0:
      return Value::of(loop.index);
    case rindex:
      return Value::of(loop.length - loop.index);
    case rindex0:
      return Value::of(loop.length - loop.index - 1);
    case first:
      return Value::of(loop.index == 0);
    case last:
      return Value::of(loop.index + 1 == loop.length);
    case length:
      return Value::of(loop.length);
    case name:
      return Value::of(std::string_view(reading.name));
    case col:
      return Value::of(column + 1);
    case col0:
      return Value::of(column);
    case col_first:
      return Value::of(column == 0);
    case col_last:
      return Value::of(column + 1 == loop.columns);
    case row:
      return Value::of(loop.index / loop.columns + 1);
  }
  return {};
}

Value Rendering::get(const Range& range) {
  constexpr std::int64_t far = 1'000'000'000'000;
  const auto end = [&](const Expression& e) {
    const Value n = to_number(value_of(e));
    const double real = std::clamp(to_real(n), -1e12, 1e12);
    return n.kind == Kind::whole ? std::clamp(n.whole, -far, far) : static_cast<std::int64_t>(real);
  };
  Value value;
  value.kind = Kind::range;
  value.whole = end(range.ends[0]);
  value.last = end(range.ends[1]);
  return value;
}

bool Rendering::holds(const Condition& condition) {
  // "a and b or c" is a and (b or c): from the right, as in Liquid.
  for (const Comparison& comparison : condition) {
    const bool held = holds(comparison);
    if (&comparison == &condition.back() || held == comparison.then_or) return held;
  }
  return false;
}

bool Rendering::holds(const Comparison& comparison) {
  const Value left = value_of(comparison.left);
  if (comparison.op == Operator::none) return left.truthy();
  const Value right = value_of(comparison.right);
  if (!charge(1 + (left.text.size() + right.text.size()) / 256)) return false;
  switch (comparison.op) {
    case Operator::equal:
      return equal(left, right, memory_);
    case Operator::not_equal:
      return !equal(left, right, memory_);
    case Operator::contains:
      return contains(left, right, memory_);
    default:
      break;
  }
  const auto order = compare(left, right);
  if (!order) return false;
  return comparison.op == Operator::less      ? *order < 0
         : comparison.op == Operator::greater ? *order > 0
         : comparison.op == Operator::at_most ? *order <= 0
                                              : *order >= 0;
}

}  // namespace belay::content
