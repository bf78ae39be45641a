// The account of one run, recipient by recipient, folded from its journal. Pure; 2 bytes a
// recipient. Used where the numbers must be proved and not only counted: recovery, settlement, and
// the lists of people behind a receipt.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "campaign/outcome.h"
#include "campaign/tally.h"

namespace belay {

class RunAccount {
 public:
  explicit RunAccount(std::uint32_t audience);

  // Entries may come in any order and more than once. An ordinal outside the audience is refused:
  // false, the store is damaged.
  bool add(const JournalEntry& entry);
  // What is unpacked from a block goes in; false if the block is damaged.
  bool add_block(std::string_view packed);
  // [begin, cursor) of a slice has been admitted.
  void admit(Ordinal begin, Ordinal cursor);

  struct Recipient {
    Standing standing = Standing::pending;
    Reason reason = Reason::none;
    std::uint8_t attempts = 0;  // made or permitted
    bool handed_over = false;
  };
  // `ended`: the campaign is stopped, so what waits will never leave.
  Recipient recipient(Ordinal ordinal, bool ended) const;
  Tally tally(bool ended) const;

  // What a crash left open: admitted (again), and no word since. They are in doubt. `ended`: the
  // campaign had been stopped, so only what was on the wire at the stop is.
  std::vector<JournalEntry> unanswered(bool ended) const;

  // Of a paused run: who was admitted (again) and has not left, as entries that let them wait for the
  // resumption. A pause, like a stop, has written down everybody else.
  std::vector<JournalEntry> unsent() const;

  // Recipients that wait for a further attempt: an earlier one was deferred or came back.
  struct Waiting {
    Ordinal ordinal;
    std::uint8_t next_attempt;
    bool handed_over;
  };
  std::vector<Waiting> waiting() const;

  std::uint32_t audience() const { return static_cast<std::uint32_t>(best_.size()); }

 private:
  // attempt << 8 | handed_over << 7 | entry << 4 | reason; 0: no entry
  std::vector<std::uint16_t> best_;
  std::vector<bool> admitted_;
  std::vector<JournalEntry> scratch_;
  JournalEntry unpacked(Ordinal ordinal) const;
};

}  // namespace belay
