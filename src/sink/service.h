// What a request to the sink means: records messages and says how each is answered. One for all loops;
// safe from any thread. Sessions call message_begun() when a request's path is known, answer() when it
// is whole and incomplete() when it never will be.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sink/exchange.h"
#include "sink/ledger.h"
#include "sink/message.h"
#include "sink/options.h"
#include "sink/token_endpoint.h"

namespace belay::sink {

class Service {
 public:
  // `behaviour_changed` is called after every change, from the thread that made it.
  Service(const SinkOptions& options, TokenEndpoint tokens, std::function<void()> behaviour_changed);

  static bool is_message(std::string_view target);
  static bool is_control(std::string_view target);

  Outgoing answer(const Incoming& request, std::string& body, MessageReader& reader);
  void incomplete() { ledger_.count_incomplete(); }

  Behaviour behaviour() const;
  void set_behaviour(const Behaviour& behaviour);
  void reset();  // counts, lists and the "every N" counter; the behaviour stays
  bool stop_reading() const { return stop_reading_.load(std::memory_order_relaxed); }
  std::uint32_t max_streams() const { return max_streams_.load(std::memory_order_relaxed); }
  const Ledger& ledger() const { return ledger_; }
  Ledger& ledger() { return ledger_; }

 private:
  void keep(const Behaviour& behaviour);
  Outgoing answer_push(const Incoming& request, std::string& body, MessageReader& reader);
  Outgoing answer_webhook(const Incoming& request, std::string& body, MessageReader& reader);
  Outgoing answer_message(const Message& message, int status, bool authorised, std::string_view project);
  Outgoing answer_token(const Incoming& request, const std::string& body);
  void apply(std::uint64_t number, int& status, Outgoing& out) const;
  // control.cpp
  Outgoing answer_control(const Incoming& request, const std::string& body);
  Outgoing list(std::string_view query) const;
  Outgoing behave(const std::string& body);
  std::string counts_json() const;

  Ledger ledger_;
  const TokenEndpoint tokens_;
  const std::function<void()> behaviour_changed_;
  RealClock clock_;
  std::atomic<std::uint64_t> messages_ = 0;
  std::atomic<std::uint64_t> tokens_given_ = 0;
  std::atomic<bool> stop_reading_ = false;
  std::atomic<bool> plain_ = true;  // the behaviour asks for nothing: the quick way
  std::atomic<std::uint32_t> max_streams_ = 0;
  mutable std::mutex mutex_;
  Behaviour behaviour_;
};

}  // namespace belay::sink
