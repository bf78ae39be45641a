// One line an event: an event name, then key=value pairs; as text for people or as JSON.
// Callable from any thread; lines go to standard error. Secrets can't be logged: Secret has no formatter.
//   log_info("campaign.stopped", {{"campaign", id}, {"withheld", n}});
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

namespace belay {

struct LogField {
  std::string_view key;
  std::string value;
  bool quoted;  // a text, not a number

  template <class T>
  LogField(std::string_view k, const T& v)
      : key(k), value(fmt::format("{}", v)), quoted(!std::is_arithmetic_v<T> || std::is_same_v<T, char>) {}
};

enum class LogFormat { text, json };
enum class LogLevel { debug, info, warning, error };

// Called once by main() before any thread starts.
void configure_log(LogFormat format, LogLevel level);

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

inline void log_debug(std::string_view event, std::initializer_list<LogField> f = {}) {
  log_event(LogLevel::debug, event, f);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> f = {}) {
  log_event(LogLevel::info, event, f);
}
inline void log_warning(std::string_view event, std::initializer_list<LogField> f = {}) {
  log_event(LogLevel::warning, event, f);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> f = {}) {
  log_event(LogLevel::error, event, f);
}

}  // namespace belay
