#include "app/demo.h"

#include <unistd.h>

#include <cstdio>

#include "app/demo_people.h"
#include "app/words.h"
#include "sink/sink.h"

namespace belay::app {
namespace {

// Progress for whoever watches; silent in a log.
class ProgressLine {
 public:
  explicit ProgressLine(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (shown_ && any_) std::fputs("\r\033[K", stderr);
  }
  void show(std::uint32_t done, std::uint32_t all) {
    if (!shown_) return;
    any_ = true;
    fmt::print(stderr, "\r{} {} of {}", what_, thousands(done), thousands(all));
    std::fflush(stderr);
  }

 private:
  const std::string what_;
  const bool shown_;
  bool any_ = false;
};

Campaign demo_campaign(AccountId account, ProviderId provider, WallTime now) {
  Campaign c;
  c.id = CampaignId{DemoNames::campaign};
  c.account = account;
  c.provider = provider;
  c.definition.name = "Diwali sale";
  c.definition.channel = Channel::push;
  c.definition.push.title = "Diwali sale: half the price, today only";
  c.definition.push.body =
      "Hello {{Profile.Name | default: \"there\"}}, every lamp in our {{Profile.City | default: \"online\"}} "
      "shop "
      "costs half until midnight.";
  c.definition.push.android = {{"wzrk_cid", "offers"}, {"deep_link", "https://shop.example.com/diwali"}};
  c.definition.labels = {"diwali", "demo"};
  c.due = now;
  c.created = now;
  return c;
}

AccountSetting demo_account(const std::string& receiver) {
  AccountSetting a;
  a.id = DemoNames::account;
  a.passcodes.emplace_back(std::string(DemoNames::passcode));
  a.time_zone = "Asia/Kolkata";
  a.region = "in1";
  ProviderSetting p;
  p.nick_name = DemoNames::provider;
  p.kind = "fcm";
  p.url = "http://" + receiver;
  p.max_per_second = DemoNames::per_second;
  a.providers.push_back(std::move(p));
  return a;
}

}  // namespace

struct Demo::Receiver {
  std::unique_ptr<sink::Sink> sink;
};

Demo::Demo(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
Demo::~Demo() = default;

Result<void, Failure> Demo::prepare(Config& config) {
  auto made = sink::Sink::make();
  if (!made) return std::unexpected(Failure{ExitCode::failed, made.error()});
  receiver_ = std::make_unique<Receiver>(std::move(*made));
  auto address = receiver_->sink->listen("127.0.0.1:9001");
  if (!address) address = receiver_->sink->listen("127.0.0.1:0");
  if (!address) return std::unexpected(Failure{ExitCode::failed, "the demo's receiver: " + address.error()});
  receiver_address_ = *address;
  std::erase_if(config.accounts, [](const AccountSetting& a) { return a.id == DemoNames::account; });
  config.accounts.push_back(demo_account(receiver_address_));
  config.outbound_allow.push_back(receiver_address_);
  return {};
}

Result<void, Failure> Demo::fill() {
  if (auto filled = fill_store(); !filled)
    return std::unexpected(Failure{ExitCode::failed, "the demo's data: " + filled.error().text});
  return {};
}

// The campaign comes last: where it is, everything is.
store::Result<void> Demo::fill_store() {
  TRY_ASSIGN(auto control, store_.control(store::Lane::ordinary));
  const auto there = control->campaign({}, CampaignId{DemoNames::campaign});
  if (there) {
    state_ = there->state;
    return {};
  }
  if (there.error().code != store::Code::not_found) return std::unexpected(there.error());

  AccountId account;
  TRY_ASSIGN(const auto accounts, control->accounts());
  for (const store::Account& a : accounts)
    if (a.key == DemoNames::account) account = a.id;
  ProviderId provider;
  TRY_ASSIGN(const auto providers, control->providers(account));
  for (const store::Provider& p : providers)
    if (p.nick_name == DemoNames::provider) provider = p.id;

  TRY_ASSIGN(auto profiles, store_.profiles());
  ProgressLine line("Making the demo's people:");
  TRY(write_demo_people(*profiles, account, DemoNames::people, clock_.wall(),
                        [&](std::uint32_t done) { line.show(done, DemoNames::people); }));
  const auto created = control->create(demo_campaign(account, provider, clock_.wall()));
  // Latched: somebody stopped everything before the demo began. Then it has no campaign, and says so.
  if (!created && created.error().code != store::Code::latched) return std::unexpected(created.error());
  if (created) state_ = created->state;
  return {};
}

std::string Demo::in_words() const {
  if (!state_) return "none: a latch forbids new campaigns (belay latch list)";
  if (is_final(*state_))
    return fmt::format("{} is {}; ./run --fresh-demo begins anew", DemoNames::campaign, name_of(*state_));
  return fmt::format("{} is on its way to {} people, {} a second, at the receiver {}", DemoNames::campaign,
                     thousands(DemoNames::people), DemoNames::per_second, receiver_address_);
}

}  // namespace belay::app
