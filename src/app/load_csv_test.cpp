#include "app/load_csv.h"

#include <gtest/gtest.h>

#include <sstream>

namespace belay::app {
namespace {

std::vector<std::string> rows_of(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<std::string> out;
  while (true) {
    const auto row = reader.next();
    if (!row) {
      out.push_back("error: " + row.error());
      return out;
    }
    if (!*row) return out;
    out.push_back(fmt::format("{} {}", (*row)->line, (*row)->wrong.empty() ? (*row)->record : (*row)->wrong));
  }
}

using Rows = std::vector<std::string>;

TEST(CsvReader, makes_profiles_of_rows_and_keeps_numbers_and_texts_apart) {
  EXPECT_EQ(rows_of("identity,Name,Score,Vip,Zip,Phone\n17,\"Ann \"\"A\"\"\",1.10,true,01234,4915\n18,,,,,\n"),
            (Rows{R"(2 {"identity":"17","type":"profile","profileData":{"Name":"Ann \"A\"","Score":1.10,)"
                  R"("Vip":true,"Zip":"01234","Phone":"4915"}})",
                  R"(3 {"identity":"18","type":"profile","profileData":{}})"}));
}

TEST(CsvReader, keeps_every_digit_of_what_no_number_can_hold) {
  EXPECT_EQ(rows_of("identity,Order,Small,Large\na,66666666666666666666,-9223372036854775809,1e300\n"
                    "b,18446744073709551615,-9223372036854775808,1e999\n"),
            (Rows{R"(2 {"identity":"a","type":"profile","profileData":{"Order":"66666666666666666666",)"
                  R"("Small":"-9223372036854775809","Large":1e300}})",
                  R"(3 {"identity":"b","type":"profile","profileData":{"Order":18446744073709551615,)"
                  R"("Small":-9223372036854775808,"Large":"1e999"}})"}));
}

TEST(CsvReader, makes_events_and_tokens) {
  EXPECT_EQ(rows_of("identity,evtName,ts,Price\r\na,Bought,1457432766,5\r\n"),
            (Rows{R"(2 {"identity":"a","ts":1457432766,"type":"event","evtName":"Bought","evtData":{"Price":5}})"}));
  EXPECT_EQ(rows_of("\xef\xbb\xbfidentity,token,token_type\na,t1,apns\nb,t2,\n"),
            (Rows{R"(2 {"identity":"a","type":"profile","profileData":{},"tokens":[{"id":"t1","type":"apns"}]})",
                  R"(3 {"identity":"b","type":"profile","profileData":{},"tokens":[{"id":"t2","type":"fcm"}]})"}));
}

TEST(CsvReader, numbers_lines_over_quoted_line_ends_and_blank_lines) {
  EXPECT_EQ(rows_of("identity,Note\n\na,\"two\nlines, one cell\"\nb,x\n"),
            (Rows{"3 {\"identity\":\"a\",\"type\":\"profile\",\"profileData\":{\"Note\":\"two\\nlines, one cell\"}}",
                  R"(5 {"identity":"b","type":"profile","profileData":{"Note":"x"}})"}));
}

TEST(CsvReader, says_what_is_wrong) {
  EXPECT_EQ(rows_of("identity\na,b\nc\n"),
            (Rows{"2 2 cells, and there are 1 columns", R"(3 {"identity":"c","type":"profile","profileData":{}})"}));
  EXPECT_EQ(rows_of("identity,Name\na,\"x\n"), (Rows{"error: line 2: a quote does not end"}));
  EXPECT_EQ(rows_of(""), (Rows{"error: the file is empty: its first line names the columns"}));
  EXPECT_EQ(rows_of("a,a\n"), (Rows{"error: line 1: the column \"a\" is there twice"}));
}

}  // namespace
}  // namespace belay::app
