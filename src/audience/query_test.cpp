#include "audience/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace belay::audience {
namespace {

Query one_field(std::string_view field) {
  auto query =
      Query::parse_text(fmt::format(R"({{"common_profile_properties":{{"profile_fields":[{}]}}}})", field));
  if (!query) ADD_FAILURE() << query.error().text;
  return query ? *query : Query::property_is_any_of("never", {});
}

std::string error_of(std::string_view where) {
  const auto query = Query::parse_text(where);
  return query ? "accepted" : query.error().text;
}
std::string field_error(std::string_view field) {
  return error_of(fmt::format(R"({{"common_profile_properties":{{"profile_fields":[{}]}}}})", field));
}

struct FieldCase {
  const char* field;
  const char* matching;  // profiles, separated by ';'
  const char* other;
};

class Fields : public testing::TestWithParam<FieldCase> {};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

TEST_P(Fields, match_whom_they_say) {
  const Query query = one_field(GetParam().field);
  EXPECT_FALSE(query.everybody());
  for (const auto& profile : split(GetParam().matching)) EXPECT_TRUE(query.matches(profile)) << profile;
  for (const auto& profile : split(GetParam().other)) EXPECT_FALSE(query.matches(profile)) << profile;
}

// contract 3.3: every documented operator.
INSTANTIATE_TEST_SUITE_P(
    Operators, Fields,
    testing::Values(
        FieldCase{R"({"name":"Plan","operator":"equals","value":"Gold"})",
                  R"({"Plan":"Gold"};{"X":1,"Plan":"G\u006fld"};{"Plan":["Silver","Gold"]})",
                  R"({};{"Plan":"gold"};{"Plan":"Golden"};{"plan":"Gold"};{"Plan":null};{"Plan":[]};)"
                  R"({"Plan":{"a":"Gold"}};broken)"},
        FieldCase{R"({"name":"Plan","value":"Gold"})", R"({"Plan":"Gold"})", R"({"Plan":"x"})"},
        FieldCase{R"({"name":"Plan","value":["Gold","Silver"]})", R"({"Plan":"Gold"};{"Plan":"Silver"})",
                  R"({"Plan":"x"};{})"},
        FieldCase{R"({"name":"Plan","operator":"not_equals","value":"Gold"})",
                  R"({"Plan":"x"};{};{"Plan":null})", R"({"Plan":"Gold"};{"Plan":["x","Gold"]})"},
        FieldCase{R"({"name":"Plan","operator":"not_equals","value":["Gold","Silver"]})",
                  R"({"Plan":"x"};{})", R"({"Plan":"Gold"};{"Plan":"Silver"})"},
        FieldCase{R"({"name":"City","operator":"contains","value":"lin"})",
                  R"({"City":"Berlin"};{"City":["x","linz"]};{"City":"lin"})",
                  R"({"City":"Bern"};{"City":"LINZ"};{};{"City":5})"},
        FieldCase{R"({"name":"City","operator":"contains","value":["lin","rn"]})",
                  R"({"City":"Berlin"};{"City":"Bern"})", R"({"City":"x"})"},
        FieldCase{R"({"name":"City","operator":"does_not_contain","value":"lin"})", R"({"City":"Bern"};{})",
                  R"({"City":"Berlin"})"},
        FieldCase{R"({"name":"City","operator":"exists"})", R"({"City":"x"};{"City":""};{"City":false})",
                  R"({};{"City":null})"},
        FieldCase{R"({"name":"City","operator":"exists","value":"True"})", R"({"City":"x"})", R"({})"},
        FieldCase{R"({"name":"City","operator":"does_not_exist","value":""})", R"({};{"City":null})",
                  R"({"City":"x"})"},
        FieldCase{R"({"name":"Age","operator":"greater_than","value":30})",
                  R"({"Age":31};{"Age":30.5};{"Age":"31"};{"Age":[1,40]})",
                  R"({"Age":30};{"Age":"thirty one"};{};{"Age":true};{"Age":""})"},
        FieldCase{R"({"name":"Age","operator":"greater_than_equals","value":"30"})",
                  R"({"Age":30};{"Age":31})", R"({"Age":29.9})"},
        FieldCase{R"({"name":"Age","operator":"less_than","value":30})",
                  R"({"Age":29};{"Age":-1};{"Age":"-5"})", R"({"Age":30};{"Age":31};{})"},
        FieldCase{R"({"name":"Age","operator":"less_than_equals","value":30})", R"({"Age":30};{"Age":3e1})",
                  R"({"Age":30.01};{})"}));

INSTANTIATE_TEST_SUITE_P(
    Values, Fields,
    testing::Values(
        FieldCase{R"({"name":"Age","value":30})", R"({"Age":30};{"Age":30.0};{"Age":"30"};{"Age":"030"})",
                  R"({"Age":31};{"Age":"3e1"};{"Age":true})"},
        FieldCase{R"({"name":"Age","value":"30"})", R"({"Age":"30"};{"Age":30})",
                  R"({"Age":"030"};{"Age":"30.0"};{"Age":3})"},
        FieldCase{R"({"name":"Id","value":9007199254740993})",
                  R"({"Id":9007199254740993};{"Id":"9007199254740993"})",
                  R"({"Id":9007199254740992};{"Id":9007199254740994};{"Id":"9007199254740992"})"},
        FieldCase{R"({"name":"Id","value":"92233720368547758081"})", R"({"Id":"92233720368547758081"})",
                  R"({"Id":"92233720368547758082"};{"Id":92233720368547758081})"},
        FieldCase{R"({"name":"VIP","value":"True"})", R"({"VIP":true};{"VIP":"True"};{"VIP":"true"})",
                  R"({"VIP":false};{"VIP":1};{"VIP":"yes"};{})"},
        FieldCase{R"({"name":"VIP","value":"False"})", R"({"VIP":false};{"VIP":"FALSE"})",
                  R"({"VIP":true};{};{"VIP":null};{"VIP":""})"},
        FieldCase{R"({"name":"VIP","value":true})", R"({"VIP":true};{"VIP":"True"})", R"({"VIP":false})"},
        FieldCase{R"({"name":"Born","operator":"less_than","value":"$D_1000"})",
                  R"({"Born":"$D_999"};{"Born":999})", R"({"Born":"$D_1000"};{"Born":"abc"})"},
        FieldCase{R"({"name":"Born","value":"$D_1000"})",
                  R"({"Born":"$D_1000"};{"Born":1000};{"Born":"1000"})", R"({"Born":"$D_1001"})"},
        FieldCase{R"({"name":"Born","operator":"greater_than","value":1000})", R"({"Born":"$D_1001"})",
                  R"({"Born":"$D_999"})"},
        FieldCase{R"({"name":"Odd \"name\"","value":"é\n"})", R"({"Odd \"name\"":"\u00e9\n"})",
                  R"({"Odd name":"é"})"},
        FieldCase{R"({"name":"Mixed","value":["a",1,true]})",
                  R"({"Mixed":"a"};{"Mixed":1};{"Mixed":"1"};{"Mixed":true};{"Mixed":"True"})",
                  R"({"Mixed":"b"};{"Mixed":2};{"Mixed":false})"}));

TEST(Query, an_empty_object_is_everybody_and_nothing_else_is) {
  EXPECT_TRUE(Query::parse_text("{}")->everybody());
  EXPECT_TRUE(Query::parse_text("{}")->matches("{}"));
  for (const std::string_view where :
       {"", "null", "[]", "\"all\"", "1", R"({"common_profile_properties":{}})",
        R"({"common_profile_properties":null})", R"({"common_profile_properties":{"profile_fields":[]}})",
        R"({"common_profile_properties":{"profile_fields":{}}})",
        R"({"common_profile_properties":{"profile_fields":[{}]}})", R"({"":1})"})
    EXPECT_NE(error_of(where), "accepted") << where;
}

TEST(Query, ands_its_fields_and_knows_the_old_name) {
  for (const std::string_view key : {"common_profile_properties", "common_profile_prop"}) {
    const auto query =
        Query::parse_text(fmt::format(R"({{"{}":{{"profile_fields":[{{"name":"Plan","value":"Gold"}},)"
                                      R"({{"name":"Age","operator":"greater_than","value":30}}]}}}})",
                                      key));
    ASSERT_TRUE(query) << query.error().text;
    EXPECT_TRUE(query->matches(R"({"Age":31,"Plan":"Gold"})"));
    EXPECT_FALSE(query->matches(R"({"Age":30,"Plan":"Gold"})"));
    EXPECT_FALSE(query->matches(R"({"Age":31,"Plan":"x"})"));
  }
  EXPECT_THAT(
      error_of(
          R"({"common_profile_properties":{"profile_fields":[{"name":"a","value":1}]},"common_profile_prop":{}})"),
      testing::HasSubstr("exclude each other"));
}

// S61: the misspelling did_not once meant "everybody" to somebody's customers.
TEST(Query, S61_refuses_by_name_what_it_does_not_know) {
  EXPECT_EQ(error_of(R"({"did_not":[]})"), "Unknown key \"did_not\" in where");
  EXPECT_EQ(error_of(R"({"common_profile_properties":{"fields":[]}})"),
            "Unknown key \"fields\" in where.common_profile_properties");
  EXPECT_EQ(field_error(R"({"name":"a","opeartor":"equals","value":1})"),
            "Unknown key \"opeartor\" in where.common_profile_properties.profile_fields[0]");
  EXPECT_EQ(field_error(R"({"name":"a","operator":"like","value":1})"),
            "Unknown operator \"like\" in where.common_profile_properties.profile_fields[0]");
  EXPECT_EQ(error_of(R"({"$ids":{"Identity":["a"]}})"), "Unknown key \"$ids\" in where");
}

TEST(Query, refuses_by_name_what_is_not_supported_yet) {
  for (const std::string_view key : {"event_name", "from", "to", "event_properties", "session_properties",
                                     "advanced_query", "prompt", "exclude_segments", "segment"}) {
    const auto query = Query::parse_text(fmt::format(R"({{"{}":1}})", key));
    ASSERT_FALSE(query) << key;
    EXPECT_EQ(query.error().code, Code::unsupported) << key;
    EXPECT_EQ(query.error().text, fmt::format("\"{}\" in where is not supported yet", key));
  }
  for (const std::string_view key :
       {"app_fields", "demographics", "technographics", "reachability", "geo_fields", "geo_radius"}) {
    const auto query = Query::parse_text(fmt::format(
        R"({{"common_profile_properties":{{"profile_fields":[{{"name":"a","value":1}}],"{}":[]}}}})", key));
    ASSERT_FALSE(query) << key;
    EXPECT_EQ(query.error().text,
              fmt::format("\"{}\" in where.common_profile_properties is not supported yet", key));
  }
}

TEST(Query, refuses_values_that_make_no_sense) {
  EXPECT_THAT(field_error(R"({"name":"a"})"), testing::HasSubstr("\"value\" is missing"));
  EXPECT_THAT(field_error(R"({"name":"a","value":[]})"), testing::HasSubstr("is an empty array"));
  EXPECT_THAT(field_error(R"({"name":"a","value":null})"), testing::HasSubstr("must be a text, a number"));
  EXPECT_THAT(field_error(R"({"name":"a","value":[["b"]]})"), testing::HasSubstr("must be a text, a number"));
  EXPECT_THAT(field_error(R"({"name":"","value":1})"), testing::HasSubstr("\"name\""));
  EXPECT_THAT(field_error(R"({"name":"a","operator":"less_than","value":"soon"})"),
              testing::HasSubstr("needs a number or a date, not \"soon\""));
  EXPECT_THAT(field_error(R"({"name":"a","operator":"contains","value":""})"),
              testing::HasSubstr("a text that is not empty"));
  EXPECT_THAT(field_error(R"({"name":"a","operator":"exists","value":"False"})"),
              testing::HasSubstr("takes no value"));
  EXPECT_THAT(field_error(R"({"name":"a","operator":7,"value":1})"), testing::HasSubstr("must be a text"));
  EXPECT_THAT(field_error(R"({"name":"a","value":18446744073709551615})"), testing::HasSubstr("too large"));
}

TEST(Query, people_named_one_by_one_survive_the_store_and_are_no_condition) {
  const IdList ids{{"ann", "b\"ob"}, {"dev-1"}, {"a@x.com"}, {}, {"g1"}};
  const auto query = Query::parse_stored(Query::to_where(ids));
  ASSERT_TRUE(query) << query.error().text;
  ASSERT_TRUE(query->ids());
  EXPECT_EQ(query->ids()->identity, ids.identity);
  EXPECT_EQ(query->ids()->object_id, ids.object_id);
  EXPECT_EQ(query->ids()->email, ids.email);
  EXPECT_EQ(query->ids()->fb_id, ids.fb_id);
  EXPECT_EQ(query->ids()->gp_id, ids.gp_id);
  EXPECT_FALSE(query->everybody());
  EXPECT_FALSE(query->matches("{}"));

  EXPECT_FALSE(Query::parse_stored(R"({"$ids":{}})"));
  EXPECT_FALSE(Query::parse_stored(R"({"$ids":{"Identity":["a"]},"event_name":"x"})"));
  EXPECT_TRUE(Query::parse_stored("{}")->everybody());
  EXPECT_TRUE(
      Query::parse_stored(R"({"common_profile_properties":{"profile_fields":[{"name":"a","value":1}]}})"));
}

TEST(Query, tests_a_property_against_many_texts) {
  std::vector<std::string> emails;
  for (int i = 0; i < 1000; ++i) emails.push_back(fmt::format("p{}@x.com", i));
  const Query query = Query::property_is_any_of("Email", emails);
  EXPECT_TRUE(query.matches(R"({"Email":"p999@x.com"})"));
  EXPECT_FALSE(query.matches(R"({"Email":"p1000@x.com"})"));
  EXPECT_FALSE(query.matches("{}"));
}

TEST(Query, says_itself_in_words) {
  EXPECT_EQ(Query::everyone().in_words(), "Everybody");
  EXPECT_EQ(one_field(R"({"name":"City","value":["Pune","Delhi"]})").in_words(),
            R"(City is "Pune" or "Delhi")");
  EXPECT_EQ(one_field(R"({"name":"City","operator":"not_equals","value":["Pune","Delhi"]})").in_words(),
            R"(City is not "Pune" nor "Delhi")");
  EXPECT_EQ(one_field(R"({"name":"Visits","operator":"greater_than_equals","value":100},
                         {"name":"Email","operator":"does_not_exist"})")
                .in_words(),
            "Visits is at least 100, and Email is not set");
  std::string many;
  for (int i = 0; i < 13; ++i) many += fmt::format("{}{}", i == 0 ? "" : ",", i);
  EXPECT_EQ(one_field(R"({"name":"N","value":[)" + many + "]}").in_words(),
            "N is 0 or 1 or 2 or 3 or 4 or 5 or 6 or 7 or 8 or 9 or 3 more");
  IdList ids;
  ids.identity = {"a", "b"};
  EXPECT_EQ(Query::parse_stored(Query::to_where(ids))->in_words(), "2 named one by one");
}

}  // namespace
}  // namespace belay::audience
