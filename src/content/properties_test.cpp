#include "content/properties.h"

#include <gtest/gtest.h>

namespace belay::content {
namespace {

using Kind = RawValue::Kind;

RawValue find(std::string_view json, std::string_view name) {
  Properties properties(json);
  return properties.find(name);
}

std::string plain(std::string_view between_quotes) {
  std::string out;
  append_unescaped(out, between_quotes);
  return out;
}

TEST(Properties, finds_each_kind_of_value) {
  constexpr std::string_view json =
      R"( { "Name" : "Ann", "Age":30.5e1,"VIP":true ,"Old":false,"Nick":null,"Tags":["a",["b"],"]"],)"
      R"("Home":{"City":"}"} , "Last":"z" } )";
  EXPECT_EQ(find(json, "Name").json, "Ann");
  EXPECT_EQ(find(json, "Age").json, "30.5e1");
  EXPECT_EQ(find(json, "Age").kind, Kind::number);
  EXPECT_TRUE(find(json, "VIP").truth());
  EXPECT_FALSE(find(json, "Old").truth());
  EXPECT_EQ(find(json, "Nick").kind, Kind::null);
  EXPECT_EQ(find(json, "Tags").json, R"(["a",["b"],"]"])");
  EXPECT_EQ(find(json, "Home").json, R"({"City":"}"})");
  EXPECT_EQ(find(json, "Last").json, "z");
  EXPECT_EQ(find(json, "City").kind, Kind::missing) << "a nested key is not a property";
}

TEST(Properties, is_exact_about_names) {
  EXPECT_EQ(find(R"({"name":"a"})", "Name").kind, Kind::missing);
  EXPECT_EQ(find(R"({"Name ":"a"})", "Name").kind, Kind::missing);
  EXPECT_EQ(find(R"({"caf\u00e9":"a"})", "café").json, "a");
  EXPECT_EQ(find(R"({"x":"Name","Name":"y"})", "Name").json, "y") << "a value is no name";
}

TEST(Properties, finds_fields_in_any_order_and_more_often_than_once) {
  Properties p(R"({"a":1,"b":2,"c":3})");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(p.find("c").json, "3");
    EXPECT_EQ(p.find("a").json, "1");
    EXPECT_EQ(p.find("none").kind, Kind::missing);
    EXPECT_EQ(p.find("b").json, "2");
  }
}

TEST(Properties, finds_fields_beyond_those_it_remembers) {
  std::string json = "{";
  for (int i = 0; i < 300; ++i) json += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":" + std::to_string(i);
  json += "}";
  Properties p(json);
  for (const int i : {299, 0, 24, 23, 25, 150, 299})
    EXPECT_EQ(p.find("p" + std::to_string(i)).json, std::to_string(i));
  EXPECT_EQ(p.find("p300").kind, Kind::missing);
}

TEST(Properties, damaged_text_reads_as_missing_and_never_beyond_its_end) {
  const std::string whole = R"({"a":"x\n","b":[1,{"c":"]"}],"d":tru,"e":"end"})";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    const std::string cut(whole, 0, n);
    Properties p(std::string_view(cut.data(), cut.size()));
    EXPECT_EQ(p.find("e").kind, Kind::missing) << cut;
  }
  EXPECT_EQ(find("[1]", "a").kind, Kind::missing);
  EXPECT_EQ(find(R"({"a":"b\)", "a").kind, Kind::missing);
  EXPECT_EQ(find(R"({"a":})", "a").kind, Kind::missing);
}

TEST(Properties, unescapes_texts) {
  EXPECT_EQ(plain(R"(a\"b\\c\/d\n\t\r\b\f)"), "a\"b\\c/d\n\t\r\b\f");
  EXPECT_EQ(plain(R"(\u0041\u00e9\u20ac\ud83d\ude00)"), "Aé€😀");
  EXPECT_EQ(plain(R"(\ud83dx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(plain(R"(\u12)"),
            "\xEF\xBF\xBD"
            "12");
  EXPECT_EQ(plain("\\"), "\\");
}

TEST(Properties, goes_through_lists) {
  std::string seen;
  each_element(find(R"({"l":[1 , "two",[3],null]})", "l"), [&](const RawValue& v) {
    seen += std::string(v.json) + "|";
    return true;
  });
  EXPECT_EQ(seen, "1|two|[3]|null|");
  int count = 0;
  each_element(find(R"({"l":[]})", "l"), [&](const RawValue&) { return ++count, true; });
  EXPECT_EQ(count, 0);
}

TEST(Properties, reads_dates) {
  EXPECT_EQ(date_of("$D_1457432766"), 1457432766);
  EXPECT_EQ(date_of("$D_-86400"), -86400);
  EXPECT_FALSE(date_of("$D_"));
  EXPECT_FALSE(date_of("$D_12x"));
  EXPECT_FALSE(date_of("1457432766"));
}

}  // namespace
}  // namespace belay::content
