#include "store/sqlite/properties.h"

#include <gtest/gtest.h>

namespace belay::store::sqlite {
namespace {

using Changes = std::vector<Properties::Change>;

std::string after(std::string_view object, const Changes& changes) {
  Properties p;
  EXPECT_TRUE(p.read(object));
  p.apply(changes);
  std::string out;
  p.write(out);
  return out;
}

TEST(Properties, leaves_values_it_is_not_about_as_they_are) {
  constexpr std::string_view object = R"({"a":{"x":[1,{"y":"}"}]},"b":"\\\"","c":[ 1 , 2 ],"d":-1.5e3})";
  EXPECT_EQ(after(object, {}), object);
  EXPECT_EQ(after(object, {{"b", "null"}}), R"({"a":{"x":[1,{"y":"}"}]},"c":[ 1 , 2 ],"d":-1.5e3})");
}

TEST(Properties, knows_whether_something_changed) {
  Properties p;
  ASSERT_TRUE(p.read(R"({"a":1})"));
  p.apply(Changes{{"a", "1"}, {"b", "null"}});
  EXPECT_FALSE(p.changed());
  p.apply(Changes{{"a", "2"}});
  EXPECT_TRUE(p.changed());
}

TEST(Properties, escapes_names_and_finds_them_again) {
  const std::string once = after("{}", {{"tab\tand \"quote\"", "1"}});
  EXPECT_EQ(once, R"({"tab\tand \"quote\"":1})");
  EXPECT_EQ(after(once, {{"tab\tand \"quote\"", "null"}}), "{}");
}

TEST(Properties, refuses_what_is_no_object) {
  for (const std::string_view bad : {"", "{", "}", "[]", "null", "{\"a\"}", "{\"a\":}", "{\"a\":1",
                                     "{\"a\":1,}", "{a:1}", "{\"a\":1}}", "{\"a\":\"x}", "{\"a\":[1}", "{,}"})
    EXPECT_FALSE(Properties().read(bad)) << bad;
}

TEST(Properties, fills_only_what_is_missing) {
  Properties p;
  ASSERT_TRUE(p.read(R"({"a":1})"));
  ASSERT_TRUE(p.add_missing(R"({"a":2,"b":3})"));
  std::string out;
  p.write(out);
  EXPECT_EQ(out, R"({"a":1,"b":3})");
  EXPECT_FALSE(p.add_missing("[]"));
}

}  // namespace
}  // namespace belay::store::sqlite
