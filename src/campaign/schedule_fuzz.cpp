// "when" and "ttl" of anybody: a due time and a time to live that keep to their bounds, or a refusal.
#include "base/check.h"
#include "campaign/schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  static const TimeZone zone = TimeZone::named("Asia/Kolkata").value();
  constexpr WallTime now = wall_from_micros(1'457'432'766'000'000);
  const auto value = parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  if (const auto when = parse_when(&*value, zone, now)) {
    (void)zone.in_words(when->due);
    if (when->recurrence) (void)occurrences_to_come(*when->recurrence, zone, 1, now, 5);
  }
  (void)parse_ttl(*value, zone, now);
  if (value->is_string()) (void)zone.instant(std::string_view(value->get_string()));
  if (value->is_int64()) (void)zone.day(value->get_int64());
  return 0;
}
