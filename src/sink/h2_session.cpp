#include "sink/h2_session.h"

#include "base/check.h"

namespace belay::sink {
namespace {

constexpr std::int32_t connection_window = 16 * 1024 * 1024;
constexpr std::uint32_t stream_window = 1024 * 1024;
constexpr std::size_t frame_header = 9;

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) {
  return {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data())),
          const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data())), name.size(),
          value.size(), flags};
}

}  // namespace

// nghttp2's callbacks; `self` is the H2Session.
struct H2SessionCallbacks {
  static H2Session& of(void* self) { return *static_cast<H2Session*>(self); }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (of(self).disclaimed(frame->hd.stream_id)) return 0;
    H2Session::Stream& stream = of(self).begin(frame->hd.stream_id);
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, &stream);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self) {
    const std::string_view header = text(name, name_size);
    std::string H2Session::Stream::*kept = nullptr;
    if (header == ":path") kept = &H2Session::Stream::target;
    if (header == ":method") kept = &H2Session::Stream::method;
    if (header == "authorization") kept = &H2Session::Stream::authorization;
    if (kept == nullptr) return 0;
    if (H2Session::Stream* stream = of(self).stream(frame->hd.stream_id))
      (stream->*kept).assign(text(value, value_size));
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                     std::size_t size, void* self) {
    if (H2Session::Stream* stream = of(self).stream(id)) of(self).take_body(*stream, text(bytes, size));
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!may_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    H2Session::Stream* stream = of(self).stream(frame->hd.stream_id);
    if (stream != nullptr && !stream->whole) of(self).answer(*stream);
    return 0;
  }

  static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
    if (H2Session::Stream* stream = of(self).stream(id)) of(self).finish(*stream);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<H2Session::Stream*>(source->ptr);
    if (stream.body_sent == stream.body.size() && stream.pieces) {
      stream.body.clear();
      stream.body_sent = 0;
      if (!stream.pieces(stream.body)) stream.pieces = nullptr;
    }
    const std::size_t rest = stream.body.size() - stream.body_sent;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (rest <= room && !stream.pieces) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(rest, room));
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* header, std::size_t length,
                       nghttp2_data_source* source, void* self) {
    auto& stream = *static_cast<H2Session::Stream*>(source->ptr);
    std::string& out = *of(self).out_;
    out.append(text(header, frame_header));
    out.append(stream.body, stream.body_sent, length);
    stream.body_sent += length;
    return 0;
  }
};

H2Session::H2Session(SessionHost& host, std::size_t max_body) : host_(host), max_body_(max_body) {
  nghttp2_session_callbacks* callbacks = nullptr;
  CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, H2SessionCallbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, H2SessionCallbacks::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, H2SessionCallbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, H2SessionCallbacks::on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, H2SessionCallbacks::on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, H2SessionCallbacks::send_data);
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_closed_streams(option, 1);
  CHECK(nghttp2_session_server_new2(&session_, callbacks, this, option) == 0);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);

  announced_streams_ = host.service().max_streams();
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, announced_streams_},
                                             {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
                                             {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window) == 0);
}

H2Session::~H2Session() {
  nghttp2_session_del(session_);
}

H2Session::Stream* H2Session::stream(std::int32_t id) const {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_, id));
}

H2Session::Stream& H2Session::begin(std::int32_t id) {
  if (free_.empty()) free_.push_back(&streams_.emplace_back());
  Stream& stream = *free_.back();
  free_.pop_back();
  stream.id = id;
  stream.active = true;
  return stream;
}

// Strings keep their memory for the next request.
void H2Session::finish(Stream& stream) {
  if (!stream.whole && Service::is_message(stream.target)) host_.service().incomplete();
  stream.method.clear();
  stream.target.clear();
  stream.authorization.clear();
  stream.body.clear();
  stream.body_sent = 0;
  stream.pieces = nullptr;
  stream.active = stream.whole = false;
  free_.push_back(&stream);
}

std::size_t H2Session::incomplete_messages() const {
  return static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(), [](const Stream& stream) {
    return stream.active && !stream.whole && Service::is_message(stream.target);
  }));
}

void H2Session::take_body(Stream& stream, std::string_view bytes) {
  if (stream.whole) return;
  if (stream.body.size() + bytes.size() > max_body_)
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_ENHANCE_YOUR_CALM);
  else
    stream.body.append(bytes);
}

void H2Session::answer(Stream& stream) {
  stream.whole = true;
  Outgoing out = host_.service().answer({stream.method, stream.target, stream.authorization}, stream.body,
                                        host_.reader());
  if (out.last && last_stream_ == 0) {
    last_stream_ = nghttp2_session_get_last_proc_stream_id(session_);
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last_stream_, NGHTTP2_NO_ERROR, nullptr, 0);
  }
  if (out.close) return host_.abort();
  if (out.hang) return;
  if (out.delay <= Micros{}) return respond(stream.id, std::move(out));
  host_.later(out.delay,
              [this, id = stream.id, later = std::move(out)]() mutable { respond(id, std::move(later)); });
}

void H2Session::respond(std::int32_t id, Outgoing out) {
  Stream* to = stream(id);
  if (to == nullptr) return;  // reset by the client meanwhile
  constexpr std::uint8_t fixed = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
  const fmt::format_int status(out.status);
  const fmt::format_int length(out.body.size());
  const fmt::format_int retry_after(out.retry_after);
  nghttp2_nv fields[4];
  std::size_t n = 0;
  if (out.status == 200)
    fields[n++] = field(":status", "200", fixed);
  else
    fields[n++] = field(":status", {status.data(), status.size()}, NGHTTP2_NV_FLAG_NO_COPY_NAME);
  fields[n++] = field("content-type", out.content_type, fixed);
  if (!out.pieces)
    fields[n++] = field("content-length", {length.data(), length.size()}, NGHTTP2_NV_FLAG_NO_COPY_NAME);
  if (out.retry_after != 0)
    fields[n++] =
        field("retry-after", {retry_after.data(), retry_after.size()}, NGHTTP2_NV_FLAG_NO_COPY_NAME);
  to->body = std::move(out.body);
  to->body_sent = 0;
  to->pieces = std::move(out.pieces);
  const nghttp2_data_provider body{{.ptr = to}, H2SessionCallbacks::read_body};
  nghttp2_submit_response(session_, id, fields, n, &body);
}

bool H2Session::receive(std::string_view bytes) {
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return taken >= 0;
}

void H2Session::fill(std::string& out) {
  out_ = &out;
  while (out.size() < fill_bytes) {
    const std::uint8_t* frame = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &frame);
    if (size <= 0) break;
    out.append(text(frame, static_cast<std::size_t>(size)));
  }
  out_ = nullptr;
}

bool H2Session::done() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

void H2Session::behaviour_changed() {
  const std::uint32_t streams = host_.service().max_streams();
  if (streams == announced_streams_) return;
  announced_streams_ = streams;
  const nghttp2_settings_entry setting{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &setting, 1);
}

}  // namespace belay::sink
