// Tags, conditions, variables, limits. What filters mean is held by template_test.cpp and, over a corpus, by
// tests/liquid.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "content/template.h"

namespace belay::content {
namespace {

constexpr std::string_view ann =
    R"({"Name":"Ann","Age":31,"Points":1520.5,"VIP":true,"Banned":false,"Nick":null,"Empty":"","Digits":"12",)"
    R"("Tags":["red","green","blue"],"Born":"$D_852076800","First Name":"Ann Marie","Terms and more":"t",)"
    R"("Home":{"City":"Oslo","Rooms":[1,2,{"n":"\u00e9"}]},"a.b":"dotted","Quote":"\"q\""})";

std::optional<std::string> render(std::string_view text, Escape escape = Escape::none,
                                  std::size_t limit = max_rendered) {
  const auto compiled = Template::parse(text);
  if (!compiled) {
    ADD_FAILURE() << compiled.error().text;
    return std::nullopt;
  }
  Properties properties(ann);
  std::string out = "<";
  if (!compiled->render(properties, out, escape, limit, wall_from_micros(1'457'432'766'000'000))) {
    EXPECT_EQ(out, "<") << "a failed rendering must leave no trace";
    return std::nullopt;
  }
  return out.substr(1);
}

std::string error_of(std::string_view text) {
  const auto compiled = Template::parse(text);
  return compiled ? "no error" : compiled.error().text;
}

TEST(TemplateTags, chooses_by_conditions) {
  EXPECT_EQ(render("{% if Profile.VIP %}a{% endif %}{% if Profile.Gone %}b{% else %}c{% endif %}"), "ac");
  EXPECT_EQ(render("{% if Profile.Age > 40 %}a{% elsif Profile.Age >= 31 %}b{% else %}c{% endif %}"), "b");
  EXPECT_EQ(render("{% unless Profile.Banned %}a{% else %}b{% endunless %}"), "a");
  EXPECT_EQ(render("{% unless Profile.VIP %}a{% elsif Profile.Age == 31 %}b{% endunless %}"), "b");
  EXPECT_EQ(render("{% if Profile.Empty %}an empty text is true{% endif %}"), "an empty text is true");
  EXPECT_EQ(render("{% if Profile.Name == 'Ann' and Profile.Tags contains \"red\" %}a{% endif %}"), "a");
}

TEST(TemplateTags, judges_and_and_or_from_the_right_as_liquid_does) {
  EXPECT_EQ(render("{% if true or false and false %}a{% endif %}"), "a");
  EXPECT_EQ(render("{% if true and false and false or true %}a{% else %}b{% endif %}"), "b");
  EXPECT_EQ(render("{% if false and true or true %}a{% else %}b{% endif %}"), "b");
}

TEST(TemplateTags, compares_what_can_be_compared) {
  const auto holds = [](std::string_view condition) {
    return render(fmt::format("{{% if {} %}}1{{% else %}}0{{% endif %}}", condition)) == "1";
  };
  EXPECT_TRUE(holds("Profile.Age == 31.0"));
  EXPECT_TRUE(holds("Profile.Digits > 9"));
  EXPECT_FALSE(holds("Profile.Name > 9"));
  EXPECT_FALSE(holds("Profile.Digits == 12"));
  EXPECT_FALSE(holds("Profile.Gone < 5"));
  EXPECT_FALSE(holds("Profile.Gone > 5"));
  EXPECT_TRUE(holds("Profile.Gone == nil"));
  EXPECT_TRUE(holds("Profile.Empty == empty"));
  EXPECT_TRUE(holds("Profile.Gone == blank"));
  EXPECT_FALSE(holds("Profile.Gone == empty"));
  EXPECT_TRUE(holds("Profile.Born < '2000-01-01'"));
  EXPECT_TRUE(holds("Profile.Born == '1997-01-01'"));
  EXPECT_TRUE(holds("Profile.Name <> 'Bob'"));
  EXPECT_TRUE(holds("Profile.First Name contains 'Marie'"));
  EXPECT_TRUE(holds("Profile.First Name == 'Ann Marie' and Profile.VIP"));
  EXPECT_TRUE(holds("Profile['Terms and more'] == 't'"));
}

TEST(TemplateTags, reaches_into_lists_and_objects) {
  EXPECT_EQ(render("{{ Profile.Home.City }}{{ Profile[\"Home\"].Rooms[2].n }}{{ Profile.a.b }}"), "Osloédotted");
  EXPECT_EQ(render("{{ Profile.Tags[0] }}{{ Profile.Tags[-1] }}{{ Profile.Tags[9] }}"), "redblue");
  EXPECT_EQ(render("{{ Profile.Tags.size }}{{ Profile.Tags.first }}{{ Profile.Name.size }}"), "3red3");
  EXPECT_EQ(render("{% assign i = 1 %}{{ Profile.Tags[i] }}"), "green");
}

TEST(TemplateTags, goes_over_lists_and_ranges) {
  EXPECT_EQ(render("{% for t in Profile.Tags %}{{ forloop.index }}{{ t }}{% unless forloop.last %},{% endunless "
                   "%}{% endfor %}"),
            "1red,2green,3blue");
  EXPECT_EQ(render("{% for i in (1..5) limit:2 offset:1 %}{{ i }}{% endfor %}"), "23");
  EXPECT_EQ(render("{% for i in (1..3) reversed %}{{ i }}{{ forloop.rindex0 }} {% endfor %}"), "32 21 10 ");
  EXPECT_EQ(render("{% for i in Profile.Gone %}x{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(render("{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% "
                   "endif %}{{ i }}{% endfor %}"),
            "13");
  EXPECT_EQ(render("{% for i in (1..6) limit:2 %}{{i}}{% endfor %}-{% for i in (1..6) limit:2 offset:continue "
                   "%}{{i}}{% endfor %}"),
            "12-34");
  EXPECT_EQ(render("{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.parentloop.index }}{{ j }} {% endfor "
                   "%}{% endfor %}"),
            "11 12 21 22 ");
  EXPECT_EQ(render("{% for i in (Profile.Tags.size..4) %}{{ i }}{% endfor %}"), "34");
  EXPECT_EQ(render("{% for pair in Profile.Home limit: 1 %}{{ pair[0] }}={{ pair[1] }}{% endfor %}"), "City=Oslo");
}

TEST(TemplateTags, a_loops_variable_hides_an_assigned_one_only_inside) {
  EXPECT_EQ(render("{% assign i = 'x' %}{% for i in (1..2) %}{{ i }}{% endfor %}{{ i }}"), "12x");
  EXPECT_EQ(render("{% for i in (1..2) %}{% assign last = i %}{% endfor %}{{ last }}"), "2");
}

TEST(TemplateTags, keeps_captures_counts_and_cycles) {
  EXPECT_EQ(render("{% capture x %}<{{ Profile.Quote }}>{% endcapture %}{{ x | size }}{{ x }}", Escape::json),
            "5<\\\"q\\\">");
  EXPECT_EQ(render("{% increment n %}{% increment n %}{{ n }}{% decrement m %}"), "012-1");
  EXPECT_EQ(render("{% for i in (1..4) %}{% cycle 'a', 'b', 'c' %}{% endfor %}{% cycle 'g': 'a', 'b' %}"), "abcaa");
  EXPECT_EQ(render("{% case Profile.Name %}ignored{% when 'Bob' %}b{% when 'Ann', 'Eve' %}a{% else %}e{% endcase %}"),
            "a");
  EXPECT_EQ(render("{% case 5 %}{% when 1 or 2 %}b{% else %}e{% endcase %}"), "e");
}

TEST(TemplateTags, keeps_raw_text_and_drops_comments) {
  EXPECT_EQ(render("{% raw %}{{ 5 | plus: 6 }}{% endraw %} equals 11."), "{{ 5 | plus: 6 }} equals 11.");
  EXPECT_EQ(render("a{% comment %}{{ x }} {% if %}{% endcomment %}b{% # note %}c{%- # note -%} d"), "abcd");
  EXPECT_EQ(render("a  {%- if true -%}  b  {%- endif -%}  c"), "abc");
  EXPECT_EQ(render("{% echo Profile.Name | upcase %}"), "ANN");
}

TEST(TemplateTags, abort_means_no_message_for_this_person) {
  EXPECT_EQ(render("{% if Profile.VIP %}yes{% else %}{% abort %}{% endif %}"), "yes");
  EXPECT_FALSE(render("a{% unless Profile.Gone %}{% abort %}{% endunless %}"));
  EXPECT_FALSE(render("{% for i in (1..3) %}{% capture x %}{% abort %}{% endcapture %}{% endfor %}"));
}

TEST(TemplateTags, writes_tables) {
  EXPECT_EQ(render("{% tablerow t in Profile.Tags cols:2 %}{{ t }}{% endtablerow %}"),
            "<tr class=\"row1\">\n<td class=\"col1\">red</td><td class=\"col2\">green</td></tr>\n"
            "<tr class=\"row2\"><td class=\"col1\">blue</td></tr>\n");
}

TEST(TemplateTags, dates_are_written_as_asked) {
  EXPECT_EQ(render("{{ Profile.Born | date: '%e %B %Y, %A' }}"), " 1 January 1997, Wednesday");
  EXPECT_EQ(render("{{ 'now' | date: '%Y-%m-%d %H:%M:%S' }}"), "2016-03-08 10:26:06");
  EXPECT_EQ(render("{{ '2024-02-29 23:05' | date: '%-d/%-m/%y %l:%M %p %j %U' }}"), "29/2/24 11:05 PM 060 08");
  EXPECT_EQ(render("{{ '2024-02-29T23:05:00+05:30' | date: '%s %^b' }}"), "1709228100 FEB");
  EXPECT_EQ(render("{{ 'March 58666666666666, 2016' | date: '%Y' }}"), "March 58666666666666, 2016");  // no day
  EXPECT_EQ(render("{{ 'soon' | date: '%Y' }}{{ 'x' | date: '' }}{{ Profile.Gone | date: '%Y' }}"), "soonx");
}

TEST(TemplateTags, says_where_a_tag_is_wrong) {
  EXPECT_EQ(error_of("a\n{% if Profile.VIP %}b"),
            "\"{% if %}\" is not closed with \"{% endif %}\" (line 2, column 1)");
  EXPECT_EQ(error_of("{% endif %}"), "Unexpected tag \"{% endif %}\" (line 1, column 1)");
  EXPECT_EQ(error_of("{% fi x %}"), "Unknown tag \"{% fi %}\" (line 1, column 1)");
  EXPECT_EQ(error_of("{% %}"), "A tag's name is missing (line 1, column 1)");
  EXPECT_EQ(error_of("{% if %}{% endif %}"), "Unexpected \"%\" in a tag (line 1, column 7)");
  EXPECT_EQ(error_of("{% if Profile.A = 1 %}{% endif %}"), "Unexpected \"=\" in a tag (line 1, column 17)");
  EXPECT_EQ(error_of("{% if Profile.A"), "\"{%\" is not closed with \"%}\" (line 1, column 1)");
  EXPECT_EQ(error_of("{% for x of Profile.A %}{% endfor %}"),
            "\"in\" is missing: {% for item in list %} (line 1, column 1)");
  EXPECT_EQ(error_of("{% break %}"), "\"{% break %}\" stands outside of a loop (line 1, column 1)");
  EXPECT_EQ(error_of("{{ forloop.index }}"), "\"forloop\" stands outside of its loop (line 1, column 4)");
  EXPECT_EQ(error_of("{% for x in (1..2) %}{{ forloop.size }}{% endfor %}"),
            "\"forloop\" has no part \"size\" (line 1, column 25)");
  EXPECT_EQ(error_of("{% assign Profile = 1 %}"), "\"Profile\" can't be a variable's name (line 1, column 11)");
  EXPECT_EQ(error_of("{% for x in (1..2) %}{% endfor %}{{ x }}"),
            "Unknown variable \"x\"; a person's properties are Profile.Name or Profile[\"A name\"] (line 1, "
            "column 37)");
  EXPECT_EQ(error_of("{% raw %}a"), "\"{% raw %}\" is not closed with \"{% endraw %}\" (line 1, column 1)");
  for (const std::string_view text :
       {"{% if true %}{% else %}{% else %}{% endif %}", "{% case 1 %}{% else %}{% when 1 %}{% endcase %}",
        "{% cycle %}", "{% capture 'x %}{% endcapture %}", "{% assign x %}", "{% for x in (1..2) limit %}{% endfor %}",
        "{{ (1..2 }}", "{{ ((1..2)..3) }}", "{% comment %}", "{% # x"})
    EXPECT_NE(error_of(text), "no error") << text;
  const auto error = Template::parse("ab\n c{{ é }}");
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().line, 2u);
  EXPECT_EQ(error.error().column, 6u);
}

TEST(TemplateLimits, blocks_can_be_nested_so_deep_and_no_deeper) {
  const auto nested = [](std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += "{% if true %}";
    text += "x";
    for (std::size_t i = 0; i < n; ++i) text += "{% endif %}";
    return text;
  };
  EXPECT_EQ(render(nested(max_depth)), "x");
  EXPECT_EQ(error_of(nested(max_depth + 1)),
            fmt::format("Blocks are nested deeper than 32 (line 1, column {})", 1 + 13 * max_depth));
  std::string brackets = "{% assign a = 1 %}{{ ";
  for (int i = 0; i < 100; ++i) brackets += "a[";
  EXPECT_THAT(error_of(brackets), testing::HasSubstr("nested too deep"));
}

TEST(TemplateLimits, a_loop_without_end_fails_for_this_person_only) {
  EXPECT_FALSE(render("{% for i in (1..100000000000) %}{% endfor %}"));
  EXPECT_FALSE(render("{% for i in (1..200) %}{% for j in (1..200) %}{% endfor %}{% endfor %}"));
  EXPECT_TRUE(render("{% for i in (1..900) %}{% assign x = i %}{% endfor %}"));
  EXPECT_FALSE(render("{% for i in (1..9000) %}{% assign x = i %}{% endfor %}"));
}

TEST(TemplateLimits, what_is_built_and_what_comes_out_is_bounded) {
  EXPECT_FALSE(render("{% assign x = 'ab' %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}"));
  EXPECT_FALSE(render("{% for i in (1..9) %}{{ Profile.Name }}{% endfor %}", Escape::none, 26));
  EXPECT_EQ(render("{% for i in (1..9) %}{{ Profile.Name }}{% endfor %}", Escape::none, 27)->size(), 27u);
  EXPECT_FALSE(render("{{ (1..100000000) | join: ',' | size }}"));
  EXPECT_FALSE(render("{% capture x %}{% for i in (1..999) %}0123456789{% endfor %}{% endcapture %}"));
}

TEST(TemplateLimits, names_tags_and_filters_are_counted) {
  std::string tags;
  for (std::size_t i = 0; i <= max_tags; ++i) tags += "{{1}}";
  EXPECT_EQ(error_of(tags), fmt::format("There are more than 4096 tags (line 1, column {})", 1 + 5 * max_tags));
  std::string many;
  for (std::size_t i = 0; i <= max_names; ++i) many += fmt::format("{{% assign v{} = 1 %}}", i);
  EXPECT_THAT(error_of(many), testing::HasSubstr("more than 64 variables"));
  std::string chain = "{{ 'a'";
  for (std::size_t i = 0; i <= max_filters; ++i) chain += " | upcase";
  EXPECT_THAT(error_of(chain + " }}"), testing::HasSubstr("more than 32 filters"));
}

TEST(TemplateLimits, a_division_by_nothing_fails_for_this_person_only) {
  EXPECT_FALSE(render("{{ 10 | divided_by: Profile.Gone }}"));
  EXPECT_FALSE(render("{{ 10 | modulo: 0 }}"));
  EXPECT_FALSE(render("{{ '%FF' | url_decode }}"));
  EXPECT_FALSE(render("{{ '%ED%A0%80' | url_decode }}"));  // half of a pair is no character
}

}  // namespace
}  // namespace belay::content
