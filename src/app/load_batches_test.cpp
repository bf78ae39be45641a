#include "app/load_batches.h"

#include <gtest/gtest.h>

namespace belay::app {
namespace {

const std::string profile = R"({"type":"profile","identity":"u","profileData":{"Name":"Jaya"}})";
const std::string token = R"({"type":"token","objectId":"d","tokenData":{"id":"x","type":"fcm"}})";

std::vector<UploadBatch> batches_of(const std::vector<std::string>& lines) {
  BatchMaker maker;
  std::vector<UploadBatch> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto batch = maker.add(lines[i], i + 1);
    EXPECT_TRUE(batch) << batch.error();
    if (batch && *batch) out.push_back(std::move(**batch));
  }
  if (auto batch = maker.rest()) out.push_back(std::move(*batch));
  return out;
}

TEST(LoadBatches, a_batch_has_at_most_1000_records) {
  const auto batches = batches_of(std::vector<std::string>(2500, profile));
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].records.size(), 1000u);
  EXPECT_EQ(batches[2].records.size(), 500u);
  EXPECT_EQ(batches[2].lines.back(), 2500u);
}

TEST(LoadBatches, a_batch_has_at_most_100_tokens) {
  const auto batches = batches_of(std::vector<std::string>(250, token));
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].records.size(), 100u);
}

TEST(LoadBatches, order_is_kept_and_records_know_their_line) {
  const auto batches = batches_of({profile, token, profile});
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].records, (std::vector<std::string>{profile, token, profile}));
  EXPECT_EQ(batches[0].lines, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(batches[0].body(), R"({"d":[)" + profile + "," + token + "," + profile + "]}");
}

TEST(LoadBatches, tokens_of_a_profile_become_records_of_their_own) {
  const auto batches =
      batches_of({R"({"type":"profile","identity":"u","profileData":{"Name":"Jaya"},)"
                  R"("tokens":[{"id":"t1","type":"fcm","objectId":"d1"},{"id":"t2","type":"apns"}]})"});
  ASSERT_EQ(batches.size(), 1u);
  const auto& records = batches[0].records;
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0], R"({"type":"profile","identity":"u","profileData":{"Name":"Jaya"},"objectId":"d1"})");
  const auto second = parse_json(records[1]);
  ASSERT_TRUE(second);
  const std::string device = std::string(second->as_object().at("objectId").as_string());
  EXPECT_EQ(records[2], R"({"type":"token","objectId":"d1","tokenData":{"id":"t1","type":"fcm"}})");
  EXPECT_EQ(records[3],
            R"({"type":"token","objectId":")" + device + R"(","tokenData":{"id":"t2","type":"apns"}})");
  EXPECT_EQ(batches[0].lines, (std::vector<std::uint64_t>{1, 1, 1, 1}));
}

TEST(LoadBatches, a_device_without_a_name_is_the_same_when_loaded_again) {
  const std::string line =
      R"({"type":"profile","identity":"u","profileData":{},"tokens":[{"id":"t1","type":"fcm"}]})";
  EXPECT_EQ(batches_of({line})[0].records, batches_of({line})[0].records);
}

TEST(LoadBatches, a_line_that_is_no_record_is_refused_and_left_out) {
  BatchMaker maker;
  EXPECT_FALSE(maker.add("{\"type\":", 1));
  EXPECT_FALSE(maker.add("[1]", 2));
  EXPECT_TRUE(maker.add(profile, 3));
  const auto batch = maker.rest();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->lines, (std::vector<std::uint64_t>{3}));
}

}  // namespace
}  // namespace belay::app
