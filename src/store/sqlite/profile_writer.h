// The one connection that writes to profiles.db, shared by all sessions under its write turn: so the
// big page cache that bulk uploads need exists once. Safe from any thread; blocks.
//
// Who is who:
//   - A name (identity, device, FB id, GP id) leads to one profile. An unknown name makes a profile,
//     unless its record also names a known device whose profile has no name of that kind yet: then
//     it becomes that profile's name.
//   - A record whose `who` and device belong to different profiles moves the device, with its
//     address, to `who`. A profile that has lost its last name that way is merged: its properties
//     fill what is missing, and it is gone.
//   - A device has one address; a new token replaces the old one and revives it. A token that turns
//     up on another device of the account makes the old address dead: nobody gets a message twice.
#pragma once
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/id_blocks.h"
#include "store/sqlite/name_cache.h"
#include "store/sqlite/open.h"
#include "store/sqlite/owner.h"
#include "store/sqlite/properties.h"
#include "store/sqlite/write_turn.h"
#include "store/people.h"

namespace belay::store::sqlite {

class ProfileWriter {
 public:
  // Each write is checked against `tenure`: Code::fenced when another node owns the store.
  static Result<std::unique_ptr<ProfileWriter>> open(const std::string& path, WriteTurn& turn,
                                                     const Tenure& tenure, const SqliteOptions& options);

  Result<std::int64_t> highest_term();
  Result<void> raise_term();  // to the tenure's

  Result<void> apply(AccountId account, std::span<const UploadRecord> records);
  Result<std::vector<std::string>> add_event_names(AccountId account, std::span<const std::string> names,
                                                   std::uint32_t most);
  Result<void> mark_dead(AccountId account, std::span<const RecipientId> addresses);
  // See PeopleSession.
  Result<bool> remove(AccountId account, const IdentityRef& who);  // false: not known
  Result<std::uint32_t> part(AccountId account, std::string_view name);
  Result<std::uint32_t> unset(AccountId account, std::span<const Unset> properties);
  Result<void> subscribe(AccountId account, std::span<const Subscription> words);
  // Deletes a part of what the account has; true when nothing is left.
  Result<bool> purge(AccountId account);
  // One step towards fewer layers: see event_layers.h.
  Result<void> merge_events();
  // A transaction of the index (index_session.cpp) on this connection.
  Result<void> write_index(const std::function<Result<void>(Db&)>& body);

 private:
  ProfileWriter(std::unique_ptr<Db> db, WriteTurn& turn, const Tenure& tenure, const SqliteOptions& options)
      : db_(std::move(db)),
        turn_(turn),
        tenure_(tenure),
        names_(options.name_cache_bytes, options.name_key) {}

  struct Name {
    std::int64_t profile = 0, address = 0;
  };
  struct OwnName {  // a name as the profile has it
    IdentityKind kind;
    std::string value;
    std::int64_t address;  // 0: none
  };
  struct Row {  // a profile being worked on
    std::int64_t id = 0, names = 0, kinds = 0, updated = 0;
    std::string identity, object_id, properties;
    bool fresh = false, changed = false;
  };
  // The account's numbers that a transaction changes.
  struct Batch {
    AccountId account;
    std::int64_t profiles = 0, live_addresses = 0;
    // For the index's log: who is not any more what the index may say; who was merged into whom.
    std::vector<std::int64_t> changed;
    std::vector<std::pair<std::int64_t, std::int64_t>> merged;
  };

  static constexpr std::int64_t bit_of(IdentityKind kind) { return std::int64_t{1} << static_cast<int>(kind); }

  // What is remembered between transactions is only true if they were committed, and if nobody else has written
  // since: another owner may have, before this one's present term.
  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(Lane::ordinary);
    if (const std::int64_t term = tenure_.term(); term != std::exchange(term_, term)) forget();
    auto result = in_transaction(*db_, [&]() -> std::invoke_result_t<Body> {
      TRY(tenure_.check_profiles(*db_));
      return body();
    });
    if (result) {
      names_.commit();
    } else {
      names_.roll_back();
      ids_.forget();
      event_names_.clear();
    }
    return result;
  }
  void forget();
  Result<void> save_tally(Batch& batch);  // and the log of changes: the end of each transaction on people
  Result<void> log_changes(Batch& batch);

  Result<void> one(Batch& batch, const ProfileWrite& write);
  Result<void> one(Batch& batch, const AddressWrite& write);
  Result<void> one(Batch& batch, const EventWrite& write);

  Result<std::optional<Name>> look_up(AccountId account, IdentityKind kind, std::string_view value);
  Result<std::optional<std::int64_t>> profile_named(AccountId account, const IdentityRef& who);
  Result<void> add_name(const Batch& batch, Row& row, IdentityKind kind, std::string_view value,
                        std::int64_t address);
  Result<void> begin_row(Batch& batch, Row& row);
  Result<void> load_row(Row& row, std::int64_t id);
  Result<void> save_row(Batch& batch, const Row& row);
  Result<bool> joins(const IdentityRef& who, const Name& device);
  Result<void> take_over(Batch& batch, Row& winner, std::string_view object_id, const Name& device);
  Result<void> set_properties(Row& row, const ProfileWrite& write);

  Result<std::int64_t> insert_address(Batch& batch, std::int64_t profile, const AddressWrite& write);
  Result<void> renew_address(Batch& batch, const Name& device, const AddressWrite& write);
  Result<void> bury_token(Batch& batch, std::string_view token, std::int64_t except);

  Result<std::int64_t> profile_of(Batch& batch, const IdentityRef& who, WallTime at);
  Result<std::int64_t> event_name(AccountId account, std::string_view name);
  Result<std::vector<OwnName>> names_of(const Row& row);
  Result<void> remove_row(Batch& batch, const Row& row, const std::vector<OwnName>& names);
  Result<std::uint32_t> part_row(Batch& batch, Row& row, const std::vector<OwnName>& names,
                                 const IdentityRef& stays);
  Result<bool> purge_block(AccountId account);
  Result<bool> purge_index(AccountId account);
  Error damaged(std::int64_t profile) const;

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  const Tenure& tenure_;
  std::int64_t term_ = 0;  // of the last write
  IdBlocks ids_;
  NameCache names_;
  Properties properties_;
  Row row_, loser_;  // kept for their buffers
  std::unordered_map<std::string, std::int64_t> event_names_;
};

}  // namespace belay::store::sqlite
