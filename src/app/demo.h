// `belay serve --demo`: an account with 100,000 generated people, a built-in receiver that speaks FCM
// HTTP v1, and push campaign 1457432766 on its way to it at a pace that leaves minutes to stop it.
// Everything is made once; a later start finds it as it was left. Blocks on the store.
#pragma once
#include <memory>
#include <string>

#include "app/config.h"
#include "app/exit_code.h"
#include "base/clock.h"
#include "store/store.h"

namespace belay::app {

struct DemoNames {
  static constexpr const char* account = "TEST-123-4567";
  static constexpr const char* passcode = "QWE-RTY-UIOP";
  static constexpr const char* provider = "local-fcm";
  static constexpr std::int64_t campaign = 1457432766;
  static constexpr std::uint32_t people = 100'000;
  static constexpr std::uint32_t per_second = 250;
};

class Demo {
 public:
  Demo(store::Store& store, const Clock& clock);
  ~Demo();  // ends the receiver

  // Starts the receiver (port 9001, or any if that is taken) and puts the demo's account into `config`.
  Result<void, Failure> prepare(Config& config);
  // Makes the people and the campaign where they are not there yet. The account must be in the store.
  Result<void, Failure> fill();

  // How the campaign stands, after fill(): "1457432766 is on its way to 100,000 people, …".
  std::string in_words() const;

 private:
  struct Receiver;
  store::Result<void> fill_store();

  store::Store& store_;
  const Clock& clock_;
  std::unique_ptr<Receiver> receiver_;
  std::string receiver_address_;  // "127.0.0.1:9001"
  std::optional<State> state_;    // of the campaign as found or made; none: a latch forbade it
};

}  // namespace belay::app
