#include "net/http_server_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>

#include "base/utf8.h"
#include "net/chunked_body.h"
#include "net/percent.h"

namespace belay::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr std::size_t longest_method = 32;
constexpr std::size_t body_reserved_at_once = 64 * 1024;

bool is_control(unsigned char c) {
  return (c < ' ' && c != '\t') || c == 0x7f;
}

bool equal_in_any_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// uri-host [":" port]; empty is legal (RFC 9112 section 3.2).
bool is_host(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return std::string_view(" \t,/?#@\\\"<>").find(c) != std::string_view::npos;
  });
}

}  // namespace

// Beast parses into callbacks; this fills the request straight from them.
struct RequestParser::Impl {
  class Grammar final : public http::basic_parser<true> {
   public:
    explicit Grammar(Impl& owner) : owner_(owner) {
      header_limit(std::numeric_limits<std::uint32_t>::max());  // the scan keeps the limit
      body_limit(boost::none);                                  // check_header and ChunkedBody keep it
    }

   private:
    void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target,
                         int version, error_code& error) override {
      owner_.version = version;
      owner_.on_request_line(view(method), view(target), error);
    }
    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
    void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                       error_code& error) override {
      owner_.on_field(field, view(name), view(value), error);
    }
    void on_header_impl(error_code& error) override { error = {}; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override {
      error = {};
      if (length) owner_.request.body.reserve(std::min<std::size_t>(*length, body_reserved_at_once));
    }
    std::size_t on_body_impl(boost::beast::string_view part, error_code& error) override {
      error = {};
      owner_.request.body.append(part.data(), part.size());
      return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code& error) override {
      error = http::error::bad_chunk;  // ChunkedBody reads those
    }
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view, error_code& error) override {
      error = http::error::bad_chunk;
      return 0;
    }
    void on_finish_impl(error_code& error) override { error = {}; }

    Impl& owner_;
  };

  explicit Impl(const HttpLimits& given) : limits(given) { grammar.emplace(*this).eager(false); }

  const HttpLimits limits;
  std::optional<Grammar> grammar;
  std::optional<ChunkedBody> chunks;
  HttpRequest request;
  State state = State::header;
  Refusal refusal;

  // How far the scan of the header has come.
  std::size_t scanned = 0;
  std::size_t line_start = 0;
  std::size_t lines = 0;

  int version = 11;
  std::size_t hosts = 0;
  std::size_t content_lengths = 0;
  bool expects = false;
  bool bad_expectation = false;

  void refuse(int status, std::string_view text) {
    if (refusal.status == 0) refusal = {status, text};
    state = State::refused;
  }
  void refuse(int status, std::string_view text, error_code& error) {
    refuse(status, text);
    error = http::error::bad_value;
  }

  std::size_t scan(std::string_view bytes);
  std::size_t feed_header(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  void on_request_line(std::string_view method, std::string_view target, error_code& error);
  bool split_target(std::string_view target);
  void on_field(http::field field, std::string_view name, std::string_view value, error_code& error);
  void check_header();
  void refuse_syntax(const error_code& error, std::string_view header);
};

// Length of the header with its empty line, or 0: not there yet, or refused.
std::size_t RequestParser::Impl::scan(std::string_view bytes) {
  const std::size_t longest_first_line =
      std::min(limits.header_bytes, limits.target_bytes + longest_method + 16);
  for (; scanned < bytes.size(); ++scanned) {
    if (lines == 0 && scanned >= longest_first_line) return refuse(414, "The request target is too long."), 0;
    if (scanned >= limits.header_bytes) return refuse(431, "The request header is too large."), 0;
    const auto c = static_cast<unsigned char>(bytes[scanned]);
    if (c == '\r') {
      if (scanned + 1 == bytes.size()) return 0;
      if (bytes[scanned + 1] != '\n') return refuse(400, "The request header holds a CR without LF."), 0;
      const std::size_t length = scanned - line_start;
      if (length == 0) return scanned + 2;
      if (++lines > limits.header_fields + 1)
        return refuse(431, "The request has too many header fields."), 0;
      ++scanned;
      line_start = scanned + 1;
    } else if (is_control(c)) {
      return refuse(400, c == '\n' ? std::string_view("The request header holds a LF without CR.")
                                   : std::string_view("The request header holds a control character.")),
             0;
    } else if ((c == ' ' || c == '\t') && scanned == line_start) {
      return refuse(400, "A line of the request header begins with a blank."), 0;
    }
  }
  return 0;
}

std::size_t RequestParser::Impl::feed_header(std::string_view bytes) {
  std::size_t skipped = 0;
  if (scanned == 0) {  // RFC 9112 section 2.2: empty lines before a request are ignored
    while (bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
  }
  bytes.remove_prefix(skipped);
  const std::size_t length = scan(bytes);
  if (length == 0) return skipped;

  error_code error;
  const auto header = bytes.substr(0, length);
  grammar->put(boost::asio::const_buffer(header.data(), header.size()), error);
  if (error) {
    refuse_syntax(error, header);
    return skipped + length;
  }
  check_header();
  if (state == State::refused) return skipped + length;
  grammar->eager(true);
  if (grammar->chunked()) chunks.emplace(limits.body_bytes);
  state = grammar->is_done() ? State::whole : State::body;
  return skipped + length;
}

std::size_t RequestParser::Impl::feed_body(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (chunks) return feed_chunks(bytes);
  error_code error;
  const std::size_t used = grammar->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) {
    refuse(400, "The body is malformed.");
  } else if (grammar->is_done()) {
    state = State::whole;
  }
  return used;
}

std::size_t RequestParser::Impl::feed_chunks(std::string_view bytes) {
  const auto [used, reached] = chunks->feed(bytes, request.body);
  if (reached == ChunkedBody::State::malformed) refuse(400, "The chunked body is malformed.");
  if (reached == ChunkedBody::State::too_large) refuse(413, "The request body is too large.");
  if (reached == ChunkedBody::State::whole) state = State::whole;
  return used;
}

void RequestParser::Impl::on_request_line(std::string_view method, std::string_view target,
                                          error_code& error) {
  error = {};
  if (method.size() > longest_method) return refuse(400, "The request method is too long.", error);
  if (target.size() > limits.target_bytes) return refuse(414, "The request target is too long.", error);
  request.method = method;
  if (!split_target(target)) return refuse(400, "The request target is malformed.", error);
  // A parameter that can't be read is never one that is not there: it may be what narrows a list.
  if (const auto query = percent_decode(request.query); !query || !is_utf8(*query))
    refuse(400, "The query of the request target is not percent-encoded UTF-8.", error);
}

// RFC 9112 section 3.2: origin-form, absolute-form and, for OPTIONS, asterisk-form.
bool RequestParser::Impl::split_target(std::string_view target) {
  if (std::any_of(target.begin(), target.end(), [](unsigned char c) { return c >= 0x80; })) return false;
  if (target == "*" && request.method == "OPTIONS") {
    request.path = target;
    return true;
  }
  if (!target.starts_with('/')) {
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const auto scheme = target.substr(0, scheme_end);
    if (!equal_in_any_case(scheme, "http") && !equal_in_any_case(scheme, "https")) return false;
    target.remove_prefix(scheme_end + 3);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  const auto question = target.find('?');
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  auto path = percent_decode(target.substr(0, question));
  // Answers and the log quote the path, and what is no text can't be quoted.
  if (!path || !is_utf8(*path) ||
      std::any_of(path->begin(), path->end(), [](unsigned char c) { return is_control(c); }))
    return false;
  request.path = path->empty() ? "/" : std::move(*path);
  return true;
}

void RequestParser::Impl::on_field(http::field field, std::string_view name, std::string_view value,
                                   error_code& error) {
  error = {};
  if (field == http::field::host) {
    ++hosts;
    if (!is_host(value)) return refuse(400, "The Host header is malformed.", error);
  } else if (field == http::field::content_length) {
    if (++content_lengths > 1) return refuse(400, "Content-Length is given more than once.", error);
    if (!is_digits(value)) return refuse(400, "Content-Length is not a number.", error);
  } else if (field == http::field::transfer_encoding) {
    if (!equal_in_any_case(value, "chunked")) {
      return refuse(501, "No transfer coding but 'chunked' is supported.", error);
    }
  } else if (field == http::field::expect) {
    expects = equal_in_any_case(value, "100-continue");
    bad_expectation = bad_expectation || !expects;
  }
  if (request.headers.empty()) request.headers.reserve(16);
  request.headers.emplace_back(name, value);
}

void RequestParser::Impl::check_header() {
  const bool is_1_0 = version == 10;
  if (hosts > 1) return refuse(400, "The Host header is given more than once.");
  if (hosts == 0 && !is_1_0) return refuse(400, "The Host header is missing.");
  if (is_1_0 && grammar->chunked()) return refuse(400, "HTTP/1.0 knows no chunked body.");
  if (bad_expectation) return refuse(417, "No expectation but '100-continue' is supported.");
  const auto length = grammar->content_length();
  if (length && *length > limits.body_bytes) refuse(413, "The request body is too large.");
}

void RequestParser::Impl::refuse_syntax(const error_code& error, std::string_view header) {
  if (refusal.status != 0) return;
  using enum http::error;
  if (error == bad_version) {
    const auto line = header.substr(0, header.find('\r'));
    const auto version_at = line.rfind(" HTTP/");
    const bool names_version = version_at != std::string_view::npos &&
                               std::count(line.begin(), line.end(), ' ') == 2 &&
                               line.size() - version_at == std::string_view(" HTTP/1.2").size();
    refuse(names_version ? 505 : 400, names_version
                                          ? std::string_view("HTTP/1.1 and HTTP/1.0 are spoken here.")
                                          : std::string_view("The request line is malformed."));
  } else if (error == bad_method || error == bad_target) {
    refuse(400, "The request line is malformed.");
  } else if (error == bad_content_length || error == multiple_content_length ||
             error == bad_transfer_encoding) {
    refuse(400, "Content-Length and Transfer-Encoding contradict each other.");
  } else {
    refuse(400, "A request header field is malformed.");
  }
}

RequestParser::RequestParser(const HttpLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

RequestParser::Fed RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (impl_->state == State::header) used = impl_->feed_header(bytes);
  if (impl_->state == State::body) used += impl_->feed_body(bytes.substr(used));
  if (impl_->refusal.status != 0) impl_->state = State::refused;
  return {used, impl_->state};
}

RequestParser::Refusal RequestParser::refusal() const {
  return impl_->refusal;
}
bool RequestParser::wants_continue() const {
  return impl_->expects && !is_http_1_0();
}
bool RequestParser::keep_alive() const {
  return impl_->grammar->keep_alive();
}
bool RequestParser::is_http_1_0() const {
  return impl_->version == 10;
}
HttpRequest RequestParser::take() {
  return std::move(impl_->request);
}

void RequestParser::reset() {
  Impl& impl = *impl_;
  impl.grammar.emplace(impl).eager(false);
  impl.chunks.reset();
  impl.request = {};
  impl.state = State::header;
  impl.refusal = {};
  impl.scanned = impl.line_start = impl.lines = 0;
  impl.hosts = impl.content_lengths = 0;
  impl.expects = impl.bad_expectation = false;
}

std::size_t RequestParser::buffer_needed(const HttpLimits& limits) {
  return limits.header_bytes + 4096;
}

}  // namespace belay::net
