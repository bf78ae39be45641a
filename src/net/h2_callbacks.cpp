#include "net/h2_callbacks.h"

#include <charconv>

#include "base/check.h"
#include "net/h2_link.h"

namespace belay::net {
namespace {

constexpr std::size_t frame_header = 9;
constexpr std::size_t max_retry_after = 128;

H2Link& link_of(void* user_data) {
  return *static_cast<H2Link*>(user_data);
}
std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::int32_t stream_id_of(std::string_view frame) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(frame[at]));
  };
  return static_cast<std::int32_t>((byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8)) & 0x7fffffff);
}

}  // namespace

nghttp2_session* H2Callbacks::new_session(H2Link& link) {
  nghttp2_session_callbacks* callbacks = nullptr;
  CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_closed_streams(option, 1);  // a closed stream is forgotten at once
  nghttp2_session* session = nullptr;
  CHECK(nghttp2_session_client_new2(&session, callbacks, &link, option) == 0);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

void H2Callbacks::append_frame(H2Link& link, std::string_view frame) {
  const auto type = static_cast<std::uint8_t>(frame[3]);
  const bool request = type == NGHTTP2_HEADERS || type == NGHTTP2_CONTINUATION;
  if (!request || frame.starts_with("PRI ")) return link.out_.append(frame, OutFrames::none);
  auto* stream =
      static_cast<H2Link::Stream*>(nghttp2_session_get_stream_user_data(link.session_, stream_id_of(frame)));
  link.out_.append(frame, stream == nullptr ? OutFrames::none : stream->slot);
  const bool ends = type == NGHTTP2_HEADERS && (frame[4] & NGHTTP2_FLAG_END_STREAM) != 0;
  if (!ends || stream == nullptr) return;
  stream->serialised = true;
  --link.unserialised_;
}

ssize_t H2Callbacks::read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room,
                               std::uint32_t* flags, nghttp2_data_source* source, void*) {
  const auto& stream = *static_cast<H2Link::Stream*>(source->ptr);
  const std::size_t rest = stream.body.size() - stream.body_sent;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (rest <= room) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(std::min(rest, room));
}

int H2Callbacks::send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* header,
                           std::size_t length, nghttp2_data_source* source, void* user_data) {
  H2Link& link = link_of(user_data);
  if (link.out_.backlog() >= link.options_.output_limit) return NGHTTP2_ERR_WOULDBLOCK;
  auto& stream = *static_cast<H2Link::Stream*>(source->ptr);
  if (stream.finished) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // taken back while it waited for room
  link.out_.append_data(text(header, frame_header),
                        std::string_view(stream.body).substr(stream.body_sent, length), stream.slot);
  stream.body_sent += length;
  if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    stream.serialised = true;
    --link.unserialised_;
  }
  return 0;
}

int H2Callbacks::on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                           std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                           std::uint8_t, void*) {
  const std::string_view header = text(name, name_size);
  const bool is_status = header == ":status";
  if (!is_status && header != "retry-after") return 0;
  auto* stream =
      static_cast<H2Link::Stream*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
  if (stream == nullptr) return 0;
  const std::string_view content = text(value, value_size);
  if (is_status)  // of the last header block: informational ones come before
    std::from_chars(content.data(), content.data() + content.size(), stream->status);
  else
    stream->retry_after = content.substr(0, max_retry_after);
  return 0;
}

int H2Callbacks::on_data(nghttp2_session* session, std::uint8_t, std::int32_t stream_id,
                         const std::uint8_t* bytes, std::size_t size, void*) {
  auto* stream = static_cast<H2Link::Stream*>(nghttp2_session_get_stream_user_data(session, stream_id));
  if (stream == nullptr) return 0;
  const std::size_t room = max_answer_body - stream->answer.size();
  stream->answer.append(text(bytes, std::min(size, room)));
  return 0;
}

int H2Callbacks::on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
  H2Link& link = link_of(user_data);
  switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA: {
      if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) break;
      auto* stream =
          static_cast<H2Link::Stream*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
      if (stream != nullptr) stream->answered = true;
      break;
    }
    case NGHTTP2_SETTINGS:
      if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) break;
      if (link.state_ == H2Link::State::greeting) link.state_ = H2Link::State::open;
      link.made_room_ = true;
      break;
    case NGHTTP2_WINDOW_UPDATE:
      link.made_room_ = true;
      break;
    case NGHTTP2_GOAWAY:
      link.retire(LinkError::peer_closed,
                  fmt::format("GOAWAY {} {}", nghttp2_http2_strerror(frame->goaway.error_code),
                              text(frame->goaway.opaque_data,
                                   std::min<std::size_t>(frame->goaway.opaque_data_len, 128))));
      break;
    default:
      break;
  }
  return 0;
}

int H2Callbacks::on_stream_close(nghttp2_session* session, std::int32_t stream_id, std::uint32_t error_code,
                                 void* user_data) {
  auto* stream = static_cast<H2Link::Stream*>(nghttp2_session_get_stream_user_data(session, stream_id));
  if (stream == nullptr) return 0;
  stream->closed = true;
  stream->error_code = error_code;
  link_of(user_data).queue_settling(*stream);
  return 0;
}

}  // namespace belay::net
