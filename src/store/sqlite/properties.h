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
  // Sets each value; the value null removes. A later change of the same name wins. A value that is an object
  // with one key changes what is there (everything else that is an object is left out):
  //   {"$add":V}     makes it a list, if it is none, and appends each of V (a value or a list) that it lacks;
  //                  of more than most_listed the oldest go
  //   {"$remove":V}  takes each of V out of the list; of a single value: removes it if it is one of V
  //   {"$delete":…}  removes the property
  //   {"$incr":N}, {"$decr":N}  adds to a number, 0 where there is none; what is no number stays as it is
  void apply(std::span<const Change> changes);
  // Adds what `other` (an object's text) has and this one has not.
  bool add_missing(std::string_view other);
  static constexpr std::size_t most_listed = 100;
  std::string_view value_of(std::string_view name);  // JSON text; "" where there is none
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

  std::string_view operated(std::string_view there, std::string_view operation);

  std::vector<Member> members_;
  std::deque<std::string> made_;  // names that need escapes, and values that were worked out
  bool changed_ = false;
};

}  // namespace belay::store::sqlite
