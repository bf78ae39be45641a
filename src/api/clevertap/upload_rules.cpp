// The rules for single values: the profile properties that CleverTap checks, and timestamps.
#include <charconv>
#include <chrono>

#include "api/clevertap/upload_record.h"
#include "base/json.h"

namespace belay::api::clevertap {
namespace {

using Kind = UploadValue::Kind;

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_gender(const UploadValue& v) {
  return v.text == "M" || v.text == "F";
}
bool is_yes_or_no(const UploadValue& v) {
  return v.text == "Y" || v.text == "N";
}
bool is_education(const UploadValue& v) {
  return v.text == "School" || v.text == "College" || v.text == "Graduate";
}

// Enough to catch what is no address at all; only a mail server can say more.
bool is_email(const UploadValue& v) {
  const std::string_view text = v.text;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const std::string_view domain = text.substr(at + 1);
  const std::size_t dot = domain.rfind('.');
  const bool blank = std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
  return !blank && dot != std::string_view::npos && dot != 0 && dot + 1 < domain.size();
}

// A number is how some clients send it; E.164 has at most 15 digits.
bool is_phone(const UploadValue& v) {
  std::string_view digits = v.kind == Kind::number ? v.json : v.text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  return digits.size() >= 5 && digits.size() <= 15 && all_digits(digits);
}

bool is_age(const UploadValue& v) {
  const std::string_view digits = v.kind == Kind::number ? v.json : v.text;
  return digits.size() <= 3 && all_digits(digits) && (digits.size() < 3 || digits <= "150");
}

struct Rule {
  std::string_view key;
  bool (*valid)(const UploadValue&);
  int code;
  std::string_view text;  // as recorded, up to "Skipped"
};
constexpr Rule rules[] = {
    {"Gender", is_gender, 514, "Profile data is incorrect. Gender needs to be M/F."},
    {"Email", is_email, 515, "Profile data is incorrect. Email is not valid."},
    {"Phone", is_phone, 516, "Profile data is incorrect. Phone number is not valid."},
    {"Employed", is_yes_or_no, 517, "Profile data is incorrect. Employed needs to be Y/N."},
    {"Education", is_education, 518,
     "Profile data is incorrect. Education needs to be School/College/Graduate.."},
    {"Married", is_yes_or_no, 519, "Profile data is incorrect. Married needs to be Y/N."},
    {"Age", is_age, 520, "Profile data is incorrect. Age is invalid."},
};

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t length) {
  if (text.size() < at + length || !all_digits(text.substr(at, length))) return std::nullopt;
  int out = 0;
  std::from_chars(text.data() + at, text.data() + at + length, out);
  return out;
}

// "Z", "+05:30" or "-0800", in minutes east of Greenwich.
std::optional<int> zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = number_at(text, 1, 2);
  const auto minutes = number_at(text, text.size() - 2, 2);
  const bool shaped = text.size() == 5 || (text.size() == 6 && text[3] == ':');
  if (!shaped || !hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

// 2026-03-08T15:56:00.250Z, which Segment sends. A fraction of a second is dropped.
std::optional<std::int64_t> iso_second(std::string_view text) {
  const auto year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  const auto hour = number_at(text, 11, 2), minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::string_view rest = text.substr(19);
  if (rest.starts_with('.'))
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("0123456789", 1)));
  const auto offset = zone_offset(rest);
  if (!offset) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset * 60;
}

}  // namespace

std::optional<RecordError> check_profile_property(std::string_view key, const UploadValue& value) {
  const auto rule = std::ranges::find(rules, key, &Rule::key);
  if (rule == std::end(rules) || rule->valid(value)) return std::nullopt;
  return RecordError{rule->code, std::string(rule->text)};
}

namespace {

constexpr std::size_t most_operands = 100;
constexpr std::string_view operators[] = {"$add", "$remove", "$delete", "$incr", "$decr"};

// "" where an operand of $add or $remove is sound.
std::string wrong_operand(const json::value& operand) {
  if (operand.is_object() || operand.is_array() || operand.is_null())
    return "takes a text, a number, a boolean or a list of these";
  if (operand.is_string() && operand.get_string().size() > most_value)
    return fmt::format("has a value that is longer than {} bytes", most_value);
  return "";
}

std::string wrong_operands(const json::value& operands) {
  if (!operands.is_array()) return wrong_operand(operands);
  if (operands.get_array().empty()) return "has an empty list";
  if (operands.get_array().size() > most_operands)
    return fmt::format("has more than {} values", most_operands);
  for (const json::value& operand : operands.get_array())
    if (auto why = wrong_operand(operand); !why.empty()) return why;
  return "";
}

std::string wrong_operation(std::string_view op, const json::value& operands) {
  if (op == "$delete") return "";
  if (op == "$add" || op == "$remove") return wrong_operands(operands);
  const bool positive = (operands.is_int64() && operands.get_int64() > 0) ||
                        (operands.is_uint64() && operands.get_uint64() > 0) ||
                        (operands.is_double() && operands.get_double() > 0);
  return positive ? "" : "takes a number above 0";
}

}  // namespace

std::optional<RecordError> check_profile_operation(std::string_view key, const UploadValue& value) {
  const auto wrong = [&](std::string_view why) {
    return RecordError{512, fmt::format("Profile data is incorrect. {} {}. ", key, why)};
  };
  const auto parsed = parse_json(value.json);
  if (!parsed || !parsed->is_object() || parsed->get_object().size() != 1)
    return wrong("is an object, and none with one operator: $add, $remove, $delete, $incr or $decr");
  const auto& [name, operands] = *parsed->get_object().begin();
  const std::string_view op(name.data(), name.size());
  if (std::ranges::find(operators, op) == std::end(operators))
    return wrong(fmt::format("has the operator {}; $add, $remove, $delete, $incr and $decr are known", op));
  if (op != "$delete" && std::ranges::find(rules, key, &Rule::key) != std::end(rules))
    return wrong("takes no operator but $delete");
  if (const std::string why = wrong_operation(op, operands); !why.empty())
    return wrong(fmt::format("{} {}", op, why));
  return std::nullopt;
}

std::optional<WallTime> read_timestamp(const UploadValue& value) {
  constexpr std::int64_t year_3000 = 32'503'680'000;  // beyond are milliseconds, sent by mistake
  const std::string_view digits = value.kind == Kind::number ? value.json : value.text;
  std::optional<std::int64_t> second;
  if (all_digits(digits) && digits.size() <= 11) {
    std::int64_t read = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), read);
    second = read;
  } else if (value.kind == Kind::text) {
    second = iso_second(value.text);
  }
  if (!second || *second <= 0 || *second >= year_3000) return std::nullopt;
  return wall_from_micros(*second * 1'000'000);
}

}  // namespace belay::api::clevertap
