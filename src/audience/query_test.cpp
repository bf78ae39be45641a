#include "audience/query.h"
#include "audience/event_query.h"
#include "audience/node.h"

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
  EXPECT_EQ(error_of(R"({"advanced_query":{"did_not":[{"event_name":"Charged"}]}})"),
            "Unknown key \"did_not\" in where.advanced_query: did you mean \"did_none\"?");
  EXPECT_EQ(error_of(R"({"did_not":[]})"),
            "Unknown key \"did_not\" in where: did you mean \"did_none\" in where.advanced_query?");
  EXPECT_EQ(error_of(R"({"profile_fields":[{"name":"a","value":1}]})"),
            "Unknown key \"profile_fields\" in where: did you mean \"profile_fields\" in "
            "where.common_profile_properties?");
  EXPECT_EQ(error_of(R"({"evnt_name":"a"})"),
            "Unknown key \"evnt_name\" in where: did you mean \"event_name\"?");
  EXPECT_EQ(error_of(R"({"common_profile_properties":{"fields":[]}})"),
            "Unknown key \"fields\" in where.common_profile_properties");
  EXPECT_EQ(field_error(R"({"name":"a","opeartor":"equals","value":1})"),
            "Unknown key \"opeartor\" in where.common_profile_properties.profile_fields[0]: did you mean "
            "\"operator\"?");
  EXPECT_EQ(field_error(R"({"name":"a","operator":"like","value":1})"),
            "Unknown operator \"like\" in where.common_profile_properties.profile_fields[0]");
  EXPECT_EQ(
      field_error(R"({"name":"a","operator":"greater_than_or_equal","value":1})"),
      "Unknown operator \"greater_than_or_equal\" in where.common_profile_properties.profile_fields[0]: did "
      "you mean \"greater_than_equals\"?");
  EXPECT_EQ(error_of(R"({"$ids":{"Identity":["a"]}})"), "Unknown key \"$ids\" in where");
  EXPECT_EQ(error_of(R"({"$all":[{}]})"), "Unknown key \"$all\" in where");
  EXPECT_EQ(error_of(R"({"$none":[{}]})"), "Unknown key \"$none\" in where");
}

TEST(Query, refuses_by_name_what_can_not_be_had) {
  const auto unsupported = [](std::string_view where) {
    const auto query = Query::parse_text(where);
    return query ? "accepted" : query.error().code == Code::unsupported ? query.error().text : "invalid";
  };
  EXPECT_EQ(unsupported(R"({"prompt":"my best customers"})"),
            "\"prompt\" in where is not supported: write the query itself");
  for (const std::string_view key : {"segment", "segments", "exclude_segments"})
    EXPECT_EQ(unsupported(fmt::format(R"({{"{}":1}})", key)),
              fmt::format("\"{}\" in where is not supported here", key));
  EXPECT_THAT(unsupported(R"({"event_name":"a","session_properties":[{"name":"utm_source","value":"x"}]})"),
              testing::HasSubstr("\"utm_source\" in where.session_properties[0] is not known here"));
  const auto profile = [&](std::string_view part, std::string_view field) {
    return unsupported(fmt::format(R"({{"common_profile_properties":{{"{}":[{}]}}}})", part, field));
  };
  EXPECT_THAT(profile("demographics", R"({"name":"Shoe size","value":1})"),
              testing::HasSubstr("\"Shoe size\""));
  EXPECT_THAT(profile("technographics", R"({"name":"Carrier","value":"x"})"),
              testing::HasSubstr("\"Carrier\""));
  EXPECT_THAT(profile("reachability", R"({"name":"has_fax","value":"True"})"),
              testing::HasSubstr("\"has_fax\""));
  EXPECT_THAT(profile("app_fields", R"({"name":"Make","operator":"does_not_exist"})"),
              testing::HasSubstr("\"does_not_exist\""));
}

// The vendor's own examples, from its pages and its repository of snippets.
TEST(Query, knows_every_documented_example) {
  for (
      const std::string_view where :
      {R"({"event_name":"App Launched","from":20150810,"to":20151025})",
       R"({"event_name":"Charged","from":20151010,"to":20151011,"common_profile_properties":{"app_fields":[{"name":)"
       R"("Make","operator":"contains","value":"Apple"}],"profile_fields":[{"name":"language","operator":"equals",)"
       R"("value":"en"}],"demographics":[{"name":"Education","operator":"equals","value":["College","Graduate"]},)"
       R"({"name":"Gender","value":"Female"}],"technographics":[{"name":"Device","operator":"equals","value":)"
       R"(["Mobile","Tablet"]},{"name":"Platform","value":"AndroidApp"}],"reachability":[{"name":"has_token",)"
       R"("value":"True"}],"geo_fields":[["India","Maharashtra","Mumbai"],["United States","New York",)"
       R"("New York City"]],"geo_radius":[[35,42.5,5.2],[77.6,76.2,11]]}})",
       R"({"advanced_query":{"did_all":[{"event_name":"Charged","from":20151010,"to":20151011,"event_properties":)"
       R"([{"name":"Feedback","operator":"contains","value":"excellent"}]},{"event_name":"App Launched",)"
       R"("from":20151011,"to":20151012,"operator":"equals","value":10}]}})",
       R"({"advanced_query":{"did_any":{"any_events":[{"event_name":"Charged","from":20151010,"to":20151011,)"
       R"("event_properties":[{"name":"Amount","operator":"equals","value":100}]},{"event_name":"App Launched",)"
       R"("from":20151011,"to":20151012}],"operator":"equals","value":10}}})",
       R"({"advanced_query":{"did_none":[{"event_name":"Charged","from":20151010,"to":20151011},{"event_name":)"
       R"("App Launched","from":20151011,"to":20151012}]}})",
       R"({"event_name":"choseNewFavoriteFood","session_properties":[{"name":"first_time","value":"True"},)"
       R"({"name":"time_of_day","value":["22:30","22:35"]}],"from":20150810,"to":20151025})",
       R"({"event_name":"Charged","from":20151010,"to":20151011,"event_properties":[{"name":"Amount","operator":)"
       R"("equals","value":100}],"common_profile_properties":{"profile_fields":[{"name":"language","operator":)"
       R"("equals","value":"fr"}]},"advanced_query":{"did_none":[{"event_name":"App Uninstalled","from":20151010,)"
       R"("to":20151011}],"did_any":{"any_events":[{"event_name":"Added To Cart","from":20150911,"to":20151011,)"
       R"("event_properties":[{"name":"Product name","operator":"equals","value":"Model S"}]}],"operator":)"
       R"("equals","value":10}}})"}) {
    EXPECT_EQ(error_of(where), "accepted") << where;
    EXPECT_TRUE(Query::parse_stored(where)) << where;
  }
}

TEST(Query, says_what_is_wrong_with_an_event) {
  EXPECT_EQ(error_of(R"({"from":20150810,"to":20151025})"), "\"from\" in where needs \"event_name\"");
  EXPECT_EQ(error_of(R"({"event_properties":[]})"), "\"event_properties\" in where needs \"event_name\"");
  EXPECT_EQ(error_of(R"({"event_name":""})"), "\"event_name\" in where must be an event's name");
  EXPECT_EQ(error_of(R"({"event_name":"a","from":20150810})"),
            "\"to\" is missing in where: from and to belong together");
  EXPECT_EQ(error_of(R"({"event_name":"a","from":20150810,"to":20150809})"),
            "\"from\" in where is after \"to\": 20150810 > 20150809");
  for (const std::string_view day : {"20150229", "1.5", "-1", "201508", "null", "\"soon\"", "20151301"})
    EXPECT_THAT(error_of(fmt::format(R"({{"event_name":"a","from":20140101,"to":{}}})", day)),
                testing::HasSubstr("\"to\" in where must be a day as a number, YYYYMMDD"));
  const auto all = [](std::string_view event) {
    return error_of(fmt::format(R"({{"advanced_query":{{"did_all":[{}]}}}})", event));
  };
  EXPECT_EQ(all(R"({"from":20150810,"to":20150810})"),
            "\"event_name\" is missing in where.advanced_query.did_all[0]");
  EXPECT_THAT(all(R"({"event_name":"a","operator":"contains","value":1})"),
              testing::HasSubstr(
                  "\"contains\" in where.advanced_query.did_all[0] does not go with a number of times"));
  for (const std::string_view value : {"-1", "1.5", "[1]", "\"often\"", "99999999999"})
    EXPECT_THAT(all(fmt::format(R"({{"event_name":"a","operator":"equals","value":{}}})", value)),
                testing::HasSubstr("must be how many times"));
  EXPECT_THAT(all(R"({"event_name":"a","operator":"equals"})"), testing::HasSubstr("must be how many times"));
  EXPECT_THAT(all(R"({"event_name":"a","advanced_query":{}})"),
              testing::HasSubstr("Unknown key \"advanced_query\""));
  const auto any = [](std::string_view object) {
    return error_of(fmt::format(R"({{"advanced_query":{{"did_any":{}}}}})", object));
  };
  EXPECT_THAT(any("[]"), testing::HasSubstr("must be an object"));
  EXPECT_THAT(any("{}"), testing::HasSubstr("\"any_events\" is missing"));
  EXPECT_THAT(any(R"({"any_events":[]})"), testing::HasSubstr("is empty"));
  EXPECT_THAT(any(R"({"any_events":[{"event_name":"a","value":2}],"value":3})"),
              testing::HasSubstr("one of the two"));
  const auto session = [](std::string_view property) {
    return error_of(fmt::format(R"({{"event_name":"a","session_properties":[{}]}})", property));
  };
  EXPECT_THAT(session(R"({"name":"time_of_day","value":"22:30"})"), testing::HasSubstr("needs two times"));
  EXPECT_THAT(session(R"({"name":"time_of_day","value":["22:30","24:00"]})"),
              testing::HasSubstr("no time of day"));
  EXPECT_THAT(session(R"({"name":"first_time","value":"maybe"})"),
              testing::HasSubstr("\"True\" or \"False\""));
  EXPECT_THAT(session(R"({"name":"first_time","operator":"contains","value":"True"})"),
              testing::HasSubstr("does not go with"));
}

TEST(Query, says_what_is_wrong_with_a_place_or_a_person) {
  const auto part = [](std::string_view name, std::string_view value) {
    return error_of(fmt::format(R"({{"common_profile_properties":{{"{}":{}}}}})", name, value));
  };
  EXPECT_THAT(part("geo_fields", R"(["India"])"), testing::HasSubstr("geo_fields[0] must be an array"));
  EXPECT_THAT(part("geo_fields", R"([[]])"), testing::HasSubstr("must be an array of a country"));
  EXPECT_THAT(part("geo_fields", R"([["a","b","c","d"]])"),
              testing::HasSubstr("must be an array of a country"));
  EXPECT_THAT(part("geo_fields", R"([["India",""]])"), testing::HasSubstr("not empty"));
  EXPECT_THAT(part("geo_radius", "[[1,2]]"), testing::HasSubstr("three numbers"));
  EXPECT_THAT(part("geo_radius", "[[91,2,3]]"), testing::HasSubstr("latitude 91"));
  EXPECT_THAT(part("geo_radius", "[[1,-181,3]]"), testing::HasSubstr("longitude -181"));
  EXPECT_THAT(part("geo_radius", "[[1,2,0]]"), testing::HasSubstr("distance 0"));
  EXPECT_THAT(part("geo_radius", "[[1,2,1e999]]"), testing::Not("accepted"));
  EXPECT_THAT(part("demographics", R"([{"name":"Gender","value":"Other"}])"),
              testing::HasSubstr("\"Other\" of Gender"));
  EXPECT_THAT(part("demographics", R"([{"name":"Gender","operator":"contains","value":"F"}])"),
              testing::HasSubstr("does not go with Gender"));
  EXPECT_THAT(part("technographics", R"([{"name":"Platform","value":"Toaster"}])"),
              testing::HasSubstr("\"Toaster\""));
  EXPECT_THAT(part("technographics", R"([{"name":"Platform","operator":"contains","value":"And"}])"),
              testing::HasSubstr("does not go with Platform"));
  EXPECT_THAT(part("reachability", R"([{"name":"has_token","value":"maybe"}])"),
              testing::HasSubstr("\"True\""));
}

// A query is refused for what it costs, at the limits that are documented.
TEST(Query, costs_no_more_than_it_may) {
  const auto times = [](std::size_t n, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i) all += (i ? "," : "") + std::string(text);
    return all;
  };
  const auto fields = [&](std::size_t n) {
    return error_of(R"({"common_profile_properties":{"profile_fields":[)" +
                    times(n, R"({"name":"a","value":1})") + "]}}");
  };
  EXPECT_EQ(fields(most_conditions), "accepted");
  EXPECT_THAT(fields(most_conditions + 1),
              testing::HasSubstr("one condition too many: a query has at most 200"));
  const auto events = [&](std::size_t n) {
    return error_of(R"({"advanced_query":{"did_none":[)" + times(n, R"({"event_name":"a"})") + "]}}");
  };
  EXPECT_EQ(events(most_events), "accepted");
  EXPECT_THAT(events(most_events + 1), testing::HasSubstr("one event too many: a query has at most 30"));
  const auto values = [&](std::size_t n) {
    return R"({"common_profile_properties":{"profile_fields":[{"name":"a","value":[)" + times(n, "1") +
           "]}]}}";
  };
  EXPECT_EQ(error_of(values(most_values)), "accepted");
  EXPECT_THAT(error_of(values(most_values + 1)),
              testing::HasSubstr("one value too many: a query has at most 20000"));
  EXPECT_TRUE(Query::parse_stored(values(most_values + 1))) << "what was let in once stays";
  EXPECT_FALSE(Query::parse_stored(values(most_values + 1), true));
}

// What is held against every person one by one is bounded more tightly: a step of planning stays short.
TEST(Query, compares_with_no_more_values_than_it_may) {
  const auto field = [](std::string_view op, std::string_view value, std::size_t n) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i) all += (i ? "," : "") + std::string(value);
    return field_error(fmt::format(R"({{"name":"a","operator":"{}","value":[{}]}})", op, all));
  };
  for (const auto& [op, value] : {std::pair{"contains", "\"a\""},
                                  {"does_not_contain", "\"a\""},
                                  {"less_than", "1"},
                                  {"greater_than_equals", "\"1\""},
                                  {"equals", "1.5"},
                                  {"not_equals", "\"1.5\""}}) {
    EXPECT_EQ(field(op, value, most_compared), "accepted") << op;
    EXPECT_THAT(field(op, value, most_compared + 1), testing::HasSubstr("at most 1000 that are searched for"))
        << op;
  }
  EXPECT_EQ(field("equals", "\"1\"", most_values), "accepted");
}

TEST(Query, finds_a_number_among_many) {
  std::string many;
  for (int i = 0; i < 5000; ++i) many += fmt::format("{},", i * 2);
  const Query query = one_field(R"({"name":"Id","value":[)" + many + R"("10001",9007199254740992]})");
  for (const char* id : {"9998", "\"9998\"", "9998.0", "\"$D_9998\"", "10001", "\"10001\"", "10001.0",
                         "9007199254740992", "9007199254740992.0", "[1,4]"})
    EXPECT_TRUE(query.matches(fmt::format(R"({{"Id":{}}})", id))) << id;
  for (const char* id :
       {"9999", "9998.5", "\"10001.0\"", "\"010001\"", "9007199254740993", "9007199254740994.0"})
    EXPECT_FALSE(query.matches(fmt::format(R"({{"Id":{}}})", id))) << id;
}

struct Facts final : Known {
  std::vector<std::int64_t> counts;
  unsigned devices = 0;
  std::int64_t events(ProfileId, const EventTest& test) const override { return counts.at(test.number); }
  unsigned platforms(ProfileId) const override { return devices; }
};

bool matches(std::string_view where, std::string_view properties, std::vector<std::int64_t> counts,
             unsigned devices = 0) {
  const auto query = Query::parse_text(where);
  EXPECT_TRUE(query) << query.error().text;
  content::Properties profile(properties);
  Facts facts;
  facts.counts = std::move(counts);
  facts.devices = devices;
  return query->matches({profile, ProfileId{1}, &facts});
}

TEST(Query, joins_base_event_profile_and_advanced_parts_with_and) {
  const std::string_view where =
      R"({"event_name":"A","common_profile_properties":{"profile_fields":[{"name":"x","value":1}]},)"
      R"("advanced_query":{"did_all":[{"event_name":"B"},{"event_name":"C","operator":"less_than","value":3}],)"
      R"("did_any":{"any_events":[{"event_name":"D"},{"event_name":"E"}]},"did_none":[{"event_name":"F"},)"
      R"({"event_name":"G","operator":"greater_than","value":2}]}})";
  const std::string_view x = R"({"x":1})";
  EXPECT_TRUE(matches(where, x, {1, 1, 2, 0, 1, 0, 2}));
  EXPECT_FALSE(matches(where, "{}", {1, 1, 2, 0, 1, 0, 2})) << "profile";
  EXPECT_FALSE(matches(where, x, {0, 1, 2, 0, 1, 0, 2})) << "base";
  EXPECT_FALSE(matches(where, x, {1, 0, 2, 0, 1, 0, 2})) << "did_all";
  EXPECT_FALSE(matches(where, x, {1, 1, 3, 0, 1, 0, 2})) << "did_all, too often";
  EXPECT_TRUE(matches(where, x, {1, 1, 0, 1, 0, 0, 2})) << "never is fewer than 3 times";
  EXPECT_FALSE(matches(where, x, {1, 1, 2, 0, 0, 0, 2})) << "did_any";
  EXPECT_FALSE(matches(where, x, {1, 1, 2, 0, 1, 1, 2})) << "did_none";
  EXPECT_FALSE(matches(where, x, {1, 1, 2, 0, 1, 0, 3})) << "did_none, too often";
}

TEST(Query, a_number_of_times_of_did_any_counts_the_events_together) {
  const auto query = Query::parse_text(
      R"({"advanced_query":{"did_any":{"any_events":[{"event_name":"A"},{"event_name":"B"}],)"
      R"("operator":"equals","value":3}}})");
  ASSERT_TRUE(query);
  std::size_t tests = 0;
  each_of<EventTest>(*query->root(), [&](const EventTest& test) {
    ++tests;
    EXPECT_EQ(test.any_of.size(), 2u);
    EXPECT_FALSE(test.holds(2));
    EXPECT_TRUE(test.holds(3));
  });
  EXPECT_EQ(tests, 1u);
}

TEST(Query, asks_of_people_what_is_kept_of_them) {
  const auto part = [](std::string_view name, std::string_view value, std::string_view properties,
                       unsigned devices = 0) {
    return matches(fmt::format(R"({{"common_profile_properties":{{"{}":{}}}}})", name, value), properties, {},
                   devices);
  };
  EXPECT_TRUE(part("demographics", R"([{"name":"Gender","value":"Female"}])", R"({"Gender":"F"})"));
  EXPECT_FALSE(part("demographics", R"([{"name":"Gender","value":"Female"}])", R"({"Gender":"M"})"));
  EXPECT_TRUE(
      part("demographics",
           R"([{"name":"Employed","value":["True"]},{"name":"Age","operator":"less_than","value":30}])",
           R"({"Employed":"Y","Age":29})"));
  // What a device has not told is no answer, not even to a denial.
  const std::string_view no_apple = R"([{"name":"Make","operator":"does_not_contain","value":"Apple"}])";
  EXPECT_TRUE(part("app_fields", no_apple, R"({"Make":"Nokia"})"));
  EXPECT_FALSE(part("app_fields", no_apple, R"({"Make":"Apple"})"));
  EXPECT_FALSE(part("app_fields", no_apple, "{}"));
  const unsigned android = platform_bit(Platform::android), ios = platform_bit(Platform::ios);
  const std::string_view on_android = R"([{"name":"Platform","value":"AndroidApp"}])";
  EXPECT_TRUE(part("technographics", on_android, "{}", android | ios));
  EXPECT_FALSE(part("technographics", on_android, "{}", ios));
  const std::string_view not_android =
      R"([{"name":"Platform","operator":"not_equals","value":"AndroidApp"}])";
  EXPECT_TRUE(part("technographics", not_android, "{}", ios));
  EXPECT_FALSE(part("technographics", not_android, "{}", android | ios));
  EXPECT_FALSE(part("technographics", not_android, "{}", 0));
  EXPECT_TRUE(part("reachability", R"([{"name":"has_token","value":"True"}])", "{}", ios));
  EXPECT_FALSE(part("reachability", R"([{"name":"has_token","value":"True"}])", "{}", 0));
  EXPECT_TRUE(part("reachability", R"([{"name":"has_token","value":"False"}])", "{}", 0));
  const std::string_view places = R"([["India","Maharashtra","Mumbai"],["Oman"]])";
  EXPECT_TRUE(part("geo_fields", places, R"({"Country":"India","State":"Maharashtra","City":"Mumbai"})"));
  EXPECT_TRUE(part("geo_fields", places, R"({"Country":"India","Region":"Maharashtra","City":"Mumbai"})"));
  EXPECT_TRUE(part("geo_fields", places, R"({"Country":"Oman"})"));
  EXPECT_FALSE(part("geo_fields", places, R"({"Country":"India","State":"Maharashtra","City":"Pune"})"));
  // Berlin is 255 km from Hamburg.
  const std::string_view berlin = R"({"Latitude":52.52,"Longitude":"13.405"})";
  EXPECT_TRUE(part("geo_radius", "[[53.5511,9.9937,256]]", berlin));
  EXPECT_FALSE(part("geo_radius", "[[53.5511,9.9937,254]]", berlin));
  EXPECT_FALSE(part("geo_radius", "[[53.5511,9.9937,20000]]", R"({"Latitude":91,"Longitude":13})"));
  EXPECT_FALSE(part("geo_radius", "[[53.5511,9.9937,20000]]", "{}"));
}

TEST(Query, an_event_matches_if_any_of_its_items_does) {
  const auto holds = [](std::string_view field, std::string_view event) {
    const auto query =
        Query::parse_text(fmt::format(R"({{"event_name":"Charged","event_properties":[{}]}})", field));
    EXPECT_TRUE(query) << query.error().text;
    content::Properties properties(event);
    bool held = false;
    each_of<EventTest>(*query->root(), [&](const EventTest& test) {
      held = test.any_of.front().properties.front().holds_of_event(properties);
    });
    return held;
  };
  const std::string_view charged =
      R"({"Amount":300,"Items":[{"Category":"books","Quantity":1},{"Category":"food", "Quantity" : 4}],)"
      R"("Tags":["a","b"]})";
  EXPECT_TRUE(holds(R"({"name":"Items|Category","value":"food"})", charged));
  EXPECT_TRUE(holds(R"({"name":"items|Category","value":"books"})", charged));
  EXPECT_FALSE(holds(R"({"name":"Items|Category","value":"cars"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Items|Quantity","operator":"greater_than","value":3})", charged));
  EXPECT_FALSE(holds(R"({"name":"Items|Category","operator":"not_equals","value":"food"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Items|Category","operator":"not_equals","value":"cars"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Items|Category","operator":"exists"})", charged));
  EXPECT_FALSE(holds(R"({"name":"Items|Colour","operator":"exists"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Items|Colour","operator":"does_not_exist"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Items","operator":"contains","value":"oo"})", charged));
  EXPECT_TRUE(holds(R"({"name":"items","value":4})", charged)) << "any property of any item";
  EXPECT_FALSE(holds(R"({"name":"items","value":5})", charged));
  EXPECT_TRUE(holds(R"({"name":"items","operator":"exists"})", charged));
  EXPECT_TRUE(holds(R"({"name":"Tags","value":"b"})", charged));
  EXPECT_TRUE(holds(R"({"name":"a|b","value":1})", R"({"a|b":1})")) << "a property of just that name";
  EXPECT_FALSE(holds(R"({"name":"Items|Category","value":"food"})", R"({"Items":"food"})"));
}

TEST(Query, several_together_are_all_of_the_former_and_none_of_the_latter) {
  const auto city = [](std::string_view name) {
    return *parse_json(fmt::format(
        R"({{"common_profile_properties":{{"profile_fields":[{{"name":"City","value":"{}"}}]}}}})", name));
  };
  const json::value everybody = json::object{};
  const auto stored = [](const std::vector<json::value>& all, const std::vector<json::value>& none) {
    const auto query = Query::parse_stored(Query::together(all, none));
    EXPECT_TRUE(query) << query.error().text;
    return *query;
  };
  EXPECT_TRUE(stored({city("Pune")}, {}).matches(R"({"City":"Pune"})"));
  EXPECT_TRUE(stored({everybody}, {}).everybody());
  const Query others = stored({everybody}, {city("Pune"), city("Delhi")});
  EXPECT_FALSE(others.matches(R"({"City":"Pune"})"));
  EXPECT_FALSE(others.matches(R"({"City":"Delhi"})"));
  EXPECT_TRUE(others.matches("{}"));
  EXPECT_FALSE(stored({city("Pune")}, {everybody}).matches(R"({"City":"Pune"})"));
  EXPECT_FALSE(Query::parse_stored(R"({"$all":[{"$none":[{}]}]})"));
  EXPECT_FALSE(Query::parse_stored(R"({"$all":[]})"));
  EXPECT_FALSE(Query::parse_stored(R"({"$all":[{}],"where":{}})"));
}

TEST(EventQuery, needs_a_base_event) {
  const auto error = [](std::string_view text) {
    const auto query = EventQuery::parse(*parse_json(text));
    return query ? "accepted" : query.error().text;
  };
  EXPECT_EQ(error("{}"), "\"event_name\" is missing in query");
  EXPECT_EQ(error(R"({"from":20150810,"to":20150810})"), "\"from\" in query needs \"event_name\"");
  const auto query = EventQuery::parse(*parse_json(
      R"({"event_name":"A","from":20150810,"to":20150811,"advanced_query":{"did_none":[{"event_name":"B"}]}})"));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->event().name, "A");
  EXPECT_EQ(query->event().days, (Days{20150810, 20150811}));
  EXPECT_TRUE(query->people().asks_events());
  EXPECT_TRUE(EventQuery::parse(*parse_json(R"({"event_name":"A"})"))->people().everybody());
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
  const auto words = [](std::string_view where) { return Query::parse_text(where)->in_words(); };
  EXPECT_EQ(
      words(R"({"event_name":"Charged","from":20151010,"to":20151011,"event_properties":[{"name":"Amount",)"
            R"("operator":"greater_than","value":100},{"name":"Items|Category","value":"books"}]})"),
      "did \"Charged\" from 2015-10-10 to 2015-10-11 with Amount is greater than 100 and Items|Category is "
      "\"books\"");
  EXPECT_EQ(words(R"({"event_name":"A","session_properties":[{"name":"first_time","value":"True"},)"
                  R"({"name":"time_of_day","value":["22:30","02:05"]}]})"),
            "did \"A\" in the last 365 days for the first time between 22:30 and 02:05");
  EXPECT_EQ(
      words(R"({"advanced_query":{"did_all":[{"event_name":"A","from":20151010,"to":20151010,"operator":)"
            R"("less_than","value":3}],"did_any":{"any_events":[{"event_name":"B"},{"event_name":"C"}]},)"
            R"("did_none":[{"event_name":"D"}]}})"),
      "did \"A\" on 2015-10-10, fewer than 3 times, and (did \"B\" in the last 365 days, or did \"C\" in the "
      "last 365 days), and not: did \"D\" in the last 365 days");
  EXPECT_EQ(
      words(
          R"({"advanced_query":{"did_any":{"any_events":[{"event_name":"B"},{"event_name":"C"}],"operator":)"
          R"("equals","value":10}}})"),
      "did \"B\" in the last 365 days or \"C\" in the last 365 days, exactly 10 times in all");
  EXPECT_EQ(
      words(
          R"({"common_profile_properties":{"technographics":[{"name":"Platform","value":["AndroidApp","iOSApp"]}],)"
          R"("reachability":[{"name":"has_token","value":"False"}],"geo_radius":[[35,42.5,5.2]]}})"),
      "has a device on android or ios, and not: has a device that can be sent to, and is within 5.2 km of "
      "35, "
      "42.5");
}

}  // namespace
}  // namespace belay::audience
