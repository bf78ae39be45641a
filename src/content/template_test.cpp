#include "content/template.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace belay::content {
namespace {

constexpr std::string_view ann =
    R"({"Name":"ann marie","Email":"ann@example.com","Age":31,"Score":4.5678,"VIP":true,"Banned":false,)"
    R"("Nick":null,"Empty":"","Quote":"say \"hi\"\n","Euro":"\u20ac","Favourite colour":"d\u00e9ep blue",)"
    R"("a.b":"dotted","Born":"$D_852076800","Seen":"$D_1457432766","Tags":["x","y",3],"None":[],)"
    R"("Padded":"  p q\t","Home":{"City":"Oslo"},"Straße":"weiß","N":"2.675"})";

std::optional<std::string> render(std::string_view text, Escape escape = Escape::none,
                                  std::string_view profile = ann) {
  const auto compiled = Template::parse(text);
  if (!compiled) {
    ADD_FAILURE() << compiled.error().text;
    return std::nullopt;
  }
  Properties properties(profile);
  std::string out = "<";
  if (!compiled->render(properties, out, escape)) {
    EXPECT_EQ(out, "<") << "a failed rendering must leave no trace";
    return std::nullopt;
  }
  return out.substr(1);
}

Error error_of(std::string_view text) {
  auto compiled = Template::parse(text);
  if (compiled) return {Code::syntax, "no error"};
  return compiled.error();
}

TEST(Template, renders_text_and_properties) {
  EXPECT_EQ(render("Hello!"), "Hello!");
  EXPECT_EQ(render(""), "");
  EXPECT_EQ(render("Hi {{ Profile.Name }}, {{Profile.Age}}{{Profile.VIP}}/{{ Profile.Banned }}."),
            "Hi ann marie, 31true/false.");
  EXPECT_EQ(render("{ not } a }} tag { {"), "{ not } a }} tag { {");
}

TEST(Template, reads_names_as_people_write_them) {
  EXPECT_EQ(
      render(
          R"({{ Profile["Favourite colour"] }}|{{Profile['Favourite colour']}}|{{ Profile.Favourite colour }})"),
      "déep blue|déep blue|déep blue");
  EXPECT_EQ(render(R"({{ Profile.a.b }}|{{ Profile["a.b"] }}|{{ Profile.Straße | upcase }})"),
            "dotted|dotted|WEISS");
  EXPECT_EQ(render("{{ Profile.Favourite colour | default: 'x' }}"), "déep blue");
}

TEST(Template, what_is_missing_prints_nothing_unless_there_is_a_default) {
  EXPECT_EQ(render("[{{ Profile.Gone }}{{ Profile.Nick }}{{ Profile.Empty }}{{ Profile.None }}]"), "[]");
  for (const std::string_view name : {"Gone", "Nick", "Empty", "None", "Banned"})
    EXPECT_EQ(render(fmt::format("{{{{ Profile.{} | default: \"there\" }}}}", name)), "there") << name;
  EXPECT_EQ(render("{{ Profile.Name | default: 'there' }}{{ Profile.Age | default: 1 }}"), "ann marie31");
  EXPECT_EQ(render("{{ Profile.Gone | default: Profile.Nick | default: Profile.Name }}"), "ann marie");
  EXPECT_EQ(render("{{ Profile.Gone | default }}"), "");
  EXPECT_EQ(render("Hi {{ Profile.Name | default: 'x' }}", Escape::none, "damaged"), "Hi x");
}

TEST(Template, prints_dates_lists_and_objects) {
  EXPECT_EQ(render("{{ Profile.Born }} {{ Profile.Seen }}"), "1997-01-01 2016-03-08 10:26 UTC");
  EXPECT_EQ(render("{{ Profile.Seen | append: '!' }}"), "2016-03-08 10:26 UTC!");
  EXPECT_EQ(render("{{ Profile.Tags }}{{ Profile.Tags | upcase }}"), "xy3XY3");
  EXPECT_EQ(render("{{ Profile.Home }}"), R"({"City":"Oslo"})");
  EXPECT_EQ(render("{{ Profile.D }}", Escape::none, R"({"D":"$D_99999999999999999"})"),
            "$D_99999999999999999");
}

TEST(Template, prints_numbers_as_people_write_them) {
  const std::string_view stored = R"({"A":4.5678E0,"B":-1.25E1,"C":5E0,"D":4.50,"E":12345678901234567890})";
  EXPECT_EQ(render("{{ Profile.A }} {{ Profile.B }} {{ Profile.C }} {{ Profile.D }} {{ Profile.E }}", Escape::none,
                   stored),
            "4.5678 -12.5 5.0 4.50 12345678901234567890");
  EXPECT_EQ(render("{{ Profile.A | append: '' }} {{ Profile.D | plus: 1 }}", Escape::none, stored), "4.5678 5.5");
}

TEST(Template, escapes_for_json_once) {
  const std::string_view text =
      "\"\t{{ Profile.Quote }}{{ Profile.Quote | append: '\"' }}{{ Profile.Euro }}{{ Profile.Home }}{{ "
      "Profile.Gone | default: '\"' }}";
  const std::string plain = "\"\tsay \"hi\"\nsay \"hi\"\n\"€{\"City\":\"Oslo\"}\"";
  EXPECT_EQ(render(text), plain);
  const auto escaped = render(text, Escape::json);
  ASSERT_TRUE(escaped);
  const auto parsed = parse_json("\"" + *escaped + "\"");
  ASSERT_TRUE(parsed) << *escaped;
  EXPECT_EQ(std::string(parsed->as_string()), plain);
}

struct FilterCase {
  const char* text;
  const char* expected;
};

class Filters : public testing::TestWithParam<FilterCase> {};

// Expected values are those of Shopify's own documentation of each filter where it gives one.
TEST_P(Filters, mean_what_they_mean_in_liquid) {
  EXPECT_EQ(render(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Liquid, Filters,
    testing::Values(
        FilterCase{"{{ '/my/fancy/url' | append: '.html' }}", "/my/fancy/url.html"},
        FilterCase{"{{ Profile.Gone | append: 'x' }}", "x"},
        FilterCase{"{{ 'apples, oranges' | prepend: 'Some fruit: ' }}", "Some fruit: apples, oranges"},
        FilterCase{"{{ 'title' | capitalize }}", "Title"},
        FilterCase{"{{ 'my GREAT title' | capitalize }}", "My great title"},
        FilterCase{"{{ 'éCOLE' | capitalize }}", "École"}, FilterCase{"{{ '' | capitalize }}", ""},
        FilterCase{"{{ 'Parker Moore' | upcase }}", "PARKER MOORE"},
        FilterCase{"{{ 'Ünïçødé жук' | upcase }}", "ÜNÏÇØDÉ ЖУК"},
        FilterCase{"{{ 'Parker MOORE' | downcase }}", "parker moore"},
        FilterCase{"{{ Profile.Age | upcase }}", "31"},
        FilterCase{"{{ 'Ground control to Major Tom.' | truncate: 20 }}", "Ground control to..."},
        FilterCase{"{{ 'Ground control to Major Tom.' | truncate: 25, ', and so on' }}",
                   "Ground control, and so on"},
        FilterCase{"{{ 'Ground control to Major Tom.' | truncate: 20, '' }}", "Ground control to Ma"},
        FilterCase{"{{ 'Ground' | truncate: 6 }}", "Ground"},
        FilterCase{"{{ 'Ground' | truncate: 2 }}", "..."},
        FilterCase{"{{ 'äöüß€' | truncate: 4, '…' }}", "äöü…"},
        FilterCase{"{{ 'äöüß€' | truncate: '5' }}", "äöüß€"},
        FilterCase{"{{ Profile.Gone | truncate: 5 }}", ""},
        FilterCase{"{{ '          So much room for activities          ' | strip }}!",
                   "So much room for activities!"},
        FilterCase{"{{ Profile.Padded | strip }}!", "p q!"},
        FilterCase{"{{ 'Take my protein pills and put my helmet on' | replace: 'my', 'your' }}",
                   "Take your protein pills and put your helmet on"},
        FilterCase{"{{ 'a-b-c' | replace: '-' }}", "abc"},
        FilterCase{"{{ 'abc' | replace: '', '-' }}", "-a-b-c-"}, FilterCase{"{{ 1.2 | round }}", "1"},
        FilterCase{"{{ 2.7 | round }}", "3"}, FilterCase{"{{ 2.5 | round }}", "3"},
        FilterCase{"{{ -2.5 | round }}", "-3"}, FilterCase{"{{ -0.2 | round }}", "0"},
        FilterCase{"{{ 183.357 | round: 2 }}", "183.36"}, FilterCase{"{{ 4.0 | round: 2 }}", "4.0"},
        FilterCase{"{{ 5 | round: 2 }}", "5"}, FilterCase{"{{ Profile.N | round: 2 }}", "2.68"},
        FilterCase{"{{ Profile.Score | round: 1 }}", "4.6"}, FilterCase{"{{ Profile.Name | round }}", "0"},
        FilterCase{"{{ '12 apples' | round }}", "12"},
        FilterCase{"{{ 'john@liquid.com' | url_encode }}", "john%40liquid.com"},
        FilterCase{"{{ 'Tetsuro Takara' | url_encode }}", "Tetsuro+Takara"},
        FilterCase{"{{ 'ä_-.~' | url_encode }}", "%C3%A4_-.~"},
        FilterCase{"{{ Profile.Name | capitalize | append: '!' | prepend: Profile.Age }}", "31Ann marie!"},
        FilterCase{"a {{- 'b' -}} c {{ 'd' -}}\n e", "abc de"},
        FilterCase{"{{Profile.Name-}} x", "ann mariex"}));

TEST(Template, says_where_it_is_wrong) {
  const auto text_of = [](std::string_view text) { return error_of(text).text; };
  EXPECT_EQ(text_of("Hi {{ Profile.Name"), "\"{{\" is not closed with \"}}\" (line 1, column 4)");
  EXPECT_EQ(text_of("Hi\nthére {{ Profile.Name | bogus }}"), "Unknown filter \"bogus\" (line 2, column 25)");
  EXPECT_EQ(text_of("{{ }}"), "An output tag is empty (line 1, column 1)");
  EXPECT_EQ(text_of("{{ name }}"),
            "Unknown variable \"name\"; a person's properties are Profile.Name or Profile[\"A name\"] (line "
            "1, column 4)");
  EXPECT_EQ(text_of("{{ Profile }}"), "A property's name is missing behind \"Profile\" (line 1, column 4)");
  EXPECT_EQ(text_of("{{ Profile. }}"),
            "A property's name is missing behind \"Profile.\" (line 1, column 12)");
  EXPECT_EQ(text_of("{{ Profile.A | append }}"),
            "The filter \"append\" takes 1 argument(s), not 0 (line 1, column 16)");
  EXPECT_EQ(text_of("{{ 'x }}"), "A quoted text is not closed (line 1, column 4)");
  EXPECT_EQ(text_of("{{ Profile.A, 3 }}"), "Unexpected \",\" in an output tag (line 1, column 13)");
  EXPECT_EQ(text_of("{{ Profile.A | }}"), "A filter's name is missing behind \"|\" (line 1, column 16)");
  EXPECT_EQ(text_of("{{ 'a' | truncate: 'x' }}"),
            "The filter \"truncate\" can't work with \"x\" (line 1, column 20)");
  EXPECT_EQ(text_of("{{ 1.2.3 }}"), "\"1.2.3\" is no number (line 1, column 4)");
  for (const std::string_view text :
       {"{{", "{{ 'a' | replace: 'x', }}", "{{ Profile[Name] }}", "{{ Profile['a' }}", "{{ é }}"})
    EXPECT_EQ(error_of(text).code, Code::syntax) << text;
}

// S61: what is accepted is honoured; what can't be is refused, never printed into people's messages.
TEST(Template, S61_refuses_what_is_not_supported) {
  const auto refused = [](std::string_view text) {
    const Error error = error_of(text);
    return error.code == Code::unsupported ? error.text : "accepted: " + error.text;
  };
  EXPECT_EQ(refused("a {% include 'x' %}"), "The tag \"{% include %}\" is not supported (line 1, column 3)");
  EXPECT_EQ(refused("{{ Event.Amount }}"), "Event properties are not supported yet (line 1, column 4)");
  EXPECT_EQ(refused("{% if Event.Amount %}{% endif %}"),
            "Event properties are not supported yet (line 1, column 7)");
  for (const std::string_view text :
       {"{{ @Profile.Name }}", "Hi @Profile - Name | default: x", "Hi @Profile.Name", "@Event[a]"})
    EXPECT_THAT(refused(text), testing::HasSubstr("\"@Profile\" is not supported")) << text;
  EXPECT_EQ(render("ask @Profiles or @Profile."), "ask @Profiles or @Profile.");
}

TEST(Template, an_outsized_rendering_fails_for_this_person_only) {
  const std::string big = R"({"Name":")" + std::string(max_rendered, 'x') + R"("})";
  EXPECT_TRUE(render("{{ Profile.Name }}", Escape::none, big));
  EXPECT_FALSE(render("y{{ Profile.Name }}", Escape::none, big));
  EXPECT_EQ(render("y{{ Profile.Name | truncate: 5 }}", Escape::none, big), "yxx...");
  std::string bomb = "{{ 'xxxxxxxxxxxxxxxx'";
  for (int i = 0; i < 30; ++i) bomb += " | replace: 'x', 'xxxxxxxxxxxxxxxx'";
  EXPECT_FALSE(render(bomb + " | truncate: 5 }}"));
}

TEST(Template, a_length_that_is_no_number_fails_for_this_person_only) {
  EXPECT_FALSE(render("{{ Profile.Name | truncate: Profile.Name }}"));
  EXPECT_EQ(render("{{ Profile.Name | truncate: Profile.Age }}"), "ann marie");
}

TEST(Template, knows_whether_it_is_the_same_for_everybody) {
  EXPECT_TRUE(Template::parse("Hello")->constant());
  EXPECT_TRUE(Template().constant());
  EXPECT_FALSE(Template::parse("{{ Profile.Name }}")->constant());
}

}  // namespace
}  // namespace belay::content
