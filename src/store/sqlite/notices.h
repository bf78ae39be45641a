// NoticeSession on belay.db.
#pragma once
#include <memory>

#include "store/notices.h"
#include "store/sqlite/owner.h"
#include "store/sqlite/write_turn.h"

namespace belay::store::sqlite {

class Notices final : public NoticeSession {
 public:
  Notices(std::unique_ptr<Db> db, WriteTurn& turn, const Tenure* tenure)
      : db_(std::move(db)), turn_(turn), tenure_(tenure) {}

  void as(std::string actor, WallTime at) override { actor_ = std::move(actor), at_ = at; }
  Result<Subscriber> add(const Subscriber& subscriber) override;
  Result<std::vector<Subscriber>> subscribers(AccountId account) override;
  Result<void> remove(AccountId account, SubscriberId id) override;
  Result<std::vector<Delivery>> deliveries(AccountId account, SubscriberId id,
                                           std::optional<DeliveryId> before, std::uint32_t limit) override;
  Result<Delivery> resend(AccountId account, DeliveryId id, WallTime at) override;
  Result<std::vector<DueDelivery>> due(WallTime now, const std::vector<SubscriberId>& busy,
                                       std::size_t limit) override;
  Result<void> begin(DeliveryId id) override;
  Result<void> end(const DeliveryEnd& end) override;
  Result<std::uint64_t> recover(bool copied) override;
  Result<std::uint64_t> tidy(std::uint32_t most_pending, WallTime forget) override;

 private:
  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(Lane::ordinary);
    return in_owned_transaction(*db_, tenure_, std::forward<Body>(body));
  }
  Result<Subscriber> subscriber(AccountId account, SubscriberId id);
  Result<Delivery> delivery(AccountId account, DeliveryId id);
  Result<bool> first_due(WallTime now, const Subscriber& to, std::vector<DueDelivery>& into);
  Result<std::uint64_t> give_up_oldest(std::uint32_t most_pending);
  Result<void> forget_before(WallTime before);

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  const Tenure* tenure_;
  std::string actor_ = "belay";
  WallTime at_{};
};

}  // namespace belay::store::sqlite
