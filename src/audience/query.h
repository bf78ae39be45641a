// Who a campaign is for: the "where" of the API (CleverTap Query Language, contract 3.3), parsed into
// a small tree and asked about one profile at a time.
//
// The whole language: a base event with its days, event and session properties; profile fields,
// demographics and the rest of common_profile_properties; did_all, did_any and did_none. What it does not
// know is refused by name and place: a condition that is not understood never means "everybody".
// docs/compatibility.md says what each part is held against here, and what can't be known.
//
// What the operators mean here:
//  - equals with an array value: any of them. not_equals and does_not_contain are the exact opposites
//    of equals and contains, so they hold for people who lack the property; exists says who has it
//    (null counts as lacking).
//  - a list property matches if any of its elements does.
//  - numbers, texts that are numbers and dates ("$D_<epoch>") are compared as numbers with numbers;
//    text with text is compared exactly, upper and lower case being different; "True" and "False"
//    stand for booleans, in any case.
//  - greater_than and its kin need a number or a date as value, and hold only for people with one.
//
// A Query is immutable; matches() is safe from any thread, never blocks and does not allocate, except
// for texts with escapes. Queries about events or devices need facts about many people: see facts.h.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "content/properties.h"

namespace belay::audience {

// What a query from a request may hold: conditions (each field, region, radius, event and session property is
// one), events among them, values in all, and among these those that are not looked up but held against every
// person one by one: what is searched for, put in order, or a fraction. Nesting is as deep as the language
// is.
inline constexpr std::size_t most_conditions = 200, most_events = 30, most_values = 20'000,
                             most_compared = 1000;

enum class Code {
  invalid,      // unknown key or operator, wrong type, missing part
  unsupported,  // documented or seen, and can't be had here
};
using Error = ErrorOf<Code>;

// People named one by one (the API's "send by user id"). Emails are matched against the property Email.
struct IdList {
  std::vector<std::string> identity, object_id, email, fb_id, gp_id;
  std::size_t size() const;
};

struct Node;  // of the tree; see node.h
struct Person;

class Query {
 public:
  // From a request.
  static Result<Query, Error> parse(const json::value& where);
  static Result<Query, Error> parse_text(std::string_view where);

  // From a Definition of our own store: also {"$ids":{"Identity":[…],"objectId":[…],"Email":[…],
  // "FBID":[…],"GPID":[…]}}, which requests can't say. to_where() writes that form.
  // And several together, {"$all":[where, …],"$none":[where, …]}: who all of the former mean and none of the
  // latter. together() writes that form, of queries that parse() takes. `counted`: within the limits above.
  static Result<Query, Error> parse_stored(std::string_view where, bool counted = false);
  static std::string to_where(const IdList& ids);
  static std::string together(const std::vector<json::value>& all, const std::vector<json::value>& none);

  static Query everyone() { return Query(); }

  // One equals-any test; for the Email part of an IdList.
  static Query property_is_any_of(std::string name, const std::vector<std::string>& values);

  bool everybody() const;
  // Not null: exactly these people, and matches() is not to be asked.
  const IdList* ids() const { return ids_.get(); }
  // "Everybody", "City is \"Pune\" or \"Delhi\", and Visits is greater than 100": for people.
  std::string in_words() const;

  // Whether properties alone do not decide: it asks about events, or about devices.
  bool asks_events() const;
  bool asks_devices() const;

  // Of somebody without events and devices.
  bool matches(content::Properties& profile) const;
  bool matches(std::string_view properties_json) const;
  bool matches(const Person& person) const;

  // The tree, for evaluation; null: everybody, or people named one by one.
  const Node* root() const { return root_.get(); }

 private:
  friend class EventQuery;
  Query();
  explicit Query(Node root);
  std::shared_ptr<const Node> root_;  // null: everybody
  std::shared_ptr<const IdList> ids_;
};

}  // namespace belay::audience
