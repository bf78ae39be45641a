// The notifier over real sockets: a receiver on 127.0.0.1, the real transport, the real store. Time is the
// test's own.
#include "notify/notifier.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>

#include "base/json.h"
#include "base/secret.h"
#include "net/http_server.h"
#include "net/io_loop.h"
#include "net/transport.h"
#include "store/sqlite/open.h"

namespace belay::notify {
namespace {

using store::DeliveryState;
using namespace std::chrono_literals;

// A wall clock that the test turns, safe from any thread; steady time is real.
class TurnedClock final : public Clock {
 public:
  WallTime wall() const override { return wall_from_micros(micros_); }
  SteadyTime steady() const override { return real_.steady(); }
  void advance(Micros by) { micros_ += by.count(); }

 private:
  RealClock real_;
  std::atomic<std::int64_t> micros_{1'457'432'766'000'000};
};

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "belay-notify-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

// Keeps what it is sent; answers what `answer` says, 0: never.
class Receiver {
 public:
  explicit Receiver(std::function<int(int nth)> answer) : answer_(std::move(answer)) {
    server_ = std::make_unique<net::HttpServer>(
        loop_, net::HttpLimits{},
        [this](net::HttpRequest request, std::unique_ptr<net::Responder> responder) {
          const std::lock_guard lock(mutex_);
          got_.push_back(std::move(request));
          const int status = answer_(static_cast<int>(got_.size()));
          if (status == 0)
            kept_.push_back(std::move(responder));
          else
            responder->reply({.status = status, .body = "{}"});
          changed_.notify_all();
        },
        [](int status, std::string_view) { return net::HttpReply{.status = status}; });
    address_ = server_->listen_tcp("127.0.0.1:0").value();
  }
  ~Receiver() { loop_.stop(); }
  std::string url() const { return "http://" + address_ + "/hook"; }
  std::vector<net::HttpRequest> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return got_.size() >= count; });
    return got_;
  }

 private:
  std::function<int(int)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<net::HttpRequest> got_;
  std::vector<std::unique_ptr<net::Responder>> kept_;
  net::IoLoop loop_{"receiver"};
  std::unique_ptr<net::HttpServer> server_;
  std::string address_;
};

class Notices : public testing::Test {
 protected:
  Notices() {
    store = std::move(*store::open_sqlite(folder.path));
    control = std::move(*store->control(store::Lane::brake));
    session = std::move(*store->notices());
    account = control->put_account({{}, "TEST-123-4567", "UTC", "eu1"})->id;
  }
  ~Notices() override { end_server(); }

  SubscriberId subscribe(const std::string& url, store::NoticeKinds kinds = store::every_notice_kind,
                         AccountId of = {}) {
    return session->add({{}, of, url, Secret("whsec_1"), kinds, clock.wall()})->id;
  }
  CampaignId create(int id) {
    Campaign c;
    c.id = CampaignId{id};
    c.account = account;
    c.definition.name = "Summer";
    c.due = c.created = clock.wall();
    return control->create(c)->id;
  }
  void stop(CampaignId id) {
    store::StopWrite w{
        .scope = {.campaign = id}, .actor = "cli:root", .reason = "wrong text", .at = clock.wall()};
    w.campaigns.push_back(
        {.campaign = id, .receipt = {.campaign = id, .found_in = State::scheduled, .settled = true}});
    ASSERT_TRUE(control->stop(w));
  }
  void start_server(Options options = {}, bool copied = false) {
    options.look_every = Millis{5};
    loop = std::make_unique<net::IoLoop>("notices");
    transport = net::make_transport(*loop);
    notifier = std::make_unique<Notifier>(Ports{.clock = clock,
                                                .random = random,
                                                .store = *store,
                                                .executor = *loop,
                                                .transport = *transport,
                                                .may_call = may_call},
                                          options);
    loop->post([this, copied] { notifier->start(copied); });
  }
  void end_server() {
    if (!loop) return;
    loop->stop();
    notifier.reset(), transport.reset(), loop.reset();
  }
  std::vector<store::Delivery> deliveries(SubscriberId of) { return *session->deliveries({}, of, {}, 100); }
  // The newest delivery, once `wanted` holds for it.
  store::Delivery await(SubscriberId of, const std::function<bool(const store::Delivery&)>& wanted) {
    std::mutex never;
    std::unique_lock lock(never);
    std::condition_variable pause;
    const auto until = std::chrono::steady_clock::now() + 20s;
    store::Delivery d;
    while (std::chrono::steady_clock::now() < until) {
      if (const auto all = deliveries(of); !all.empty() && wanted(d = all.front())) return d;
      pause.wait_for(lock, 2ms);
    }
    ADD_FAILURE() << "still " << name_of(d.state) << " after " << d.attempts << ": " << d.detail;
    return d;
  }
  store::Delivery await(SubscriberId of, DeliveryState state) {
    return await(of, [state](const store::Delivery& d) { return d.state == state; });
  }

  Folder folder;
  TurnedClock clock;
  RealRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ControlSession> control;
  std::unique_ptr<store::NoticeSession> session;
  AccountId account;
  std::function<Result<void, std::string>(const net::Endpoint&)> may_call;
  std::unique_ptr<net::IoLoop> loop;
  std::unique_ptr<net::Transport> transport;
  std::unique_ptr<Notifier> notifier;
};

TEST_F(Notices, a_stop_is_told_once_with_signature_states_numbers_and_audit_hash) {
  Receiver receiver([](int) { return 204; });
  const SubscriberId id = subscribe(receiver.url(), store::kinds_of(store::NoticeKind::stop));
  stop(create(100));
  start_server();
  const store::Delivery d = await(id, DeliveryState::delivered);
  EXPECT_EQ(d.attempts, 1u);
  const auto got = receiver.await(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].path, "/hook");
  EXPECT_EQ(got[0].header("Belay-Notice"), "notice-1");
  const std::string mac = keyed_hash("whsec_1", "1457432766." + got[0].body);
  EXPECT_EQ(got[0].header("Belay-Signature"), "t=1457432766,v1=" + mac);
  const auto body = parse_json(got[0].body)->as_object();
  EXPECT_EQ(body.at("kind"), "stop");
  EXPECT_EQ(body.at("id"), "notice-1");
  EXPECT_EQ(body.at("account"), "TEST-123-4567");
  EXPECT_EQ(body.at("campaign"), 100);
  EXPECT_EQ(body.at("before"), "scheduled");
  EXPECT_EQ(body.at("after"), "stopped");
  EXPECT_EQ(body.at("reason"), "wrong text");
  EXPECT_EQ(body.at("stop"), "stop-1");
  EXPECT_EQ(body.at("receipt").at("handed_over"), 0);
  const auto rows = *control->audit({.subject = "campaign-100"});
  EXPECT_EQ(body.at("audit").as_string(), rows.back().hash);
  EXPECT_EQ(notifier->counts().delivered, 1u);
}

TEST_F(Notices, go_to_those_who_want_them_and_may_have_them) {
  const AccountId other = control->put_account({{}, "OTHER", "UTC", "eu1"})->id;
  const SubscriberId all = subscribe("http://127.0.0.1:9/a"),
                     mine = subscribe("http://127.0.0.1:9/b", 0b111, account),
                     theirs = subscribe("http://127.0.0.1:9/c", 0b111, other),
                     states = subscribe("http://127.0.0.1:9/d", store::kinds_of(store::NoticeKind::state));
  const CampaignId c = create(100);
  ASSERT_TRUE(control->move({c, State::scheduled, State::planning, Epoch{1}, clock.wall(), ""}));
  stop(c);
  EXPECT_EQ(deliveries(all).size(), 2u);
  EXPECT_EQ(deliveries(mine).size(), 2u);
  EXPECT_EQ(deliveries(theirs).size(), 0u);
  ASSERT_EQ(deliveries(states).size(), 1u);
  EXPECT_EQ(deliveries(states)[0].kind, store::NoticeKind::state);
  EXPECT_FALSE(session->deliveries(other, mine, {}, 10));
  EXPECT_FALSE(session->remove(other, mine));
  EXPECT_FALSE(session->resend(other, deliveries(mine)[0].id, clock.wall()));
}

TEST_F(Notices, a_refusal_is_tried_again_later_and_later_until_it_is_taken) {
  Receiver receiver([](int nth) { return nth <= 2 ? 503 : 200; });
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  start_server();
  const auto after = [&](std::uint32_t attempts) {
    return await(id, [=](const store::Delivery& d) {
      return d.state != DeliveryState::trying && d.attempts == attempts;
    });
  };
  const store::Delivery once = after(1);
  EXPECT_EQ(once.state, DeliveryState::pending);
  EXPECT_EQ(once.detail, "answered 503");
  EXPECT_GE(once.next_at - clock.wall(), Micros{2'500'000});
  EXPECT_LE(once.next_at - clock.wall(), Micros{5'000'000});
  clock.advance(Seconds{5});
  const store::Delivery twice = after(2);
  EXPECT_GE(twice.next_at - clock.wall(), Micros{5'000'000});
  clock.advance(Seconds{10});
  await(id, DeliveryState::delivered);
  EXPECT_EQ(receiver.await(3).size(), 3u);
  EXPECT_EQ(notifier->counts().refused, 2u);
}

TEST_F(Notices, without_a_connection_it_is_given_up_after_a_bounded_number_of_attempts) {
  const SubscriberId id = subscribe("http://127.0.0.1:9/nobody");
  stop(create(100));
  Options options;
  options.max_attempts = 3;
  options.retry_initial = Micros{1};
  options.retry_most = Micros{1};
  start_server(options);
  await(id, [&](const store::Delivery& d) {
    clock.advance(Millis{1});
    return d.state == DeliveryState::undelivered;
  });
  const store::Delivery d = deliveries(id)[0];
  EXPECT_EQ(d.attempts, 3u);
  EXPECT_NE(d.detail.find("given up after 3 attempts"), std::string::npos) << d.detail;
}

TEST_F(Notices, without_an_answer_it_is_in_doubt_and_not_repeated_until_a_person_says_so) {
  Receiver receiver([](int nth) { return nth == 1 ? 0 : 200; });
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  Options options;
  options.answer_within = Millis{50};
  start_server(options);
  const store::Delivery d = await(id, DeliveryState::in_doubt);
  EXPECT_NE(d.detail.find("may have arrived"), std::string::npos) << d.detail;
  end_server();  // the next answers may take their time
  start_server();
  clock.advance(Seconds{48 * 3600});
  stop(create(101));  // a later one gets through; the one in doubt is not sent again
  await(id, DeliveryState::delivered);
  EXPECT_EQ(receiver.await(2).size(), 2u);
  EXPECT_EQ(deliveries(id)[1].state, DeliveryState::in_doubt);
  ASSERT_TRUE(session->resend({}, d.id, clock.wall()));
  EXPECT_EQ(receiver.await(3).size(), 3u);
  EXPECT_EQ(receiver.await(3)[2].header("Belay-Notice"), "notice-1");
}

TEST_F(Notices, a_crash_while_trying_leaves_it_in_doubt) {
  Receiver receiver([](int) { return 0; });
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  start_server();
  receiver.await(1);
  end_server();  // no answer has come: nothing more was written than a crash would have left
  EXPECT_EQ(deliveries(id)[0].state, DeliveryState::trying);
  start_server();
  await(id, DeliveryState::in_doubt);
  EXPECT_EQ(receiver.await(1).size(), 1u);
}

TEST_F(Notices, of_an_adopted_copy_are_in_doubt_for_its_original_may_have_sent_them) {
  Receiver receiver([](int) { return 200; });
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  start_server({}, true);
  await(id, DeliveryState::in_doubt);
  stop(create(101));
  await(id, DeliveryState::delivered);
  EXPECT_EQ(receiver.await(1).size(), 1u);
}

TEST_F(Notices, a_subscriber_that_hangs_holds_up_no_other) {
  Receiver hangs([](int) { return 0; }), quick([](int) { return 200; });
  const SubscriberId slow = subscribe(hangs.url()), fast = subscribe(quick.url());
  for (int i = 0; i < 20; ++i) stop(create(100 + i));
  start_server();
  EXPECT_EQ(quick.await(20).size(), 20u);
  await(fast, DeliveryState::delivered);
  EXPECT_EQ(hangs.await(1).size(), 1u) << "one at a time";
  EXPECT_EQ(deliveries(slow).back().state, DeliveryState::trying);
}

TEST_F(Notices, queue_is_bounded_and_the_oldest_are_given_up) {
  const SubscriberId id = subscribe("http://127.0.0.1:9/nobody");
  for (int i = 0; i < 5; ++i) stop(create(100 + i));
  EXPECT_EQ(*session->tidy(3, WallTime{}), 2u);
  const auto all = deliveries(id);
  EXPECT_EQ(all[4].state, DeliveryState::undelivered);
  EXPECT_EQ(all[3].state, DeliveryState::undelivered);
  EXPECT_EQ(all[2].state, DeliveryState::pending);
  EXPECT_NE(all[4].detail.find("too many"), std::string::npos);
  EXPECT_EQ(*session->tidy(3, clock.wall() + Seconds{1}), 0u);
  EXPECT_EQ(deliveries(id).size(), 3u) << "what is decided is forgotten in the end";
}

TEST_F(Notices, a_server_that_ends_waits_for_the_answer_to_what_is_on_its_way) {
  std::promise<void> let_go;
  Receiver receiver([&, wait = let_go.get_future().share()](int) {
    wait.wait_for(20s);
    return 200;
  });
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  start_server();
  await(id, DeliveryState::trying);
  std::promise<void> drained;
  loop->post([&] { notifier->drain([&] { drained.set_value(); }); });
  stop(create(101));  // stays for the next start
  auto done = drained.get_future();
  let_go.set_value();
  ASSERT_EQ(done.wait_for(20s), std::future_status::ready);
  end_server();
  EXPECT_EQ(deliveries(id)[1].state, DeliveryState::delivered);
  EXPECT_EQ(deliveries(id)[0].state, DeliveryState::pending);
}

TEST_F(Notices, to_forbidden_addresses_are_not_sent) {
  Receiver receiver([](int) { return 200; });
  may_call = [](const net::Endpoint&) -> Result<void, std::string> { return std::unexpected("not there"); };
  const SubscriberId id = subscribe(receiver.url());
  stop(create(100));
  start_server();
  EXPECT_EQ(await(id, DeliveryState::undelivered).detail, "not there");
  EXPECT_TRUE(receiver.await(0).empty());
}

}  // namespace
}  // namespace belay::notify
