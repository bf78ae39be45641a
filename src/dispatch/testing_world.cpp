#include "dispatch/testing_world.h"

#include <unistd.h>

#include "dispatch/recover.h"

namespace belay::dispatch::testing {

struct World::Threads {
  explicit Threads(ManualClock& clock)
      : runner(clock), planner(clock), brake(clock), courier(clock), loops(2) {
    for (auto& loop : loops) loop = std::make_unique<ManualExecutor>(clock);
  }
  ManualExecutor runner, planner, brake, courier;
  std::vector<std::unique_ptr<ManualExecutor>> loops;
  std::vector<std::unique_ptr<net::Transport>> transports;
};

World::World(std::uint64_t seed, EngineOptions options)
    : random(seed), provider(clock, random), options_(options) {
  // In memory where there is such a place: a world is made hundreds of times, and its crashes are ours.
  const std::filesystem::path memory = "/dev/shm";
  const auto base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (base / "belay-world-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  open();
  account_id = control_->put_account({{}, "TEST-123-4567", "Asia/Kolkata", "in1"})->id;
  store::Provider p;
  p.account = account_id;
  p.nick_name = "local-fcm";
  p.kind = "fcm";
  p.url = "http://127.0.0.1:9001";
  provider_id = control_->put_provider(p)->id;
}

World::~World() {
  crash();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::open() {
  auto opened = store::open_sqlite(folder_.string());
  CHECK(opened.has_value());
  store = std::move(*opened);
  control_ = std::move(*store->control(store::Lane::ordinary));
}

void World::start() {
  if (!store) open();
  threads_ = std::make_unique<Threads>(clock);
  std::vector<LoopSeat> seats;
  for (auto& loop : threads_->loops) {
    threads_->transports.push_back(provider.transport(*loop));
    seats.push_back({loop.get(), threads_->transports.back().get()});
  }
  engine = std::make_unique<Engine>(Ports{clock, random, *store, seats, threads_->runner, threads_->planner,
                                          threads_->brake, threads_->courier},
                                    options_);
  engine->start();
}

void World::crash() {
  // Tasks hold pointers into the engine: executors go last, unrun.
  engine.reset();
  threads_.reset();
  control_.reset();
  store.reset();
}

void World::drain() {
  bool done = false;
  engine->drain(Seconds{30}, [&] { done = true; });
  CHECK(run_until([&] { return done; }));
  crash();
}

void World::people(unsigned n) {
  auto profiles = std::move(*store->profiles());
  std::vector<std::string> texts;
  texts.reserve(n * 3);
  std::vector<std::pair<std::string_view, std::string_view>> properties;
  properties.reserve(n);
  std::vector<store::UploadRecord> records;
  for (unsigned i = 0; i < n; ++i) {
    texts.push_back("p" + std::to_string(i));
    const std::string_view who = texts.back();
    texts.push_back("\"Name " + std::to_string(i) + "\"");
    properties.emplace_back("Name", texts.back());
    texts.push_back("t" + std::to_string(i));
    store::ProfileWrite profile;
    profile.who = {store::IdentityKind::identity, who};
    profile.object_id = who;
    profile.set = {&properties.back(), 1};
    records.emplace_back(profile);
    store::AddressWrite address;
    address.object_id = who;
    address.token = texts.back();
    records.emplace_back(address);
  }
  CHECK(profiles->apply(account_id, records).has_value());
}

Definition World::push(std::string title) {
  Definition d;
  d.name = "test";
  d.push.title = std::move(title);
  d.push.body = "body";
  d.push.android = {{"wzrk_cid", "news"}};
  return d;
}

CampaignId World::campaign(Definition definition, WallTime due) {
  store::Provider p = *control_->provider(provider_id);
  p.max_per_second = max_per_second;
  CHECK(control_->put_provider(p).has_value());
  Campaign c;
  c.id = CampaignId{1457432766};
  c.account = account_id;
  c.provider = provider_id;
  c.definition = std::move(definition);
  c.created = clock.wall();
  c.due = due == WallTime{} ? clock.wall() : due;
  const auto created = control_->create(c);
  CHECK(created.has_value());
  if (engine) engine->wake();
  return created->id;
}

std::vector<ManualExecutor*> World::all() {
  std::vector<ManualExecutor*> out{&threads_->runner, &threads_->planner, &threads_->brake,
                                   &threads_->courier};
  for (auto& loop : threads_->loops) out.push_back(loop.get());
  return out;
}

bool World::step() {
  const auto executors = all();
  const std::size_t first = random.below(executors.size());
  for (std::size_t i = 0; i < executors.size(); ++i)
    if (executors[(first + i) % executors.size()]->run_one()) return true;
  SteadyTime next = SteadyTime::max();
  for (ManualExecutor* e : executors) next = std::min(next, e->next_timer());
  if (next == SteadyTime::max()) return false;
  clock.advance(std::max<Micros>(next - clock.steady(), Micros{0}));
  return true;
}

void World::run(std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i) step();
}

void World::run_dry() {
  // The planner looks at the schedule once a second for ever: a minute without anything else is dry.
  const SteadyTime until = clock.steady() + Seconds{60};
  CHECK(run_until([&] { return clock.steady() >= until; }, 2'000'000));
}

void World::ask_stop(StopRequest request, StopDone done) {
  engine->stop(std::move(request), std::move(done));
}

std::optional<StopRecord> World::stop(CampaignId id) {
  std::optional<StopRecord> out;
  bool answered = false;
  Scope scope;
  scope.campaign = id;
  ask_stop({scope, "test", "", false}, [&](auto record) {
    answered = true;
    if (record) out = *record;
  });
  CHECK(run_until([&] { return answered; }));
  return out;
}

std::optional<PauseAnswer> World::pause(CampaignId id) {
  std::optional<PauseAnswer> out;
  bool answered = false;
  engine->pause({account_id, id, "test", ""}, [&](auto result) {
    answered = true;
    if (result) out = std::move(*result);
  });
  CHECK(run_until([&] { return answered; }));
  return out;
}

Result<Campaign, PauseError> World::resume(CampaignId id, store::PastDue past_due) {
  std::optional<Result<Campaign, PauseError>> out;
  engine->resume({account_id, id, "test", past_due}, [&](auto result) { out = std::move(result); });
  CHECK(run_until([&] { return out.has_value(); }));
  return std::move(*out);
}

State World::state(CampaignId id) {
  return control_->campaign(AccountId{}, id)->state;
}

Tally World::account(CampaignId id) {
  auto journal = std::move(*store->journal());
  const auto run = *journal->run_of(id);
  if (!run) return {};
  return recover(*journal, *run, state(id))->tally;
}

RunAccount::Recipient World::person(CampaignId id, unsigned n) {
  auto journal = std::move(*store->journal());
  const auto run = *journal->run_of(id);
  RunAccount account(run->audience);
  for (const store::Slice& slice : run->slices) account.admit(slice.begin, slice.cursor);
  CHECK(journal->blocks(run->id, [&](std::string_view block, WallTime) { CHECK(account.add_block(block)); })
            .has_value());
  return account.recipient(n, is_final(state(id)));  // addresses were made in this order
}

StopRecord World::record(StopId id) {
  return *control_->stop(AccountId{}, id);
}

}  // namespace belay::dispatch::testing
