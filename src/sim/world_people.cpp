// What people ask of the world's servers, and what can be read of it in the end.
#include "base/check.h"
#include "campaign/schedule.h"
#include "dispatch/recover.h"
#include "sim/world.h"
#include "store/sqlite/open.h"

namespace belay::sim {
namespace {

const std::string observer_folder = "/data";
constexpr std::string_view account_zone = "Asia/Kolkata";

Campaign new_campaign(seen::CampaignNo no, const NewCampaign& wanted, const Prepared& prepared,
                      WallTime now) {
  Campaign c;
  c.id = CampaignId{to_epoch_seconds(now)};
  c.account = prepared.account;
  c.provider = prepared.provider;
  c.definition.name = fmt::format("c{}", no);
  c.definition.push.title = c.definition.name;
  c.definition.push.body = "hi {{Profile.Name}}";
  c.definition.send_to_all_devices = true;
  c.definition.respect_frequency_caps = wanted.respects_caps;
  if (!wanted.label.empty()) c.definition.labels = {wanted.label};
  c.created = now;
  c.due = now + wanted.due_in;
  c.definition.timing = wanted.timing;
  if (wanted.timing.local) c.due = first_anywhere(*wanted.timing.local) + wanted.due_in;
  c.definition.recurrence = wanted.recurrence;
  if (wanted.recurrence)
    c.due = occurrence(*wanted.recurrence, *TimeZone::named(wanted.recurrence->zone), 1)->at;
  c.past_due_grace = wanted.grace;
  return c;
}

}  // namespace

std::string zone_of(seen::Person person) {
  static constexpr const char* zones[] = {"Europe/Berlin",      "America/New_York", "Australia/Lord_Howe",
                                          "Pacific/Kiritimati", "Pacific/Honolulu", ""};
  const std::string_view zone = zones[person % std::size(zones)];
  return std::string(zone.empty() ? account_zone
                                  : zone);  // who says nothing counts as being where the account is
}

void World::create(const NewCampaign& wanted) {
  Process* p = serving();
  if (p == nullptr) return;
  const seen::CampaignNo no = ++campaigns_;
  p->api().post([this, p, no, wanted] {
    const WallTime now = nodes_[static_cast<std::size_t>(node_of(p))].clock->wall();
    put(new_campaign(no, wanted, prepared_, now), no, 0, *p);
  });
}

void World::put(const Campaign& c, seen::CampaignNo no, seen::CampaignNo continues, Process& at) {
  const Definition& d = c.definition;
  record(seen::Create{no, c.account, d.labels, c.due, c.past_due_grace, d.recurrence, d.timing,
                      d.respect_frequency_caps, continues});
  const auto made = at.control().create(c);
  if (at.dead()) return;
  if (!made) return record(seen::Refused{no, made.error().code});
  created_[no] = made->id;
  record(seen::Created{no, made->id});
  at.engine()->wake();
}

// As the API does it: the same content and labels, at once, for who did not get it. Refused while the other
// is not over and settled.
void World::continue_campaign() {
  Process* p = serving();
  const auto parent = stopped_.empty() || random.below(4) == 0
                          ? some_campaign()
                          : std::optional(stopped_[random.below(stopped_.size())]);
  if (p == nullptr || !parent) return;
  const auto standing = random.below(3) == 0 ? Standing::failed : Standing::withheld;
  const seen::CampaignNo no = ++campaigns_;
  p->api().post([this, p, no, parent = *parent, standing] {
    const auto found = p->control().campaign(AccountId{}, created_[parent]);
    if (!found || p->dead()) return;
    Campaign c;
    c.created = c.due = nodes_[static_cast<std::size_t>(node_of(p))].clock->wall();
    c.id = CampaignId{to_epoch_seconds(c.created)};
    c.account = found->account;
    c.provider = found->provider;
    c.definition = found->definition;
    c.definition.name = c.definition.push.title = fmt::format("c{}", no);
    c.definition.derived = Derivation{Derivation::How::continues, found->id, {standing}};
    put(c, no, parent, *p);
  });
}

void World::set_caps(std::vector<FrequencyCap> caps) {
  record(seen::CapsAsked{});
  wanted_caps_ = std::move(caps);
  ask_for_caps();
}

// Until it is answered: when a server dies, they are set or not.
void World::ask_for_caps() {
  if (!wanted_caps_) return;
  after_time(Millis{500}, [this] { ask_for_caps(); });
  Process* p = serving();
  if (p == nullptr) return;
  p->api().post([this, p] {
    if (!wanted_caps_) return;
    ReachRules rules;
    rules.frequency_caps = *wanted_caps_;
    const auto put = p->control().put_reach_rules(prepared_.account, rules);
    if (!put || p->dead()) return;
    p->engine()->guardrails_changed(prepared_.account);
    record(seen::CapsSet{*std::exchange(wanted_caps_, {}), std::string(account_zone)});
  });
}

std::optional<Scope> World::scope_of(seen::CampaignNo campaign) const {
  const auto found = created_.find(campaign);
  if (found == created_.end()) return std::nullopt;
  Scope scope;
  scope.account = prepared_.account;
  scope.campaign = found->second;
  return scope;
}

std::optional<seen::CampaignNo> World::some_campaign() {
  if (created_.empty()) return std::nullopt;
  auto it = created_.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(random.below(created_.size())));
  return it->first;
}

void World::stop_campaign() {
  if (const auto no = some_campaign()) stop(*scope_of(*no), *no, false);
}

void World::stop_newest() {
  if (!created_.empty()) stop(*scope_of(created_.rbegin()->first), created_.rbegin()->first, false);
}

void World::stop_run() {
  Process* p = serving();
  const auto series = some_campaign();
  if (p == nullptr || !series) return;
  store::CampaignFilter filter;
  filter.series = created_[*series];
  filter.limit = 1;
  const auto runs = p->control().campaigns(filter);
  if (!runs || runs->empty()) return;
  const seen::CampaignNo no = seen::number_of(runs->front());
  created_[no] = runs->front().id;
  stop(*scope_of(no), no, false);
}

void World::pause_campaign() {
  if (const auto no = some_campaign()) pause(*no, false);
}

void World::resume_campaign() {
  if (const auto no = some_campaign()) pause(*no, true);
}

void World::pause(seen::CampaignNo no, bool resume) {
  Process* p = serving();
  if (p == nullptr) return;
  const int node = node_of(p), question = ++questions_;
  asked_[question] = node;
  record(seen::PauseAsked{question, node, no, resume});
  const auto failed = [this, node, question, no, resume](dispatch::PauseCode code) {
    if (nodes_[static_cast<std::size_t>(node)].process->dead() || asked_.erase(question) == 0) return;
    record(seen::PauseFailed{question, code});
    if (code == dispatch::PauseCode::store) again_.push_back([this, no, resume] { pause(no, resume); });
  };
  if (resume) {
    const auto past_due = random.below(2) == 0 ? store::PastDue::send : store::PastDue::grace;
    return p->engine()->resume({prepared_.account, created_[no], "sim", past_due},
                               [this, node, question, no, failed](auto result) {
                                 if (!result) return failed(result.error().code);
                                 if (nodes_[static_cast<std::size_t>(node)].process->dead()) return;
                                 if (asked_.erase(question) == 1)
                                   record(seen::Resumed{question, no, result->state});
                               });
  }
  p->engine()->pause({prepared_.account, created_[no], "sim", "test"},
                     [this, node, question, no, failed](auto result) {
                       if (!result) return failed(result.error().code);
                       if (nodes_[static_cast<std::size_t>(node)].process->dead()) return;
                       if (asked_.erase(question) == 1)
                         record(seen::PauseAnswered{question, no, result->planned, result->tally});
                     });
}

void World::stop(Scope scope, seen::CampaignNo campaign, bool latch) {
  Process* p = serving();
  if (p == nullptr) return;
  const int node = node_of(p);
  const int question = ++questions_;
  asked_[question] = node;
  record(seen::StopAsked{question, node, scope, campaign, latch});
  p->engine()->stop(
      {scope, "sim", "test", latch}, [this, question, node, scope, campaign, latch](auto result) {
        const bool again =
            !result && result.error().code == dispatch::StopCode::store && asked_.contains(question);
        answered(question, node, std::move(result));
        if (again) again_.push_back([this, scope, campaign, latch] { stop(scope, campaign, latch); });
      });
}

void World::answered(int question, int node, Result<StopRecord, dispatch::StopError> result) {
  Process& p = *nodes_[static_cast<std::size_t>(node)].process;
  if (p.dead() || asked_.erase(question) == 0) return;
  if (!result) return record(seen::StopFailed{question, result.error().code});
  if (result->latch) latches_.push_back(result->latch);
  seen::StopAnswered answer{question, node, *result, {}};
  for (const Receipt& r : result->receipts) {
    const auto run = p.journal().run_of(r.campaign);
    const auto campaign = p.control().campaign(AccountId{}, r.campaign);
    if (!run || !campaign) continue;  // the disk is in trouble: less is known
    if (created_.contains(seen::number_of(*campaign))) stopped_.push_back(seen::number_of(*campaign));
    std::uint32_t admitted = 0;
    if (*run)
      for (const store::Slice& s : (*run)->slices) admitted += s.cursor - s.begin;
    answer.admitted.emplace_back(seen::number_of(*campaign), admitted);
  }
  record(std::move(answer));
}

void World::release_latches() {
  if (latches_.empty() && !healing_) return;
  Process* p = serving();
  if (p == nullptr) return;
  if (healing_) {
    const auto all = p->control().latches(AccountId{});
    if (!all) return;
    latches_.clear();
    for (const Latch& l : *all) latches_.push_back(l.id);
  }
  for (LatchId latch : std::exchange(latches_, {})) {
    record(seen::ReleaseAsked{latch});  // from here on it may be gone, whether an answer comes or not
    const WallTime now = nodes_[static_cast<std::size_t>(node_of(p))].clock->wall();
    const auto released = p->control().release(AccountId{}, latch, now);
    if (p->dead()) return;
    if (!released && released.error().code != store::Code::not_found) latches_.push_back(latch);
  }
  p->engine()->wake();
}

void World::read() {
  Process* p = serving();
  if (p == nullptr) return;
  for (const auto& [no, id] : created_) {
    const auto live = p->engine()->live(id);
    const auto campaign = p->control().campaign(AccountId{}, id);
    if (live && campaign) record(seen::Read{node_of(p), no, campaign->state, live->tally});
  }
}

// ---- the end -------------------------------------------------------------------------------------

namespace {

seen::Final final_of(const Campaign& c, store::JournalSession& journal) {
  seen::Final f{seen::number_of(c), c.state, false, {}, 0, {}, {}, c.id, c.series, c.occurrence, c.due};
  const auto run = journal.run_of(c.id);
  CHECK(run.has_value());
  if (!*run) return f;
  f.planned = true;
  RunAccount account((*run)->audience);
  for (const store::Slice& s : (*run)->slices) {
    account.admit(s.begin, s.cursor);
    f.admitted += s.cursor - s.begin;
  }
  CHECK(journal.blocks((*run)->id, [&](std::string_view b, WallTime) { CHECK(account.add_block(b)); })
            .has_value());
  const bool ended = c.state == State::stopped;
  f.tally = account.tally(ended);
  auto audience = journal.audience((*run)->id);
  CHECK(audience.has_value());
  std::vector<RecipientId> ids;
  audience->range(0, (*run)->audience, ids);
  for (Ordinal o = 0; o < (*run)->audience; ++o) {
    f.people.push_back(account.recipient(o, ended));
    f.who.push_back(static_cast<seen::Person>(ids[o].value - 1));  // see prepare_disk
  }
  return f;
}

}  // namespace

void World::read_the_end() {
  const bool cut = random.below(2) == 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (cut) kill(static_cast<int>(i));
    nodes_[i].process.reset();
  }
  if (cut) disk_.lose_power(random);
  DiskPort port(disk_, random, "belay-sim-observer");
  store::SqliteOptions options;
  options.vfs = port.name();
  options.make_folder = options.sync_folder = [](const std::string&) { return 0; };
  auto store = store::open_sqlite(observer_folder, std::move(options));
  if (!store) return record(seen::Stuck{"the store can't be opened: " + store.error().text});
  auto control = std::move(*(*store)->control(store::Lane::ordinary));
  auto journal = std::move(*(*store)->journal());
  store::CampaignFilter every;
  every.limit = 10'000;
  const auto campaigns = control->campaigns(every);
  const auto stops = control->stops(AccountId{}, std::nullopt, 10'000);
  if (!campaigns || !stops) return record(seen::Stuck{"the store can't be read"});
  for (const Campaign& c : *campaigns) record(final_of(c, *journal));
  for (const StopRecord& s : *stops) record(seen::FinalStop{s});
}

// ---- the disk they all begin with ------------------------------------------------------------------

namespace {

void add_people(store::Store& store, AccountId account, std::uint32_t people, std::uint32_t persons) {
  auto profiles = std::move(*store.profiles());
  std::vector<std::string> texts;
  std::vector<std::pair<std::string_view, std::string_view>> properties;
  std::vector<store::UploadRecord> records;
  texts.reserve(people * 5);
  properties.reserve(people * 2);
  for (std::uint32_t i = 0; i < people; ++i) {
    const std::string_view who = texts.emplace_back(fmt::format("p{}", i % persons));
    const std::size_t first = properties.size();
    properties.emplace_back("Name", texts.emplace_back(fmt::format("\"Name {}\"", i)));
    if (const std::string zone = zone_of(i); zone != account_zone)
      properties.emplace_back(zone_property, texts.emplace_back(fmt::format("\"{}\"", zone)));
    const std::string_view token = texts.emplace_back(fmt::format("t{}", i));
    const std::string_view device = i < persons ? who : texts.emplace_back(fmt::format("d{}", i));
    records.emplace_back(store::ProfileWrite{
        {store::IdentityKind::identity, who}, device, {&properties[first], properties.size() - first}, {}});
    records.emplace_back(store::AddressWrite{device, Platform::android, token, {}});
  }
  CHECK(profiles->apply(account, records).has_value());
  // The history counts people by their address: its id is one more than their number.
  std::vector<RecipientId> ids;
  for (std::uint32_t i = 0; i < people; ++i) ids.emplace_back(i + 1);
  std::uint32_t no = 0;
  CHECK(profiles
            ->read(account, RecipientKind::address, ids,
                   [&](const store::RecipientRow& row) {
                     const ProfileId owner{no % persons + 1};
                     CHECK(row.found && row.profile == owner && row.token == fmt::format("t{}", no++));
                   })
            .has_value());
}

}  // namespace

Prepared prepare_disk(std::uint32_t people, std::uint32_t persons) {
  Disk disk;
  SeededRandom random(1);
  Prepared prepared;
  prepared.people = people;
  prepared.persons = persons;
  {
    DiskPort port(disk, random, "belay-sim-prepare");
    store::SqliteOptions options;
    options.vfs = port.name();
    options.make_folder = options.sync_folder = [](const std::string&) { return 0; };
    auto store = std::move(*store::open_sqlite(observer_folder, std::move(options)));
    auto control = std::move(*store->control(store::Lane::ordinary));
    prepared.account = control->put_account({{}, "SIM-123-4567", std::string(account_zone), "in1"})->id;
    store::Provider p;
    p.account = prepared.account;
    p.nick_name = "local-fcm";
    p.kind = "fcm";
    p.url = "http://127.0.0.1:9001";
    prepared.provider = control->put_provider(p)->id;
    add_people(*store, prepared.account, people, persons);
    control.reset();
    store.reset();
  }
  prepared.image = disk.image();
  return prepared;
}

}  // namespace belay::sim
