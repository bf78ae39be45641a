#include "api/native/receipt_json.h"

#include <gtest/gtest.h>

#include "api/native/time_text.h"

namespace belay::api {
namespace {

StopRecord record_of(std::vector<Receipt> receipts) {
  StopRecord record;
  record.id = StopId{17};
  record.scope.kind = Scope::Kind::campaign;
  record.scope.campaign = CampaignId{1457432766};
  record.actor = "cli:root";
  record.reason = "wrong \"template\"";
  record.at = wall_from_micros(1'457'432'766'000'042);
  record.latency = Micros{2'940};
  record.audit = {61, "9f2c"};
  record.receipts = std::move(receipts);
  return record;
}

Receipt receipt_of(CampaignId campaign) {
  Receipt r;
  r.campaign = campaign;
  r.campaign_name = "Diwali sale";
  r.planned = true;
  r.tally.audience = 100;
  r.tally.handed_over = 40;
  r.tally.accepted = 37;
  r.tally.failed = 1;
  r.tally.skipped[static_cast<std::size_t>(Reason::address_dead)] = 4;
  r.tally.withheld = 56;
  r.tally.in_doubt = 1;
  r.tally.in_flight = 1;
  r.tally.attempts = 41;
  r.span.add({wall_from_micros(1'457'432'760'000'000), 0});
  r.span.add({wall_from_micros(1'457'432'765'999'999), 43});
  r.loops = {{LoopNo{0}, 25, 26, 1, 10}, {LoopNo{1}, 15, 15, 0, 12}};
  return r;
}

TEST(ReceiptJson, of_one_campaign_has_exactly_the_promised_keys) {
  EXPECT_EQ(
      to_text(receipt_json(record_of({receipt_of(CampaignId{1457432766})}), {})),
      R"({"id":"stop-17","scope":{"campaign":1457432766},"at":"2016-03-08T10:26:06.000042Z","actor":"cli:root",)"
      R"("reason":"wrong \"template\"","latch":null,"latency_us":2940,)"
      R"("audit":{"id":61,"hash":"9f2c"},"campaign":1457432766,)"
      R"("campaign_name":"Diwali sale","found_in":"running","planned":true,"audience":100,"handed_over":40,)"
      R"("accepted":37,"failed":1,"skipped":{"address_dead":4},"withheld":56,"in_doubt":1,"in_flight":1,)"
      R"("attempts":41,"settled":false,)"
      R"("first_hand_over":{"time":"2016-03-08T10:26:00.000000Z","recipient":0},)"
      R"("last_hand_over":{"time":"2016-03-08T10:26:05.999999Z","recipient":43},)"
      R"("loops":[{"loop":0,"handed_over":25,"attempts":26,"in_flight":1,"dropped":10},)"
      R"({"loop":1,"handed_over":15,"attempts":15,"in_flight":0,"dropped":12}]})");
}

TEST(ReceiptJson, of_several_campaigns_sums_up_and_lists_each) {
  StopRecord record = record_of({receipt_of(CampaignId{1}), receipt_of(CampaignId{2})});
  record.receipts[1].settled = true;
  const json::object out = receipt_json(record, {});
  EXPECT_EQ(out.at("audience").to_number<int>(), 200);
  EXPECT_EQ(out.at("withheld").to_number<int>(), 112);
  EXPECT_EQ(out.at("skipped").at("address_dead").to_number<int>(), 8);
  EXPECT_EQ(out.at("loops").at(1).at("handed_over").to_number<int>(), 30);
  EXPECT_FALSE(out.at("settled").as_bool());
  EXPECT_FALSE(out.contains("campaign"));
  ASSERT_EQ(out.at("campaigns").as_array().size(), 2u);
  EXPECT_EQ(out.at("campaigns").at(1).at("campaign").to_number<int>(), 2);
  EXPECT_TRUE(out.at("campaigns").at(1).at("settled").as_bool());
}

TEST(ReceiptJson, of_nothing_is_settled_and_lists_no_campaign) {
  const json::object out = receipt_json(record_of({}), {});
  EXPECT_TRUE(out.at("settled").as_bool());
  EXPECT_EQ(out.at("audience").to_number<int>(), 0);
  EXPECT_TRUE(out.at("campaigns").as_array().empty());
  EXPECT_TRUE(out.at("first_hand_over").is_null());
}

TEST(ReceiptJson, a_preview_has_no_id_and_says_that_it_is_one) {
  StopRecord record = record_of({receipt_of(CampaignId{1})});
  record.id = {};
  record.audit = {};
  const json::object out = receipt_json(record, {});
  EXPECT_TRUE(out.at("id").is_null());
  EXPECT_TRUE(out.at("audit").is_null());
  EXPECT_TRUE(out.at("dry_run").as_bool());
}

TEST(ReceiptJson, a_scope_is_said_as_it_was_asked_for) {
  const AccountKeys accounts{{AccountId{5}, "TEST-1"}};
  const auto said = [&](Scope scope) { return to_text(scope_json(scope, accounts)); };
  EXPECT_EQ(said({Scope::Kind::all, {}, {}, ""}), R"({"all":true})");
  EXPECT_EQ(said({Scope::Kind::account, AccountId{5}, {}, ""}), R"({"account":"TEST-1"})");
  EXPECT_EQ(said({Scope::Kind::label, {}, {}, "diwali"}), R"({"label":"diwali"})");
  EXPECT_EQ(said({Scope::Kind::label, AccountId{5}, {}, "diwali"}),
            R"({"label":"diwali","account":"TEST-1"})");
  EXPECT_EQ(said({Scope::Kind::channel, {}, {}, "push"}), R"({"channel":"push"})");
  EXPECT_EQ(said({Scope::Kind::provider, {}, {}, "fcm"}), R"({"provider":"fcm"})");
  // An account that the caller may not know has no name.
  EXPECT_EQ(said({Scope::Kind::account, AccountId{6}, {}, ""}), R"({"account":null})");
}

TEST(ReceiptJson, ids_are_taken_with_and_without_their_word) {
  EXPECT_EQ(numbered("stop", "stop-17"), 17);
  EXPECT_EQ(numbered("stop", "17"), 17);
  for (const char* wrong :
       {"", "stop-", "stop-0", "-1", "latch-17", "17x", "stop-17 ", "99999999999999999999"})
    EXPECT_FALSE(numbered("stop", wrong)) << wrong;
}

TEST(TimeText, is_utc_with_microseconds) {
  EXPECT_EQ(iso_time(wall_from_micros(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(iso_time(wall_from_micros(1'709'210'096'789'012)), "2024-02-29T12:34:56.789012Z");
  EXPECT_EQ(iso_time(wall_from_micros(-1)), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace belay::api
