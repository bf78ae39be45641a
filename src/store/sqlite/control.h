// ControlSession on belay.db. The parts are spread over control_*.cpp by what they are about.
#pragma once
#include <memory>

#include "store/scope_match.h"
#include "store/sqlite/db.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class Control final : public ControlSession {
 public:
  Control(std::unique_ptr<Db> db, WriteTurn& turn, Lane lane)
      : db_(std::move(db)), turn_(turn), lane_(lane) {}

  Result<Account> put_account(const Account& account) override;
  Result<std::vector<Account>> accounts() override;
  Result<void> remove_account(AccountId id) override;
  Result<void> put_passcode(const Passcode& passcode) override;
  Result<std::vector<Passcode>> passcodes(AccountId account) override;
  Result<void> remove_passcode(AccountId account, std::string_view hash) override;
  Result<Provider> put_provider(const Provider& provider) override;
  Result<std::vector<Provider>> providers(AccountId account) override;
  Result<Provider> provider(ProviderId id) override;
  Result<void> remove_provider(AccountId account, std::string_view nick_name) override;

  Result<Campaign> create(const Campaign& campaign) override;
  Result<Campaign> campaign(AccountId account, CampaignId id) override;
  Result<std::vector<Campaign>> campaigns(const CampaignFilter& filter) override;
  Result<std::vector<Campaign>> due(WallTime now, std::uint32_t limit) override;
  Result<std::optional<WallTime>> next_due() override;
  Result<void> move(const Transition& transition) override;

  Result<std::vector<Campaign>> in_scope(const Scope& scope) override;
  Result<StopRecord> stop(const StopWrite& write) override;
  Result<StopRecord> stop(AccountId account, StopId id) override;
  Result<std::optional<StopId>> stop_of(CampaignId campaign) override;
  Result<std::vector<StopRecord>> stops(AccountId account, std::optional<StopId> before,
                                        std::uint32_t limit) override;
  Result<void> settle(StopId stop, const Receipt& receipt) override;
  Result<std::vector<StopId>> unsettled() override;
  Result<void> record_latency(StopId stop, Micros latency) override;

  Result<std::vector<Latch>> latches(AccountId account) override;
  Result<void> release(AccountId account, LatchId latch) override;

  Result<std::optional<std::string>> replay(AccountId account, std::string_view key,
                                            std::string_view fingerprint) override;
  Result<void> remember(AccountId account, std::string_view key, std::string_view fingerprint,
                        std::string_view reply, WallTime at) override;

 private:
  // What scopes can name of one stored campaign. Owns what its facts() view.
  struct Candidate {
    CampaignId id;
    AccountId account;
    Channel channel = Channel::push;
    State state = State::scheduled;
    std::string provider;
    std::vector<std::string> labels;
    ScopeFacts facts() const { return {id, account, channel, provider, labels}; }
  };

  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(lane_);
    return in_transaction(*db_, std::forward<Body>(body));
  }

  Result<std::vector<Campaign>> read_campaigns(Query query);
  Result<void> insert_campaign(const Campaign& campaign);
  Result<std::string> nick_name(ProviderId id);
  // Code::latched with the latch's name if one covers the campaign.
  Result<void> refuse_if_latched(const ScopeFacts& facts);

  Result<std::vector<std::string>> labels_of(CampaignId id);
  Result<std::optional<Candidate>> candidate(CampaignId id);
  Result<std::vector<Candidate>> unfinished_in(const Scope& scope);
  Result<void> stop_one(const StopWrite& write, StopId stop, const StopEvidence& evidence,
                        const Candidate& campaign);
  Result<std::vector<Candidate>> named_campaigns(const StopWrite& write);
  Result<StopId> insert_stop(const StopWrite& write);
  Result<LatchId> insert_latch(const StopWrite& write, StopId stop);
  Result<void> read_receipts(StopRecord& record, AccountId account);
  Result<Receipt> stored_receipt(StopId stop, CampaignId campaign);

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  Lane lane_;
};

}  // namespace belay::store::sqlite
