// The brake at the wire: whatever a link reports as unsent has not reached the receiver, and whatever
// it reports as handed over has. The receiver stops reading, so the sender's socket is full in the
// middle of a request when it is told to stop. (S01: nothing leaves after the stop.)
#include <random>

#include "sink/sink_probe.h"

namespace belay::sink {
namespace {

using net::Fate;
using net::HttpVersion;
using Tokens = std::set<std::uint64_t>;

struct Way {
  const char* name;
  HttpVersion version;
  bool tls;
  friend void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }
};

struct Withdraw : testing::TestWithParam<std::tuple<Way, int>> {
  SinkProbe sink{{.behaviour = {.stop_reading = true}, .receive_buffer = 4096}};
  net::LinkProbe probe{sink.endpoint(way().version, way().tls), {.send_buffer = 4096}};
  std::mt19937 random{static_cast<unsigned>(std::get<1>(GetParam()))};
  std::uint64_t submitted = 0;

  static Way way() { return std::get<0>(GetParam()); }
  std::size_t below(std::size_t n) { return random() % n; }

  // Until the link takes no more: its socket is full and its output is backed up.
  void fill() {
    ASSERT_TRUE(probe.wait_room());
    probe.run([&] {
      while (probe.link().can_take() && submitted < 400) {
        ++submitted;
        const bool large = way().version == HttpVersion::http1 || below(10) == 0;
        probe.submit(submitted, push("t" + std::to_string(submitted), "77", below(large ? 60'000 : 900)));
        if (below(3) == 0) probe.link().flush();
      }
      probe.link().flush();
    });
  }

  Tokens received() {
    Tokens tokens;
    for (const Arrival& arrival : sink->ledger().arrivals("77"))
      EXPECT_TRUE(tokens.insert(std::stoull(arrival.recipient.substr(1))).second)
          << "twice: " << arrival.recipient;
    return tokens;
  }
  Tokens unsent() {
    return probe.tokens([](const Fate& fate) { return fate.end == Fate::End::unsent; });
  }
  void read_on() {
    sink->set_behaviour({});
    EXPECT_TRUE(probe.wait_all_ended());
  }
};

TEST_P(Withdraw, of_everything_leaves_exactly_what_was_handed_over) {
  fill();
  const auto leaving = probe.withdraw([](auto) { return true; });
  const Tokens before = probe.handed_over();
  EXPECT_LE(leaving.size(), way().tls ? 80U : 1U);  // in TLS one record of at most 16 KiB is sealed
  Tokens expected = before;
  expected.insert(leaving.begin(), leaving.end());
  read_on();
  EXPECT_EQ(probe.handed_over(), expected);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(unsent().size(), submitted - expected.size());
}

TEST_P(Withdraw, of_one_campaign_leaves_the_others_whole) {
  fill();
  const auto stopped = [](std::uint64_t token) { return token % 3 != 0; };
  const auto leaving = probe.withdraw(stopped);
  Tokens stopped_before;
  for (const auto token : probe.handed_over())
    if (stopped(token)) stopped_before.insert(token);
  stopped_before.insert(leaving.begin(), leaving.end());
  read_on();
  Tokens expected = stopped_before;
  for (std::uint64_t token = 3; token <= submitted; token += 3) expected.insert(token);
  EXPECT_EQ(probe.handed_over(), expected);
  EXPECT_EQ(received(), expected);
}

TEST_P(Withdraw, then_close_makes_the_half_sent_ones_unsent) {
  fill();
  // In one task: between two, the socket might take the rest of a message after all.
  std::vector<net::Token> leaving;
  probe.run([&] {
    leaving = probe.link().withdraw([](net::Token) { return true; });
    probe.link().close();
  });
  ASSERT_TRUE(probe.wait_closed());
  for (const net::Token token : leaving) EXPECT_EQ(probe.fate(token.value).end, Fate::End::unsent);
  sink->set_behaviour({});
  // The connection is gone; what the receiver finds in its buffer can only be what was handed over.
  net::LinkProbe marker(sink.endpoint(HttpVersion::http2), {});
  ASSERT_TRUE(marker.wait_room());
  marker.send(1, push("t1000000"));
  ASSERT_TRUE(marker.wait_end(1));
  const Tokens handed = probe.handed_over();
  for (const auto token : received()) EXPECT_TRUE(token == 1'000'000 || handed.contains(token)) << token;
}

INSTANTIATE_TEST_SUITE_P(OverEveryProtocol, Withdraw,
                         testing::Combine(testing::Values(Way{"Http2", HttpVersion::http2, false},
                                                          Way{"Http2Tls", HttpVersion::automatic, true},
                                                          Way{"Http1", HttpVersion::http1, false},
                                                          Way{"Http1Tls", HttpVersion::http1, true}),
                                          testing::Range(1, 9)),
                         [](const auto& instance) {
                           return fmt::format("{}_{}", std::get<0>(instance.param).name,
                                              std::get<1>(instance.param));
                         });

}  // namespace
}  // namespace belay::sink
