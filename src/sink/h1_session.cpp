#include "sink/h1_session.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

namespace belay::sink {
namespace http = boost::beast::http;
namespace {
using Error = boost::beast::error_code;
using Text = boost::beast::string_view;
constexpr std::size_t max_head = 32 * 1024;
}  // namespace

class H1Session::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(std::size_t max_body) {
    eager(true);
    header_limit(max_head);
    body_limit(max_body);
  }

  std::string method;
  std::string target;
  std::string authorization;
  std::string body;
  bool expects_continue = false;

 private:
  void on_request_impl(http::verb, Text name, Text path, int, Error& error) override {
    method.assign(name.data(), name.size());
    target.assign(path.data(), path.size());
    error = {};
  }
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(http::field name, Text, Text value, Error& error) override {
    if (name == http::field::authorization) authorization.assign(value.data(), value.size());
    if (name == http::field::expect) expects_continue = boost::beast::iequals(value, "100-continue");
    error = {};
  }
  void on_header_impl(Error& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error& error) override { error = {}; }
  std::size_t on_body_impl(Text bytes, Error& error) override { return on_bytes(bytes, error); }
  void on_chunk_header_impl(std::uint64_t, Text, Error& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) override {
    return on_bytes(bytes, error);
  }
  void on_finish_impl(Error& error) override { error = {}; }
  std::size_t on_bytes(Text bytes, Error& error) {
    error = {};
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
};

H1Session::H1Session(SessionHost& host, std::size_t max_body)
    : host_(host), max_body_(max_body), parser_(std::make_unique<Parser>(max_body)) {}

H1Session::~H1Session() = default;

bool H1Session::receive(std::string_view bytes) {
  in_.append(bytes);
  return parse();
}

bool H1Session::parse() {
  while (!busy_ && !closing_ && !in_.empty()) {
    Error error;
    const std::size_t taken = parser_->put(boost::asio::buffer(in_), error);
    in_.erase(0, taken);
    if (error == http::error::need_more) return in_.size() <= max_head;
    if (error) return false;
    if (parser_->is_header_done() && parser_->expects_continue && !parser_->is_done()) {
      parser_->expects_continue = false;
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    if (!parser_->is_done()) return true;
    answer();
  }
  return in_.size() <= max_body_ + max_head;
}

std::size_t H1Session::incomplete_messages() const {
  return parser_->got_some() && Service::is_message(parser_->target) ? 1 : 0;
}

void H1Session::answer() {
  busy_ = true;
  keep_alive_ = parser_->keep_alive();
  Outgoing out = host_.service().answer({parser_->method, parser_->target, parser_->authorization},
                                        parser_->body, host_.reader());
  parser_ = std::make_unique<Parser>(max_body_);
  if (out.close) return host_.abort();
  if (out.hang) return;
  if (out.delay <= Micros{}) return respond(std::move(out));
  host_.later(out.delay, [this, later = std::move(out)]() mutable { respond(std::move(later)); });
}

void H1Session::respond(Outgoing out) {
  if (out.last || !keep_alive_) closing_ = true;
  auto to = std::back_inserter(out_);
  const auto reason = http::obsolete_reason(static_cast<http::status>(out.status));
  fmt::format_to(to, "HTTP/1.1 {} {}\r\ncontent-type: {}\r\n", out.status,
                 std::string_view(reason.data(), reason.size()), out.content_type);
  if (out.retry_after != 0) fmt::format_to(to, "retry-after: {}\r\n", out.retry_after);
  if (closing_) out_ += "connection: close\r\n";
  if (out.pieces)
    out_ += "transfer-encoding: chunked\r\n\r\n";
  else
    fmt::format_to(to, "content-length: {}\r\n\r\n{}", out.body.size(), out.body);
  pieces_ = std::move(out.pieces);
  busy_ = static_cast<bool>(pieces_);
}

void H1Session::fill(std::string& out) {
  while (out.size() < fill_bytes) {
    out.append(out_);
    out_.clear();
    if (pieces_) {
      std::string piece;
      const bool more = pieces_(piece);
      if (!piece.empty()) fmt::format_to(std::back_inserter(out_), "{:x}\r\n{}\r\n", piece.size(), piece);
      if (more) continue;
      out_ += "0\r\n\r\n";
      pieces_ = nullptr;
      busy_ = false;
      continue;
    }
    if (busy_ || closing_ || in_.empty()) return;
    const std::size_t before = in_.size();
    if (!parse()) return host_.abort();
    if (in_.size() == before && out_.empty()) return;
  }
}

}  // namespace belay::sink
