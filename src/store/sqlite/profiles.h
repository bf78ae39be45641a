// ProfileSession and PeopleSession on profiles.db: reads on a connection of its own, writes through the shared writer.
#pragma once
#include <memory>

#include "store/sqlite/db.h"
#include "store/sqlite/index_session.h"
#include "store/sqlite/profile_writer.h"
#include "store/people.h"

namespace belay::store::sqlite {

class Profiles final : public ProfileSession, public PeopleSession {
 public:
  Profiles(std::unique_ptr<Db> db, ProfileWriter& writer, IndexShared index)
      : db_(std::move(db)), writer_(writer), index_(*db_, writer, index) {}

  Result<void> apply(AccountId account, std::span<const UploadRecord> records) override;
  Result<std::optional<Profile>> find(AccountId account, IdentityRef who) override;
  Result<std::vector<Address>> addresses_of(AccountId account, ProfileId profile) override;
  Result<std::uint64_t> count(AccountId account, RecipientKind kind) override;
  Result<std::optional<RecipientId>> scan(const ScanQuery& query,
                                          const std::function<void(const ScanRow&)>& visit) override;
  Result<void> read(AccountId account, RecipientKind kind, std::span<const RecipientId> ids,
                    const std::function<void(const RecipientRow&)>& visit) override;
  Result<void> read_with_tokens(AccountId account, std::span<const RecipientId> ids,
                                const std::function<void(const RecipientRow&)>& visit) override;
  Result<std::vector<std::string>> event_names(AccountId account, std::uint32_t most) override;
  Result<std::vector<std::string>> add_event_names(AccountId account, std::span<const std::string> names,
                                                   std::uint32_t most) override;
  Result<void> mark_dead(AccountId account, std::span<const RecipientId> addresses) override;
  IndexSession* index() override { return &index_; }

  Result<std::vector<Device>> devices(AccountId account, ProfileId profile) override;
  Result<std::vector<EventTotal>> event_totals(AccountId account, ProfileId profile) override;
  Result<std::optional<std::int64_t>> scan_events(const EventScan& scan,
                                                  const std::function<void(const EventRow&)>& visit) override;
  Result<std::int64_t> last_event(AccountId account) override;
  Result<void> engaged(AccountId account, Engagement how, std::span<const EngagedScope> scopes,
                       const std::function<void(ProfileId, WallTime)>& visit) override;
  Result<void> events_of(AccountId account, ProfileId profile, std::string_view name, WallTime from,
                         WallTime before, const std::function<void(const EventRow&)>& visit) override;
  Result<std::uint32_t> remove(AccountId account, std::span<const IdentityRef> who) override;
  Result<std::uint32_t> part(AccountId account, std::span<const std::string_view> names) override;
  Result<std::uint32_t> unset(AccountId account, std::span<const Unset> properties) override;
  Result<void> subscribe(AccountId account, std::span<const Subscription> words) override;
  Result<bool> wanted(AccountId account, ContactKind kind, std::string_view value) override;

 private:
  // `sql` gives recipient_row()'s columns between two ids of an account.
  Result<void> read_by(const char* sql, AccountId account, std::span<const RecipientId> ids,
                       const std::function<void(const RecipientRow&)>& visit);
  Result<std::int64_t> owner_now(std::int64_t profile);

  std::unique_ptr<Db> db_;
  ProfileWriter& writer_;
  SqliteIndex index_;
};

}  // namespace belay::store::sqlite
