#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

#include "net/outbound_guard.h"

namespace belay::net {
namespace {

// Bounds what a peer can make us keep; a token or a page of the native API is far below.
constexpr std::size_t max_reply_body = 64 * 1024 * 1024;
constexpr std::size_t max_reply_headers = 256 * 1024;

using BodySink = std::function<bool(std::string_view)>;

struct Transfer {
  const BodySink& sink;
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t header_bytes = 0;
  bool sink_ended = false;
};

void initialize_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.sink({data, size})) return size;
  transfer.sink_ended = true;
  return 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(data, size);
  transfer.header_bytes += size;
  if (transfer.header_bytes > max_reply_headers) return 0;
  if (line.starts_with("HTTP/")) transfer.headers.clear();  // what came before was a 100 Continue
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  transfer.headers.emplace_back(std::move(name), trim(line.substr(colon + 1)));
  return size;
}

// What libcurl is about to connect to, and why it must not.
struct Door {
  const OutboundGuard* guard = nullptr;
  Cancellation* cancellation = nullptr;
  std::string host;
  std::uint16_t port = 0;
  std::string refusal;
};

// In place of libcurl's own socket(): the address is the one that it has resolved and connects to.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& door = *static_cast<Door*>(context);
  if (door.guard != nullptr) {
    const auto ip = IpAddress::of(&address->addr);
    door.refusal = ip ? door.guard->refusal(door.host, door.port, *ip) : "not an internet address";
    if (!door.refusal.empty()) return CURL_SOCKET_BAD;
  }
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0 || door.cancellation == nullptr || door.cancellation->opened(fd)) return fd;
  ::close(fd);
  return CURL_SOCKET_BAD;
}

int close_socket(void* context, curl_socket_t fd) {
  static_cast<Cancellation*>(context)->closed(fd);
  return ::close(fd);
}

class Easy {
 public:
  Easy() : handle_(curl_easy_init()) {}
  ~Easy() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(headers_);
  }
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  explicit operator bool() const { return handle_ != nullptr; }
  template <class T>
  void set(CURLoption option, T value) {
    if (result_ == CURLE_OK) result_ = curl_easy_setopt(handle_, option, value);
  }
  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_, line.c_str());
    if (longer == nullptr) {
      result_ = CURLE_OUT_OF_MEMORY;
    } else {
      headers_ = longer;
    }
  }
  CURLcode perform() {
    set(CURLOPT_HTTPHEADER, headers_);
    return result_ == CURLE_OK ? curl_easy_perform(handle_) : result_;
  }
  int status() const {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

 private:
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  CURLcode result_ = CURLE_OK;
};

void set_request(Easy& easy, const SimpleRequest& request) {
  easy.set(CURLOPT_URL, request.url.c_str());
  easy.set(CURLOPT_PROTOCOLS_STR, "http,https");
  easy.set(CURLOPT_FOLLOWLOCATION, 0L);
  easy.set(CURLOPT_NOSIGNAL, 1L);
  easy.set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Millis::rep>(request.timeout.count(), 1)));
  easy.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  easy.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request.ca_file.empty()) easy.set(CURLOPT_CAINFO, request.ca_file.c_str());
  if (!request.unix_socket.empty()) {
    easy.set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    easy.set(CURLOPT_PROXY, "");  // a proxy of the environment has no way to our socket
  }
  if (request.method == "HEAD") easy.set(CURLOPT_NOBODY, 1L);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    easy.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    easy.set(CURLOPT_POSTFIELDS, request.body.c_str());
    easy.add_header("Expect:");        // no waiting for a 100 Continue
    easy.add_header("Content-Type:");  // none but the caller's
  }
  easy.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  for (const auto& [name, value] : request.headers) {
    easy.add_header(value.empty() ? name + ";" : name + ": " + value);
  }
}

// The URL's host as libcurl sees it, brackets and percent signs undone.
Result<Door, std::string> door_for(const SimpleRequest& request) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  char* host = nullptr;
  char* port = nullptr;
  const bool good = url && curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) == CURLUE_OK &&
                    curl_url_get(url.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                    curl_url_get(url.get(), CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
  Door door{.guard = request.guard, .cancellation = request.cancellation};
  if (good) {
    door.host = host;
    if (door.host.starts_with('[')) door.host = door.host.substr(1, door.host.size() - 2);
    door.port = static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10));
  }
  curl_free(host);
  curl_free(port);
  if (!good) return std::unexpected(fmt::format("The URL '{}' can't be understood.", request.url));
  return door;
}

bool is_header_text(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

Result<int, std::string> transfer(const SimpleRequest& request, Transfer& transfer) {
  const std::string& where = request.unix_socket.empty() ? request.url : request.unix_socket;
  for (const auto& [name, value] : request.headers) {
    if (!is_header_text(name) || !is_header_text(value)) {
      return std::unexpected(fmt::format("A header of the request to {} holds a line end.", where));
    }
  }
  initialize_curl();
  Easy easy;
  if (!easy) return std::unexpected(std::string("Can't set up an HTTP client."));
  char detail[CURL_ERROR_SIZE] = "";
  easy.set(CURLOPT_ERRORBUFFER, static_cast<char*>(detail));
  set_request(easy, request);
  easy.set(CURLOPT_WRITEFUNCTION, &on_body);
  easy.set(CURLOPT_WRITEDATA, &transfer);
  easy.set(CURLOPT_HEADERFUNCTION, &on_header);
  easy.set(CURLOPT_HEADERDATA, &transfer);
  std::optional<Door> door;
  if ((request.guard != nullptr || request.cancellation != nullptr) && request.unix_socket.empty()) {
    TRY_ASSIGN(door, door_for(request));
    easy.set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    easy.set(CURLOPT_OPENSOCKETDATA, &*door);
    if (request.guard != nullptr) easy.set(CURLOPT_PROXY, "");  // it would be the address that is looked at
  }
  if (request.cancellation != nullptr) {
    easy.set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    easy.set(CURLOPT_CLOSESOCKETDATA, request.cancellation);
  }
  const CURLcode result = easy.perform();
  if (result != CURLE_OK && request.cancellation != nullptr && request.cancellation->cancelled())
    return std::unexpected(fmt::format("The request to {} was cancelled.", where));
  if (result != CURLE_OK && !transfer.sink_ended) {
    if (door && !door->refusal.empty())
      return std::unexpected(fmt::format("{} is not called: {}.", where, door->refusal));
    const std::string_view why = detail[0] != '\0' ? detail : curl_easy_strerror(result);
    return std::unexpected(fmt::format("No answer from {}: {}.", where, why));
  }
  return easy.status();
}

}  // namespace

// Of a connection that is being made, too, this is the end: what is written to it afterwards fails.
void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
}

bool Cancellation::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

bool Cancellation::opened(int descriptor) {
  const std::lock_guard lock(mutex_);
  if (!cancelled_) open_.push_back(descriptor);
  return !cancelled_;
}

void Cancellation::closed(int descriptor) {
  const std::lock_guard lock(mutex_);
  std::erase(open_, descriptor);
}

Result<SimpleReply, std::string> fetch(const SimpleRequest& request) {
  SimpleReply reply;
  const BodySink keep = [&reply](std::string_view part) {
    if (reply.body.size() + part.size() > max_reply_body) return false;
    reply.body += part;
    return true;
  };
  Transfer state{.sink = keep};
  TRY_ASSIGN(reply.status, transfer(request, state));
  if (state.sink_ended) return std::unexpected(fmt::format("The answer from {} is too large.", request.url));
  reply.headers = std::move(state.headers);
  return reply;
}

Result<int, std::string> fetch_streaming(const SimpleRequest& request, const BodySink& sink) {
  Transfer state{.sink = sink};
  return transfer(request, state);
}

}  // namespace belay::net
