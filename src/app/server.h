// `belay serve`: the whole server, put together. One object a process; made, run and destroyed by
// main's thread.
#pragma once
#include <memory>
#include <string>

#include "app/config.h"
#include "app/exit_code.h"
#include "base/result.h"

namespace belay::app {

struct ServeOptions {
  std::string program = "belay";         // as it was called, for hints
  std::string config;                    // path, or "": no configuration (then demo)
  std::string data, listen, tls_listen;  // override the configuration's, where not ""
  std::string log_format;                // the same: "text", "json"
  std::string ready_file;
  std::vector<std::string> allow_outbound;  // beside the configuration's
  bool adopt = false;  // a copied data folder is the one that counts
  bool demo = false;
  bool test_clock = false;
};

struct Addresses {
  std::string listen, tls_listen, socket;
  std::string demo;  // what to say of the demo's campaign
};

class Server {
 public:
  Server(Config config, ServeOptions options);
  ~Server();

  // Opens everything, in this order: the data folder, the file STOP, the brake and its socket, the
  // engine, the listeners. Stops are taken long before the last of it.
  Result<Addresses, Failure> start();
  // Until a signal asks for the end.
  void wait();
  // Drains and ends every thread. False: something did not end as it should.
  bool shut_down();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace belay::app
