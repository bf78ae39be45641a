// What nghttp2 calls while an H2Link feeds it bytes or asks it for frames. The functions only note
// what happened; H2Link gives its events afterwards, because nghttp2 may not be entered again from
// inside a callback. Internal to net.
#pragma once
#include <nghttp2/nghttp2.h>
#include <string_view>

namespace belay::net {

class H2Link;

class H2Callbacks {
 public:
  static nghttp2_session* new_session(H2Link& link);
  static void append_frame(H2Link& link, std::string_view frame);
  static ssize_t read_body(nghttp2_session*, std::int32_t stream_id, std::uint8_t* into, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* link);

 private:
  static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* header, std::size_t length,
                       nghttp2_data_source* source, void* link);
  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* link);
  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t stream_id,
                     const std::uint8_t* bytes, std::size_t size, void* link);
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* link);
  static int on_stream_close(nghttp2_session* session, std::int32_t stream_id, std::uint32_t error_code,
                             void* link);
};

}  // namespace belay::net
