#include "campaign/audit.h"

#include <fmt/format.h>

#include "base/sha256.h"

namespace belay {
namespace {

constexpr std::string_view domain = "belay audit 1";

void add_number(std::string& message, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int shift = 0; shift < 64; shift += 8) message += static_cast<char>(bits >> shift & 0xff);
}

// The length first: no two different lists of fields give the same message.
void add_text(std::string& message, std::string_view text) {
  add_number(message, static_cast<std::int64_t>(text.size()));
  message += text;
}

}  // namespace

std::string audit_hash(std::string_view previous, const AuditEntry& e) {
  std::string message;
  message.reserve(256 + e.before.size() + e.after.size() + e.detail.size());
  add_text(message, domain);
  add_text(message, previous);
  add_number(message, e.id);
  add_number(message, to_micros(e.at));
  add_number(message, e.account.value);
  for (const std::string* field : {&e.actor, &e.action, &e.subject, &e.before, &e.after, &e.detail})
    add_text(message, *field);
  Sha256 hash;
  hash.add(message);
  return hash.hex();
}

std::optional<std::string> AuditChain::add(const AuditEntry& entry) {
  if (entry.id != rows_ + 1) {
    return entry.id > rows_ + 1 ? fmt::format("row {} is missing: row {} comes next", rows_ + 1, entry.id)
                                : fmt::format("row {} stands where row {} should", entry.id, rows_ + 1);
  }
  if (entry.hash != audit_hash(head_, entry))
    return fmt::format(
        "row {} does not follow from what stands before it: it was changed, or put there later", entry.id);
  head_ = entry.hash;
  ++rows_;
  if (!expected_.empty() && head_ == expected_) met_ = true;
  return std::nullopt;
}

}  // namespace belay
