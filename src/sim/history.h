// What an outsider saw of one run of the simulator: what was asked and answered, what left, what broke.
// The checker decides the promise from this alone. Plain values; equal seeds give equal histories.
//
// Campaigns are known by the number in their name ("c7"): an answer with an id may have been lost in a
// crash. A run of a series has the series' name, and the number 1000 times that of the series, and which run
// it is; what leaves says the id. People are numbered in the order of their ordinals; where one person has
// several devices, each device has a number like that, and `persons` says whose it is.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/run_account.h"
#include "campaign/stop.h"
#include "dispatch/engine.h"

namespace belay::sim::seen {

using CampaignNo = int;
using Person = std::uint32_t;

// ---- what leaves -------------------------------------------------------------------------------

struct HandedOver {
  int node;
  CampaignNo campaign;
  Person person;
  WallTime wall;  // by that node's clock
  CampaignId id{};
};
enum class Word { accepted, again, failed };  // `again`: the provider says that it did not take it
struct Verdict {                              // has reached the engine
  int node;
  CampaignNo campaign;
  Person person;
  Word word;
  CampaignId id{};
};

// ---- what is asked and answered ------------------------------------------------------------------

struct Create {  // asked
  CampaignNo campaign;
  AccountId account;
  std::vector<std::string> labels;
  WallTime due;
  Seconds grace;
  std::optional<Recurrence> recurrence{};
  Timing timing{};
  bool respects_caps = true;
  CampaignNo continues = 0;  // its audience are some of that one's
};
struct Created {
  CampaignNo campaign;
  CampaignId id;
};
struct Refused {
  CampaignNo campaign;
  store::Code why;
};
struct StopAsked {
  int question;
  int node;
  Scope scope;
  CampaignNo campaign;  // of the scope, or -1
  bool latch;
};
struct StopAnswered {
  int question;
  int node;
  StopRecord record;
  std::vector<std::pair<CampaignNo, std::uint32_t>> admitted;  // cursors, as they are at this instant
};
struct StopFailed {
  int question;
  dispatch::StopCode why;
};
struct PauseAsked {
  int question;
  int node;
  CampaignNo campaign;
  bool resume;  // the other way round
};
struct PauseAnswered {
  int question;
  CampaignNo campaign;
  bool planned;
  Tally tally;
};
struct Resumed {
  int question;
  CampaignNo campaign;
  State state;
};
struct PauseFailed {
  int question;
  dispatch::PauseCode why;
};
struct ReleaseAsked {  // to release a latch
  LatchId latch;
};
struct CapsAsked {};  // to be set: from here on they may be others
struct CapsSet {      // the account's; answered
  std::vector<FrequencyCap> caps;
  std::string zone;  // whose days they go by
};

// ---- what breaks ---------------------------------------------------------------------------------

struct Started {
  int node;
};
struct Owned {
  int node;
  std::int64_t term;
};
inline constexpr std::string_view ended_in_order = "ended";
struct Died {
  int node;
  std::string how;
};
struct PowerLost {};
struct Paused {
  int node;
  Micros length;
};
struct ClockStepped {
  int node;
  Micros by;
};
struct DiskTrouble {  // from here on calls may fail
  std::string what;
};
struct Healed {};  // nothing breaks any more

// ---- what can be read ----------------------------------------------------------------------------

struct Read {
  int node;
  CampaignNo campaign;
  State state;
  Tally tally;
};
// At the end, from the store: after a last loss of power in many runs.
struct Final {
  CampaignNo campaign;
  State state;
  bool planned;
  Tally tally;
  std::uint32_t admitted;
  std::vector<RunAccount::Recipient> people;  // by ordinal
  std::vector<Person> who;                    // by ordinal
  CampaignId id{}, series{};
  std::int64_t occurrence = 0;
  WallTime due{};
};
struct FinalStop {
  StopRecord record;
};
struct Stuck {  // did not come to an end although nothing broke any more
  std::string what;
};

using Event = std::variant<HandedOver, Verdict, Create, Created, Refused, StopAsked, StopAnswered, StopFailed,
                           PauseAsked, PauseAnswered, Resumed, PauseFailed, ReleaseAsked, CapsAsked, CapsSet,
                           Started, Owned, Died, PowerLost, Paused, ClockStepped, DiskTrouble, Healed, Read,
                           Final, FinalStop, Stuck>;

struct Entry {
  Micros at;  // true time since the world began
  Event event;
};

struct History {
  std::uint32_t people = 0;
  std::vector<std::string> zones;  // where each of them is
  std::vector<Person> persons;     // whose device each of them is
  std::uint8_t max_attempts = 5;
  std::uint32_t window = 0;  // most people of a campaign that a death leaves open
  WallTime begins{};         // where clocks begin that nobody has set
  std::vector<Entry> entries;
};

CampaignNo number_in(std::string_view name);  // "c7"
CampaignNo number_of(const Campaign& campaign);
constexpr CampaignNo series_of(CampaignNo run) {
  return run / 1000;
}
std::string to_text(const Entry& entry);      // one line
std::uint64_t hash_of(const History& history);

}  // namespace belay::sim::seen
