#include "store/conformance_test.h"

namespace belay::store {
namespace {

Provider provider_of(AccountId account, const std::string& nick_name) {
  return {{},       account, nick_name, Channel::push, "fcm", "http://127.0.0.1:9001", "sa.json",
          "ca.pem", "2",     500};
}

}  // namespace

TEST_P(StoreConformance, account_keeps_its_id_when_put_again) {
  const auto first = must(control->put_account({{}, "A", "Asia/Kolkata", "in1"}));
  const auto other = must(control->put_account({{}, "B", "UTC", "eu1"}));
  const auto again = must(control->put_account({{}, "A", "Europe/Berlin", "eu1"}));
  EXPECT_TRUE(first.id);
  EXPECT_EQ(again.id, first.id);
  EXPECT_NE(other.id, first.id);
  open();
  const auto all = must(control->accounts());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].time_zone, "Europe/Berlin");
  EXPECT_EQ(all[1].key, "B");
}

TEST_P(StoreConformance, passcode_put_twice_is_one) {
  const AccountId a = account(), b = account("B");
  must(control->put_passcode({a, "hash1", "QWE", at(1)}));
  must(control->put_passcode({a, "hash1", "QWE", at(2)}));
  must(control->put_passcode({a, "hash2", "RTY", at(3)}));
  must(control->put_passcode({b, "hash1", "QWE", at(4)}));
  const auto all = must(control->passcodes(a));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].created, at(1));
  must(control->remove_passcode(a, "hash1"));
  EXPECT_EQ(code_of(control->remove_passcode(a, "hash1")), Code::not_found);
  EXPECT_EQ(must(control->passcodes(b)).size(), 1u);
}

TEST_P(StoreConformance, provider_is_found_by_nick_name_and_id) {
  const AccountId a = account(), b = account("B");
  const auto first = must(control->put_provider(provider_of(a, "fcm")));
  must(control->put_provider(provider_of(b, "fcm")));
  auto changed = provider_of(a, "fcm");
  changed.url = "https://fcm.googleapis.com";
  EXPECT_EQ(must(control->put_provider(changed)).id, first.id);
  const auto stored = must(control->provider(first.id));
  EXPECT_EQ(stored.url, "https://fcm.googleapis.com");
  EXPECT_EQ(stored.max_per_second, 500u);
  EXPECT_EQ(stored.http_version, "2");
  EXPECT_EQ(must(control->providers(a)).size(), 1u);
  EXPECT_EQ(must(control->providers({})).size(), 2u);
  EXPECT_EQ(code_of(control->provider(ProviderId{99})), Code::not_found);
}

TEST_P(StoreConformance, provider_of_an_unfinished_campaign_stays) {
  const AccountId a = account();
  Campaign c = campaign(a, 1);
  c.provider = must(control->put_provider(provider_of(a, "fcm"))).id;
  c = must(control->create(c));
  EXPECT_EQ(code_of(control->remove_provider(a, "fcm")), Code::conflict);
  must(control->stop(stop_write(of(c), {evidence(c)})));
  must(control->remove_provider(a, "fcm"));
  EXPECT_EQ(code_of(control->remove_provider(a, "fcm")), Code::not_found);
}

// S63: an account or campaign must not be pulled away under a running delivery.
TEST_P(StoreConformance, S63_account_with_unfinished_campaigns_stays) {
  const AccountId a = account();
  const Campaign c = create(a);
  EXPECT_EQ(code_of(control->remove_account(a)), Code::conflict);
  const StopRecord stop = must(control->stop(stop_write(of(c), {evidence(c)})));
  must(control->remove_account(a));
  EXPECT_EQ(code_of(control->remove_account(a)), Code::not_found);
  EXPECT_NE(account(), a) << "ids are never given out twice";
  EXPECT_EQ(must(control->stop(AccountId{}, stop.id)).receipts.size(), 1u) << "what was sent stays provable";
}

TEST_P(StoreConformance, removed_account_loses_passcodes_providers_latches_and_profiles) {
  const AccountId a = account(), b = account("B");
  must(control->put_passcode({a, "hash", "QWE", at(1)}));
  must(control->put_provider(provider_of(a, "fcm")));
  must(control->stop(stop_write({.kind = Scope::Kind::account, .account = a}, {}, true)));
  for (const AccountId owner : {a, b})
    must(profiles->apply(owner,
                         std::vector<UploadRecord>{AddressWrite{"device", Platform::ios, "token", ""}}));
  must(control->remove_account(a));
  must(store->tidy_up());
  EXPECT_TRUE(must(control->passcodes(a)).empty());
  EXPECT_TRUE(must(control->providers({})).empty());
  EXPECT_TRUE(must(control->latches({})).empty());
  EXPECT_FALSE(must(profiles->find(a, {IdentityKind::object_id, "device"})));
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 0u);
  EXPECT_TRUE(must(profiles->find(b, {IdentityKind::object_id, "device"})));
}

TEST_P(StoreConformance, idempotency_key_gives_back_the_first_reply) {
  const AccountId a = account(), b = account("B");
  EXPECT_FALSE(must(control->replay(a, "k", "request 1")));
  must(control->remember(a, "k", "request 1", "reply 1", at(1)));
  must(control->remember(a, "k", "request 1", "reply 2", at(2)));
  EXPECT_EQ(must(control->replay(a, "k", "request 1")), "reply 1");
  EXPECT_EQ(code_of(control->replay(a, "k", "request 2")), Code::conflict);
  EXPECT_EQ(code_of(control->remember(a, "k", "request 2", "reply 2", at(2))), Code::conflict);
  EXPECT_FALSE(must(control->replay(b, "k", "request 2"))) << "keys belong to an account";
}

TEST_P(StoreConformance, idempotency_keys_are_kept_for_a_day_and_not_for_ever) {
  const AccountId a = account();
  const std::int64_t day = 24 * 3600;
  must(control->remember(a, "old", "f", "r", at(0)));
  must(control->remember(a, "next day", "f", "r", at(day)));
  EXPECT_TRUE(must(control->replay(a, "old", "f")));
  must(control->remember(a, "later", "f", "r", at(2 * day + 60)));
  EXPECT_FALSE(must(control->replay(a, "old", "f")));
  EXPECT_TRUE(must(control->replay(a, "next day", "f")));
}

}  // namespace belay::store
