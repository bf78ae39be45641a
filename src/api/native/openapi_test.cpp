// docs/openapi.json against the code: the same paths and methods, and every key of a receipt.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "api/native/receipt_json.h"
#include "api/route.h"

namespace belay::api {
namespace {

json::object read_document() {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream in(root / "docs/openapi.json");
  std::ostringstream text;
  text << in.rdbuf();
  auto parsed = parse_json(text.str());
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed ? parsed->as_object() : json::object{};
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

std::set<std::string> keys_of(const json::value& object) {
  std::set<std::string> out;
  for (const auto& pair : object.as_object()) out.emplace(pair.key());
  return out;
}

const json::value& schema(const json::object& document, const char* name) {
  return document.at("components").at("schemas").at(name);
}

TEST(OpenApi, describes_exactly_the_routes_that_the_server_has) {
  std::set<std::string> served, described;
  for (const auto& table : {clevertap_routes(), native_routes(), admin_routes(), session_routes()})
    for (const Route& r : table) served.insert(fmt::format("{} {}", r.method, r.pattern));
  const json::object document = read_document();
  for (const auto& path : document.at("paths").as_object())
    for (const auto& method : path.value().as_object())
      described.insert(fmt::format("{} {}", upper(method.key()), std::string_view(path.key())));
  EXPECT_EQ(described, served);
}

TEST(OpenApi, every_parameter_of_a_path_is_described) {
  const json::object document = read_document();
  for (const auto& path : document.at("paths").as_object())
    for (const auto& method : path.value().as_object()) {
      const std::string pattern(path.key());
      std::set<std::string> named;
      if (const json::value* parameters = method.value().as_object().if_contains("parameters"))
        for (const json::value& p : parameters->as_array())
          if (p.at("in").as_string() == "path") named.emplace(p.at("name").as_string());
      EXPECT_EQ(static_cast<std::ptrdiff_t>(named.size()), std::ranges::count(pattern, '{')) << pattern;
      for (const std::string& name : named)
        EXPECT_NE(pattern.find("{" + name + "}"), std::string::npos) << pattern;
    }
}

StopRecord record_of(std::size_t campaigns) {
  StopRecord record;
  record.id = StopId{17};
  record.scope.kind = Scope::Kind::label;
  record.scope.name = "diwali";
  record.latch = LatchId{3};
  record.audit = {61, std::string(64, 'a')};
  Receipt receipt;
  receipt.campaign = CampaignId{1457432766};
  receipt.loops = {{LoopNo{0}, 1, 1, 0, 0}};
  receipt.span.add({wall_from_micros(1), 0});
  record.receipts.assign(campaigns, receipt);
  return record;
}

// Every key of `value` is in the schema, and what the schema requires is there.
void expect_described(const json::object& document, const char* name, const json::value& value) {
  const json::value& s = schema(document, name);
  const auto described = keys_of(s.at("properties"));
  const auto present = keys_of(value);
  for (const std::string& key : present) EXPECT_TRUE(described.contains(key)) << name << " has " << key;
  for (const json::value& key : s.at("required").as_array())
    EXPECT_TRUE(present.contains(std::string(key.as_string()))) << name << " lacks " << key.as_string();
}

TEST(OpenApi, every_key_of_a_receipt_is_described) {
  const json::object document = read_document();
  const json::object one = receipt_json(record_of(1), {});
  expect_described(document, "Receipt", one);
  expect_described(document, "LoopCount", one.at("loops").at(0));
  expect_described(document, "AuditRef", one.at("audit"));
  expect_described(document, "HandOver", one.at("first_hand_over"));
  const json::object several = receipt_json(record_of(2), {});
  expect_described(document, "Receipt", several);
  expect_described(document, "CampaignReceipt", several.at("campaigns").at(0));
  StopRecord preview = record_of(1);
  preview.id = {};
  expect_described(document, "Receipt", receipt_json(preview, {}));
  expect_described(document, "Latch", latch_json({LatchId{1}, {}, StopId{1}, "a", "r", {}}, {}));
  expect_described(document, "Counts", counts_json({}, true));
}

TEST(OpenApi, states_outcomes_and_reasons_are_the_codes_own) {
  const json::object document = read_document();
  std::vector<std::string> states, outcomes, reasons;
  for (const StateRow& row : state_table) states.emplace_back(row.name);
  for (const std::string_view name : standing_names) outcomes.emplace_back(name);
  for (const ReasonRow& row : reason_table)
    if (row.reason != Reason::none) reasons.emplace_back(row.name);
  const auto described = [&](const char* name) {
    std::vector<std::string> out;
    for (const json::value& v : schema(document, name).at("enum").as_array()) out.emplace_back(v.as_string());
    return out;
  };
  EXPECT_EQ(described("State"), states);
  EXPECT_EQ(described("Outcome"), outcomes);
  EXPECT_EQ(described("Reason"), reasons);
}

}  // namespace
}  // namespace belay::api
