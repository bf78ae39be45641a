// Liquid templates, compiled once a campaign and rendered once a recipient. What there is and how it
// differs from Shopify's Liquid and from npm liquidjs: docs/templates.md.
//
//   Hello {{ Profile.Name | default: "there" | capitalize }}
//   {% if Profile.Points > 1000 %}You are gold{% elsif Profile.Tags contains "new" %}Welcome{% endif %}
//   {{ Profile["Favourite colour"] }}   {{ Profile.Favourite colour }}   {{- "blanks around go" -}}
//
// What a property prints: a text itself; a number as it was stored; true or false; a date ("$D_<epoch>")
// as 2016-03-08 when it is midnight UTC and else as 2016-03-08 10:26 UTC; a list its elements without
// anything between; what is missing or null, nothing.
//
// A Template is immutable: rendering is safe from any number of threads at once, never blocks, takes a bounded
// number of steps and bytes, and allocates only for values that are long or many.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "content/properties.h"

namespace belay::content {

enum class Code {
  syntax,       // not a template
  unsupported,  // a template, but using what this version does not have
};
struct [[nodiscard]] Error {
  Code code;
  std::string text;              // ends with "(line L, column C)"
  std::size_t line = 1, column = 1;  // counted from 1, in characters
};

enum class Escape {
  none,
  json,  // as the inside of a JSON string
};

// What one rendering may cost. Above that the person gets no message.
inline constexpr std::size_t max_rendered = 4096;      // bytes of a field, unless the caller says otherwise
inline constexpr std::size_t max_steps = 10'000;       // tags and turns of loops; long texts count more
inline constexpr std::size_t memory_per_rendered = 16; // bytes of values that are built, for each of the limit

// What a template may have. Above that it is refused.
inline constexpr std::size_t max_depth = 32;      // blocks in blocks
inline constexpr std::size_t max_names = 64;      // variables, counters, loops, cycles: of each
inline constexpr std::size_t max_filters = 32;    // in one tag
inline constexpr std::size_t max_tags = 4096;

class Template {
 public:
  static Result<Template, Error> parse(std::string_view text);

  Template();  // renders nothing
  ~Template();
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;

  // Appends to `out`. False when this person can't have it: it would be more than `limit` bytes or too many
  // steps, a value makes no sense, or {% abort %} was met. `out` is then as it was. `now` is what "now" is.
  [[nodiscard]] bool render(Properties& profile, std::string& out, Escape escape,
                            std::size_t limit = max_rendered, WallTime now = {}) const;

  // The same for everybody: text only.
  bool constant() const;

  struct Program;

 private:
  std::unique_ptr<const Program> program_;
  friend class Parser;
};

}  // namespace belay::content
