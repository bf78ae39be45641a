// POST /1/counts/trends.json: how many events, people, or what sum, a day, week or month of the account's
// calendar; weeks are those of ISO 8601. Every day of the range has its entry, also when nothing was.
#include <chrono>

#include <roaring/roaring.hh>

#include "api/clevertap/counts.h"
#include "content/properties.h"

namespace belay::api::clevertap {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;
constexpr std::int64_t most_days = 366;

enum class Trend { daily, weekly, monthly };

sys_days date_of(std::int64_t stamp) {
  return sys_days(year_month_day{std::chrono::year(static_cast<int>(stamp / 10'000)),
                                 std::chrono::month(static_cast<unsigned>(stamp / 100 % 100)),
                                 std::chrono::day(static_cast<unsigned>(stamp % 100))});
}

// The year and number of the week that has the day's Thursday.
std::int64_t iso_week(sys_days day) {
  const std::chrono::weekday weekday(day);
  const sys_days thursday = day + std::chrono::days(4 - static_cast<int>(weekday.iso_encoding()));
  const auto year = year_month_day(thursday).year();
  const auto since = (thursday - sys_days(year / std::chrono::January / 1)).count();
  return static_cast<int>(year) * 100 + since / 7 + 1;
}

std::int64_t slot_of(Trend trend, std::int64_t day_stamp) {
  if (trend == Trend::daily) return day_stamp;
  return trend == Trend::monthly ? day_stamp / 100 : iso_week(date_of(day_stamp));
}

struct Slot {
  std::uint64_t events = 0;
  double sum = 0;
  Roaring people;
};

struct Group {
  std::string answer_key;  // as JSON text
  Trend trend;
  std::map<std::int64_t, Slot> slots;
};

enum class What { events, people, sum };

class Trends final : public EventTally {
 public:
  Trends(std::vector<Group> groups, TimeZone zone, What what, std::string property)
      : groups_(std::move(groups)), zone_(std::move(zone)), what_(what), property_(std::move(property)) {}
  void add(const Seen& seen) override {
    const std::int64_t day = zone_.day_stamp(seen.event.at);
    double value = 0;
    if (what_ == What::sum) {
      content::Properties properties(seen.event.properties);
      const content::RawValue found = properties.find(property_);
      if (found.kind == content::RawValue::Kind::number)
        value = std::strtod(std::string(found.json).c_str(), nullptr);
    }
    for (Group& group : groups_) {
      Slot& slot = group.slots[slot_of(group.trend, day)];
      ++slot.events;
      slot.sum += value;
      if (what_ == What::people) slot.people.add(static_cast<std::uint32_t>(seen.event.profile.value));
    }
  }
  Read<std::string> members() const override {
    std::string out;
    for (const Group& group : groups_) {
      std::string slots;
      for (const auto& [key, slot] : group.slots)
        slots += fmt::format("{}\"{}\":{}", slots.empty() ? "" : ",", key, number_of(slot));
      out += fmt::format(",{}:{{{}}}", group.answer_key, slots);
    }
    return out;
  }

 private:
  std::string number_of(const Slot& slot) const {
    if (what_ == What::sum) return fmt::format("{}", slot.sum);
    return fmt::format("{}", what_ == What::people ? slot.people.cardinality() : slot.events);
  }
  std::vector<Group> groups_;
  TimeZone zone_;
  What what_;
  std::string property_;
};

Read<Group> read_group(std::string_view key, const json::value& value, std::int64_t from, std::int64_t to) {
  const auto type = value.is_object() ? text(value.get_object(), "trend_type", 16)
                                      : Read<std::optional<std::string>>(std::nullopt);
  constexpr std::string_view words[] = {"daily", "weekly", "monthly"};
  const auto word = type && *type ? std::ranges::find(words, std::string_view(**type)) : std::end(words);
  if (word == std::end(words))
    return std::unexpected(fmt::format("Invalid group: {} needs trend_type: daily, weekly or monthly", key));
  Group group{to_text(json::value(key)), static_cast<Trend>(word - std::begin(words)), {}};
  for (sys_days day = date_of(from); day <= date_of(to); day += std::chrono::days(1)) {
    const year_month_day date(day);
    const std::int64_t stamp = static_cast<int>(date.year()) * 10'000 +
                               static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day());
    group.slots.try_emplace(slot_of(group.trend, stamp));
  }
  return group;
}

}  // namespace

Read<std::unique_ptr<EventTally>> trends_tally(const json::object& request, const TimeZone& zone) {
  const auto from = whole_number(member(request, "from")), to = whole_number(member(request, "to"));
  if (!from || !to || !zone.day(*from) || !zone.day(*to))
    return std::unexpected(std::string("from and to are required: days as numbers, YYYYMMDD"));
  if ((date_of(*to) - date_of(*from)).count() >= most_days)
    return std::unexpected(std::string("Invalid date range: trends go over a year at most"));
  const json::value* groups = member(request, "groups");
  if (!groups || !groups->is_object() || groups->get_object().empty())
    return std::unexpected(std::string("Invalid group: groups is required, an object with a trend_type each"));
  if (groups->get_object().size() > most_groups)
    return std::unexpected(fmt::format("Invalid group: there may be {} at most", most_groups));
  TRY_ASSIGN(const bool unique, flag(request, "unique", false));
  TRY_ASSIGN(const auto property, text(request, "sum_event_prop", 512));
  if (unique && property) return std::unexpected(std::string("unique and sum_event_prop exclude each other"));
  std::vector<Group> all;
  for (const auto& [key, value] : groups->get_object()) {
    TRY_ASSIGN(Group group, read_group(std::string_view(key.data(), key.size()), value, *from, *to));
    all.push_back(std::move(group));
  }
  const What what = property ? What::sum : unique ? What::people : What::events;
  return std::make_unique<Trends>(std::move(all), zone, what, property.value_or(""));
}

}  // namespace belay::api::clevertap
