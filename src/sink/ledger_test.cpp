#include "sink/ledger.h"

#include <gtest/gtest.h>

namespace belay::sink {
namespace {

ArrivalTime at(std::int64_t us) {
  return {wall_from_micros(us), SteadyTime{Micros{us}}};
}

TEST(Ledger, counts_messages_recipients_and_duplicates_by_campaign) {
  Ledger ledger(100, 100);
  ledger.record("7", "anna", 200, at(10));
  ledger.record("7", "bert", 503, at(20));
  ledger.record("7", "anna", 200, at(30));
  ledger.record("8", "anna", 0, at(40));
  const Counts counts = ledger.counts();
  EXPECT_EQ(counts.total, 4U);
  const CampaignCount& seven = counts.by_campaign.at("7");
  EXPECT_EQ(seven.messages, 3U);
  EXPECT_EQ(seven.recipients, 2U);
  EXPECT_EQ(seven.duplicates, 1U);
  EXPECT_EQ(seven.first_at, 10);
  EXPECT_EQ(seven.last_at, 30);
  EXPECT_EQ(seven.by_status, (std::map<int, std::uint64_t>{{200, 2}, {503, 1}}));
  EXPECT_EQ(counts.by_campaign.at("8").by_status.at(0), 1U);
}

TEST(Ledger, names_every_recipient_once_in_the_order_of_arrival) {
  Ledger ledger(1'000'000, 1'000'000);
  std::vector<std::string> expected;
  for (int i = 0; i < 100'000; ++i) expected.push_back("token-" + std::to_string(i * 7919));
  for (const std::string& name : expected) ledger.record("7", name, 200, at(1));
  for (const std::string& name : expected) ledger.record("7", name, 200, at(2));
  EXPECT_EQ(ledger.recipients("7"), expected);
  EXPECT_EQ(ledger.counts().by_campaign.at("7").duplicates, expected.size());
}

TEST(Ledger, lists_in_pieces_without_losing_a_line) {
  Ledger ledger(10'000, 10'000);
  for (int i = 0; i < 1'000; ++i) ledger.record("7", "r" + std::to_string(i), 200, at(i));
  std::string all;
  std::size_t from = 0;
  for (bool more = true; more;) {
    const std::size_t next = ledger.list_recipients("7", Ledger::Format::csv, from, all.size() + 100, all);
    more = next != from;
    from = next;
  }
  EXPECT_TRUE(all.starts_with("recipient,messages,first_order,first_at_us\nr0,1,0,0\nr1,1,1,1\n"));
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1'001);
}

TEST(Ledger, quotes_what_csv_and_json_need_quoted) {
  Ledger ledger(10, 10);
  ledger.record("7", "a\"b,c", 200, at(5));
  std::string csv;
  ledger.list_recipients("7", Ledger::Format::csv, 0, 1000, csv);
  EXPECT_TRUE(csv.ends_with("\"a\"\"b,c\",1,0,5\n")) << csv;
  std::string jsonl;
  ledger.list_arrivals("7", Ledger::Format::jsonl, 0, 1000, jsonl);
  EXPECT_EQ(jsonl, "{\"order\":0,\"recipient\":\"a\\\"b,c\",\"at_us\":5,\"steady_us\":5,\"status\":200}\n");
}

TEST(Ledger, goes_on_counting_beyond_its_bounds) {
  Ledger ledger(1, 2);
  for (int i = 0; i < 5; ++i) ledger.record("7", "r" + std::to_string(i), 200, at(i));
  const Counts counts = ledger.counts();
  EXPECT_EQ(counts.by_campaign.at("7").messages, 5U);
  EXPECT_EQ(counts.by_campaign.at("7").recipients, 1U);
  EXPECT_EQ(counts.by_campaign.at("7").unnamed, 4U);
  EXPECT_EQ(ledger.arrivals("7").size(), 2U);
}

TEST(Ledger, says_how_many_came_after_an_instant) {
  Ledger ledger(10, 10);
  for (int i = 1; i <= 5; ++i) ledger.record("7", "r", 200, at(i * 10));
  EXPECT_EQ(ledger.arrived_after("7", SteadyTime{Micros{30}}), 2U);
  EXPECT_EQ(ledger.arrived_after("unknown", SteadyTime{}), 0U);
}

}  // namespace
}  // namespace belay::sink
