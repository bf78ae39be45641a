// How the receiver answers: flags of `belay sink` and, at run time, POST /_sink/behave.
//
// "every N" counts the messages of the whole sink (all connections, both protocols) from 1 and acts on
// each N-th, so a run is repeatable; 0 switches it off. Where several act on one message, the first of
// this order wins: close_every, hang_every, unregistered_every, fail_every; goaway_every comes on top.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace belay::sink {

struct Behaviour {
  std::uint32_t delay_ms = 0;    // before each answer
  std::uint32_t fail_every = 0;  // answers fail_status
  std::uint32_t fail_status = 503;
  std::uint32_t retry_after = 0;         // seconds, as header of 429 and 503; 0: no header
  std::uint32_t unregistered_every = 0;  // answers 404 UNREGISTERED
  std::uint32_t hang_every = 0;          // never answers
  std::uint32_t close_every = 0;         // closes the connection after receiving, without an answer
  std::uint32_t goaway_every = 0;        // HTTP/2: announces the end of the connection after receiving
  std::uint32_t max_streams = 1000;      // HTTP/2: SETTINGS_MAX_CONCURRENT_STREAMS
  bool stop_reading = false;             // takes no more bytes from connections that carry messages
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

struct SinkOptions {
  std::size_t threads = 1;  // loops that share the connections in turn
  Behaviour behaviour;
  std::string token_public_key;             // PEM: POST /token then verifies the assertion's RS256 signature
  int receive_buffer = 0;                   // SO_RCVBUF in bytes; 0 leaves it to the system
  std::size_t max_recipients = 20'000'000;  // named recipients kept; see ledger.h for the memory they take
  std::size_t max_arrivals = 50'000'000;    // arrival times kept
  std::size_t max_connections = 4096;       // per loop; more are closed at once
  std::size_t max_body = 1024 * 1024;       // a larger request is reset
};

}  // namespace belay::sink
