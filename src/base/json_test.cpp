#include "base/json.h"

#include <gtest/gtest.h>

namespace belay {
namespace {

TEST(ParseJson, takes_what_is_json) {
  EXPECT_EQ(parse_json(" { \"id\" : 1457432766 } \n")->at("id").as_int64(), 1457432766);
  EXPECT_EQ(parse_json("[1,2.5,\"a\",null,true]")->as_array().size(), 5u);
}

TEST(ParseJson, refuses_a_duplicate_key_at_any_depth) {
  EXPECT_EQ(parse_json(R"({"id":1,"id":2})").error(), "Duplicate key \"id\" in JSON payload");
  EXPECT_FALSE(parse_json(R"({"a":{"b":1,"\u0062":2}})"));
  EXPECT_TRUE(parse_json(R"({"a":{"b":1},"c":{"b":1}})"));
}

TEST(ParseJson, refuses_what_follows_the_value) {
  EXPECT_FALSE(parse_json(R"({"id":1} x)"));
  EXPECT_FALSE(parse_json(R"({"id":1}{"id":2})"));
  EXPECT_FALSE(parse_json(""));
  EXPECT_FALSE(parse_json("{"));
  EXPECT_FALSE(parse_json("{\"a\":\"\xff\"}"));
}

TEST(ParseJson, refuses_numbers_that_no_double_holds) {
  EXPECT_FALSE(parse_json("1e400"));
  EXPECT_FALSE(parse_json(R"({"id":-1e999})"));
  EXPECT_TRUE(parse_json("1e308"));
}

TEST(ParseJson, bounds_the_depth) {
  EXPECT_FALSE(parse_json(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
}

TEST(JsonEscape, leaves_text_alone_and_escapes_the_rest) {
  std::string out;
  append_json_escaped(out, "Ann \"A\\\" \n\x01 ü");
  EXPECT_EQ(out, "Ann \\\"A\\\\\\\" \\n\\u0001 ü");
}

}  // namespace
}  // namespace belay
