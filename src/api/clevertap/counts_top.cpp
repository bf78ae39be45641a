// POST /1/counts/top.json: which values of a property are most, or least, frequent. Numbers are put into
// ranges of equal width, at most ten of them.
#include <algorithm>
#include <cmath>

#include "api/clevertap/counts.h"
#include "content/properties.h"

namespace belay::api::clevertap {
namespace {

using content::RawValue;

struct Group {
  std::string answer_key;  // as JSON text
  bool of_people = false;
  std::string property;
  std::size_t top = 10;
  bool ascending = false;
  std::map<std::string, std::uint64_t, std::less<>> texts;  // keys as they stand in JSON
  std::map<double, std::uint64_t> numbers;
  bool too_many = false;

  void add(const RawValue& value) {
    if (value.kind == RawValue::Kind::list) {
      content::each_element(value, [&](const RawValue& element) {
        if (element.kind != RawValue::Kind::list) add(element);
        return true;
      });
    } else if (value.kind == RawValue::Kind::number) {
      count(numbers, std::strtod(std::string(value.json).c_str(), nullptr));
    } else if (value.kind == RawValue::Kind::text || value.kind == RawValue::Kind::boolean) {
      count(texts, value.json);
    }
  }
  template <class Map, class Key>
  void count(Map& map, const Key& key) {
    if (const auto found = map.find(key); found != map.end())
      ++found->second;
    else if (texts.size() + numbers.size() < most_values)
      map.emplace(key, 1);
    else
      too_many = true;
  }
};

using Ranked = std::vector<std::pair<std::string, std::uint64_t>>;

// The smallest of 1, 2, 5, 10, 20, … with which ten ranges are enough; from thousandths on, where not all
// numbers are whole.
double width_of(double least, double most, bool whole) {
  for (int exponent = whole ? 0 : -3; exponent < 300; ++exponent)
    for (const double step : {1.0, 2.0, 5.0}) {
      const double width = step * std::pow(10.0, exponent);
      if (std::floor(most / width) - std::floor(least / width) < 10) return width;
    }
  return most - least;
}

Ranked ranges_of(const std::map<double, std::uint64_t>& numbers) {
  std::map<double, std::uint64_t> ranges;
  const bool whole = std::ranges::all_of(numbers, [](const auto& n) { return n.first == std::floor(n.first); });
  const double width = width_of(numbers.begin()->first, numbers.rbegin()->first, whole);
  for (const auto& [number, times] : numbers) ranges[std::floor(number / width)] += times;
  Ranked out;
  for (const auto& [range, times] : ranges)
    out.emplace_back(fmt::format("{:g}-{:g}", range * width, (range + 1) * width), times);
  return out;
}

std::string object_of(Ranked ranked, const Group& group) {
  std::ranges::stable_sort(ranked, [&](const auto& a, const auto& b) {
    return group.ascending ? a.second < b.second : a.second > b.second;
  });
  std::string out;
  for (std::size_t i = 0; i < ranked.size() && i < group.top; ++i)
    out += fmt::format("{}\"{}\":{}", i ? "," : "", ranked[i].first, ranked[i].second);
  return fmt::format("{{{}}}", out);
}

class Top final : public EventTally {
 public:
  explicit Top(std::vector<Group> groups) : groups_(std::move(groups)) {}
  bool wants_people() const override {
    return std::ranges::any_of(groups_, &Group::of_people);
  }
  void add(const Seen& seen) override {
    for (Group& group : groups_) {
      content::Properties properties(group.of_people ? seen.profile_properties : seen.event.properties);
      group.add(properties.find(group.property));
    }
  }
  Read<std::string> members() const override {
    std::string out;
    for (const Group& group : groups_) {
      if (group.too_many)
        return std::unexpected(fmt::format("{} has more than {} different values", group.property, most_values));
      std::string kinds;
      if (!group.numbers.empty())
        kinds = fmt::format("\"NUMBER\":{}", object_of(ranges_of(group.numbers), group));
      if (!group.texts.empty())
        kinds += fmt::format("{}\"STR\":{}", kinds.empty() ? "" : ",",
                             object_of(Ranked(group.texts.begin(), group.texts.end()), group));
      out += fmt::format(",{}:{{{}}}", group.answer_key, kinds);
    }
    return out;
  }

 private:
  std::vector<Group> groups_;
};

Read<Group> read_group(std::string_view key, const json::value& value) {
  const auto wrong = [&](std::string_view why) {
    return std::unexpected(fmt::format("Invalid group: {} {}", key, why));
  };
  if (!value.is_object()) return wrong("must be an object");
  const json::object& object = value.get_object();
  Group group;
  group.answer_key = to_text(json::value(key));
  const auto type = text(object, "property_type", 64);
  if (!type || !*type || (**type != "event_properties" && **type != "profile_fields"))
    return wrong("needs property_type: event_properties or profile_fields");
  group.of_people = **type == "profile_fields";
  const auto name = text(object, "name", 512);
  if (!name || !*name || (*name)->empty()) return wrong("needs the name of a property");
  group.property = **name;
  if (const json::value* top = member(object, "top_n")) {
    const auto number = whole_number(top);
    if (!number || *number < 1 || *number > 100) return wrong("has a top_n that is not from 1 to 100");
    group.top = static_cast<std::size_t>(*number);
  }
  const auto order = text(object, "order", 8);
  if (!order || (*order && **order != "asc" && **order != "desc")) return wrong("has an order that is not asc or desc");
  group.ascending = *order && **order == "asc";
  return group;
}

}  // namespace

Read<std::unique_ptr<EventTally>> top_tally(const json::object& request) {
  const json::value* groups = member(request, "groups");
  if (!groups || !groups->is_object() || groups->get_object().empty())
    return std::unexpected(std::string("Invalid group: groups is required, an object with a property each"));
  if (groups->get_object().size() > most_groups)
    return std::unexpected(fmt::format("Invalid group: there may be {} at most", most_groups));
  std::vector<Group> all;
  for (const auto& [key, value] : groups->get_object()) {
    TRY_ASSIGN(Group group, read_group(std::string_view(key.data(), key.size()), value));
    all.push_back(std::move(group));
  }
  return std::make_unique<Top>(std::move(all));
}

}  // namespace belay::api::clevertap
