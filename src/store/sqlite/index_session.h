// IndexSession on profiles.db: reads on the connection of the ProfileSession that it belongs to, in one read
// transaction; commits through the shared writer.
#pragma once
#include <optional>

#include "store/index.h"
#include "store/sqlite/db.h"
#include "store/sqlite/index_cache.h"
#include "store/sqlite/profile_writer.h"
#include "store/sqlite/write_turn.h"

namespace belay::store::sqlite {

// Of the store: one of each for all sessions.
struct IndexShared {
  IndexCache& cache;
  WriteTurn& upkeep;  // whose turn it is to update any account's index; taken before the file's own
};

class SqliteIndex final : public IndexSession {
 public:
  SqliteIndex(Db& db, ProfileWriter& writer, IndexShared shared)
      : db_(db), writer_(writer), shared_(shared) {}
  ~SqliteIndex() override { end(); }

  Result<void> begin(AccountId account, bool upkeep) override;
  void end() override;
  const IndexState& state() const override { return state_; }
  Result<std::optional<IndexField>> field(IndexFieldKind kind, std::string_view name) override;
  Result<std::vector<IndexField>> fields(IndexFieldKind kind) override;
  Result<std::int64_t> highest_field() override;
  Result<std::vector<std::uint32_t>> shards(std::int64_t field) override;
  Result<std::shared_ptr<const Fragment>> fragment(std::int64_t field, std::uint32_t shard) override;
  Result<IndexChanges> changes(std::uint32_t most) override;
  Result<bool> new_profiles(std::uint32_t most,
                            const std::function<void(ProfileId, std::string_view)>& visit) override;
  Result<bool> new_events(std::uint32_t most, const std::function<void(const IndexedEvent&)>& visit) override;
  Result<std::optional<std::string>> event_name(std::int64_t id) override;
  Result<void> profiles(std::span<const ProfileId> profiles,
                        const std::function<void(ProfileId, std::string_view)>& visit) override;
  Result<void> devices(std::span<const ProfileId> profiles,
                       const std::function<void(const IndexDevice&)>& visit) override;
  Result<std::optional<ProfileId>> merged_into(ProfileId profile) override;
  Result<void> commit(const IndexWrite& write) override;

 private:
  Result<void> load_state();
  Result<bool> behind(int kind, const char* sql, std::int64_t after, std::uint32_t most,
                      const std::function<void(const Query&)>& visit);
  Result<void> write(Db& db, const IndexWrite& write, std::int64_t generation);

  Db& db_;
  ProfileWriter& writer_;
  IndexShared shared_;
  AccountId account_;
  IndexState state_;
  bool open_ = false;
  std::optional<WriteTurn::Held> upkeep_;
};

}  // namespace belay::store::sqlite
