// Changes of a profile's properties, on their JSON text: order kept, untouched values not looked
// into. Not thread-safe; an object is kept for its buffers.
#pragma once
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belay::store::sqlite {

class Properties {
 public:
  using Change = std::pair<std::string_view, std::string_view>;  // name, value as JSON text

  // Takes up `object`, a JSON object as text() makes it ("{}" for none yet). False if it is none.
  // The text must outlive the work on it.
  bool read(std::string_view object);
  // Sets each value; the value null removes. A later change of the same name wins.
  void apply(std::span<const Change> changes);
  // Adds what `other` (an object's text) has and this one has not.
  bool add_missing(std::string_view other);
  bool changed() const { return changed_; }
  void write(std::string& out) const;  // replaces what `out` holds

 private:
  struct Member {
    std::string_view name;  // escaped, as between the quotes
    std::string_view value;
  };
  static bool split(std::string_view object, std::vector<Member>& members);
  std::string_view escaped(std::string_view name);
  std::vector<Member>::iterator find(std::string_view escaped_name);

  std::vector<Member> members_;
  std::deque<std::string> escaped_names_;  // of the names that need it
  bool changed_ = false;
};

}  // namespace belay::store::sqlite
