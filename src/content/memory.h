// Where one rendering puts what it must build: texts and lists that live until it ends. A few hundred
// bytes are on the stack, so most renderings allocate nothing; what is taken in all is bounded.
// Inside content/ only; belongs to one thread.
//
// When the bound is reached the memory is exhausted for good: take() gives nullptr, writers write nothing
// more. Whoever renders asks once in a while and gives up.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace belay::content {

class Memory {
 public:
  explicit Memory(std::size_t limit) : limit_(limit) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  void* take(std::size_t bytes) {
    bytes = (bytes + 7) / 8 * 8;
    if (exhausted_ || bytes > limit_ - taken_) {
      exhausted_ = true;
      return nullptr;
    }
    taken_ += bytes;
    if (bytes > block_.size()) block_ = more(bytes);
    void* place = block_.data();
    block_ = block_.subspan(bytes);
    return place;
  }

  bool exhausted() const { return exhausted_; }

 private:
  std::span<std::byte> more(std::size_t bytes) {
    const std::size_t size = bytes > 4096 ? bytes : 4096;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    return {blocks_.back().get(), size};
  }

  std::size_t limit_, taken_ = 0;
  bool exhausted_ = false;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  alignas(8) std::array<std::byte, 1024> first_;  // left without initial values: it costs nothing
  std::span<std::byte> block_{first_};
};

// Builds one text.
class TextWriter {
 public:
  explicit TextWriter(Memory& memory, std::size_t expected = 0) : memory_(memory) {
    if (expected > 0) grow(expected);
  }

  void append(std::string_view text) {
    if (text.empty()) return;
    if (text.size() > capacity_ - size_ && !grow(size_ + text.size())) return;
    std::memcpy(begin_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) { append(std::string_view(&c, 1)); }

  std::string_view text() const { return {begin_, size_}; }

 private:
  bool grow(std::size_t least) {
    const std::size_t capacity = std::max(least, 2 * capacity_);
    auto* begin = static_cast<char*>(memory_.take(capacity));
    if (!begin) return false;
    if (size_ > 0) std::memcpy(begin, begin_, size_);
    begin_ = begin;
    capacity_ = capacity;
    return true;
  }

  Memory& memory_;
  char* begin_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace belay::content
