#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.h"

namespace belay {
namespace {

// spdlog's registry is the process's logger; only the format is ours to remember.
std::atomic<LogFormat> line_format{
    LogFormat::text};  // tidy: the one process-wide setting, set by main() once

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void configure_log(LogFormat format, LogLevel level) {
  line_format = format;
  auto logger = spdlog::stderr_color_mt("belay");
  if (format == LogFormat::json)
    logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})",
                        spdlog::pattern_time_type::utc);
  else
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const auto native = spdlog_level(level);
  if (!spdlog::default_logger_raw()->should_log(native)) return;
  const bool as_json = line_format == LogFormat::json;
  std::string line = as_json ? fmt::format("\"event\":\"{}\"", event) : std::string(event);
  for (const LogField& f : fields) {
    if (as_json) {
      line += fmt::format(",\"{}\":", f.key);
      if (f.quoted) line += '"';
      append_json_escaped(line, f.value);
      if (f.quoted) line += '"';
    } else if (f.quoted && f.value.find_first_of(" \"\n") != std::string::npos) {
      line += fmt::format(" {}=\"", f.key);
      append_json_escaped(line, f.value);
      line += '"';
    } else {
      line += fmt::format(" {}={}", f.key, f.value);
    }
  }
  spdlog::default_logger_raw()->log(native, line);
}

}  // namespace belay
