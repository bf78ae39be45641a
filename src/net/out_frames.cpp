#include "net/out_frames.h"

#include "base/check.h"

namespace belay::net {
namespace {
constexpr std::size_t frame_header = 9;
constexpr std::uint8_t data_frame = 0;
constexpr std::uint8_t headers_frame = 1;
constexpr std::uint8_t continuation_frame = 9;
constexpr std::uint8_t end_stream = 0x1;
constexpr std::uint8_t end_headers = 0x4;
constexpr std::size_t keep_written = 64 * 1024;  // accepted bytes kept in front before they are moved away

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
}  // namespace

void OutFrames::push(std::uint32_t size, std::uint8_t type, std::uint8_t flags, Mark mark) {
  if (type == headers_frame || type == continuation_frame) inside_headers_ = (flags & end_headers) == 0;
  if (type == continuation_frame) {
    CHECK(first_ < frames_.size());  // the link writes nothing between a HEADERS frame and its continuation
    frames_.back().size += size;
    return;
  }
  const bool carries_end = type == data_frame || type == headers_frame;
  frames_.push_back({size, mark, type == data_frame, carries_end && (flags & end_stream) != 0});
}

void OutFrames::append(std::string_view bytes, Mark mark) {
  bytes_.append(bytes);
  const bool is_preface = bytes.starts_with("PRI * HTTP/2.0");
  CHECK(is_preface || bytes.size() >= frame_header);
  if (is_preface) return frames_.push_back({static_cast<std::uint32_t>(bytes.size()), none, false, false});
  push(static_cast<std::uint32_t>(bytes.size()), byte_at(bytes, 3), byte_at(bytes, 4), mark);
}

void OutFrames::append_data(std::string_view header, std::string_view payload, Mark mark) {
  bytes_.append(header);
  bytes_.append(payload);
  push(static_cast<std::uint32_t>(header.size() + payload.size()), byte_at(header, 3), byte_at(header, 4),
       mark);
}

void OutFrames::accept(std::size_t n) {
  CHECK(n <= backlog());
  head_ += n;
  front_accepted_ += n;
  while (first_ < frames_.size() && front_accepted_ >= frames_[first_].size) {
    const Frame& frame = frames_[first_];
    front_accepted_ -= frame.size;
    if (frame.last && frame.mark != none) left_.push_back(frame.mark);
    ++first_;
  }
  drop_written();
}

void OutFrames::drop_written() {
  if (first_ == frames_.size()) {
    frames_.clear();
    first_ = 0;
  } else if (first_ > 1024) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  if (head_ == bytes_.size()) {
    bytes_.clear();
    head_ = 0;
  } else if (head_ > keep_written) {
    bytes_.erase(0, head_);
    head_ = 0;
  }
}

std::optional<OutFrames::Mark> OutFrames::next_left() {
  if (left_read_ == left_.size()) {
    left_.clear();
    left_read_ = 0;
    return std::nullopt;
  }
  return left_[left_read_++];
}

}  // namespace belay::net
