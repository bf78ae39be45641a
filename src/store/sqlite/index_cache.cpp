#include "store/sqlite/index_cache.h"

namespace belay::store::sqlite {

std::shared_ptr<const Fragment> IndexCache::find(AccountId account, Key key, std::int64_t generation) {
  const std::lock_guard lock(mutex_);
  if (auto& newest = generations_.try_emplace(account, generation).first->second; newest < generation) {
    newest = generation;
    erase_all(account);
  }
  const auto at = by_key_.find(key);
  if (at == by_key_.end() || at->second->since > generation) return nullptr;
  entries_.splice(entries_.begin(), entries_, at->second);
  return at->second->fragment;
}

void IndexCache::put(AccountId account, Key key, std::int64_t generation,
                     std::shared_ptr<const Fragment> fragment) {
  const std::size_t bytes = fragment->size_in_memory();
  const std::lock_guard lock(mutex_);
  const auto newest = generations_.try_emplace(account, generation).first->second;
  if (newest != generation || bytes > most_bytes_) return;
  if (const auto at = by_key_.find(key); at != by_key_.end()) erase(at->second);
  while (bytes_ + bytes > most_bytes_) erase(std::prev(entries_.end()));
  entries_.push_front({key, account, generation, std::move(fragment), bytes});
  by_key_[key] = entries_.begin();
  bytes_ += bytes;
}

void IndexCache::announce(AccountId account, std::int64_t generation, std::span<const Key> changed,
                          bool all) {
  const std::lock_guard lock(mutex_);
  generations_[account] = generation;
  if (all) erase_all(account);
  for (const Key key : changed)
    if (const auto at = by_key_.find(key); at != by_key_.end()) erase(at->second);
}

void IndexCache::erase_all(AccountId account) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto next = std::next(at);
    if (at->account == account) erase(at);
    at = next;
  }
}

std::size_t IndexCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void IndexCache::erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace belay::store::sqlite
