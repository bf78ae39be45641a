// Saved segments: named queries of an account, by which campaigns can be addressed. Every ControlSession is a
// SegmentSession, too (segments_of): the same thread, the same data, every call blocks on the medium, durable
// as store.h says. What changes something leaves its row in the audit trail.
#pragma once
#include <string>
#include <vector>

#include "base/check.h"
#include "store/store.h"

namespace belay {
using SegmentId = Id<struct SegmentTag>;
}

namespace belay::store {

struct Segment {
  SegmentId id;  // of its account; ten digits, as campaigns have
  AccountId account;
  std::string name;   // unique in its account
  std::string where;  // JSON text; "" where only the name is asked for
  WallTime created{}, updated{};
};

inline constexpr std::uint32_t most_segments = 1000;  // of an account

class SegmentSession {
 public:
  virtual ~SegmentSession() = default;

  // Code::conflict where the name is taken, or most_segments are there. Its id is the epoch second of
  // `created`, or the first after the account's highest.
  virtual Result<Segment> add_segment(const Segment& segment) = 0;
  // Name and where of the one with that id anew. Code::not_found, Code::conflict as above.
  virtual Result<Segment> put_segment(const Segment& segment) = 0;
  virtual Result<void> remove_segment(AccountId account, SegmentId id) = 0;
  virtual Result<Segment> segment(AccountId account, SegmentId id) = 0;
  virtual Result<std::vector<Segment>> segments(AccountId account) = 0;  // by name, without their where
};

inline SegmentSession& segments_of(ControlSession& session) {
  auto* const segments = dynamic_cast<SegmentSession*>(&session);
  CHECK(segments != nullptr);
  return *segments;
}

}  // namespace belay::store
