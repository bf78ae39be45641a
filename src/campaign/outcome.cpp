#include "campaign/outcome.h"

#include "base/check.h"

namespace belay {
namespace {

void put_varint(std::string& out, std::uint32_t v) {
  while (v >= 0x80) {
    out += static_cast<char>(v | 0x80);
    v >>= 7;
  }
  out += static_cast<char>(v);
}

bool get_varint(std::string_view& in, std::uint32_t& v) {
  v = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (in.empty()) return false;
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    v |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

constexpr std::uint32_t zigzag(std::int32_t v) {
  return (static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31);
}
constexpr std::int32_t unzigzag(std::uint32_t v) {
  return static_cast<std::int32_t>(v >> 1) ^ -static_cast<std::int32_t>(v & 1);
}

// One byte holds entry (3 bits), hand-over (1 bit), reason (4 bits: its code).
static_assert(code_of(Reason::temporary) < 16 && code_of(Reason::control_group) < 16);

}  // namespace

std::optional<Reason> reason_named(std::string_view name) {
  for (const ReasonRow& row : reason_table)
    if (row.name == name) return row.reason;
  return std::nullopt;
}

std::string pack(const std::vector<JournalEntry>& entries) {
  std::string out;
  out.reserve(entries.size() * 4);
  Ordinal previous = 0;
  for (const JournalEntry& e : entries) {
    CHECK(may_have(e.entry, e.reason));
    put_varint(out, zigzag(static_cast<std::int32_t>(e.ordinal - previous)));
    previous = e.ordinal;
    out += static_cast<char>(static_cast<unsigned>(e.entry) | (e.handed_over ? 8u : 0u) |
                             (code_of(e.reason) << 4));
    out += static_cast<char>(e.attempt);
  }
  return out;
}

bool unpack(std::string_view block, std::vector<JournalEntry>& append_to) {
  Ordinal previous = 0;
  while (!block.empty()) {
    std::uint32_t delta = 0;
    if (!get_varint(block, delta) || block.size() < 2) return false;
    const auto bits = static_cast<std::uint8_t>(block[0]);
    const auto entry = static_cast<Entry>(bits & 7);
    const auto reason = reason_of(entry, bits >> 4);
    if (!reason) return false;
    previous += static_cast<Ordinal>(unzigzag(delta));
    append_to.push_back({previous, entry, *reason, static_cast<std::uint8_t>(block[1]), (bits & 8) != 0});
    block.remove_prefix(2);
  }
  return true;
}

std::optional<Standing> standing_named(std::string_view name) {
  for (std::size_t i = 0; i < standing_names.size(); ++i)
    if (standing_names[i] == name) return static_cast<Standing>(i);
  return std::nullopt;
}

}  // namespace belay
