#include <algorithm>

#include "base/check.h"
#include "store/index.h"

namespace belay::store {

void Fragment::add(std::uint32_t row, std::string_view bytes) {
  CHECK(entries_.empty() || entries_.back().row < row);
  CHECK(bytes_.size() + bytes.size() < UINT32_MAX);
  entries_.push_back({row, static_cast<std::uint32_t>(bytes_.size())});
  bytes_ += bytes;
}

std::size_t Fragment::lower_bound(std::uint32_t row) const {
  const auto at = std::ranges::lower_bound(entries_, row, {}, &Entry::row);
  return static_cast<std::size_t>(at - entries_.begin());
}

std::string_view Fragment::bytes_of(std::size_t entry) const {
  const std::size_t end = entry + 1 < entries_.size() ? entries_[entry + 1].begin : bytes_.size();
  return std::string_view(bytes_).substr(entries_[entry].begin, end - entries_[entry].begin);
}

std::string_view Fragment::row(std::uint32_t number) const {
  const std::size_t at = lower_bound(number);
  return at < entries_.size() && entries_[at].row == number ? bytes_of(at) : std::string_view{};
}

std::size_t Fragment::size_in_memory() const {
  return sizeof *this + bytes_.capacity() + entries_.capacity() * sizeof(Entry);
}

}  // namespace belay::store
