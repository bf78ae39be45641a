// What a campaign is. Pure values; the wire formats live in api/, the rows in store/.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "campaign/guardrails.h"
#include "campaign/outcome.h"
#include "campaign/reach.h"
#include "campaign/recurrence.h"
#include "campaign/state.h"
#include "campaign/timing.h"

namespace belay {

enum class Channel { push, webhook };
constexpr std::string_view name_of(Channel c) {
  return c == Channel::push ? "push" : "webhook";
}
std::optional<Channel> channel_named(std::string_view name);  // any case, "webhooks" too (contract 3.1)

enum class Platform : std::uint8_t { android, ios, web, windows };
std::string_view name_of(Platform p);
std::optional<Platform> platform_named(std::string_view name);

// A recipient of a push is an address (device token); of a webhook, a profile.
enum class RecipientKind : std::uint8_t { address, profile };
constexpr RecipientKind recipient_kind(Channel c) {
  return c == Channel::push ? RecipientKind::address : RecipientKind::profile;
}

// Key-value pairs keep the order they came in.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

// Texts may hold template output such as {{Profile.Name | default: "there"}}.
struct PushContent {
  std::string title, body;
  KeyValues android, ios, web, windows;  // platform_specific, contract 3.4
};

struct WebhookContent {
  KeyValues key_values;            // contract 4.6 "key_values"
  bool profile_attributes = true;  // webhook_fields
  bool tokens = false;
  bool identities = true;
};

struct Ttl {
  std::optional<WallTime> until;   // absolute
  std::optional<Seconds> lasting;  // relative to hand-over
};

// Of a campaign that was made from another: its audience are those people of its parent whose standing
// there is one of these, as the parent's journal has it. No query is evaluated.
struct Derivation {
  enum class How : std::uint8_t {
    continues,  // the same content for those who did not get it
    corrects,   // other content for those who did
  };
  How how = How::continues;
  CampaignId parent;
  std::vector<Standing> standings;
};
constexpr std::string_view name_of(Derivation::How how) {
  return how == Derivation::How::continues ? "continues" : "corrects";
}

struct Definition {
  std::string name;
  Channel channel = Channel::push;
  PushContent push;
  WebhookContent webhook;
  std::string where = "{}";          // the audience query as JSON text, validated; "{}" is everybody
  std::vector<Platform> devices;     // empty: all
  bool send_to_all_devices = false;  // false: a person's newest device among those wanted
  std::vector<std::string> labels;
  Ttl ttl;
  std::string tag_group;
  std::optional<Derivation> derived;
  Guardrails guardrails;
  PeopleLimits limits;
  std::optional<ControlGroup> control_group;
  bool system_control_group = true;      // the account's is kept out
  bool respect_frequency_caps = true;    // false: its messages only count
  std::optional<Recurrence> recurrence;  // it is a series: each of its runs is a campaign of its own
  Timing timing;                         // when, beyond `due`; of a series, that of its runs
  std::string conversion_goal;           // JSON text, validated (audience/conversion_goal.h); "": none
};

// As kept in the store. from_json() fails only on a damaged store.
std::string to_json_text(const Definition& definition);
Result<Definition, std::string> definition_from_json(std::string_view text);

struct Campaign {
  CampaignId id;
  AccountId account;
  ProviderId provider;
  Definition definition;
  CampaignId series;            // of a run: the series it belongs to
  std::int64_t occurrence = 0;  // of a run: which one it is; of a series: the one that comes next
  WallTime due{};               // "now" is the creation time; of a series: its next run, or its last one
  Seconds past_due_grace{3600};
  State state = State::scheduled;
  Epoch epoch{1};
  WallTime created{};
  std::optional<WallTime> started, finished;
  std::string state_reason;  // why it is in this state, for people; "" where the state says it all
};

}  // namespace belay
