// Liquid templates, compiled once a campaign and rendered once a recipient. In this version: output
// tags with filters. Tags ({% %}) and Event properties are refused by name, never printed as they are.
//
//   Hello {{ Profile.Name | default: "there" | capitalize }}
//   {{ Profile["Favourite colour"] }}   {{ Profile.Favourite colour }}   {{- "blanks around go" -}}
//
// Filters, meaning exactly what they mean in Shopify's Liquid (shopify.github.io/liquid, StandardFilters):
// append, capitalize, default, downcase, prepend, replace, round, strip, truncate, upcase, url_encode.
// Arguments are texts in either quotes, numbers, or properties. Lengths count characters, not bytes.
//
// What a property prints: a text itself; a number as it was stored; true or false; a date ("$D_<epoch>")
// as 2016-03-08 when it is midnight UTC and else as 2016-03-08 10:26 UTC; a list its elements without
// anything between; what is missing or null, nothing.
//
// A Template is immutable: rendering is safe from any number of threads at once, never blocks, and
// allocates only for filters that must build a new text.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "content/properties.h"

namespace belay::content {

enum class Code {
  syntax,       // not a template
  unsupported,  // a template, but using what this version does not have
};
using Error = ErrorOf<Code>;  // the text ends with "(line L, column C)", both counted from 1

enum class Escape {
  none,
  json,  // as the inside of a JSON string
};

// Most bytes one rendered field may have, as appended.
inline constexpr std::size_t max_rendered = 4096;

class Template {
 public:
  static Result<Template, Error> parse(std::string_view text);

  Template();  // renders nothing
  ~Template();
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;

  // Appends to `out`. False when it would be more than `limit` bytes: `out` is as it was then.
  [[nodiscard]] bool render(Properties& profile, std::string& out, Escape escape,
                            std::size_t limit = max_rendered) const;

  // The same for everybody: no output tags.
  bool constant() const;

 private:
  struct Node;  // a node kind each: text and output today, if, for and assign to come
  std::vector<Node> nodes_;
  friend class Parser;
};

}  // namespace belay::content
