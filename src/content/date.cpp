#include "content/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace belay::content {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

struct Parts {
  explicit Parts(std::int64_t epoch)
      : seconds(epoch), day(floor<days>(sys_seconds{std::chrono::seconds{epoch}})), date(day),
        clock(sys_seconds{std::chrono::seconds{epoch}} - day) {}
  std::int64_t seconds;
  sys_days day;
  year_month_day date;
  hh_mm_ss<std::chrono::seconds> clock;

  std::int64_t year() const { return static_cast<int>(date.year()); }
  std::int64_t month() const { return static_cast<unsigned>(date.month()); }
  std::int64_t day_of_month() const { return static_cast<unsigned>(date.day()); }
  std::int64_t hour() const { return clock.hours().count(); }
  std::int64_t hour12() const { return hour() % 12 == 0 ? 12 : hour() % 12; }
  std::int64_t day_of_year() const { return (day - sys_days{date.year() / January / 1}).count() + 1; }
  std::int64_t weekday() const { return std::chrono::weekday{day}.c_encoding(); }
  // Weeks that begin on `first`; days before the first of them are in week 0.
  std::int64_t week(std::int64_t first) const {
    return (day_of_year() - 1 - (weekday() - first + 7) % 7 + 7) / 7;
  }
};

// One conversion, "%-10d", taken apart.
struct Conversion {
  char pad = 0;  // 0: as usual
  bool upper = false;
  bool colon = false;
  std::size_t width = 0;
};

class Formatter {
 public:
  Formatter(std::int64_t epoch, TextWriter& out) : at_(epoch), out_(out) {}

  void run(std::string_view format) {
    while (!format.empty()) {
      const std::size_t percent = format.find('%');
      out_.append(format.substr(0, percent));
      if (percent == std::string_view::npos) return;
      format.remove_prefix(percent);
      const std::size_t used = conversion(format);
      format.remove_prefix(used);
    }
  }

 private:
  // Returns how many characters it takes up.
  std::size_t conversion(std::string_view format) {
    Conversion c;
    std::size_t at = 1;
    for (; at < format.size(); ++at) {
      const char flag = format[at];
      if (flag == '-' || flag == '_' || flag == '0')
        c.pad = flag;
      else if (flag == '^' || flag == '#')
        c.upper = true;
      else if (flag == ':')
        c.colon = true;
      else
        break;
    }
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at)
      c.width = std::min<std::size_t>(10 * c.width + static_cast<std::size_t>(format[at] - '0'), 100);
    if (at >= format.size() || !(number(c, format[at]) || words(c, format[at]) || whole(format[at])))
      out_.append(format.substr(0, std::min(at + 1, format.size())));
    return std::min(at + 1, format.size());
  }

  bool number(const Conversion& c, char letter) {
    switch (letter) {
      case 'Y': return digits(c, at_.year(), 4, '0');
      case 'C': return digits(c, at_.year() / 100, 2, '0');
      case 'y': return digits(c, at_.year() % 100, 2, '0');
      case 'm': return digits(c, at_.month(), 2, '0');
      case 'd': return digits(c, at_.day_of_month(), 2, '0');
      case 'e': return digits(c, at_.day_of_month(), 2, ' ');
      case 'j': return digits(c, at_.day_of_year(), 3, '0');
      case 'H': return digits(c, at_.hour(), 2, '0');
      case 'I': return digits(c, at_.hour12(), 2, '0');
      case 'k': return digits(c, at_.hour(), 2, ' ');
      case 'l': return digits(c, at_.hour12(), 2, ' ');
      case 'M': return digits(c, at_.clock.minutes().count(), 2, '0');
      case 'S': return digits(c, at_.clock.seconds().count(), 2, '0');
      case 'L': return digits(c, 0, 3, '0');
      case 'N': return digits(c, 0, 9, '0');
      case 's': return digits(c, at_.seconds, 1, '0');
      case 'u': return digits(c, at_.weekday() == 0 ? 7 : at_.weekday(), 1, '0');
      case 'w': return digits(c, at_.weekday(), 1, '0');
      case 'U': return digits(c, at_.week(0), 2, '0');
      case 'W': return digits(c, at_.week(1), 2, '0');
      default: return false;
    }
  }

  bool words(const Conversion& c, char letter) {
    const std::string_view month = months[static_cast<std::size_t>(at_.month() - 1)];
    const std::string_view day = weekdays[static_cast<std::size_t>(at_.weekday())];
    switch (letter) {
      case 'A': return word(c, day);
      case 'a': return word(c, day.substr(0, 3));
      case 'B': return word(c, month);
      case 'b':
      case 'h': return word(c, month.substr(0, 3));
      case 'p': return word(c, at_.hour() < 12 ? "AM" : "PM");
      case 'P': return word(c, at_.hour() < 12 ? "am" : "pm");
      case 'z': return word(c, c.colon ? "+00:00" : "+0000");
      case 'Z': return word(c, "UTC");
      case 'n': return word(c, "\n");
      case 't': return word(c, "\t");
      case '%': return word(c, "%");
      default: return false;
    }
  }

  bool whole(char letter) {
    switch (letter) {
      case 'c': return run("%a %b %e %H:%M:%S %Y"), true;
      case 'D':
      case 'x': return run("%m/%d/%y"), true;
      case 'F': return run("%Y-%m-%d"), true;
      case 'r': return run("%I:%M:%S %p"), true;
      case 'R': return run("%H:%M"), true;
      case 'T':
      case 'X': return run("%H:%M:%S"), true;
      case 'v': return run("%e-%^b-%Y"), true;
      default: return false;
    }
  }

  bool digits(const Conversion& c, std::int64_t n, std::size_t width, char pad) {
    char buffer[24];
    const std::string_view text(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
    if (c.pad == '0') pad = '0';
    if (c.pad == '_') pad = ' ';
    if (c.width > 0) width = c.width;
    if (c.pad != '-')
      for (std::size_t i = text.size(); i < width; ++i) out_.append(pad);
    out_.append(text);
    return true;
  }

  bool word(const Conversion& c, std::string_view text) {
    for (std::size_t i = text.size(); i < c.width; ++i) out_.append(c.pad == '0' ? '0' : ' ');
    for (const char letter : text)
      out_.append(c.upper && letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter);
    return true;
  }

  const Parts at_;
  TextWriter& out_;
};

// Reads exactly `count` digits, at most 9.
std::optional<int> digits_of(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "10:26" or "10:26:31", with parts of a second that are left out.
std::optional<seconds> clock_of(std::string_view& text) {
  const auto hour = digits_of(text, 2);
  if (!hour || !skip(text, ':')) return std::nullopt;
  const auto minute = digits_of(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  seconds total = hours{*hour} + minutes{*minute};
  if (!skip(text, ':')) return total;
  const auto second = digits_of(text, 2);
  if (!second || *second > 59) return std::nullopt;
  if (skip(text, '.'))
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
  return total + seconds{*second};
}

// What stands behind the time: nothing, Z, UTC, +05:30 or +0530.
std::optional<seconds> offset_of(std::string_view text) {
  skip(text, ' ');
  if (text.empty() || text == "Z" || text == "UTC") return seconds{0};
  const int sign = text[0] == '-' ? -1 : 1;
  if (!skip(text, '+') && !skip(text, '-')) return std::nullopt;
  const auto hour = digits_of(text, 2);
  skip(text, ':');
  const auto minute = digits_of(text, 2);
  if (!hour || !minute || *hour > 23 || *minute > 59 || !text.empty()) return std::nullopt;
  return sign * (hours{*hour} + minutes{*minute});
}

// "March 14, 2016" or "14 March 2016"; any beginning of a month's name of three letters or more.
std::optional<std::int64_t> worded_date(std::string_view text) {
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    const std::size_t begin = std::min(text.find_first_not_of(" ,"), text.size());
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
    word = text.substr(0, end);
    text.remove_prefix(end);
  }
  if (!text.empty()) return std::nullopt;
  if (!words[0].empty() && words[0][0] >= '0' && words[0][0] <= '9') std::swap(words[0], words[1]);
  const auto named = std::find_if(months.begin(), months.end(), [&](std::string_view m) {
    return words[0].size() >= 3 && m.starts_with(words[0]);
  });
  if (named == months.end() || words[1].empty() || words[1].size() > 2) return std::nullopt;
  const auto d = digits_of(words[1], words[1].size());
  const auto y = digits_of(words[2], 4);
  if (!d || !y || !words[2].empty()) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(named - months.begin()) + 1},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  return sys_seconds{sys_days{date}}.time_since_epoch().count();
}

}  // namespace

bool is_printable_date(std::int64_t epoch) {
  constexpr std::int64_t year_0 = -62'167'219'200, year_10000 = 253'402'300'800;
  return epoch >= year_0 && epoch < year_10000;
}

std::string_view plain_date(std::int64_t epoch, char* buffer) {
  const Parts at(epoch);
  char* end = fmt::format_to(buffer, "{:04}-{:02}-{:02}", at.year(), at.month(), at.day_of_month());
  if (at.clock.to_duration() != seconds{0})
    end = fmt::format_to(end, " {:02}:{:02} UTC", at.hour(), at.clock.minutes().count());
  return {buffer, end};
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (const auto worded = worded_date(text)) return worded;
  const auto y = digits_of(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  const auto m = digits_of(text, 2);
  if (!m || !skip(text, '-')) return std::nullopt;
  const auto d = digits_of(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  sys_seconds at = sys_days{date};
  if (text.empty()) return at.time_since_epoch().count();
  if (!skip(text, 'T') && !skip(text, ' ')) return std::nullopt;
  const auto clock = clock_of(text);
  if (!clock) return std::nullopt;
  const auto offset = offset_of(text);
  if (!offset) return std::nullopt;
  at += *clock - *offset;
  return at.time_since_epoch().count();
}

void format_date(std::int64_t epoch, std::string_view format, TextWriter& out) {
  Formatter(epoch, out).run(format);
}

}  // namespace belay::content
