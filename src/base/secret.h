// A string that must not be printed: it has no stream operator and no formatter, so a log line that
// names one does not compile. reveal() is the one way out and easy to grep for. Memory is wiped when
// it goes.
#pragma once
#include <string>
#include <string_view>

namespace belay {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret();

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// Compares in time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// HMAC-SHA-256 as lower-case hex: how passcodes rest in the store.
std::string keyed_hash(std::string_view key, std::string_view text);

}  // namespace belay
