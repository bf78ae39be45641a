// batch_load: sends prebuilt batches of records to POST /1/upload over keep-alive connections, one
// request in flight on each, and prints what it took as one line of JSON. A program of its own with
// nothing but POSIX, so that the client is never what is measured.
//
//   batch_load --port N --account ID --passcode P --kind profiles|tokens|events --by identity|objectId
//              --first N --count N --batch N --connections N --round N   (another round: other values)
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using SteadyPoint = std::chrono::steady_clock::time_point;

// The same people as peers/message.js has.
constexpr const char* names[] = {"Asha",  "Rohan", "Maria", "Chen", "Olu",  "Ivan", "Fatima", "Jonas",
                                 "Priya", "Diego", "Emma",  "Kofi", "Yuki", "Noor", "Lucas",  "Zanele"};
constexpr const char* cities[] = {"Berlin", "Pune", "Lagos", "Lima", "Mumbai", "Osaka", "Nairobi", "Toronto"};
constexpr const char* plans[] = {"free", "silver", "gold"};
constexpr const char* events[] = {"App Launched", "Product Viewed", "Searched", "Added To Cart", "Charged"};
constexpr const char* filler =
    "APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx4vTYnBqbmxRAxyAdTQfWGJ9aMKdnrkXk8qWYvRAyUSqRTvcpPvQnQX";

struct Options {
  int port = 0;
  std::string account, passcode, kind = "profiles", by = "objectId";
  std::uint64_t first = 0, count = 1000, batch = 1000, connections = 2, round = 0;
};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "batch_load: %s\n", text.c_str());
  std::exit(1);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) fail("not a number: " + std::string(text));
  return n;
}

Options read_options(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Options o;
  for (const auto& [key, value] : given) {
    if (key == "--port")
      o.port = static_cast<int>(number(value));
    else if (key == "--account")
      o.account = value;
    else if (key == "--passcode")
      o.passcode = value;
    else if (key == "--kind")
      o.kind = value;
    else if (key == "--by")
      o.by = value;
    else if (key == "--first")
      o.first = number(value);
    else if (key == "--count")
      o.count = number(value);
    else if (key == "--batch")
      o.batch = number(value);
    else if (key == "--connections")
      o.connections = number(value);
    else if (key == "--round")
      o.round = number(value);
    else
      fail("unknown option " + key);
  }
  if (o.port == 0 || o.batch == 0 || o.connections == 0) fail("--port, --batch and --connections are needed");
  return o;
}

template <class... Arguments>
void append(std::string& out, const char* format, Arguments... arguments) {
  char line[512];
  out.append(line, static_cast<std::size_t>(std::snprintf(line, sizeof line, format, arguments...)));
}

void append_record(std::string& out, const Options& o, unsigned n) {
  if (o.kind == "tokens")
    return append(out,
                  R"({"type":"token","objectId":"device-%08u","tokenData":{"type":"fcm",)"
                  R"("id":"d%08uXyQ0kTqRw7:%s%08uabcdefghijklmnopqrstuvwxyz"}})",
                  n, n, filler, static_cast<unsigned>(n * 7919ULL % 100'000'000ULL));
  if (o.kind == "events")  // one a person, spread over the last 200 days before 2026-11-01
    return append(out,
                  R"({"type":"event","%s":"device-%08u","ts":%llu,"evtName":"%s",)"
                  R"("evtData":{"Amount":%u.5,"Currency":"INR","City":"%s"}})",
                  o.by.c_str(), n, 1'793'491'200ULL - n * 7919ULL % 17'280'000ULL, events[(n + o.round) % 5],
                  n % 10'000, cities[(n >> 4) % 8]);
  append(out,
         R"({"type":"profile","%s":"device-%08u","profileData":{"Name":"%s","City":"%s",)"
         R"("Email":"person%u@example.com","Plan":"%s","Number":%u,"Total spent":%u.5}})",
         o.by.c_str(), n, names[n % 16], cities[(n >> 4) % 8], n, plans[n % 3], n,
         static_cast<unsigned>((n + o.round) % 10'000));
}

std::string request_for(const Options& o, std::uint64_t first, std::uint64_t count) {
  std::string body = R"({"d":[)";
  for (std::uint64_t n = first; n < first + count; ++n) {
    if (n != first) body += ',';
    append_record(body, o, static_cast<unsigned>(n));
  }
  body += "]}";
  std::string request;
  append(request,
         "POST /1/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nX-CleverTap-Account-Id: %s\r\nX-CleverTap-Passcode: "
         "%s\r\n"
         "Content-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n",
         o.account.c_str(), o.passcode.c_str(), body.size());
  return request += body;
}

class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("can't connect");
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void begin(const std::string& request) {
    began_ = std::chrono::steady_clock::now();
    in_.clear();
    out_ = request;
    write();
  }
  bool writing() const { return !out_.empty(); }
  int socket() const { return socket_; }

  void write() {
    const ssize_t n = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) fail("the server closed the connection while a request was being sent");
    if (n > 0) out_.remove_prefix(static_cast<std::size_t>(n));
  }

  // True when the whole answer is in; it must be a success for every record.
  bool read(std::uint64_t records) {
    char piece[16 * 1024];
    const ssize_t n = ::recv(socket_, piece, sizeof piece, MSG_DONTWAIT);
    if (n == 0) fail("the server closed the connection: " + in_);
    if (n < 0) return errno == EAGAIN ? false : (fail("read error"), false);
    in_.append(piece, static_cast<std::size_t>(n));
    const std::size_t head = in_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t at = in_.find("ontent-Length: ");
    if (at == std::string::npos || at > head) fail("an answer without Content-Length: " + in_);
    const auto length = static_cast<std::size_t>(std::strtoul(in_.c_str() + at + 15, nullptr, 10));
    if (in_.size() < head + 4 + length) return false;
    check(records, head);
    return true;
  }

  std::int64_t micros() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_)
        .count();
  }

 private:
  void check(std::uint64_t records, std::size_t head) const {
    std::string body = in_.substr(head + 4);
    std::erase(body, ' ');
    const bool all = body.find("\"processed\":" + std::to_string(records)) != std::string::npos;
    if (!in_.starts_with("HTTP/1.1 200") || body.find("\"status\":\"success\"") == std::string::npos || !all)
      fail("not a success for " + std::to_string(records) + " records: " + in_.substr(0, 600));
  }

  int socket_;
  std::string_view out_;
  std::string in_;
  SteadyPoint began_{};
};

// Sends every request, each connection taking the next one as soon as it has its answer.
void send_all(std::vector<Connection*>& connections, const std::vector<std::string>& requests,
              const std::vector<std::uint64_t>& records, std::vector<std::int64_t>& latencies) {
  std::size_t next = 0, done = 0;
  std::vector<std::size_t> holds(connections.size(), requests.size());
  const auto give = [&](std::size_t c) {
    holds[c] = next;
    if (next < requests.size()) connections[c]->begin(requests[next++]);
  };
  for (std::size_t c = 0; c < connections.size(); ++c) give(c);
  std::vector<pollfd> polled(connections.size());
  while (done < requests.size()) {
    for (std::size_t c = 0; c < connections.size(); ++c) {
      const bool busy = holds[c] < requests.size();
      const int events = connections[c]->writing() ? POLLIN | POLLOUT : POLLIN;
      polled[c] = {busy ? connections[c]->socket() : -1, static_cast<short>(events), 0};
    }
    if (::poll(polled.data(), polled.size(), 60'000) <= 0) fail("no answer within 60 s");
    for (std::size_t c = 0; c < connections.size(); ++c) {
      if (polled[c].fd < 0 || polled[c].revents == 0) continue;
      if ((polled[c].revents & POLLOUT) != 0) connections[c]->write();
      if ((polled[c].revents & ~POLLOUT) == 0 || !connections[c]->read(records[holds[c]])) continue;
      latencies.push_back(connections[c]->micros());
      ++done;
      give(c);
    }
  }
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t at_once = 256UL * 1024 * 1024;  // bytes of requests built before the clock runs
  const Options o = read_options(argc, argv);
  std::vector<Connection*> connections;
  for (std::uint64_t i = 0; i < o.connections; ++i) connections.push_back(new Connection(o.port));
  std::vector<std::int64_t> latencies;
  double seconds = 0, cpu = 0;
  std::uint64_t bytes = 0;
  for (std::uint64_t from = o.first; from < o.first + o.count;) {
    std::vector<std::string> requests;
    std::vector<std::uint64_t> records;
    for (std::size_t built = 0; built < at_once && from < o.first + o.count; from += records.back()) {
      records.push_back(std::min(o.batch, o.first + o.count - from));
      requests.push_back(request_for(o, from, records.back()));
      built += requests.back().size();
      bytes += requests.back().size();
    }
    const double cpu_before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    send_all(connections, requests, records, latencies);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    cpu += cpu_seconds() - cpu_before;
  }
  std::sort(latencies.begin(), latencies.end());
  const auto quantile = [&](double q) {
    return latencies[static_cast<std::size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  std::printf(R"({"records":%llu,"requests":%zu,"bytes":%llu,"seconds":%.6f,"client_cpu_seconds":%.6f,)"
              R"("p50_us":%lld,"p99_us":%lld,"max_us":%lld})"
              "\n",
              static_cast<unsigned long long>(o.count), latencies.size(),
              static_cast<unsigned long long>(bytes), seconds, cpu, static_cast<long long>(quantile(0.5)),
              static_cast<long long>(quantile(0.99)), static_cast<long long>(latencies.back()));
  for (Connection* connection : connections) delete connection;
  return 0;
}
