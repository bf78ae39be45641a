// Signing in and out, what a session may do, and that no other site's page may do it.
#include <gtest/gtest.h>

#include "api/testing_api.h"
#include "base/password.h"

namespace belay::api {
namespace {

using store::Role;
using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;
using testing::Session;

constexpr const char* password = "correct horse";

class SignIn : public ::testing::Test {
 protected:
  SignIn() { account = desk.add_account("TEST-123-4567"); }

  store::User add_user(std::string name, Role role = Role::admin) {
    static const Secret hash = [] {
      SeededRandom random(3);
      return *hash_password(Secret(password), random);
    }();
    return *desk.users().add({{}, desk.id_of(account), std::move(name), role, hash, desk.clock.wall()});
  }
  net::HttpReply try_with(std::string_view user, std::string_view text, std::string peer = "192.0.2.1:5000",
                          std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto request =
        desk.request("POST", "/api/v1/session",
                     fmt::format(R"({{"account":"TEST-123-4567","user":"{}","password":"{}"}})", user, text));
    request.peer = std::move(peer);
    for (auto& h : headers) request.headers.push_back(std::move(h));
    return desk.call(std::move(request));
  }
  static Session session_of(const net::HttpReply& reply) {
    const std::string set = header(reply, "Set-Cookie");
    std::string csrf = field(reply, "csrf");
    std::erase(csrf, '"');
    return {set.substr(0, set.find(';')), csrf};
  }
  int look(const Session& session) { return desk.call(session, "GET", "/api/v1/campaigns").status; }
  std::vector<std::string> trail(std::string_view user) {
    std::vector<std::string> out;
    const auto rows = *desk.control().audit({.subject = fmt::format("user-{}", user)});
    for (const AuditEntry& e : rows) out.push_back(fmt::format("{} by {}", e.action, e.actor));
    return out;
  }

  Desk desk;
  Credentials account;
};

TEST_F(SignIn, with_the_right_password_gives_a_cookie_that_works) {
  add_user("ann", Role::creator);
  const auto reply = try_with("Ann", password);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(field(reply, "account"), "\"TEST-123-4567\"");
  EXPECT_EQ(field(reply, "user"), "\"ann\"");
  EXPECT_EQ(field(reply, "role"), "\"creator\"");
  EXPECT_EQ(field(reply, "timezone"), "\"Asia/Kolkata\"");
  EXPECT_EQ(field(reply, "demo"), "false");
  const std::string cookie = header(reply, "Set-Cookie");
  EXPECT_TRUE(cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict")) << cookie;
  const Session session = session_of(reply);
  const auto shown = desk.call(session, "GET", "/api/v1/session");
  EXPECT_EQ(shown.body, reply.body);
  EXPECT_EQ(header(shown, "Cache-Control"), "no-store");
  EXPECT_EQ(look(session), 200);
  EXPECT_EQ(trail("ann"), (std::vector<std::string>{"user.added by belay", "session.begun by user:ann"}));
}

TEST_F(SignIn, over_tls_gives_a_cookie_for_tls_only) {
  add_user("ann");
  for (const auto& [name, value] :
       {std::pair{"Origin", "https://belay.example.com"}, {"X-Forwarded-Proto", "https"}})
    EXPECT_TRUE(
        header(try_with("ann", password, "127.0.0.1:1", {{"Host", "belay.example.com"}, {name, value}}),
               "Set-Cookie")
            .ends_with("; Secure"))
        << name;
}

TEST_F(SignIn, fails_in_the_same_words_whatever_is_wrong) {
  add_user("ann");
  ASSERT_TRUE(desk.users().add({{}, desk.id_of(account), "nopass", Role::member, {}, desk.clock.wall()}));
  const auto reply = try_with("ann", "wrong horse");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(header(reply, "Set-Cookie"), "");
  EXPECT_EQ(try_with("nobody", password).body, reply.body);
  EXPECT_EQ(try_with("nopass", password).body, reply.body);
  EXPECT_EQ(try_with("nopass", "").status, 400);
  auto other =
      desk.request("POST", "/api/v1/session", R"({"account":"NO-SUCH","user":"ann","password":"x"})");
  EXPECT_EQ(desk.call(std::move(other)).body, reply.body);
}

TEST_F(SignIn, takes_longer_and_longer_for_who_fails) {
  add_user("ann");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(try_with("ann", "wrong horse").status, 401);
  const auto locked = try_with("ann", password);
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(header(locked, "Retry-After"), "1");
  EXPECT_EQ(try_with("ANN", password).status, 429) << "the same user";
  EXPECT_EQ(trail("ann").back(), "session.locked_out by address:192.0.2.1:5000");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(try_with("nobody", "wrong horse", "192.0.2.9:1").status, 401);
  EXPECT_EQ(try_with("nobody", "wrong horse", "192.0.2.9:1").body, locked.body)
      << "tells nothing of who there is";
  desk.clock.advance(Seconds{1});
  EXPECT_EQ(try_with("ann", password).status, 200);
}

TEST_F(SignIn, takes_longer_for_an_address_that_tries_many_names) {
  add_user("ann");
  for (int i = 0; i < 21; ++i) EXPECT_EQ(try_with(fmt::format("u{}", i), "wrong horse").status, 401);
  EXPECT_EQ(try_with("ann", password).status, 429);
  EXPECT_EQ(try_with("ann", password, "192.0.2.2:5000").status, 200);
}

TEST_F(SignIn, of_another_sites_page_is_refused) {
  add_user("ann");
  const auto reply = try_with("ann", password, "127.0.0.1:1",
                              {{"Host", "belay.example.com"}, {"Origin", "https://evil.example"}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(try_with("ann", password, "127.0.0.1:1", {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
}

TEST_F(SignIn, ends_when_it_is_signed_out_and_everywhere_when_that_is_asked) {
  const Session one = desk.sign_in(account, "ann", Role::admin),
                two = desk.sign_in(account, "ann", Role::admin);
  const Session other = desk.sign_in(account, "bob", Role::admin);
  const auto out = desk.call(one, "DELETE", "/api/v1/session");
  EXPECT_EQ(out.status, 200) << out.body;
  EXPECT_TRUE(header(out, "Set-Cookie").starts_with("belay_session=; Path=/; Max-Age=0;"));
  EXPECT_EQ(look(one), 401);
  EXPECT_EQ(look(two), 200);
  const Session three = desk.sign_in(account, "ann", Role::admin);
  EXPECT_EQ(desk.call(two, "DELETE", "/api/v1/sessions").status, 200);
  EXPECT_EQ(look(two), 401);
  EXPECT_EQ(look(three), 401);
  EXPECT_EQ(look(other), 200);
}

TEST_F(SignIn, ends_after_idleness_and_after_a_week_whatever_happens) {
  Session session = desk.sign_in(account, "ann", Role::admin);
  desk.clock.advance(Seconds{12 * 3600});
  EXPECT_EQ(look(session), 200);
  desk.clock.advance(Seconds{12 * 3600});
  EXPECT_EQ(look(session), 200) << "its use counts";
  desk.clock.advance(Seconds{12 * 3600 + 1});
  EXPECT_EQ(look(session), 401);
  session = desk.sign_in(account, "ann", Role::admin);
  for (int i = 0; i < 7 * 4; ++i) {
    EXPECT_EQ(look(session), 200) << i;
    desk.clock.advance(Seconds{6 * 3600});
  }
  desk.clock.advance(Seconds{1});
  EXPECT_EQ(look(session), 401);
}

TEST_F(SignIn, use_of_a_session_outlives_a_restart) {
  const Session session = desk.sign_in(account, "ann", Role::admin);
  desk.clock.advance(Seconds{11 * 3600});
  EXPECT_EQ(look(session), 200);
  const auto rows = *desk.users().sessions();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].session.seen, desk.clock.wall());
  desk.clock.advance(Seconds{10});
  EXPECT_EQ(look(session), 200);
  EXPECT_NE((*desk.users().sessions())[0].session.seen, desk.clock.wall()) << "not with every request";
}

TEST_F(SignIn, with_one_click_works_in_the_demo_only) {
  const auto click = [](Desk& at) { return at.call(at.request("POST", "/api/v1/session/demo", "{}")); };
  EXPECT_EQ(click(desk).status, 404);
  Desk demo(nullptr, "DEMO");
  demo.add_account("DEMO");
  const auto reply = click(demo);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(field(reply, "role"), "\"admin\"");
  EXPECT_EQ(field(reply, "demo"), "true");
  EXPECT_EQ(demo.call(session_of(reply), "GET", "/api/v1/campaigns").status, 200);
  EXPECT_EQ(click(demo).status, 200);
  EXPECT_EQ((*demo.users().users({})).size(), 1u);
}

TEST_F(SignIn, says_where_nobody_is_signed_in_whether_one_click_would_do) {
  const auto ask = [](Desk& at) { return at.call(at.request("GET", "/api/v1/session")); };
  EXPECT_EQ(ask(desk).status, 401);
  EXPECT_EQ(field(ask(desk), "demo"), "false");
  Desk demo(nullptr, "DEMO");
  EXPECT_EQ(ask(demo).status, 401);
  EXPECT_EQ(field(ask(demo), "demo"), "true");
}

TEST_F(SignIn, by_a_link_makes_the_first_user_once) {
  ASSERT_TRUE(desk.users().put_link({hash_of_link(desk.services().hash_key, "t0ken"),
                                     desk.id_of(account),
                                     {},
                                     desk.clock.wall() + link_life}));
  const auto redeem = [&](std::string_view token, std::string_view user, std::string_view text) {
    return desk.call(
        desk.request("POST", "/api/v1/session/link",
                     fmt::format(R"({{"token":"{}","user":"{}","password":"{}"}})", token, user, text)));
  };
  EXPECT_EQ(redeem("other", "ann", password).status, 404);
  EXPECT_EQ(redeem("t0ken", "", password).status, 400);
  EXPECT_EQ(redeem("t0ken", "two words", password).status, 400);
  EXPECT_EQ(redeem("t0ken", "ann", "short").status, 400);
  const auto reply = redeem("t0ken", "ann", password);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(field(reply, "role"), "\"admin\"");
  EXPECT_EQ(look(session_of(reply)), 200);
  EXPECT_EQ(redeem("t0ken", "eve", password).status, 404);
  EXPECT_EQ(try_with("ann", password).status, 200);
}

TEST_F(SignIn, own_password_is_changed_by_who_knows_it_and_ends_other_sessions) {
  add_user("ann");
  const Session old = session_of(try_with("ann", password)), other = session_of(try_with("ann", password));
  const auto change = [&](const Session& session, std::string_view now, std::string_view wanted) {
    return desk.call(session, "POST", "/api/v1/session/password",
                     fmt::format(R"({{"password":"{}","new_password":"{}"}})", now, wanted));
  };
  EXPECT_EQ(change(old, "wrong horse", "battery staple").status, 403);
  EXPECT_EQ(change(old, password, "short").status, 400);
  const auto changed = change(old, password, "battery staple");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(look(session_of(changed)), 200);
  EXPECT_EQ(look(old), 401);
  EXPECT_EQ(look(other), 401);
  EXPECT_EQ(try_with("ann", password).status, 401);
  EXPECT_EQ(try_with("ann", "battery staple").status, 200);
}

// A page that stays open is told what happens until its session is over, and no longer.
TEST(SessionStream, ends_when_its_reader_is_signed_out) {
  struct Recorded final : net::HttpStream {
    explicit Recorded(std::string& into) : text(into) {}
    bool write(std::string chunk) override { return text += chunk, true; }
    void end() override {}
    std::size_t unsent() const override { return 0; }
    std::string& text;
  };
  struct Recorder final : net::Responder {
    Recorder(std::string& into, std::weak_ptr<Recorded>& alive) : text(into), stream_alive(alive) {}
    void reply(net::HttpReply reply) override { text = reply.body; }
    std::shared_ptr<net::HttpStream> stream(net::HttpReply) override {
      auto made = std::make_shared<Recorded>(text);
      stream_alive = made;
      return made;
    }
    std::string& text;
    std::weak_ptr<Recorded>& stream_alive;
  };
  ManualClock timers;
  ManualExecutor executor(timers);
  Desk desk(&executor);
  const Credentials account = desk.add_account("TEST-123-4567");
  const Session session = desk.sign_in(account, "ann", Role::member);
  std::string text;
  std::weak_ptr<Recorded> alive;
  desk.api().handle(desk.by(session, desk.request("GET", "/api/v1/campaigns/events")),
                    std::make_unique<Recorder>(text, alive));
  executor.run_ready();
  EXPECT_NE(text.find("event: latches"), std::string::npos) << text;
  timers.advance(Seconds{60});
  executor.run_ready();
  EXPECT_FALSE(alive.expired());
  desk.begin(desk.by(session, desk.request("DELETE", "/api/v1/session")));
  executor.run_ready();
  const std::string before = text;
  for (int i = 0; i < 100; ++i) {
    timers.advance(Seconds{1});
    executor.run_ready();
  }
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(text, before);
}

// ---- forged requests

class Forged : public SignIn {
 protected:
  Session session = desk.sign_in(account, "ann", Role::admin);

  net::HttpReply stop_with(std::vector<std::pair<std::string, std::string>> headers) {
    auto request = desk.request("POST", "/api/v1/stops", R"({"scope":{"all":true},"dry_run":true})");
    request.headers.emplace_back("Cookie", session.cookie);
    request.headers.emplace_back("Host", "belay.example.com");
    for (auto& h : headers) request.headers.push_back(std::move(h));
    return desk.call(std::move(request));
  }
};

TEST_F(Forged, request_without_the_sessions_own_token_is_refused) {
  EXPECT_EQ(field(stop_with({}), "error").substr(0, 14), R"({"type":"csrf")");
  EXPECT_EQ(stop_with({{"X-Belay-CSRF", ""}}).status, 403);
  EXPECT_EQ(stop_with({{"X-Belay-CSRF", std::string(64, '0')}}).status, 403);
  const Session bob = desk.sign_in(account, "bob", Role::admin);
  EXPECT_EQ(stop_with({{"X-Belay-CSRF", bob.csrf}}).status, 403) << "another session's";
  EXPECT_EQ(stop_with({{"X-Belay-CSRF", session.csrf}}).status, 200);
}

TEST_F(Forged, request_from_another_page_is_refused_even_with_the_token) {
  const std::pair<std::string, std::string> token{"X-Belay-CSRF", session.csrf};
  EXPECT_EQ(stop_with({token, {"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(stop_with({token, {"Origin", "null"}}).status, 403);
  EXPECT_EQ(stop_with({token, {"Sec-Fetch-Site", "same-site"}}).status, 403);
  EXPECT_EQ(
      stop_with({token, {"Origin", "https://belay.example.com"}, {"Sec-Fetch-Site", "same-origin"}}).status,
      200);
}

TEST_F(Forged, delete_and_patch_need_the_token_too) {
  for (const auto& [method, target] : {std::pair{"DELETE", "/api/v1/session"},
                                       {"DELETE", "/api/v1/sessions"},
                                       {"PATCH", "/api/v1/users/user-1"},
                                       {"DELETE", "/api/v1/users/user-1"}}) {
    auto request = desk.request(method, target, "{}");
    request.headers.emplace_back("Cookie", session.cookie);
    EXPECT_EQ(desk.call(std::move(request)).status, 403) << method << target;
  }
  EXPECT_EQ(look(session), 200);
}

TEST_F(Forged, cookie_is_no_session) {
  for (const std::string& cookie :
       {std::string("belay_session="), std::string("belay_session=x"),
        "belay_session=" + std::string(5000, 'a'), session.cookie + "; " + session.cookie,
        "x" + session.cookie, session.cookie + "0"}) {
    auto request = desk.request("GET", "/api/v1/campaigns");
    request.headers.emplace_back("Cookie", cookie);
    EXPECT_EQ(desk.call(std::move(request)).status, 401) << cookie.substr(0, 100);
  }
}

TEST_F(Forged, cookie_counts_for_nothing_beside_a_passcode) {
  auto request = desk.as({account.account, "wrong"}, desk.request("GET", "/api/v1/campaigns"));
  request.headers.emplace_back("Cookie", session.cookie);
  EXPECT_EQ(desk.call(std::move(request)).status, 401);
}

// ---- users

class AccountUsers : public SignIn {
 protected:
  Session admin = desk.sign_in(account, "ann", Role::admin);
  std::string id_of_user(std::string_view name) {
    return fmt::format("user-{}", (*desk.users().find(desk.id_of(account), name))->id);
  }
};

TEST_F(AccountUsers, are_added_with_a_link_by_which_they_choose_a_password) {
  const auto added = desk.call(admin, "POST", "/api/v1/users", R"({"name":"bob","role":"creator"})");
  ASSERT_EQ(added.status, 201) << added.body;
  const std::string link = field(added, "link");
  ASSERT_TRUE(link.starts_with("\"/sign-in#link=")) << link;
  const std::string token = link.substr(15, link.size() - 16);
  EXPECT_EQ(desk.call(admin, "GET", "/api/v1/users").body.find(token), std::string::npos);
  const auto redeemed = desk.call(desk.request(
      "POST", "/api/v1/session/link", fmt::format(R"({{"token":"{}","password":"{}"}})", token, password)));
  ASSERT_EQ(redeemed.status, 200) << redeemed.body;
  EXPECT_EQ(field(redeemed, "role"), "\"creator\"");
  EXPECT_EQ(try_with("bob", password).status, 200);
  EXPECT_EQ(desk.call(admin, "POST", "/api/v1/users", R"({"name":"BOB"})").status, 409);
  EXPECT_EQ(desk.call(admin, "POST", "/api/v1/users", R"({"name":"a b"})").status, 400);
  EXPECT_EQ(desk.call(admin, "POST", "/api/v1/users", R"({"name":"eve","role":"king"})").status, 400);
  EXPECT_EQ(desk.call(admin, "POST", "/api/v1/users", R"({"name":"eve","password":"correct horse"})").status,
            400);
  EXPECT_EQ(trail("bob").front(), "user.added by user:ann");
}

TEST_F(AccountUsers, new_role_counts_at_once) {
  const Session bob = desk.sign_in(account, "bob", Role::creator);
  const auto stop = [&] {
    return desk.call(bob, "POST", "/api/v1/stops", R"({"scope":{"all":true},"dry_run":true})").status;
  };
  EXPECT_EQ(stop(), 200);
  const auto changed =
      desk.call(admin, "PATCH", "/api/v1/users/" + id_of_user("bob"), R"({"role":"member"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(stop(), 403);
  EXPECT_EQ(look(bob), 200);
}

TEST_F(AccountUsers, who_is_removed_is_signed_out) {
  const Session bob = desk.sign_in(account, "bob", Role::creator);
  EXPECT_EQ(desk.call(admin, "DELETE", "/api/v1/users/" + id_of_user("bob")).status, 200);
  EXPECT_EQ(look(bob), 401);
}

TEST_F(AccountUsers, last_admin_can_neither_go_nor_become_less) {
  const std::string ann = "/api/v1/users/" + id_of_user("ann");
  EXPECT_EQ(desk.call(admin, "DELETE", ann).status, 409);
  EXPECT_EQ(desk.call(admin, "PATCH", ann, R"({"role":"member"})").status, 409);
  EXPECT_EQ(look(admin), 200);
}

TEST_F(AccountUsers, operator_sets_a_password_over_the_unix_socket) {
  const auto over_socket = [&](std::string method, std::string_view target, std::string body) {
    auto request = desk.request(std::move(method), target, std::move(body));
    request.over_unix_socket = true;
    request.headers.emplace_back("X-CleverTap-Account-Id", account.account);
    return desk.call(std::move(request));
  };
  EXPECT_EQ(
      over_socket("POST", "/api/v1/users", R"({"name":"cli","role":"admin","password":"correct horse"})")
          .status,
      201);
  EXPECT_EQ(try_with("cli", password).status, 200);
  EXPECT_EQ(
      over_socket("PATCH", "/api/v1/users/" + id_of_user("cli"), R"({"password":"battery staple"})").status,
      200);
  EXPECT_EQ(try_with("cli", "battery staple").status, 200);
  EXPECT_EQ(over_socket("GET", "/api/v1/session", "").status, 401);
}

TEST_F(AccountUsers, passcode_does_not_make_users) {
  EXPECT_EQ(desk.call(desk.as(account, desk.request("GET", "/api/v1/users"))).status, 403);
  EXPECT_EQ(desk.post(account, "/api/v1/users", R"({"name":"eve","role":"admin"})").status, 403);
}

TEST_F(AccountUsers, admin_names_no_file_of_the_server) {
  const std::string at = "/api/v1/accounts/TEST-123-4567/providers";
  const auto refused =
      desk.call(admin, "POST", at, R"({"nick_name":"p","kind":"fcm","service_account":"/etc/passwd"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("belay provider add"), std::string::npos) << refused.body;
  store::Provider p{
      .account = desk.id_of(account), .nick_name = "p", .kind = "fcm", .service_account = "/keys/p.json"};
  ASSERT_TRUE(desk.control().put_provider(p));
  const auto kept =
      desk.call(admin, "POST", at,
                R"({"nick_name":"p","kind":"fcm","service_account":"/keys/p.json","max_per_second":5})");
  EXPECT_EQ(kept.status, 200) << kept.body;
}

}  // namespace
}  // namespace belay::api
