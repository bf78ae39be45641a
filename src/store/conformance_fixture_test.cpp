#include "store/conformance_test.h"

namespace belay::store {

void StoreConformance::open() {
  profiles.reset(), journal.reset(), control.reset(), store.reset();
  store = place->open();
  control = must(store->control(Lane::brake));
  journal = must(store->journal());
  profiles = must(store->profiles());
}

AccountId StoreConformance::account(const std::string& key) {
  return must(control->put_account({{}, key, "Asia/Kolkata", "in1"})).id;
}

Campaign StoreConformance::campaign(AccountId owner, std::int64_t id, const std::string& label) {
  Campaign c;
  c.id = CampaignId{id};
  c.account = owner;
  c.definition.name = "Summer";
  c.definition.push.title = "Hi {{Profile.Name}}";
  if (!label.empty()) c.definition.labels = {label};
  c.due = at(id);
  c.created = at(0);
  return c;
}

Campaign StoreConformance::create(AccountId owner, std::int64_t id, const std::string& label) {
  return must(control->create(campaign(owner, id, label)), "create");
}

Campaign StoreConformance::plan(const Campaign& c) {
  must(control->move({c.id, State::scheduled, State::planning, c.epoch, at(1), ""}), "move");
  return must(control->campaign({}, c.id));
}

store::Run StoreConformance::run(const Campaign& c, std::uint32_t recipients, std::uint32_t slice_size) {
  AudienceSet audience;
  for (std::uint32_t i = 1; i <= recipients; ++i) audience.add(RecipientId{i * 3});
  audience.compact();
  return must(journal->freeze(plan(c), RecipientKind::address, audience, slice_size, at(2)), "freeze");
}

StopEvidence StoreConformance::evidence(const Campaign& c, std::uint32_t audience, std::uint32_t handed_over,
                                        std::uint32_t in_flight) {
  StopEvidence e;
  e.campaign = c.id;
  e.receipt.campaign = c.id;
  e.receipt.campaign_name = c.definition.name;
  e.receipt.found_in = c.state;
  e.receipt.planned = true;
  Tally& t = e.receipt.tally;
  t.audience = audience;
  t.handed_over = handed_over;
  t.in_flight = in_flight;
  t.accepted = handed_over - in_flight;
  t.withheld = audience - handed_over;
  t.attempts = handed_over;
  e.receipt.settled = in_flight == 0;
  return e;
}

StopWrite StoreConformance::stop_write(const Scope& scope, std::vector<StopEvidence> campaigns, bool latch) {
  return {.scope = scope,
          .actor = "api:TEST-123-4567",
          .reason = "wrong text",
          .at = at(5),
          .latch = latch,
          .campaigns = std::move(campaigns)};
}

}  // namespace belay::store
