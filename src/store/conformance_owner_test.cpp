#include "store/conformance_test.h"
#include "store/notices.h"
#include "store/people.h"

namespace belay::store {
namespace {

// S26, S27: a server that was away for too long finds that it can write nothing any more.
TEST_P(StoreConformance, whoever_claims_fences_the_one_before_out_of_every_write) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  auto first = must(store->ownership());
  EXPECT_EQ(must(first->look()), Ownership{});
  const Ownership mine = must(first->claim({}));
  EXPECT_EQ(mine.term, 1);
  must(first->renew());
  must(control->campaign({}, c.id));

  const auto other = place->open();
  auto second = must(other->ownership());
  EXPECT_EQ(code_of(second->claim(mine)), Code::fenced) << "there was a sign of life since";
  const Ownership seen = must(second->look());
  EXPECT_EQ(must(second->claim(seen)).term, 2);

  EXPECT_EQ(code_of(first->renew()), Code::fenced);
  EXPECT_EQ(code_of(control->create(c)), Code::fenced);
  const Scope scope = of(c);
  EXPECT_EQ(code_of(control->stop(stop_write(scope, {evidence(c)}))), Code::fenced);
  GroupCommit group;
  group.admissions.push_back({r.id, c.id, c.epoch, SliceNo{0}, 0, 5});
  EXPECT_EQ(code_of(journal->commit(group)), Code::fenced);
  EXPECT_EQ(must(journal->run_of(c.id))->slices[0].cursor, 0u);

  must(must(other->journal())->commit(group));
  EXPECT_EQ(must(journal->run_of(c.id))->slices[0].cursor, 5u);
}

// It has slept through the reign of another, and knows nothing of what that one did.
TEST_P(StoreConformance, an_owner_that_comes_back_goes_by_what_is_there_now) {
  const AccountId a = account();
  const auto phone = IdentityRef{IdentityKind::object_id, "phone"};
  const std::vector<UploadRecord> seen{EventWrite{phone, "Seen", "{}", at(1)}};
  const auto claim = [](Store& by) {
    const auto ownership = must(by.ownership());
    must(ownership->claim(must(ownership->look())));
  };
  claim(*store);
  must(profiles->apply(a, std::vector<UploadRecord>{
                              ProfileWrite{{IdentityKind::identity, "ann"}, "phone", {}, at(1)}, seen[0]}));
  const auto other = place->open();
  claim(*other);
  const auto others = must(other->profiles());
  must(others->apply(a, std::vector<UploadRecord>{
                            ProfileWrite{{IdentityKind::identity, "bob"}, "phone", {}, at(2)}, seen[0]}));
  claim(*store);
  must(profiles->apply(a, seen));
  PeopleSession& people = people_of(*profiles);
  std::vector<std::int64_t> owners;
  must(people.scan_events({.account = a, .until = must(people.last_event(a)), .before = at(100)},
                          [&](const EventRow& row) { owners.push_back(row.profile.value); }));
  ASSERT_EQ(owners.size(), 3u);
  EXPECT_EQ(owners[1], must(profiles->find(a, phone)).value().id.value);
  EXPECT_EQ(owners[2], owners[1]);
  EXPECT_NE(owners[0], owners[1]);
}

// One after the other: what an old owner may still believe it has to do.
TEST_P(StoreConformance, an_old_owners_writes_are_refused_wherever_they_go) {
  const AccountId a = account();
  const Campaign c = create(a);
  const store::Run r = run(c, 10);
  auto notices = must(store->notices());
  Subscriber to;
  to.account = a;
  to.url = "http://127.0.0.1:9/";
  to.created = at(0);
  to = must(notices->add(to));
  const Campaign told = create(a, 200);
  must(control->stop(stop_write(of(told), {evidence(told)})));
  const auto due = must(notices->due(at(100'000), {}, 10));
  ASSERT_EQ(due.size(), 1u);
  const DeliveryId delivery = due[0].delivery.id;
  must(must(store->ownership())->claim({}));
  const std::vector<UploadRecord> someone{AddressWrite{"device", Platform::android, "token", {}}};
  must(profiles->apply(a, someone));
  must(store->tidy_up());

  const auto other = place->open();
  auto second = must(other->ownership());
  must(second->claim(must(second->look())));

  const std::vector<UploadRecord> another{AddressWrite{"device", Platform::android, "changed", {}}};
  const RecipientId address{1};
  EXPECT_EQ(code_of(profiles->apply(a, another)), Code::fenced);
  EXPECT_EQ(code_of(profiles->mark_dead(a, {&address, 1})), Code::fenced);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 1u);
  EXPECT_EQ(code_of(notices->add(to)), Code::fenced);
  EXPECT_EQ(code_of(notices->begin(delivery)), Code::fenced) << "and nothing leaves before this is written";
  EXPECT_EQ(code_of(notices->end({delivery, DeliveryState::delivered, at(0), ""})), Code::fenced);
  EXPECT_EQ(code_of(notices->resend(a, delivery, at(0))), Code::fenced);
  EXPECT_EQ(code_of(notices->recover(false)), Code::fenced);
  EXPECT_EQ(code_of(notices->tidy(0, at(1'000'000))), Code::fenced);
  EXPECT_EQ(code_of(notices->remove(a, to.id)), Code::fenced);
  EXPECT_EQ(code_of(control->remember(a, "key", "print", "reply", at(0))), Code::fenced);
  EXPECT_EQ(code_of(control->put_account({{}, "TEST-NEW", "UTC", "in1"})), Code::fenced);
  EXPECT_EQ(code_of(control->put_guardrails(a, {})), Code::fenced);
  EXPECT_EQ(code_of(control->reach_canary(c.id, c.epoch)), Code::fenced);
  EXPECT_EQ(code_of(control->record_latency(must(control->stop_of(told.id)).value(), Micros{1})), Code::fenced);
  GroupCommit late;
  late.blocks.push_back({r.id, "late"});
  EXPECT_EQ(code_of(journal->commit(late)), Code::fenced);

  must(must(other->profiles())->apply(a, another));
  must(must(other->notices())->begin(delivery));
}

// What belongs to a removed account is deleted bit by bit, and only by the owner.
TEST_P(StoreConformance, an_old_owner_deletes_nothing) {
  const AccountId a = account();
  must(profiles->apply(a, std::vector<UploadRecord>{AddressWrite{"device", Platform::android, "token", {}}}));
  must(must(store->ownership())->claim({}));
  must(control->remove_account(a));
  const auto other = place->open();
  auto second = must(other->ownership());
  must(second->claim(must(second->look())));
  EXPECT_EQ(code_of(store->tidy_up()), Code::fenced);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 1u);
  must(other->tidy_up());
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 0u);
  EXPECT_EQ(code_of(store->tidy_up()), Code::fenced) << "also where there is nothing left to delete";
}

// It has claimed nothing yet, so nothing else fences it.
TEST_P(StoreConformance, a_standby_deletes_nothing) {
  const AccountId a = account();
  must(profiles->apply(a, std::vector<UploadRecord>{AddressWrite{"device", Platform::android, "token", {}}}));
  const auto standby = place->open();
  must(must(store->ownership())->claim({}));
  must(control->remove_account(a));
  EXPECT_EQ(code_of(standby->tidy_up()), Code::fenced);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 1u);
  must(store->tidy_up());
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 0u);
}

TEST_P(StoreConformance, a_store_that_never_claimed_is_not_fenced) {
  const auto other = place->open();
  auto owner = must(other->ownership());
  must(owner->claim(must(owner->look())));
  EXPECT_TRUE(control->put_account({{}, "TEST-1", "UTC", "in1"}));
}

}  // namespace
}  // namespace belay::store
