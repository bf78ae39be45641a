#include "store/scope_match.h"

#include <gtest/gtest.h>

namespace belay::store {
namespace {

const AccountId ours{1}, theirs{2};

const std::vector<std::string> labels{"diwali", "sale"};

// A run, made by series 5, of our account.
ScopeFacts facts() {
  return {CampaignId{7}, ours, Channel::push, "fcm", labels, CampaignId{5}};
}

Scope scope_of(Scope::Kind kind, AccountId account = {}, CampaignId campaign = {}, std::string name = "") {
  Scope scope;
  scope.kind = kind;
  scope.account = account;
  scope.campaign = campaign;
  scope.name = std::move(name);
  return scope;
}

TEST(ScopeMatch, one_campaign_is_itself_and_the_runs_of_a_series) {
  EXPECT_TRUE(covers(scope_of(Scope::Kind::campaign, ours, CampaignId{7}), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::campaign, {}, CampaignId{7}), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::campaign, ours, CampaignId{5}), facts()));
  EXPECT_FALSE(covers(scope_of(Scope::Kind::campaign, ours, CampaignId{6}), facts()));
  EXPECT_FALSE(covers(scope_of(Scope::Kind::campaign, theirs, CampaignId{7}), facts()));
  ScopeFacts alone = facts();
  alone.series = {};
  EXPECT_FALSE(covers(scope_of(Scope::Kind::campaign, ours, CampaignId{}), alone)) << "no id is nobody's";
}

TEST(ScopeMatch, wider_scopes_cover_by_what_they_name) {
  EXPECT_TRUE(covers(scope_of(Scope::Kind::label, ours, {}, "sale"), facts()));
  EXPECT_FALSE(covers(scope_of(Scope::Kind::label, ours, {}, "Sale"), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::channel, ours, {}, "push"), facts()));
  EXPECT_FALSE(covers(scope_of(Scope::Kind::channel, ours, {}, "webhook"), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::provider, ours, {}, "fcm"), facts()));
  EXPECT_FALSE(covers(scope_of(Scope::Kind::provider, ours, {}, ""), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::account, ours), facts()));
  EXPECT_TRUE(covers(scope_of(Scope::Kind::all), facts()));
}

TEST(ScopeMatch, no_scope_of_an_account_covers_anothers) {
  for (const auto& [kind, name] :
       {std::pair{Scope::Kind::label, "sale"}, std::pair{Scope::Kind::channel, "push"},
        std::pair{Scope::Kind::provider, "fcm"}, std::pair{Scope::Kind::account, ""},
        std::pair{Scope::Kind::all, ""}})
    EXPECT_FALSE(covers(scope_of(kind, theirs, {}, name), facts())) << name_of(kind);
}

}  // namespace
}  // namespace belay::store
