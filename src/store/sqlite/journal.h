// JournalSession on belay.db.
#pragma once
#include <memory>

#include "store/sqlite/db.h"
#include "store/sqlite/owner.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class Journal final : public JournalSession {
 public:
  Journal(std::unique_ptr<Db> db, WriteTurn& turn, const Tenure* tenure = nullptr)
      : db_(std::move(db)), turn_(turn), tenure_(tenure) {}

  Result<Run> freeze(const Campaign& campaign, RecipientKind kind, const AudienceSet& audience,
                     std::uint32_t slice_size, WallTime at, std::span<const Wave> waves) override;
  Result<std::optional<Run>> run_of(CampaignId campaign) override;
  Result<AudienceSet> audience(RunId run) override;
  Result<GroupResult> commit(const GroupCommit& group) override;
  Result<void> blocks(RunId run, const std::function<void(std::string_view, WallTime)>& visit) override;
  Result<Progress> progress(RunId run) override;
  Result<std::vector<CoursePoint>> course(RunId run) override;

 private:
  // The fence: what was found out about (run, campaign, epoch) within one transaction.
  struct Permit {
    RunId run;
    CampaignId campaign;
    Epoch epoch;
    bool granted;
  };

  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(Lane::ordinary);
    return in_owned_transaction(*db_, tenure_, std::forward<Body>(body));
  }

  Result<void> may_freeze(const Campaign& campaign);
  Result<RunId> reserve_run(const Campaign& campaign, RecipientKind kind, std::uint32_t audience,
                            WallTime at);
  Result<void> write_part(RunId run, std::int64_t no, std::string_view bytes);
  Result<void> publish(const Campaign& campaign, RunId run, const std::vector<Slice>& slices, WallTime at);
  Result<std::vector<Slice>> slices_of(RunId run);

  Result<bool> permitted(std::vector<Permit>& known, RunId run, CampaignId campaign, Epoch epoch);
  Result<void> write_course(const CourseWrite& w);
  Result<bool> admit(std::vector<Permit>& known, const Admission& admission, WallTime at);

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  const Tenure* tenure_;
};

}  // namespace belay::store::sqlite
