#include "app/words.h"

#include <gtest/gtest.h>

#include "app/receipt_words.h"

namespace belay::app {
namespace {

TEST(Words, numbers_have_thousands_separators) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1'000), "1,000");
  EXPECT_EQ(thousands(41'278), "41,278");
  EXPECT_EQ(thousands(5'000'000), "5,000,000");
  EXPECT_EQ(thousands(-1'000), "-1,000");
}

TEST(Words, durations_are_short) {
  EXPECT_EQ(in_words(Micros{812}), "812 us");
  EXPECT_EQ(in_words(Micros{2'940}), "2.9 ms");
  EXPECT_EQ(in_words(Micros{31'000}), "31 ms");
  EXPECT_EQ(in_words(Micros{2'400'000}), "2.4 s");
}

TEST(Words, a_table_lines_up_its_columns) {
  EXPECT_EQ(table({{"ID", "NAME", "N"}, {"1", "a", "1,000"}, {"22", "über", "5"}}),
            "ID  NAME      N\n"
            " 1  a     1,000\n"
            "22  über      5\n");
}

json::object receipt(std::string_view text) {
  return parse_json(text)->as_object();
}

TEST(Words, a_stop_says_its_numbers_its_receipt_and_whom_to_look_up) {
  const auto r =
      receipt(R"({"id":"stop-17","scope":{"campaign":1457432766},"at":"2016-03-08T10:26:06.000000Z",
    "actor":"cli:root","reason":"","latch":null,"latency_us":3100,"campaign":1457432766,"campaign_name":"Diwali sale",
    "found_in":"running","planned":true,"audience":100000,"handed_over":41278,"accepted":41270,"failed":0,"skipped":{},
    "withheld":58722,"in_doubt":0,"in_flight":8,"attempts":41278,"settled":false,"loops":[]})");
  EXPECT_EQ(stop_in_words(r, false),
            "Stopped in 3.1 ms. 41,278 handed over, 58,722 withheld, 0 in doubt.\n"
            "  1457432766 \"Diwali sale\": of 100,000 recipients 41,278 handed over; 8 still await the "
            "provider's verdict\n"
            "Receipt stop-17: belay receipt stop-17\n"
            "Who was not reached: belay recipients 1457432766 --outcome withheld\n");
  EXPECT_EQ(stop_in_words(r, true).substr(0, 51), "Was stopped before, at 2016-03-08T10:26:06.000000Z.");
}

TEST(Words, a_preview_says_first_that_nothing_was_stopped) {
  const auto r = receipt(
      R"({"id":null,"dry_run":true,"scope":{"label":"diwali"},"audience":100,"handed_over":40,"withheld":60,
    "campaigns":[{"campaign":1,"campaign_name":"a","found_in":"running","withheld":60,"handed_over":40},
                 {"campaign":2,"campaign_name":"b","found_in":"scheduled","withheld":0,"handed_over":0}]})");
  EXPECT_EQ(preview_in_words(r),
            "Nothing has been stopped. A stop now would withhold 60 of 100 recipients in 2 campaigns; 40 "
            "have been handed "
            "over already.\n"
            "  1 \"a\": running, 60 withheld, 40 handed over\n"
            "  2 \"b\": scheduled, 0 withheld, 0 handed over\n");
}

TEST(Words, a_stop_that_found_nothing_does_not_claim_to_have_stopped) {
  const auto r =
      receipt(R"({"id":"stop-3","scope":{"label":"diwali","account":"A"},"latch":"latch-1","campaigns":[]})");
  EXPECT_EQ(stop_in_words(r, false),
            "Nothing was scheduled or running in the scope (label \"diwali\" of account \"A\").\n"
            "Nothing of this scope starts until the latch is released: belay latch release latch-1\n"
            "Receipt stop-3: belay receipt stop-3\n");
}

}  // namespace
}  // namespace belay::app
