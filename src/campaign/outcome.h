// What can become of a recipient, and the journal entries that say so. Pure.
//
// The journal is the truth about every recipient of a run: a set of entries, in no particular
// order, of which the one with the highest rank counts. Because a higher rank always wins, writing
// an entry twice or late changes nothing. That is what lets a stop write down what the loops know
// without waiting for the journal's usual writer.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace belay {

enum class Entry : std::uint8_t {
  readmitted,  // a further attempt may be handed over from now on
  on_wire,     // was handed over without a verdict when the stop was answered
  returned,    // did not leave; will be tried again unless the campaign is stopped
  deferred,    // left, and the provider said "later"; will be tried again unless stopped
  accepted,    // final from here on
  failed,
  skipped,
  in_doubt,
};

enum class Reason : std::uint8_t {
  none,
  // skipped
  address_dead,    // the provider once said that this token is gone
  recipient_gone,  // deleted since the audience was frozen
  content_error,   // the content could not be rendered for this person
  // failed
  unregistered,      // the provider says the token is gone (it is marked dead)
  rejected,          // the provider refuses this message for good
  unauthorized,      // the provider refuses our credentials
  attempts_used_up,  // said "later" at every attempt
  unreachable,       // no connection at any attempt; nothing was handed over
  stopped_in_retry,  // said "later", and a stop came before the next attempt
  // in_doubt
  no_answer,        // handed over, no answer in time
  connection_lost,  // handed over, connection broke before the answer
  crash,            // the server died between admission and outcome
  // returned, deferred
  throttled,
  temporary,
  // skipped, more of them: nothing leaves for this recipient in this run
  local_time_passed,  // the time had passed where they are, and was not to come again
  cut_off_passed,     // not before the day's cut-off
  quiet_hours,        // their do-not-disturb hours, and the campaign discards what falls into them
  frequency_cap,      // they have had as many messages as the account allows
  control_group,      // kept out, so that it can be seen what the campaign changes
};

struct ReasonRow {
  Reason reason;
  std::string_view name;
};
inline constexpr std::array<ReasonRow, 20> reason_table{{
    {Reason::none, "none"},
    {Reason::address_dead, "address_dead"},
    {Reason::recipient_gone, "recipient_gone"},
    {Reason::content_error, "content_error"},
    {Reason::unregistered, "unregistered"},
    {Reason::rejected, "rejected"},
    {Reason::unauthorized, "unauthorized"},
    {Reason::attempts_used_up, "attempts_used_up"},
    {Reason::unreachable, "unreachable"},
    {Reason::stopped_in_retry, "stopped_in_retry"},
    {Reason::no_answer, "no_answer"},
    {Reason::connection_lost, "connection_lost"},
    {Reason::crash, "crash"},
    {Reason::throttled, "throttled"},
    {Reason::temporary, "temporary"},
    {Reason::local_time_passed, "local_time_passed"},
    {Reason::cut_off_passed, "cut_off_passed"},
    {Reason::quiet_hours, "quiet_hours"},
    {Reason::frequency_cap, "frequency_cap"},
    {Reason::control_group, "control_group"},
}};
constexpr std::string_view name_of(Reason r) {
  return reason_table[static_cast<std::size_t>(r)].name;
}

std::optional<Reason> reason_named(std::string_view name);

struct JournalEntry {
  Ordinal ordinal = 0;
  Entry entry = Entry::accepted;
  Reason reason = Reason::none;
  std::uint8_t attempt = 1;  // 1 is the first
  bool handed_over = false;  // at least one attempt of this recipient has left, this one included
  friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

constexpr bool is_final(Entry e) {
  return e >= Entry::accepted;
}

// Four bits hold the reason of an entry: the reasons up to `temporary` are their own code with every entry,
// as journals have always had it. Those behind it only go with `skipped`, and there take codes that no
// skipped entry uses.
inline constexpr unsigned first_late_code = 5;
constexpr bool may_have(Entry entry, Reason reason) {
  return reason <= Reason::temporary
             ? entry != Entry::skipped || static_cast<unsigned>(reason) < first_late_code
             : entry == Entry::skipped;
}
constexpr unsigned code_of(Reason reason) {
  const auto place = static_cast<unsigned>(reason), late = static_cast<unsigned>(Reason::local_time_passed);
  return place < late ? place : place - late + first_late_code;
}
// Nothing where no reason has that code.
constexpr std::optional<Reason> reason_of(Entry entry, unsigned code) {
  const unsigned late = static_cast<unsigned>(Reason::local_time_passed);
  const unsigned place =
      entry == Entry::skipped && code >= first_late_code ? code - first_late_code + late : code;
  if (place >= reason_table.size() || !may_have(entry, static_cast<Reason>(place))) return std::nullopt;
  return static_cast<Reason>(place);
}

// Orders the entries of one recipient: attempts first, then how much is known about that attempt.
constexpr unsigned rank_of(const JournalEntry& e) {
  const unsigned known = e.entry == Entry::readmitted ? 0
                         : e.entry == Entry::on_wire  ? 1
                         : is_final(e.entry)          ? 3
                                                      : 2;
  return e.attempt * 4u + known;
}

// A block: entries packed to about 4 bytes each, as the store keeps them.
std::string pack(const std::vector<JournalEntry>& entries);
// False when the bytes are not a whole block (a damaged store): entries read so far are kept.
bool unpack(std::string_view block, std::vector<JournalEntry>& append_to);

// What a recipient's state is called towards people: the outcome, or what it waits for.
enum class Standing : std::uint8_t { pending, in_flight, accepted, failed, skipped, withheld, in_doubt };
inline constexpr std::array<std::string_view, 7> standing_names{"pending", "in_flight", "accepted", "failed",
                                                                "skipped", "withheld",  "in_doubt"};
constexpr std::string_view name_of(Standing s) {
  return standing_names[static_cast<std::size_t>(s)];
}
std::optional<Standing> standing_named(std::string_view name);

}  // namespace belay
