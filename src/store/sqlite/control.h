// ControlSession on belay.db. The parts are spread over control_*.cpp by what they are about.
#pragma once
#include <memory>
#include <set>

#include "store/scope_match.h"
#include "store/segments.h"
#include "store/sqlite/db.h"
#include "store/sqlite/owner.h"
#include "store/sqlite/trail.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

struct AccountRules;  // where an account's guardrails, or reach rules, are kept

class Control final : public ControlSession, public SegmentSession {
 public:
  Control(std::unique_ptr<Db> db, WriteTurn& turn, Lane lane, const Tenure* tenure = nullptr)
      : db_(std::move(db)), turn_(turn), lane_(lane), tenure_(tenure) {}

  void as(std::string actor, WallTime at) override { actor_ = std::move(actor), at_ = at; }
  Result<std::vector<AuditEntry>> audit(const AuditFilter& filter) override;

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
  Result<CampaignPage> search(const CampaignSearch& search) override;
  Result<std::vector<ListedCampaign>> listed(AccountId account, std::span<const CampaignId> ids) override;
  Result<std::vector<CampaignFacts>> facts(AccountId account, std::span<const CampaignId> ids) override;
  Result<void> keep_numbers(std::span<const std::pair<Epoch, Receipt>> numbers) override;
  Result<std::vector<Campaign>> due(WallTime now, std::uint32_t limit) override;
  Result<std::optional<WallTime>> next_due() override;
  Result<void> move(const Transition& transition) override;

  Result<Campaign> fire(const Firing& firing) override;
  Result<std::vector<Campaign>> paused_with(CampaignId series) override;
  Result<std::vector<Campaign>> unfinished_runs(CampaignId series) override;

  Result<std::vector<Campaign>> pause_all(std::span<const PauseWrite> writes) override;
  Result<Campaign> resume(const ResumeWrite& write) override;

  Result<std::vector<Campaign>> in_scope(const Scope& scope) override;
  Result<StopRecord> stop(const StopWrite& write) override;
  Result<StopRecord> stop(AccountId account, StopId id) override;
  Result<std::optional<StopId>> stop_of(CampaignId campaign) override;
  Result<std::vector<StopRecord>> stops(AccountId account, std::optional<StopId> before,
                                        std::uint32_t limit) override;
  Result<StopRecord> give_reason(AccountId account, StopId id, std::string_view reason) override;
  Result<void> settle(StopId stop, const Receipt& receipt) override;
  Result<std::vector<StopId>> unsettled() override;
  Result<void> record_latency(StopId stop, Micros latency) override;

  Result<std::vector<Latch>> latches(AccountId account) override;
  Result<void> release(AccountId account, LatchId latch, WallTime now) override;

  Result<void> put_guardrails(AccountId account, const Guardrails& rules) override;
  Result<Guardrails> guardrails(AccountId account) override;
  Result<void> put_reach_rules(AccountId account, const ReachRules& rules) override;
  Result<ReachRules> reach_rules(AccountId account) override;
  Result<void> reach_canary(CampaignId campaign, Epoch epoch) override;
  Result<std::optional<Epoch>> canary_reached(CampaignId campaign) override;
  Result<std::uint32_t> admitted_on(AccountId account, CampaignId campaign, std::int64_t day) override;

  Result<void> put_draft(const StoredDraft& draft, std::uint32_t most) override;
  Result<std::vector<StoredDraft>> drafts(AccountId account) override;
  Result<StoredDraft> draft(AccountId account, std::string_view id) override;
  Result<void> remove_draft(AccountId account, std::string_view id) override;

  Result<Segment> add_segment(const Segment& segment) override;
  Result<Segment> put_segment(const Segment& segment) override;
  Result<void> remove_segment(AccountId account, SegmentId id) override;
  Result<Segment> segment(AccountId account, SegmentId id) override;
  Result<std::vector<Segment>> segments(AccountId account) override;

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
    CampaignId series;
    ScopeFacts facts() const { return {id, account, channel, provider, labels, series}; }
  };

  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(lane_);
    return in_owned_transaction(*db_, tenure_, std::forward<Body>(body));
  }

  Result<std::vector<Campaign>> read_campaigns(Query query);
  const char* kept(std::string sql);
  Result<std::vector<CampaignId>> found_ids(const CampaignSearch& search, std::uint32_t most);
  Result<std::vector<CampaignId>> found_by_state(const CampaignSearch& search, std::uint32_t most);
  Result<std::vector<CampaignId>> found_newest(const CampaignSearch& search, std::uint32_t most);
  Result<std::uint32_t> count_part(const CampaignSearch& search);
  Result<std::uint32_t> count_found(const CampaignSearch& search);
  Result<ListedCampaign> as_listed(Campaign campaign);
  Result<void> insert_campaign(const Campaign& campaign);
  Result<std::int64_t> next_triggered(const Campaign& run);
  Result<CampaignId> free_id(CampaignId from);  // the first one from there on
  Result<void> may_derive(const Campaign& campaign);
  Result<void> hold_what_came_due(const Latch& latch, WallTime now);
  Result<std::optional<Latch>> latch_of(AccountId account, LatchId id);
  Result<std::string> nick_name(ProviderId id);
  Result<std::string> provider_in_words(AccountId account, std::string_view nick_name);
  // Code::latched with the latch's name if one covers the campaign.
  Result<void> refuse_if_latched(const ScopeFacts& facts);

  // Of a scheduled series: the run of `newest`, and the series moved on. `due`: when the run is to start.
  Result<Campaign> insert_run(const Campaign& series, const Occurrence& newest, WallTime due, WallTime now);
  Result<void> move_on(const Campaign& series, const Occurrence& newest, WallTime now);
  Result<void> leave_out(const Campaign& series, std::int64_t first, std::int64_t last, WallTime now);
  Result<Occurrence> newest_of(const Campaign& series, WallTime now);
  Result<Campaign> fire_now(const Campaign& series, WallTime now);
  Result<void> fire_what_came_due(const Latch& latch, WallTime now);
  Result<void> series_goes_on(const ResumeWrite& write, const Campaign& series);
  Result<void> refuse_if_runs_are_missing(std::span<const PauseWrite> writes);
  Result<Campaign> pause_one(const PauseWrite& write);

  Result<RunId> frozen_run(CampaignId campaign);  // none: not planned
  Result<void> go_on(const ResumeWrite& write, const Campaign& campaign);

  Result<AccountId> account_of(CampaignId id);
  Result<std::vector<std::string>> labels_of(CampaignId id);
  Result<std::optional<Candidate>> candidate(CampaignId id);
  Result<std::vector<Candidate>> unfinished_in(const Scope& scope);
  Result<void> stop_one(Trail& trail, const StopWrite& write, StopId stop, const StopEvidence& evidence,
                        const Candidate& campaign);
  Result<AuditRef> tell_of_stop(Trail& trail, const StopRecord& record);
  Result<std::vector<Candidate>> named_campaigns(const StopWrite& write);
  Result<StopId> insert_stop(const StopWrite& write);
  Result<LatchId> insert_latch(const StopWrite& write, StopId stop);
  Result<void> read_receipts(StopRecord& record, AccountId account);
  Result<void> read_audit_ref(StopRecord& record);
  // Inside a transaction: one row in the audit trail, by whoever acts now where `entry` names nobody.
  Result<AuditRef> append_audit(AuditEntry entry);
  // The same for a campaign that went from one state to another, with the notices of it. `actor`: "" for
  // whoever acts now.
  Result<AuditRef> record_move(CampaignId campaign, AccountId account, std::string_view action, State before,
                               State after, WallTime at, std::string_view reason,
                               std::string_view actor = "");
  Result<void> refuse_name(const Segment& segment);  // Code::conflict where it is another's
  Result<std::string> stored_rules(const AccountRules& which, AccountId account);
  Result<void> put_rules(const AccountRules& which, AccountId account, std::string rules);
  Result<std::string> account_subject(AccountId account);
  AuditEntry acted(AccountId account, std::string_view action, std::string subject) const;

  Result<Receipt> stored_receipt(StopId stop, CampaignId campaign);

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  Lane lane_;
  const Tenure* tenure_;
  std::set<std::string> sql_;  // of searches: a few dozen forms; statements are kept by their address
  std::string actor_ = "belay";
  WallTime at_{};
};

}  // namespace belay::store::sqlite
