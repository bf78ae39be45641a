// Fragments of the index in memory, the least recently used ones going first when there are too many bytes.
// Shared by all sessions; safe from any thread; blocks on nothing but its own lock.
//
// A reader sees a moment, so it must not get a fragment from after it, nor leave one from before: each
// account's index has a generation, which a commit announces before it becomes visible to others. One that
// was not announced here is another process's: nothing that is here holds for it.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "store/index.h"

namespace belay::store::sqlite {

class IndexCache {
 public:
  explicit IndexCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  using Key = std::int64_t;  // field and shard: see key_of()
  static Key key_of(std::int64_t field, std::uint32_t shard) { return field << 16 | shard; }

  // As it was in that generation of the account's index; null when it is not here.
  std::shared_ptr<const Fragment> find(AccountId account, Key key, std::int64_t generation);
  void put(AccountId account, Key key, std::int64_t generation, std::shared_ptr<const Fragment> fragment);
  // Before a commit: what it changes goes; of an account all, where no list says it. Should the commit fail,
  // nothing more is kept until the next one.
  void announce(AccountId account, std::int64_t generation, std::span<const Key> changed, bool all);

  std::size_t bytes() const;

 private:
  struct Entry {
    Key key;
    AccountId account;
    std::int64_t since;  // the generation: no commit has changed it since
    std::shared_ptr<const Fragment> fragment;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;
  void erase(Entries::iterator entry);
  void erase_all(AccountId account);

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;  // the most recently used first
  std::unordered_map<Key, Entries::iterator> by_key_;
  std::unordered_map<AccountId, std::int64_t> generations_;
  std::size_t bytes_ = 0;
};

}  // namespace belay::store::sqlite
