// The audit trail: every act leaves its rows, in its own transaction, and the chain holds.
#include "store/conformance_test.h"

namespace belay::store {
namespace {

std::vector<std::string> in_words(const std::vector<AuditEntry>& rows) {
  std::vector<std::string> words;
  for (const AuditEntry& e : rows)
    words.push_back(e.action + " " + e.subject + " " + e.before + ">" + e.after + " by " + e.actor);
  return words;
}

void expect_whole(const std::vector<AuditEntry>& rows) {
  AuditChain chain;
  for (const AuditEntry& e : rows) {
    const auto fault = chain.add(e);
    ASSERT_FALSE(fault) << *fault;
  }
}

}  // namespace

TEST_P(StoreConformance, audit_has_a_campaigns_life_with_states_and_actors) {
  const AccountId a = account();
  control->as("api:TEST-123-4567", at(1));
  const Campaign c = create(a);
  control->as("belay", at(1));
  const store::Run r = run(c, 10);
  StopEvidence e = evidence(must(control->campaign({}, c.id)), 10, 4, 1);
  e.run = r.id;
  const StopRecord stop = must(control->stop(stop_write(of(c), {e}, true)));
  Receipt settled = e.receipt;
  settled.tally.in_flight = 0;
  settled.tally.accepted = 4;
  settled.settled = true;
  must(control->settle(stop.id, settled));
  open();
  const auto life = must(control->audit({.subject = "campaign-100"}));
  EXPECT_EQ(in_words(life), (std::vector<std::string>{
                                "campaign.created campaign-100 >scheduled by api:TEST-123-4567",
                                "campaign.moved campaign-100 scheduled>planning by belay",
                                "campaign.moved campaign-100 planning>running by belay",
                                "campaign.stopped campaign-100 running>stopped by api:TEST-123-4567",
                                "receipt.settled campaign-100 answered>settled by belay",
                            }));
  EXPECT_NE(life[3].detail.find("\"handed_over\":4"), std::string::npos) << life[3].detail;
  EXPECT_EQ(life[3].account, a);
  EXPECT_EQ(life[3].at, at(5));
  const auto all = must(control->audit({}));
  EXPECT_EQ(in_words(all)[4], "campaign.stopped campaign-100 running>stopped by api:TEST-123-4567");
  EXPECT_EQ(all[5].action, "latch.set");
  EXPECT_EQ(all[6].action + " " + all[6].subject, "stop stop-1");
  expect_whole(all);
}

// A receipt that somebody kept shows later that the trail is still the one it came from.
TEST_P(StoreConformance, audit_row_of_a_stop_is_named_by_its_receipt) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  const StopRecord first = must(control->stop(stop_write(of(c), {evidence(c)}, true)));
  const StopRecord second = must(control->stop(stop_write(of(other), {evidence(other)})));
  const StopRecord nothing = must(
      control->stop(stop_write({.kind = Scope::Kind::label, .account = a, .name = "nobody's"}, {})));
  open();
  AuditChain chain;
  chain.expect(first.audit.hash);
  const auto rows = must(control->audit({}));
  for (const AuditEntry& e : rows) ASSERT_FALSE(chain.add(e));
  EXPECT_TRUE(chain.met_expected());
  const auto kept = must(control->stops(AccountId{}, std::nullopt, 10));  // newest first
  ASSERT_EQ(kept.size(), 3u);
  for (const auto& [answered, read] :
       {std::pair{&first, &kept[2]}, {&second, &kept[1]}, {&nothing, &kept[0]}}) {
    EXPECT_EQ(answered->audit, read->audit);
    EXPECT_EQ(answered->audit, must(control->stop(AccountId{}, answered->id)).audit);
    const AuditEntry& row = rows.at(static_cast<std::size_t>(answered->audit.id) - 1);
    EXPECT_EQ(row.action + " " + row.subject, fmt::format("stop stop-{}", answered->id));
    EXPECT_EQ(row.hash, answered->audit.hash);
  }
}

TEST_P(StoreConformance, audit_has_what_was_configured_and_only_what_changed) {
  control->as("cli:root", at(1));
  const AccountId a = account();
  account();  // again: no change, no row
  must(control->put_passcode({a, "0123456789abcdef", "QWE", at(1)}));
  must(control->put_passcode({a, "0123456789abcdef", "QWE", at(2)}));
  Provider p{{}, a, "fcm", Channel::push, "fcm", "http://127.0.0.1:1"};
  must(control->put_provider(p));
  must(control->put_provider(p));
  p.max_per_second = 5;
  must(control->put_provider(p));
  Guardrails rules;
  rules.max_per_day = 1000;
  must(control->put_guardrails(a, rules));
  must(control->put_guardrails(a, rules));
  must(control->put_guardrails(a, {}));
  must(control->put_guardrails(a, {}));
  must(control->remove_provider(a, "fcm"));
  must(control->remove_passcode(a, "0123456789abcdef"));
  must(control->remove_account(a));
  const auto rows = must(control->audit({}));
  std::vector<std::string> actions;
  for (const AuditEntry& e : rows) {
    actions.push_back(e.action + " " + e.subject);
    EXPECT_EQ(e.actor, "cli:root");
    EXPECT_EQ(e.at, at(1));
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{
                "account.put account-TEST-123-4567", "passcode.added passcode-0123456789ab",
                "provider.put provider-fcm", "provider.put provider-fcm", "guardrails.put account-TEST-123-4567",
                "guardrails.put account-TEST-123-4567", "provider.removed provider-fcm",
                "passcode.removed passcode-0123456789ab", "account.removed account-TEST-123-4567"}));
  EXPECT_EQ(rows[3].before, rows[2].after);
  EXPECT_NE(rows[3].after, rows[2].after);
  EXPECT_EQ(rows[4].before + ">" + rows[4].after, R"(>{"max_per_day":1000})");
  EXPECT_EQ(rows[5].before + ">" + rows[5].after, R"({"max_per_day":1000}>)");
  expect_whole(rows);
}

TEST_P(StoreConformance, audit_has_no_row_of_what_did_not_happen) {
  const AccountId a = account();
  const Campaign c = create(a, 1, "promo");
  create(a, 2, "promo");
  const auto before = must(control->audit({})).size();
  EXPECT_EQ(code_of(control->stop(stop_write({.kind = Scope::Kind::label, .account = a, .name = "promo"},
                                             {evidence(c)}, true))),
            Code::conflict);
  EXPECT_EQ(code_of(control->move({c.id, State::planning, State::running, c.epoch, at(1), ""})),
            Code::fenced);
  EXPECT_FALSE(control->release(a, LatchId{9}, at(2)));
  EXPECT_EQ(must(control->audit({})).size(), before);
}

TEST_P(StoreConformance, audit_has_released_latches_and_pages) {
  const AccountId a = account();
  const StopRecord stop =
      must(control->stop(stop_write({.kind = Scope::Kind::account, .account = a}, {}, true)));
  control->as("api:X", at(7));
  must(control->release(a, stop.latch, at(8)));
  const auto newest = must(control->audit({.limit = 1, .newest_first = true}));
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(in_words(newest)[0], "latch.released latch-1 > by api:X");
  EXPECT_EQ(newest[0].at, at(8));
  const auto older = must(control->audit({.after = newest[0].id, .limit = 10, .newest_first = true}));
  ASSERT_EQ(older.size(), 3u);
  EXPECT_EQ(older[0].action, "stop");
  EXPECT_EQ(must(control->audit({.after = 1, .limit = 2})).at(0).id, 2);
}

}  // namespace belay::store
