// The people and events of the audience benchmark, the same for every engine: a pure function of a number.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace belay::bench {

constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// A property: its name as Belay has it, its column, what it holds.
enum class Holds { text, number, real, date, truth };
struct Property {
  const char* name;
  const char* column;
  Holds holds;
  std::uint32_t values;  // distinct ones; 0: everybody another
};
inline constexpr std::array<Property, 20> properties{{
    {"City", "city", Holds::text, 50},
    {"Plan", "plan", Holds::text, 4},
    {"Age", "age", Holds::number, 63},
    {"Language", "language", Holds::text, 8},
    {"Gender", "gender", Holds::text, 3},
    {"Country", "country", Holds::text, 30},
    {"Opted In", "opted_in", Holds::truth, 2},
    {"Points", "points", Holds::number, 100'000},
    {"Spend", "spend", Holds::real, 1'000'000},
    {"Signed Up", "signed_up", Holds::date, 1500},
    {"Last Seen", "last_seen", Holds::date, 365},
    {"Visits", "visits", Holds::number, 500},
    {"Tier", "tier", Holds::text, 5},
    {"Store", "store", Holds::text, 200},
    {"Source", "source", Holds::text, 12},
    {"Make", "make", Holds::text, 20},
    {"OS Version", "os_version", Holds::text, 15},
    {"Birth Month", "birth_month", Holds::number, 12},
    {"Name", "name", Holds::text, 0},
    {"Email", "email", Holds::text, 0},
}};

constexpr std::int64_t first_day = 20'000, days = 365;  // since 1970-01-01
constexpr std::array<const char*, 20> event_names{"App Launched",      "Product Viewed",
                                                  "Searched",          "Added To Cart",
                                                  "Removed From Cart", "Checkout Started",
                                                  "Charged",           "Refunded",
                                                  "Reviewed",          "Shared",
                                                  "Wishlisted",        "Coupon Used",
                                                  "Notification Seen", "Notification Clicked",
                                                  "Email Opened",      "Email Clicked",
                                                  "Support Asked",     "Logged Out",
                                                  "Unsubscribed",      "Uninstalled"};

// Of 100 events; the first are much more frequent than the last.
constexpr std::uint32_t event_of(std::uint64_t random) {
  const auto r = static_cast<std::uint32_t>(random % 100);
  return r < 30   ? 0
         : r < 50 ? 1
         : r < 60 ? 2
         : r < 68 ? 3
         : r < 72 ? 4
         : r < 76 ? 5
         : r < 81 ? 6
                  : 7 + (r - 81) % 13;
}

// Skewed: low numbers are more frequent.
constexpr std::uint32_t skewed(std::uint64_t random, std::uint32_t values) {
  const std::uint64_t a = random % values, b = (random >> 32) % values;
  return static_cast<std::uint32_t>(a < b ? a : b);
}

struct Value {
  std::uint32_t number;  // 0 .. values-1, or the person's own
};

inline std::uint32_t value_number(std::uint64_t person, std::size_t property) {
  const Property& p = properties[property];
  if (p.values == 0) return static_cast<std::uint32_t>(person);
  const std::uint64_t random = mixed(person * 32 + property);
  return p.holds == Holds::text ? skewed(random, p.values) : static_cast<std::uint32_t>(random % p.values);
}

// As SQL has it (no quotes), and as JSON.
inline std::string sql_value(std::uint64_t person, std::size_t property) {
  const Property& p = properties[property];
  const std::uint32_t n = value_number(person, property);
  switch (p.holds) {
    case Holds::text:
      return p.values == 0 ? fmt::format("{}-{}@example.com", p.column, n) : fmt::format("{} {}", p.name, n);
    case Holds::number:
      return fmt::format("{}", property == 2 ? n + 18 : n);
    case Holds::real:
      return fmt::format("{}.{:02}", n / 100, n % 100);
    case Holds::date:
      return fmt::format("{}", (first_day + days - 1 - n) * 86'400);
    default:
      return n == 0 ? "true" : "false";
  }
}
inline std::string json_value(std::uint64_t person, std::size_t property) {
  const std::string text = sql_value(person, property);
  switch (properties[property].holds) {
    case Holds::text:
      return fmt::format("\"{}\"", text);
    case Holds::date:
      return fmt::format("\"$D_{}\"", text);
    default:
      return text;
  }
}
constexpr std::uint32_t platform_of(std::uint64_t person) {
  return static_cast<std::uint32_t>(mixed(person * 32 + 31) % 10 < 7 ? 0 : 1);  // android, ios
}

// Event number i of `events`: they come in the order of their time.
struct EventRow {
  std::uint64_t person;
  std::uint32_t name;
  std::int64_t at;  // epoch seconds
};
inline EventRow event_row(std::uint64_t i, std::uint64_t events, std::uint64_t people) {
  const std::uint64_t random = mixed(i ^ 0x5eed0000000000u);
  const auto at = first_day * 86'400 + static_cast<std::int64_t>(static_cast<double>(i) /
                                                                 static_cast<double>(events) * days * 86'400);
  return {mixed(random) % people, event_of(random), at};
}

// Questions of five conditions, from narrow to broad: as Belay's "where", and as SQL.
struct Question {
  const char* name;
  std::string where, sql;
};
std::vector<Question> questions();

}  // namespace belay::bench
