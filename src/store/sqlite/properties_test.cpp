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

TEST(Properties, operations_work_on_what_is_there) {
  struct {
    std::string_view before, operation, after;
  } const cases[] = {
      {R"({})", R"({"$add":"a"})", R"({"P":["a"]})"},
      {R"({"P":"a"})", R"({ "$add" : [ "b" , "a", 1.10 ] })", R"({"P":["a","b",1.10]})"},
      {R"({"P":["x , ]","a"]})", R"({"$add":["\u0061","c"]})", R"({"P":["x , ]","a","c"]})"},
      {R"({"P":["a"]})", R"({"$add":["a"]})", R"({"P":["a"]})"},
      {R"({"P":[1,2,3]})", R"({"$remove":[1,3,9]})", R"({"P":[2]})"},
      {R"({"P":["a"]})", R"({"$remove":"a"})", R"({})"},
      {R"({"P":"a"})", R"({"$remove":["a"]})", R"({})"},
      {R"({"P":"a"})", R"({"$remove":["b"]})", R"({"P":"a"})"},
      {R"({})", R"({"$remove":["b"]})", R"({})"},
      {R"({"P":[1,2]})", R"({"$delete":1})", R"({})"},
      {R"({})", R"({"$delete":1})", R"({})"},
      {R"({})", R"({"$incr":3})", R"({"P":3})"},
      {R"({"P":9007199254740993})", R"({"$incr":1})", R"({"P":9007199254740994})"},
      {R"({"P":1})", R"({"$decr":2})", R"({"P":-1})"},
      {R"({"P":0.5})", R"({"$incr":0.25})", R"({"P":0.75})"},
      {R"({"P":"text"})", R"({"$incr":1})", R"({"P":"text"})"},
      {R"({"P":1e308})", R"({"$incr":1e308})", R"({"P":1e308})"},
      {R"({"P":1})", R"({"$other":1})", R"({"P":1})"},
      {R"({"P":1})", R"({)", R"({"P":1})"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(after(c.before, {{"P", c.operation}}), c.after) << c.before << " " << c.operation;
}

TEST(Properties, of_a_list_that_grows_too_long_the_oldest_go) {
  std::string object = "{}";
  for (int i = 0; i < 103; ++i) object = after(object, {{"P", fmt::format(R"({{"$add":{}}})", i)}});
  EXPECT_TRUE(object.starts_with(R"({"P":[3,4,)")) << object;
  EXPECT_TRUE(object.ends_with(R"(,102]})")) << object;
}

}  // namespace
}  // namespace belay::store::sqlite
