#include "campaign/run_account.h"

#include "base/check.h"

namespace belay {
namespace {

std::uint16_t packed(const JournalEntry& e) {
  return static_cast<std::uint16_t>((e.attempt << 8) | (e.handed_over ? 0x80u : 0u) |
                                    (static_cast<unsigned>(e.entry) << 4) | code_of(e.reason));
}

RunAccount::Recipient ended_standing(const JournalEntry& e) {
  // Whoever waited for another attempt when the stop came: told "later" once means failed, never
  // having left means withheld.
  if (e.entry == Entry::on_wire) return {Standing::in_flight, Reason::none, e.attempt, true};
  if (e.handed_over) return {Standing::failed, Reason::stopped_in_retry, e.attempt, true};
  return {Standing::withheld, Reason::none, e.attempt, false};
}

}  // namespace

RunAccount::RunAccount(std::uint32_t audience) : best_(audience), admitted_(audience) {
  static_assert(static_cast<unsigned>(Entry::in_doubt) < 8 && code_of(Reason::temporary) < 16 &&
                code_of(Reason::control_group) < 16);
}

JournalEntry RunAccount::unpacked(Ordinal ordinal) const {
  const std::uint16_t p = best_[ordinal];
  const auto entry = static_cast<Entry>((p >> 4) & 7);
  return {ordinal, entry, reason_of(entry, p & 15u).value_or(Reason::none), static_cast<std::uint8_t>(p >> 8),
          (p & 0x80) != 0};
}

bool RunAccount::add(const JournalEntry& entry) {
  if (entry.ordinal >= best_.size() || entry.attempt == 0 || !may_have(entry.entry, entry.reason))
    return false;
  JournalEntry winner = entry;
  if (best_[entry.ordinal] != 0) {
    const JournalEntry known = unpacked(entry.ordinal);
    if (rank_of(known) > rank_of(entry)) winner = known;
    winner.handed_over = known.handed_over || entry.handed_over;  // what has left, has left
  }
  best_[entry.ordinal] = packed(winner);
  return true;
}

bool RunAccount::add_block(std::string_view block) {
  scratch_.clear();
  if (!unpack(block, scratch_)) return false;
  for (const JournalEntry& e : scratch_)
    if (!add(e)) return false;
  return true;
}

void RunAccount::admit(Ordinal begin, Ordinal cursor) {
  CHECK(begin <= cursor && cursor <= best_.size());
  for (Ordinal o = begin; o < cursor; ++o) admitted_[o] = true;
}

RunAccount::Recipient RunAccount::recipient(Ordinal ordinal, bool ended) const {
  CHECK(ordinal < best_.size());
  if (best_[ordinal] == 0) {
    if (ended) return {Standing::withheld, Reason::none, 0, false};
    return {Standing::pending, Reason::none, 0, false};
  }
  const JournalEntry e = unpacked(ordinal);
  switch (e.entry) {
    case Entry::accepted:
      return {Standing::accepted, e.reason, e.attempt, e.handed_over};
    case Entry::failed:
      return {Standing::failed, e.reason, e.attempt, e.handed_over};
    case Entry::skipped:
      return {Standing::skipped, e.reason, e.attempt, e.handed_over};
    case Entry::in_doubt:
      return {Standing::in_doubt, e.reason, e.attempt, true};
    case Entry::readmitted:
    case Entry::on_wire:
    case Entry::returned:
    case Entry::deferred:
      break;
  }
  if (ended) return ended_standing(e);
  const bool on_wire = e.entry == Entry::on_wire;
  return {on_wire ? Standing::in_flight : Standing::pending, e.reason, e.attempt, e.handed_over};
}

Tally RunAccount::tally(bool ended) const {
  Tally t;
  t.audience = audience();
  for (Ordinal o = 0; o < best_.size(); ++o) {
    const Recipient r = recipient(o, ended);
    if (r.handed_over) ++t.handed_over;
    switch (r.standing) {
      case Standing::pending:
        ++t.pending;
        break;
      case Standing::in_flight:
        ++t.in_flight;
        break;
      case Standing::accepted:
        ++t.accepted;
        break;
      case Standing::failed:
        ++t.failed;
        break;
      case Standing::skipped:
        ++t.skipped[static_cast<std::size_t>(r.reason)];
        break;
      case Standing::withheld:
        ++t.withheld;
        break;
      case Standing::in_doubt:
        ++t.in_doubt;
        break;
    }
  }
  CHECK(t.balances());
  return t;
}

std::vector<JournalEntry> RunAccount::unanswered(bool ended) const {
  std::vector<JournalEntry> out;
  for (Ordinal o = 0; o < best_.size(); ++o) {
    if (best_[o] == 0) {
      if (!ended && admitted_[o]) out.push_back({o, Entry::in_doubt, Reason::crash, 1, true});
      continue;
    }
    const JournalEntry e = unpacked(o);
    if (e.entry == Entry::on_wire || (!ended && e.entry == Entry::readmitted))
      out.push_back({o, Entry::in_doubt, Reason::crash, e.attempt, true});
  }
  return out;
}

std::vector<JournalEntry> RunAccount::unsent() const {
  // An attempt that a pause took back is used up. Who has lost this many of them is not tried for ever:
  // the number of an attempt is a byte.
  constexpr std::uint8_t most = 250;
  std::vector<JournalEntry> out;
  for (Ordinal o = 0; o < best_.size(); ++o) {
    if (best_[o] == 0) {
      if (admitted_[o]) out.push_back({o, Entry::returned, Reason::none, 1, false});
      continue;
    }
    const JournalEntry e = unpacked(o);
    if (e.entry != Entry::readmitted) continue;
    if (e.attempt < most)
      out.push_back({o, Entry::returned, Reason::none, e.attempt, e.handed_over});
    else
      out.push_back({o, Entry::failed, Reason::attempts_used_up, e.attempt, e.handed_over});
  }
  return out;
}

std::vector<RunAccount::Waiting> RunAccount::waiting() const {
  std::vector<Waiting> out;
  for (Ordinal o = 0; o < best_.size(); ++o) {
    if (best_[o] == 0) continue;
    const JournalEntry e = unpacked(o);
    if (e.entry == Entry::returned || e.entry == Entry::deferred)
      out.push_back({o, static_cast<std::uint8_t>(e.attempt + 1), e.handed_over});
  }
  return out;
}

}  // namespace belay
