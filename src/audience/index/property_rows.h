// What the index keeps of a property's value: the one place that says which rows a value is in. Evaluation
// (field_plan.h) holds conditions against exactly these.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "audience/index/layout.h"
#include "content/properties.h"

namespace belay::audience::index {

// A value as its row's text: its kind, then the text itself.
std::string value_text(const content::RawValue& scalar);
// The other way round; views `text`. Kind missing: none of ours.
content::RawValue value_of(std::string_view text);

// Where the values of one profile's property go.
class ValueSink {
 public:
  virtual ~ValueSink() = default;
  virtual void row(std::uint32_t row) = 0;
  virtual void number(std::uint32_t bits_row, std::uint64_t key) = 0;
  virtual void hash(std::uint16_t hash) = 0;
  // The row of a value of its own; none: no more values are taken.
  virtual std::optional<std::uint32_t> value_row(std::string_view value_text) = 0;
};

void put_value(const content::RawValue& value, ValueSink& sink);

// Calls visit(name, value) for every member of a JSON object, in order.
void each_property(std::string_view object,
                   const std::function<void(std::string_view, const content::RawValue&)>& visit);

}  // namespace belay::audience::index
