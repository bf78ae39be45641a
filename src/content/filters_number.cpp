// Filters over numbers, and `default`. Whole numbers stay whole: 10 divided by 4 is 2, as in Shopify's Liquid.
#include <charconv>
#include <cmath>

#include "content/filters.h"

namespace belay::content {
namespace {

using Kind = Value::Kind;

bool both_whole(const Value& a, const Value& b) {
  return a.kind == Kind::whole && b.kind == Kind::whole;
}

Value operand(const FilterInput& in) {
  return to_number(in.arguments[0]);
}

// A whole result, or a real one where it does not fit.
bool plus(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  std::int64_t sum = 0;
  v = both_whole(a, b) && !__builtin_add_overflow(a.whole, b.whole, &sum) ? Value::of(sum)
                                                                           : Value::of(to_real(a) + to_real(b));
  return true;
}

bool minus(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  std::int64_t rest = 0;
  v = both_whole(a, b) && !__builtin_sub_overflow(a.whole, b.whole, &rest)
          ? Value::of(rest)
          : Value::of(to_real(a) - to_real(b));
  return true;
}

bool times(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  std::int64_t product = 0;
  v = both_whole(a, b) && !__builtin_mul_overflow(a.whole, b.whole, &product)
          ? Value::of(product)
          : Value::of(to_real(a) * to_real(b));
  return true;
}

bool divided_by(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  if (to_real(b) == 0) return false;
  if (!both_whole(a, b) || b.whole == -1) {
    v = Value::of(to_real(a) / to_real(b));
    if (both_whole(a, b) && a.whole != INT64_MIN) v = Value::of(-a.whole);
    return true;
  }
  const std::int64_t quotient = a.whole / b.whole;
  v = Value::of(quotient - (a.whole % b.whole != 0 && (a.whole < 0) != (b.whole < 0) ? 1 : 0));
  return true;
}

// With the divisor's sign.
bool modulo(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  if (to_real(b) == 0) return false;
  if (both_whole(a, b)) {
    const std::int64_t rest = b.whole == -1 ? 0 : a.whole % b.whole;
    v = Value::of(rest != 0 && (rest < 0) != (b.whole < 0) ? rest + b.whole : rest);
  } else {
    const double rest = std::fmod(to_real(a), to_real(b));
    v = Value::of(rest != 0 && (rest < 0) != (to_real(b) < 0) ? rest + to_real(b) : rest);
  }
  return true;
}

bool abs(Value& v, const FilterInput&) {
  const Value a = to_number(v);
  v = a.kind == Kind::whole && a.whole != INT64_MIN ? Value::of(a.whole < 0 ? -a.whole : a.whole)
                                                    : Value::of(std::fabs(to_real(a)));
  return true;
}

bool at_least(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  v = to_real(a) < to_real(b) ? b : a;
  return true;
}

bool at_most(Value& v, const FilterInput& in) {
  const Value a = to_number(v), b = operand(in);
  v = to_real(a) > to_real(b) ? b : a;
  return true;
}

// A real number that is whole, as such where it fits.
Value as_whole(double d) {
  constexpr double most = 9.2e18;
  return d > -most && d < most ? Value::of(static_cast<std::int64_t>(d)) : Value::of(d);
}

bool ceil(Value& v, const FilterInput&) {
  v = to_number(v);
  if (v.kind == Kind::real) v = as_whole(std::ceil(v.real));
  return true;
}

bool floor(Value& v, const FilterInput&) {
  v = to_number(v);
  if (v.kind == Kind::real) v = as_whole(std::floor(v.real));
  return true;
}

// Rounds half away from zero, judging the half by the decimal number people see.
double round_half_up(double x, double scale) {
  double rounded = std::round(x * scale);
  if (x > 0 && (rounded + 0.5) / scale <= x) rounded += 1;
  if (x < 0 && (rounded - 0.5) / scale >= x) rounded -= 1;
  return rounded / scale;
}

bool round(Value& v, const FilterInput& in) {
  const auto digits = in.arguments.empty() ? std::optional<std::int64_t>(0) : whole_of(in.arguments[0]);
  if (!digits || *digits < 0 || *digits > 15) return false;
  v = to_number(v);
  if (v.kind == Kind::whole) return true;
  const double rounded = round_half_up(v.real, std::pow(10.0, static_cast<double>(*digits)));
  v = *digits == 0 ? as_whole(rounded) : Value::of(rounded);
  return true;
}

bool default_value(Value& v, const FilterInput& in) {
  if (in.allow_false && v.kind == Kind::boolean) return true;
  if (v.replaced_by_default()) v = in.arguments.empty() ? Value::of(std::string_view()) : in.arguments[0];
  return true;
}

constexpr FilterRow table[] = {
    {"abs", abs, 0, 0},
    {"at_least", at_least, 1, 1},
    {"at_most", at_most, 1, 1},
    {"ceil", ceil, 0, 0},
    {"default", default_value, 0, 1},
    {"divided_by", divided_by, 1, 1},
    {"floor", floor, 0, 0},
    {"minus", minus, 1, 1},
    {"modulo", modulo, 1, 1},
    {"plus", plus, 1, 1},
    {"round", round, 0, 1, true},
    {"times", times, 1, 1},
};

}  // namespace

std::span<const FilterRow> number_filters() {
  return table;
}

bool is_default_filter(const FilterRow& row) {
  return row.apply == default_value;
}

std::optional<std::int64_t> whole_of(const Value& argument) {
  if (argument.kind == Kind::whole) return argument.whole;
  if (argument.kind != Kind::text) return std::nullopt;
  std::int64_t n = 0;
  const char* end = argument.text.data() + argument.text.size();
  const auto [stop, error] = std::from_chars(argument.text.data(), end, n);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return n;
}

const FilterRow* filter_named(std::string_view name) {
  for (const auto filters : {text_filters(), number_filters(), list_filters()})
    for (const FilterRow& row : filters)
      if (row.name == name) return &row;
  return nullptr;
}

}  // namespace belay::content
