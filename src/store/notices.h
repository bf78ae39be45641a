// Who is told of stops and changes of state, and what became of telling them: subscribers, notices and
// deliveries. A notice is written in the transaction of the act it tells of, with a delivery for each
// subscriber that wants it. A NoticeSession belongs to one thread at a time and blocks on the medium.
//
// A delivery goes pending -> trying -> delivered | pending (a definite refusal, to be tried again)
// | undelivered (given up) | in_doubt (it may have arrived; never repeated by itself).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "store/errors.h"

namespace belay {

using SubscriberId = Id<struct SubscriberTag>;
using NoticeId = Id<struct NoticeTag>;
using DeliveryId = Id<struct DeliveryTag>;

namespace store {

enum class NoticeKind : std::uint8_t {
  stop,     // a campaign was stopped, with the receipt as answered
  settled,  // that receipt's numbers are final now
  state,    // a campaign went from one state to another in any other way
};
inline constexpr std::array<std::string_view, 3> notice_kinds{"stop", "settled", "state"};
constexpr std::string_view name_of(NoticeKind kind) {
  return notice_kinds[static_cast<std::size_t>(kind)];
}
std::optional<NoticeKind> notice_kind_named(std::string_view name);

// Bit n: wants NoticeKind n.
using NoticeKinds = std::uint8_t;
constexpr NoticeKinds kinds_of(NoticeKind kind) {
  return static_cast<NoticeKinds>(1u << static_cast<unsigned>(kind));
}
inline constexpr NoticeKinds every_notice_kind = 0b111;

struct Subscriber {
  SubscriberId id;
  AccountId account;  // none: the operator, told of every account's campaigns
  std::string url;
  Secret secret;  // signs what is sent
  NoticeKinds kinds = every_notice_kind;
  WallTime created{};
};
inline constexpr std::size_t most_subscribers = 20;  // of one account

enum class DeliveryState : std::uint8_t { pending, trying, delivered, undelivered, in_doubt };
inline constexpr std::array<std::string_view, 5> delivery_states{"pending", "trying", "delivered",
                                                                 "undelivered", "in_doubt"};
constexpr std::string_view name_of(DeliveryState state) {
  return delivery_states[static_cast<std::size_t>(state)];
}

struct Delivery {
  DeliveryId id;
  NoticeId notice;
  SubscriberId subscriber;
  NoticeKind kind = NoticeKind::stop;
  CampaignId campaign;  // none: a stop that found nothing to stop
  DeliveryState state = DeliveryState::pending;
  std::uint32_t attempts = 0;
  WallTime since{};  // when trying was first allowed, or asked for again
  WallTime next_at{};
  std::string detail;  // what the last attempt came to, for people
};

// A delivery with what its attempt needs.
struct DueDelivery {
  Delivery delivery;
  std::string url, body;
  Secret secret;
};

struct DeliveryEnd {
  DeliveryId id;
  DeliveryState state = DeliveryState::delivered;
  WallTime next_at{};  // when pending again
  std::string detail;
};

class NoticeSession {
 public:
  virtual ~NoticeSession() = default;

  // Who acts from now on, and when: for the audit trail.
  virtual void as(std::string actor, WallTime at) = 0;
  virtual Result<Subscriber> add(const Subscriber& subscriber) = 0;            // Code::conflict: too many
  virtual Result<std::vector<Subscriber>> subscribers(AccountId account) = 0;  // none: all
  // With its deliveries. account none: operator.
  virtual Result<void> remove(AccountId account, SubscriberId id) = 0;
  // Newest first.
  virtual Result<std::vector<Delivery>> deliveries(AccountId account, SubscriberId id,
                                                   std::optional<DeliveryId> before, std::uint32_t limit) = 0;
  // Code::conflict while it is pending or being tried.
  virtual Result<Delivery> resend(AccountId account, DeliveryId id, WallTime at) = 0;

  // ---- for whoever delivers: one, no more ----
  // At most one a subscriber, the one that is due first; none of `busy` (ascending).
  virtual Result<std::vector<DueDelivery>> due(WallTime now, const std::vector<SubscriberId>& busy,
                                               std::size_t limit) = 0;
  // pending -> trying, on disk before anything may leave. Code::conflict: it is no longer pending.
  virtual Result<void> begin(DeliveryId id) = 0;
  virtual Result<void> end(const DeliveryEnd& end) = 0;  // of one that is being tried; no such: nothing to do
  // After a crash: whatever was being tried is in doubt. `copied`: so is what is pending, for the folder that
  // this one is a copy of may have sent it. How many those were.
  virtual Result<std::uint64_t> recover(bool copied) = 0;
  // Gives up the oldest pending ones of a subscriber that has more than `most_pending`, and forgets what was
  // decided before `forget`; a bounded part each time. How many were given up.
  virtual Result<std::uint64_t> tidy(std::uint32_t most_pending, WallTime forget) = 0;
};

}  // namespace store
}  // namespace belay
