#include "api/dashboard/dashboard.h"

#include <gtest/gtest.h>

#include "api/dashboard/accept.h"
#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::header;

constexpr DashboardFile files[] = {
    {"/index.html", "text/html; charset=utf-8", "1",
     "<meta content=__BELAY_NONCE__><style nonce=__BELAY_NONCE__>"},
    {"/assets/a-123.js", "text/javascript; charset=utf-8", "2", "plain", "gzipped", "brotli"},
    {"/favicon.svg", "image/svg+xml", "3", "<svg/>"},
};

class Pages : public ::testing::Test {
 protected:
  std::optional<net::HttpReply> get(std::string path,
                                    std::vector<std::pair<std::string, std::string>> headers = {},
                                    std::string method = "GET") {
    net::HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    return dashboard.answer(request);
  }
  SeededRandom random{1};
  Dashboard dashboard{files, random};
  const std::pair<std::string, std::string> html{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"};
};

TEST_F(Pages, are_one_page_for_every_path_that_a_browser_opens) {
  const auto index = get("/");
  ASSERT_TRUE(index);
  EXPECT_EQ(index->status, 200);
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header(*index, "Cache-Control"), "no-cache");
  for (const char* path : {"/campaigns", "/campaigns/1457432766", "/sign-in", "/index.html"})
    EXPECT_TRUE(get(path, {html})) << path;
  EXPECT_TRUE(get("/", {}, "HEAD"));
}

TEST_F(Pages, leave_everything_else_alone) {
  for (const char* path :
       {"/api/v1/nothing", "/1/targets/stop.json", "/2/x", "/v1/x", "/assets/gone.js", "/x.png"})
    EXPECT_FALSE(get(path, {html})) << path;
  EXPECT_FALSE(get("/campaigns")) << "a client of the API gets its 404";
  EXPECT_FALSE(get("/campaigns", {{"Accept", "application/json"}}));
  EXPECT_FALSE(get("/", {}, "POST"));
}

TEST_F(Pages, name_what_they_may_do_and_a_nonce_that_is_new_each_time) {
  const auto one = get("/"), two = get("/");
  const std::string policy = header(*one, "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"))
      << policy;
  EXPECT_NE(policy.find("frame-ancestors 'none'"), policy.npos);
  EXPECT_EQ(policy.find("unsafe"), policy.npos);
  EXPECT_NE(policy, header(*two, "Content-Security-Policy"));
  const std::string nonce = one->body.substr(14, 32);
  EXPECT_NE(policy.find("'nonce-" + nonce + "'"), policy.npos);
  EXPECT_EQ(one->body, "<meta content=" + nonce + "><style nonce=" + nonce + ">");
  EXPECT_EQ(header(*one, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(*one, "Referrer-Policy"), "no-referrer");
  EXPECT_NE(header(*one, "Permissions-Policy"), "");
  EXPECT_NE(header(*get("/assets/a-123.js"), "Content-Security-Policy"), "");
}

TEST_F(Pages, come_in_the_form_that_the_browser_takes) {
  const auto brotli = get("/assets/a-123.js", {{"Accept-Encoding", "gzip, deflate, br"}});
  EXPECT_EQ(brotli->body, "brotli");
  EXPECT_EQ(header(*brotli, "Content-Encoding"), "br");
  EXPECT_EQ(brotli->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(header(*brotli, "Vary"), "Accept-Encoding");
  EXPECT_EQ(get("/assets/a-123.js", {{"Accept-Encoding", "gzip, br;q=0"}})->body, "gzipped");
  const auto plain = get("/assets/a-123.js");
  EXPECT_EQ(plain->body, "plain");
  EXPECT_EQ(header(*plain, "Content-Encoding"), "");
  EXPECT_EQ(get("/favicon.svg", {{"Accept-Encoding", "br"}})->body, "<svg/>");
}

TEST_F(Pages, are_kept_by_the_browser_as_long_as_they_can_be) {
  const auto script = get("/assets/a-123.js");
  EXPECT_EQ(header(*script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(*script, "ETag"), "\"2\"");
  EXPECT_EQ(header(*get("/favicon.svg"), "Cache-Control"), "no-cache");
  const auto again = get("/assets/a-123.js", {{"If-None-Match", "\"x\", W/\"2\""}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(get("/assets/a-123.js", {{"If-None-Match", "\"2\""}, {"Accept-Encoding", "br"}})->status, 200)
      << "another form has another tag";
}

TEST(Dashboard, that_was_not_built_says_how_it_is) {
  SeededRandom random(1);
  const Dashboard none({}, random);
  net::HttpRequest request;
  request.method = "GET";
  request.path = "/";
  const auto page = none.answer(request);
  ASSERT_TRUE(page);
  EXPECT_NE(page->body.find("scripts/web.sh"), std::string::npos);
  EXPECT_EQ(header(*page, "Content-Security-Policy").find("nonce"), std::string::npos);
  request.path = "/campaigns";
  request.headers.emplace_back("Accept", "text/html");
  EXPECT_FALSE(none.answer(request));
}

TEST(AcceptEncoding, is_a_list_with_refusals) {
  EXPECT_TRUE(accepts("br", "br"));
  EXPECT_TRUE(accepts("gzip;q=1.0, BR ; q=0.5", "br"));
  EXPECT_TRUE(accepts("br;q=0.001", "br"));
  EXPECT_FALSE(accepts("", "br"));
  EXPECT_FALSE(accepts("*", "br"));
  EXPECT_FALSE(accepts("brotli, xbr", "br"));
  EXPECT_FALSE(accepts("br;q=0", "br"));
  EXPECT_FALSE(accepts("br; q=0.000", "br"));
}

}  // namespace
}  // namespace belay::api
