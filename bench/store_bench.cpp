// What the SQLite store takes: commits of the journal and of a stop beside a bare fdatasync of the
// same size, uploads, events, queries about them, scans, reads.
//   store_bench [FOLDER [PEOPLE]]     FOLDER: on the medium to be measured (default: here)
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "audience/planner_scan.h"
#include "base/clock.h"
#include "base/manual.h"
#include "base/random.h"
#include "must.h"
#include "store/sqlite/open.h"

namespace belay::store {
namespace {

const RealClock wall_clock;

double cpu_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

struct Spent {
  double wall = 0, cpu = 0;
};

template <class Work>
Spent timed(Work&& work) {
  const auto began = wall_clock.steady();
  const double cpu = cpu_seconds();
  work();
  return {static_cast<double>((wall_clock.steady() - began).count()) * 1e-6, cpu_seconds() - cpu};
}

// Microseconds, each call timed.
template <class Work>
void latency(const char* what, int times, Work&& work) {
  std::vector<double> each;
  const double cpu = cpu_seconds();
  for (int i = 0; i < times; ++i) each.push_back(timed([&] { work(i); }).wall * 1e6);
  const double cpu_each = (cpu_seconds() - cpu) * 1e6 / times;
  std::sort(each.begin(), each.end());
  const auto at = [&](double q) { return each[static_cast<std::size_t>(q * (times - 1))]; };
  std::printf("%-46s min %6.0f  p50 %6.0f  p99 %6.0f us   cpu %5.0f us\n", what, each.front(), at(0.5),
              at(0.99), cpu_each);
}

void rate(const char* what, std::uint64_t count, const Spent& s, const char* note = "") {
  const auto n = static_cast<double>(count);
  std::printf("%-46s %8.0f /s  %6.2f us each, cpu %5.2f us each  %s\n", what, n / s.wall, s.wall * 1e6 / n,
              s.cpu * 1e6 / n, note);
}

double mebibytes(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<double>(size) / (1024 * 1024);
}

void bare_sync(const std::string& folder) {
  const int fd = ::open((folder + "/bare").c_str(), O_CREAT | O_RDWR, 0600);
  const std::string bytes(48 * 1024, 'x');
  for (int i = 0; i < 8; ++i)
    (void)!::pwrite(fd, bytes.data(), bytes.size(), i * static_cast<off_t>(bytes.size()));
  ::fsync(fd);
  latency("limit: pwrite of 48 KiB and fdatasync", 500, [&](int i) {
    (void)!::pwrite(fd, bytes.data(), bytes.size(), i % 8 * static_cast<off_t>(bytes.size()));
    ::fdatasync(fd);
  });
  ::close(fd);
}

Campaign make_campaign(ControlSession& control, AccountId account, std::int64_t id) {
  Campaign c;
  c.id = CampaignId{id};
  c.account = account;
  c.definition.name = "bench";
  return must(control.create(c));
}

void commits(Store& store, AccountId account) {
  const auto control = must(store.control(Lane::brake));
  const auto journal = must(store.journal());
  AudienceSet audience;
  for (int i = 1; i <= 5'000'000; ++i) audience.add(RecipientId{i});
  audience.compact();
  std::vector<Run> runs;
  std::vector<Campaign> campaigns;
  for (int i = 1; i <= 2; ++i) {
    const Campaign c = make_campaign(*control, account, i);
    must(control->move({c.id, State::scheduled, State::planning, c.epoch, {}, ""}));
    runs.push_back(must(journal->freeze(c, RecipientKind::address, audience, 50'000, {})));
    campaigns.push_back(c);
  }
  const std::string packed(4096, '\x55');
  const auto group = [&](Ordinal from) {
    GroupCommit g;
    for (int i = 0; i < 2; ++i) {
      g.admissions.push_back({runs[i].id, campaigns[i].id, campaigns[i].epoch, SliceNo{0}, from, from + 20});
      g.blocks.push_back({runs[i].id, packed});
      g.progress.push_back({runs[i].id, {}, from});
    }
    return g;
  };
  latency("commit: 2 admissions, 2 blocks of 4 KiB", 1000, [&](int i) {
    if (!must(journal->commit(group(static_cast<Ordinal>(i) * 20))).admitted.at(1)) std::exit(2);
  });
  std::vector<Campaign> more;
  for (int i = 0; i < 300; ++i) more.push_back(make_campaign(*control, account, 1000 + i));
  latency("stop of one campaign, durable", 300, [&](int i) {
    StopEvidence e{.campaign = more[i].id};
    e.receipt.campaign = more[i].id;
    must(control->stop({.scope = {.campaign = more[i].id}, .actor = "bench", .campaigns = {e}}));
  });
}

using Set = std::vector<std::pair<std::string_view, std::string_view>>;

struct People {
  std::vector<std::string> identity, device, token;
  Set set{{"Name", "\"Priya Sharma\""}, {"City", "\"Bengaluru\""}, {"Points", "1520"}};
  std::size_t size() const { return identity.size(); }
};

People people(std::uint32_t from, std::uint32_t count, bool shuffled) {
  SeededRandom random(from + 1);
  People p;
  for (std::uint32_t n = from; n < from + count; ++n) {
    p.identity.push_back(shuffled ? random_hex(random, 8) : fmt::format("customer-{:07}", n));
    p.device.push_back(shuffled ? random_hex(random, 8) : fmt::format("device-{:07}", n));
    p.token.push_back(random_hex(random, 76));
  }
  return p;
}

template <class Record>
Spent upload(Store& store, ProfileSession& session, AccountId account, const People& p, std::size_t batch,
             Record&& record) {
  Spent sum;
  for (std::size_t from = 0; from < p.size(); from += batch) {
    std::vector<UploadRecord> records;
    for (std::size_t i = from; i < std::min(p.size(), from + batch); ++i) records.push_back(record(i));
    const Spent s = timed([&] { must(session.apply(account, records)); });
    sum.wall += s.wall, sum.cpu += s.cpu;
    if (from / batch % 100 == 99) must(store.tidy_up());
  }
  return sum;
}

void uploads(Store& store, const std::string& folder, AccountId account, std::uint32_t count) {
  const auto session = must(store.profiles());
  const auto profile = [](const People& p) {
    return [&p](std::size_t i) {
      return ProfileWrite{{IdentityKind::identity, p.identity[i]}, "", p.set, {}};
    };
  };
  const auto known = [](const People& p) {
    return [&p](std::size_t i) {
      return ProfileWrite{{IdentityKind::identity, p.identity[i]}, p.device[i], p.set, {}};
    };
  };
  const auto token = [](const People& p) {
    return [&p](std::size_t i) { return AddressWrite{p.device[i], Platform::android, p.token[i], ""}; };
  };
  const auto log = [&] {
    const std::string size = fmt::format("(log {:.0f} MiB)", mebibytes(folder + "/profiles.db-wal"));
    must(store.tidy_up());
    return size;
  };
  const People numbered = people(0, count / 4, false), random = people(count, count / 4, true);
  rate("new profiles, numbered, by 1000", numbered.size(),
       upload(store, *session, account, numbered, 1000, profile(numbered)), log().c_str());
  rate("the same again, unchanged", numbered.size(),
       upload(store, *session, account, numbered, 1000, profile(numbered)), log().c_str());
  rate("new profiles, random names, by 1000", random.size(),
       upload(store, *session, account, random, 1000, profile(random)), log().c_str());
  const People fresh = people(3 * count, count / 4, false), strangers = people(4 * count, count / 4, true);
  rate("new devices with tokens, numbered, by 1000", fresh.size(),
       upload(store, *session, account, fresh, 1000, token(fresh)), log().c_str());
  rate("new devices with tokens, random, by 1000", strangers.size(),
       upload(store, *session, account, strangers, 1000, token(strangers)), log().c_str());
  const People whole = people(5 * count, count / 2, false);
  rate("new profiles with device, numbered, by 1000", whole.size(),
       upload(store, *session, account, whole, 1000, known(whole)), log().c_str());
  rate("tokens of known devices, numbered, by 1000", whole.size(),
       upload(store, *session, account, whole, 1000, token(whole)), log().c_str());
}

// Of people who are known, each as likely as any other.
void events(Store& store, const std::string& folder, AccountId account, std::uint32_t count) {
  const auto session = must(store.profiles());
  const People known = people(0, count / 4, false);
  SeededRandom random(7);
  const auto batch = [&](const char* what, std::uint32_t total) {
    Spent sum;
    for (std::uint32_t from = 0; from < total; from += 1000) {
      std::vector<UploadRecord> records;
      for (std::uint32_t i = from; i < from + 1000; ++i)
        records.push_back(EventWrite{{IdentityKind::identity, known.identity[random.below(known.size())]},
                                     i % 4 == 0 ? "Charged" : "Opened",
                                     R"({"Amount":1520,"Currency":"INR","Items":[{"Category":"books"}]})",
                                     wall_from_micros(1'457'432'766'000'000 + std::int64_t{i} * 1'000'000)});
      const Spent s = timed([&] { must(session->apply(account, records)); });
      sum.wall += s.wall, sum.cpu += s.cpu;
      if (from / 1000 % 100 == 99) must(store.tidy_up());
    }
    rate(what, total, sum,
         fmt::format("(profiles.db {:.0f} MiB)", mebibytes(folder + "/profiles.db")).c_str());
  };
  batch("events of known people, by 1000", count / 2);
  batch("as many again", count / 2);
}

// Whom a query means, by going through all events and all people.
void queries(Store& store, AccountId account) {
  const auto session = must(store.profiles());
  const auto run = [&](const char* what, std::string_view where) {
    std::uint32_t found = 0;
    const Spent spent = timed([&] {
      audience::Scan scan(*audience::Query::parse_text(where),
                          {.account = account,
                           .kind = RecipientKind::profile,
                           .zone = *TimeZone::named("UTC"),
                           .now = wall_from_micros(1'460'000'000'000'000)});
      while (!must(scan.step(*session))) {
      }
      found = scan.reach().total;
    });
    std::printf("%-46s %8.0f ms, cpu %6.0f ms  (%u people)\n", what, spent.wall * 1e3, spent.cpu * 1e3,
                found);
  };
  run("query: did one event", R"({"event_name":"Charged"})");
  run("query: an item's property, at least twice",
      R"({"advanced_query":{"did_all":[{"event_name":"Charged",)"
      R"("event_properties":[{"name":"Items|Category","value":"books"}],)"
      R"("operator":"greater_than","value":1}]}})");
  run("query: did none of two, in a city",
      R"({"common_profile_properties":{"profile_fields":[{"name":"City","value":"Bengaluru"}]},)"
      R"("advanced_query":{"did_none":[{"event_name":"Charged"},{"event_name":"Opened"}]}})");
}

std::uint64_t scan_all(ProfileSession& session, ScanQuery query) {
  std::uint64_t rows = 0, bytes = 0;
  while (const auto last =
             must(session.scan(query, [&](const ScanRow& row) { ++rows, bytes += row.properties.size(); })))
    query.after = *last;
  return rows;
}

void reads(Store& store, AccountId account) {
  const auto session = must(store.profiles());
  std::uint64_t rows = 0;
  const Spent lean = timed([&] { rows = scan_all(*session, {.account = account}); });
  rate("scan of addresses", rows, lean,
       fmt::format("({} rows, {:.0f} ms a million)", rows, lean.wall * 1e9 / static_cast<double>(rows))
           .c_str());
  const Spent rich = timed([&] { rows = scan_all(*session, {.account = account, .with_properties = true}); });
  rate("scan of addresses with properties", rows, rich,
       fmt::format("({:.0f} ms a million)", rich.wall * 1e9 / static_cast<double>(rows)).c_str());
  for (const std::int64_t step : {1, 3, 50}) {
    std::vector<RecipientId> ids;
    std::uint64_t read = 0;
    const Spent s = timed([&] {
      for (std::int64_t id = 1; id <= static_cast<std::int64_t>(rows); id += step) {
        ids.emplace_back(id);
        if (ids.size() < 512) continue;
        must(session->read(account, RecipientKind::address, ids,
                           [&](const RecipientRow& row) { read += row.found ? 1 : 0; }));
        ids.clear();
      }
    });
    rate(fmt::format("read by 512, every id that {} divides", step).c_str(), read, s);
  }
}

double resident_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  return 0;
}

int run(const std::string& parent, std::uint32_t count) {
  const std::string folder = parent + "/store_bench.data";
  std::filesystem::remove_all(folder);
  {
    const auto store = must(open_sqlite(folder));
    const AccountId account =
        must(must(store->control(Lane::ordinary))->put_account({{}, "A", "UTC", "eu1"})).id;
    bare_sync(folder);
    commits(*store, account);
    uploads(*store, folder, account, count);
    events(*store, folder, account, count);
    queries(*store, account);
    reads(*store, account);
    std::printf("profiles.db %.0f MiB, belay.db %.0f MiB, resident %.0f MiB\n",
                mebibytes(folder + "/profiles.db"), mebibytes(folder + "/belay.db"), resident_mebibytes());
  }
  const Spent opened = timed([&] {
    const auto store = must(open_sqlite(folder));
    must(store->profiles());
  });
  std::printf("open again: %.1f ms\n", opened.wall * 1e3);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace belay::store

int main(int argc, char** argv) {
  return belay::store::run(argc > 1 ? argv[1] : ".",
                           argc > 2 ? static_cast<std::uint32_t>(std::atoi(argv[2])) : 1'000'000);
}
