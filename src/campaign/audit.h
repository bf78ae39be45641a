// The audit trail as a chain: each row's hash covers its fields and the hash of the row before it, so
// that changing, deleting, inserting or swapping rows is found. Pure; callable from anywhere.
//
// What a chain alone can't show: rows cut off at its end, or a chain made anew from some row on by
// somebody who may write the file. A hash of it that is kept elsewhere (every receipt and every notice
// carries one) shows both: it must be found in the chain again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace belay {

struct AuditEntry {
  std::int64_t id = 0;  // 1, 2, 3, … without a gap
  WallTime at{};
  AccountId account;          // whose matter it was; none: the operator's
  std::string actor;          // "api:TEST-123-4567", "cli:root", "belay"
  std::string action;         // "campaign.moved"
  std::string subject;        // "campaign-1457432766"
  std::string before, after;  // a campaign's state, or what was configured; "" where there is none
  std::string detail;         // a reason, or JSON
  std::string hash;           // 64 hex digits
};

// Points at a row from elsewhere: kept with its hash, it shows later whether the trail is still the one
// that it was taken from.
struct AuditRef {
  std::int64_t id = 0;  // 0: none
  std::string hash;
  friend bool operator==(const AuditRef&, const AuditRef&) = default;
};

inline constexpr std::string_view audit_origin =  // stands before the first row
    "0000000000000000000000000000000000000000000000000000000000000000";

// SHA-256 over `previous` and every field but the hash, each led by its length.
std::string audit_hash(std::string_view previous, const AuditEntry& entry);

// Takes the rows in their order and says where they stop being the chain.
class AuditChain {
 public:
  // A sentence about the first row that is wrong; nothing once it is found, or when all is well.
  std::optional<std::string> add(const AuditEntry& entry);
  // A hash that was kept elsewhere: is it one of the chain's so far?
  void expect(std::string hash) { expected_ = std::move(hash); }
  bool met_expected() const { return expected_.empty() || met_; }

  std::int64_t rows() const { return rows_; }
  const std::string& head() const { return head_; }  // the last good row's hash

 private:
  std::int64_t rows_ = 0;
  std::string head_{audit_origin};
  std::string expected_;
  bool met_ = false;
};

}  // namespace belay
