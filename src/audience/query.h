// Who a campaign is for: the "where" of the API (CleverTap Query Language, contract 3.3), parsed into
// a small tree and asked about one profile at a time.
//
// In this version: {} (everybody) and common_profile_properties.profile_fields (also under its old
// name common_profile_prop), all fields ANDed. Everything else the language documents is refused as
// "not supported yet", everything it does not is refused as unknown, both by name: a condition that is
// not understood never means "everybody".
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
// for texts with escapes.
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

enum class Code {
  invalid,      // unknown key or operator, wrong type, missing part
  unsupported,  // documented, and not there yet
};
using Error = ErrorOf<Code>;

// People named one by one (the API's "send by user id"). Emails are matched against the property Email.
struct IdList {
  std::vector<std::string> identity, object_id, email, fb_id, gp_id;
  std::size_t size() const;
};

struct Node;  // of the tree; see query.cpp

class Query {
 public:
  // From a request.
  static Result<Query, Error> parse(const json::value& where);
  static Result<Query, Error> parse_text(std::string_view where);

  // From a Definition of our own store: also {"$ids":{"Identity":[…],"objectId":[…],"Email":[…],
  // "FBID":[…],"GPID":[…]}}, which requests can't say. to_where() writes that form.
  static Result<Query, Error> parse_stored(std::string_view where);
  static std::string to_where(const IdList& ids);

  static Query everyone() { return Query(); }

  // One equals-any test; for the Email part of an IdList.
  static Query property_is_any_of(std::string name, const std::vector<std::string>& values);

  bool everybody() const;
  // Not null: exactly these people, and matches() is not to be asked.
  const IdList* ids() const { return ids_.get(); }
  // "Everybody", "City is \"Pune\" or \"Delhi\", and Visits is greater than 100": for people.
  std::string in_words() const;

  bool matches(content::Properties& profile) const;
  bool matches(std::string_view properties_json) const;

 private:
  Query();
  std::shared_ptr<const Node> root_;  // null: everybody
  std::shared_ptr<const IdList> ids_;
};

}  // namespace belay::audience
