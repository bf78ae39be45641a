// A request body compiled once a campaign: constant JSON with holes for what differs from person to
// person. Inside channel/ only. Immutable once built; rendering is safe from any thread.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "campaign/campaign.h"
#include "channel/channel.h"
#include "content/template.h"

namespace belay::channel {

// What is filled in without a template.
enum class Hole {
  token,  // as a JSON string's inside
  identity,
  object_id,
  email,            // the property Email
  profile,          // all properties, as a JSON object
  seconds_to_live,  // counted from the hand-over
  expiry,           // epoch second
};

class Payload {
 public:
  // False when a template can't be rendered for this person; `out` is as it was then.
  [[nodiscard]] bool render(const Recipient& who, WallTime now, const Ttl& ttl, std::string& out) const;

 private:
  friend class PayloadBuilder;
  std::vector<std::variant<std::string, content::Template, Hole>> pieces_;
};

// Writes one JSON object, member by member. Objects that end up without members are left out whole.
class PayloadBuilder {
 public:
  void open(std::string_view key);  // "key":{
  void close();
  void raw(std::string_view key, std::string_view json);
  void text(std::string_view key, std::string_view text);
  void hole(std::string_view key, Hole hole, std::string_view before, std::string_view after);
  // A text that may be a template. `what` names it in errors: "title".
  Result<void, Error> templated(std::string_view key, std::string_view text, std::string_view what);
  Payload finish();

 private:
  void key(std::string_view key);
  void constant(std::string_view json);
  struct Level {
    std::string key;
    bool written = false;  // the opening brace stands in the payload
    bool members = false;
  };
  std::vector<Level> levels_{{"", true, false}};
  Payload payload_;
  bool begun_ = false;
};

// `text` as a JSON string, quotes included.
std::string json_text(std::string_view text);

}  // namespace belay::channel
