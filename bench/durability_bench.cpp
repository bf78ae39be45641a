// What it costs to be certain: commits of the journal and stops, with synchronous=FULL (what Belay runs),
// with what NORMAL and OFF would leave out, and a bare write and fdatasync of the same size, in turn, in one
// run. And what the audit trail is of a stop: the same stop where the trail keeps nothing.
//   durability_bench [FOLDER [TIMES]]     FOLDER: on the medium to be measured (default: here)
// One line of JSON a measurement on standard output, a table on standard error.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/clock.h"
#include "store/sqlite/db.h"
#include "must.h"
#include "store/sqlite/open.h"
#include "store/sqlite/testing_sync_vfs.h"

namespace belay::store {
namespace {

namespace fs = std::filesystem;
using sqlite::Syncs;

const RealClock wall_clock;
constexpr std::size_t entry_bytes = 4;  // of an outcome in the journal
constexpr int warm_up = 20;

class Samples {
 public:
  template <class Work>
  void time(Work&& work) {
    const auto began = wall_clock.steady();
    work();
    us_.push_back(static_cast<double>((wall_clock.steady() - began).count()));
  }
  double at(double q) {
    std::sort(us_.begin(), us_.end());
    return us_.at(static_cast<std::size_t>(q * static_cast<double>(us_.size() - 1)));
  }

 private:
  std::vector<double> us_;
};

enum class Trail { kept, not_kept };

// The table `audit` becomes one that takes every row and keeps none: what is left out is writing, not
// hashing.
void keep_no_trail(const std::string& folder) {
  { const auto made = must(open_sqlite(folder)); }
  const auto db = must(sqlite::Db::open(folder + "/belay.db", {}));
  must(
      db->script("DROP TABLE audit;"
                 "CREATE VIEW audit AS SELECT 0 AS id, 0 AS at, 0 AS account, '' AS actor, '' AS action,"
                 " '' AS subject, '' AS \"before\", '' AS \"after\", '' AS detail, '' AS hash WHERE 0;"
                 "CREATE TRIGGER keep_none INSTEAD OF INSERT ON audit BEGIN SELECT 1; END"));
}

// A store whose syncs are all done, or some left out; with one run that never ends.
class Store1 {
 public:
  Store1(const std::string& folder, const char* name, Syncs syncs, Trail trail = Trail::kept)
      : vfs_(name, syncs) {
    fs::create_directories(folder);
    if (trail == Trail::not_kept) keep_no_trail(folder);
    store_ = must(open_sqlite(folder, {.vfs = name}));
    control_ = must(store_->control(Lane::brake));
    journal_ = must(store_->journal());
    campaign_.account = must(control_->put_account({{}, "A", "UTC", "eu1"})).id;
    campaign_ = create(1);
    must(control_->move({campaign_.id, State::scheduled, State::planning, campaign_.epoch, {}, ""}));
    AudienceSet audience;
    for (int i = 1; i <= 5'000'000; ++i) audience.add(RecipientId{i});
    audience.compact();
    run_ = must(journal_->freeze(campaign_, RecipientKind::address, audience, 5'000'000, {}));
  }
  void admit(std::uint32_t count) {
    const GroupCommit g{
        .admissions = {{run_.id, campaign_.id, campaign_.epoch, SliceNo{0}, cursor_, cursor_ + count}}};
    if (!must(journal_->commit(g)).admitted.at(0)) std::exit(2);
    cursor_ += count;
  }
  void record(std::uint32_t count) {
    must(journal_->commit({.blocks = {{run_.id, std::string(count * entry_bytes, '\x55')}}}));
  }
  void make_campaign() { waiting_ = create(++last_); }
  void stop() {
    StopEvidence e{.campaign = waiting_.id};
    e.receipt.campaign = waiting_.id;
    must(control_->stop({.scope = {.campaign = waiting_.id}, .actor = "bench", .campaigns = {e}}));
  }
  void tidy_up() { must(store_->tidy_up()); }

 private:
  Campaign create(std::int64_t id) {
    Campaign c;
    c.id = CampaignId{id};
    c.account = campaign_.account;
    c.definition.name = "bench";
    return must(control_->create(c));
  }

  sqlite::SyncVfs vfs_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ControlSession> control_;
  std::unique_ptr<JournalSession> journal_;
  Campaign campaign_, waiting_;
  store::Run run_;
  Ordinal cursor_ = 0;
  std::int64_t last_ = 1000;
};

// The limit: as many bytes as such a commit puts into the log, written and synced, over a file that is there.
class Bare {
 public:
  explicit Bare(const std::string& folder) : fd_(::open((folder + "/bare").c_str(), O_CREAT | O_RDWR, 0600)) {
    const std::string bytes(std::size_t{1} << 20, 'x');
    for (int i = 0; i < 8; ++i) (void)!::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(i) << 20);
    ::fsync(fd_);
  }
  ~Bare() { ::close(fd_); }
  void write(std::size_t bytes) {
    const std::string page(bytes, 'y');
    at_ = (at_ + static_cast<off_t>(bytes)) % (off_t{7} << 20);
    (void)!::pwrite(fd_, page.data(), page.size(), at_);
    ::fdatasync(fd_);
  }

 private:
  int fd_;
  off_t at_ = 0;
};

struct Step {
  std::string name;
  std::uint32_t batch;
  std::size_t bare_bytes;
  std::function<void(Store1&)> before, work;
};

std::vector<Step> steps() {
  constexpr std::size_t frame = 4096 + 24;
  std::vector<Step> out;
  for (const std::uint32_t n : {1u, 100u, 1000u, 8192u})
    out.push_back({"admission", n, 2 * frame, [](Store1&) {}, [n](Store1& s) { s.admit(n); }});
  for (const std::uint32_t n : {1u, 100u, 1000u, 8192u})
    out.push_back({"outcomes", n, (2 + n * entry_bytes / 4096) * frame, [](Store1&) {},
                   [n](Store1& s) { s.record(n); }});
  out.push_back({"stop", 1, 6 * frame, [](Store1& s) { s.make_campaign(); }, [](Store1& s) { s.stop(); }});
  return out;
}

void measure(const std::string& folder, int times) {
  const std::array names{"full", "normal", "off"};
  const std::array syncs{Syncs::all, Syncs::no_log, Syncs::none};
  std::vector<std::unique_ptr<Store1>> stores;
  for (std::size_t i = 0; i < names.size(); ++i) {
    stores.push_back(std::make_unique<Store1>(folder + "/" + names[i], names[i], syncs[i]));
  }
  Bare bare(folder);
  std::fprintf(stderr, "%-10s %6s  %22s  %20s  %20s  %14s\n", "p50, us", "batch", "FULL (p99; each)",
               "NORMAL (ratio)", "OFF (ratio)", "bare sync");
  for (const Step& step : steps()) {
    std::array<Samples, 3> each;
    Samples limit;
    for (int t = 0; t < times + warm_up; ++t) {
      for (std::size_t i = 0; i < stores.size(); ++i) {  // in turn, so that the disk's moods hit all of them
        step.before(*stores[i]);
        Samples ignored;
        (t < warm_up ? ignored : each[i]).time([&] { step.work(*stores[i]); });
      }
      if (t >= warm_up) limit.time([&] { bare.write(step.bare_bytes); });
      if (t % 50 == 49)
        for (auto& s : stores) s->tidy_up();
    }
    const double full = each[0].at(0.5), normal = each[1].at(0.5), off = each[2].at(0.5);
    std::fprintf(stderr, "%-10s %6u  %6.0f (%6.0f; %6.2f)  %10.0f (%5.1fx)  %10.0f (%5.1fx)  %6.0f (%6.0f)\n",
                 step.name.c_str(), step.batch, full, each[0].at(0.99), full / step.batch, normal,
                 full / normal, off, full / off, limit.at(0.5), limit.at(0.99));
    std::printf(R"({"what":"%s","batch":%u,"full_us":%.0f,"full_p99_us":%.0f,"normal_us":%.0f,"off_us":%.0f,)"
                R"("bare_us":%.0f,"bare_p99_us":%.0f})"
                "\n",
                step.name.c_str(), step.batch, full, each[0].at(0.99), normal, off, limit.at(0.5),
                limit.at(0.99));
  }
}

// One campaign's stop leaves two rows: the campaign's and its own.
void measure_trail(const std::string& folder, int times) {
  const std::array names{"full_kept", "full_not_kept", "off_kept", "off_not_kept"};
  const std::array syncs{Syncs::all, Syncs::all, Syncs::none, Syncs::none};
  std::vector<std::unique_ptr<Store1>> stores;
  for (std::size_t i = 0; i < names.size(); ++i)
    stores.push_back(std::make_unique<Store1>(folder + "/" + names[i], names[i], syncs[i],
                                              i % 2 == 0 ? Trail::kept : Trail::not_kept));
  std::array<Samples, 4> each;
  for (int t = 0; t < times + warm_up; ++t) {
    for (std::size_t n = 0; n < stores.size(); ++n) {
      // In turn, and each first as often as the others: who comes after a sync finds another disk.
      const std::size_t i = (n + static_cast<std::size_t>(t)) % stores.size();
      stores[i]->make_campaign();
      Samples ignored;
      (t < warm_up ? ignored : each[i]).time([&] { stores[i]->stop(); });
    }
    if (t % 50 == 49)
      for (auto& s : stores) s->tidy_up();
  }
  const double kept = each[0].at(0.5), not_kept = each[1].at(0.5);
  const double off_kept = each[2].at(0.5), off_not_kept = each[3].at(0.5);
  std::fprintf(
      stderr,
      "a stop's audit rows: FULL %.0f with, %.0f without (%.2fx); OFF %.0f with, %.0f without (%.2fx)\n",
      kept, not_kept, kept / not_kept, off_kept, off_not_kept, off_kept / off_not_kept);
  std::printf(R"({"what":"trail","full_us":%.0f,"full_without_us":%.0f,"full_ratio":%.3f,"off_us":%.0f,)"
              R"("off_without_us":%.0f,"off_ratio":%.3f})"
              "\n",
              kept, not_kept, kept / not_kept, off_kept, off_not_kept, off_kept / off_not_kept);
}

}  // namespace
}  // namespace belay::store

int main(int argc, char** argv) {
  const std::string folder = std::string(argc > 1 ? argv[1] : ".") + "/durability-bench";
  const int times = argc > 2 ? std::atoi(argv[2]) : 300;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  belay::store::measure(folder, times);
  belay::store::measure_trail(folder, times);
  std::filesystem::remove_all(folder);
}
