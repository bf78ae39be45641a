// What an HTTP/2 link has serialised and the operating system has not accepted yet, kept as whole
// frames: so the link knows when the last byte of a request has left, and can cut out requests that
// have not begun to leave. Plain memory, no I/O. Frame layout: RFC 9113 section 4.1.
//
// A frame carries a mark, chosen by the link (here: the slot of a stream), or none. HEADERS and the
// CONTINUATION frames that follow count as one frame.
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belay::net {

class OutFrames {
 public:
  using Mark = std::uint32_t;
  static constexpr Mark none = ~Mark{0};

  // `bytes` is exactly one frame, or the connection preface (then pass none).
  void append(std::string_view bytes, Mark mark);
  // A DATA frame whose header and payload come apart.
  void append_data(std::string_view header, std::string_view payload, Mark mark);

  std::string_view unwritten() const { return std::string_view(bytes_).substr(head_); }
  std::size_t backlog() const { return bytes_.size() - head_; }
  // True while a header block is not whole (CONTINUATION must follow).
  bool inside_headers() const { return inside_headers_; }

  // The system has accepted `n` more bytes.
  void accept(std::size_t n);
  // The next mark whose last frame (END_STREAM) has been accepted to its end.
  std::optional<Mark> next_left();

  // Calls `visit(mark)` for the frames with END_STREAM that can't be taken back any more though they
  // have not left whole: partly accepted, or within the next `sealed` bytes.
  template <class Visit>
  void each_leaving(std::size_t sealed, Visit visit) const {
    std::size_t start = 0;
    for (std::size_t i = first_; i < frames_.size(); ++i) {
      const bool begun = start < sealed || (i == first_ && front_accepted_ > 0);
      if (!begun) return;
      if (frames_[i].last && frames_[i].mark != none) visit(frames_[i].mark);
      start += frames_[i].size - (i == first_ ? front_accepted_ : 0);
    }
  }

  // Takes back what is left of every frame whose mark `taken(mark)` is true for, so far as it has not
  // begun to leave. A DATA frame is cut out. A HEADERS frame must stay, since the peer's header
  // compression state depends on it; its END_STREAM is cleared, so that the request is never whole.
  // The frames lose their mark. Returns the bytes of flow control window the peer will never see used.
  template <class Taken>
  std::size_t take_back(std::size_t sealed, Taken taken);

 private:
  struct Frame {
    std::uint32_t size;
    Mark mark;
    bool data;
    bool last;  // carries END_STREAM
  };

  void push(std::uint32_t size, std::uint8_t type, std::uint8_t flags, Mark mark);
  void drop_written();

  std::string bytes_;
  std::size_t head_ = 0;  // first byte not accepted
  std::vector<Frame> frames_;
  std::size_t first_ = 0;           // first frame not accepted whole
  std::size_t front_accepted_ = 0;  // accepted bytes of that frame
  std::vector<Mark> left_;
  std::size_t left_read_ = 0;
  bool inside_headers_ = false;
};

template <class Taken>
std::size_t OutFrames::take_back(std::size_t sealed, Taken taken) {
  constexpr std::size_t flags_at = 4;
  constexpr std::size_t frame_header = 9;
  std::size_t leaked = 0;
  std::size_t from = head_;  // where the frame's remaining bytes are
  std::size_t to = head_;
  std::size_t kept = first_;
  for (std::size_t i = first_; i < frames_.size(); ++i) {
    Frame frame = frames_[i];
    const std::size_t rest = frame.size - (i == first_ ? front_accepted_ : 0);
    const bool begun = rest < frame.size || from - head_ < sealed;
    bool cut = false;
    if (frame.mark != none && taken(frame.mark)) {
      cut = frame.data && !begun;
      if (frame.last && !frame.data && !begun) {
        bytes_[from + flags_at] = static_cast<char>(bytes_[from + flags_at] & ~0x1);
        frame.last = false;
      }
      frame.mark = none;
    }
    if (cut) {
      leaked += frame.size - frame_header;
    } else {
      if (to != from) std::memmove(bytes_.data() + to, bytes_.data() + from, rest);
      to += rest;
      frames_[kept++] = frame;
    }
    from += rest;
  }
  frames_.resize(kept);
  bytes_.resize(to);
  return leaked;
}

}  // namespace belay::net
