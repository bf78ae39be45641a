#include "api/cookie.h"

#include <gtest/gtest.h>

namespace belay::api {
namespace {

TEST(Cookie, is_found_among_others) {
  EXPECT_EQ(cookie_named("a=1; s=x; b=2", "s"), "x");
  EXPECT_EQ(cookie_named("s=x", "s"), "x");
  EXPECT_EQ(cookie_named("s=x;", "s"), "x");
  EXPECT_EQ(cookie_named(";;  s=x  ; ", "s"), "x");
  EXPECT_EQ(cookie_named("s=", "s"), "");
  EXPECT_EQ(cookie_named("s=a=b", "s"), "a=b");
}

TEST(Cookie, is_no_other_whose_name_or_value_looks_like_it) {
  EXPECT_FALSE(cookie_named("", "s"));
  EXPECT_FALSE(cookie_named("s", "s"));
  EXPECT_FALSE(cookie_named("ss=x", "s"));
  EXPECT_FALSE(cookie_named("S=x", "s"));
  EXPECT_FALSE(cookie_named("a=s=x", "s"));
  EXPECT_FALSE(cookie_named("a=\"; b\"s=x", "s"));
}

TEST(Cookie, that_is_there_twice_is_none) {
  EXPECT_FALSE(cookie_named("s=x; s=y", "s"));
  EXPECT_FALSE(cookie_named("s=x; s=x", "s"));
  EXPECT_FALSE(cookie_named("s=; a=1; s=y", "s"));
}

}  // namespace
}  // namespace belay::api
