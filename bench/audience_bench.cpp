// How many does a query of five conditions reach? Belay's index, going through everybody, and SQL in SQLite.
//   audience_bench belay PEOPLE EVENTS FOLDER    fills a store as uploads do, then asks
//   audience_bench sqlite PEOPLE EVENTS FOLDER   the same rows in tables with indexes
//   audience_bench rows people|events PEOPLE EVENTS   the same rows as tab-separated text, for COPY
//   audience_bench questions                     the questions as JSON
// Prints one JSON object.
#include <sqlite3.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "audience/index/answer.h"
#include "audience/index/upkeep.h"
#include "audience/planner_scan.h"
#include "audience_data.h"
#include "base/clock.h"
#include "base/json.h"
#include "must.h"
#include "store/sqlite/open.h"

namespace belay::bench {

std::vector<Question> questions() {
  struct Days {
    int from, to;  // before the last day, for SQL; as dates for Belay
  };
  const auto stamp = [](std::int64_t before) {
    const TimeZone utc = *TimeZone::named("UTC");
    return utc.day_stamp(wall_from_micros((first_day + days - 1 - before) * 86'400'000'000));
  };
  const auto field = [](const char* name, const char* op, std::string value) {
    return fmt::format(R"({{"name":"{}","operator":"{}","value":{}}})", name, op, value);
  };
  const auto event = [&](int name, int before) {
    return fmt::format(R"({{"event_name":"{}","from":{},"to":{}}})",
                       event_names[static_cast<std::size_t>(name)], stamp(before), stamp(0));
  };
  const auto make = [&](const char* name, std::vector<std::string> fields, std::string did,
                        std::string did_not, std::string sql_fields, int did_name, int did_before,
                        int not_name, int not_before) {
    const auto since = [](int before) { return (first_day + days - 1 - before) * 86'400; };
    return Question{
        name,
        fmt::format(
            R"({{"common_profile_properties":{{"profile_fields":[{}]}},)"
            R"("advanced_query":{{"did_all":[{}],"did_none":[{}]}}}})",
            fmt::join(fields, ","), did, did_not),
        fmt::format(
            "SELECT platform, count(*) FROM person p WHERE {} AND EXISTS (SELECT 1 FROM event e WHERE "
            "e.person = p.id"
            " AND e.name = {} AND e.at >= {}) AND NOT EXISTS (SELECT 1 FROM event e WHERE e.person = p.id"
            " AND e.name = {} AND e.at >= {}) GROUP BY platform ORDER BY platform",
            sql_fields, did_name, since(did_before), not_name, since(not_before))};
  };
  return {
      make("narrow: two cities, one plan",
           {field("City", "equals", R"(["City 3","City 7"])"), field("Plan", "equals", R"("Plan 1")"),
            field("Age", "greater_than_equals", "30")},
           event(6, 29), event(18, 89), "city IN ('City 3','City 7') AND plan = 'Plan 1' AND age >= 30", 6,
           29, 18, 89),
      make("typical: a language, opted in",
           {field("Language", "equals", R"("Language 1")"), field("Opted In", "equals", "true"),
            field("Points", "greater_than", "20000")},
           event(3, 29), event(19, 89), "language = 'Language 1' AND opted_in = true AND points > 20000", 3,
           29, 19, 89),
      make("broad: three countries",
           {field("Country", "equals", R"(["Country 0","Country 1","Country 2","Country 3","Country 4"])"),
            field("Age", "less_than", "60"),
            field("Signed Up", "less_than", fmt::format("\"$D_{}\"", (first_day + 300) * 86'400))},
           event(1, 89), event(18, 29),
           fmt::format("country IN ('Country 0','Country 1','Country 2','Country 3','Country 4') AND age < "
                       "60 AND signed_up < {}",
                       (first_day + 300) * 86'400),
           1, 89, 18, 29),
      make("very broad: nearly everybody",
           {field("Gender", "not_equals", R"("Gender 2")"), field("Visits", "greater_than", "10"),
            field("Spend", "greater_than", "100.5")},
           event(0, 89), event(19, 29), "gender <> 'Gender 2' AND visits > 10 AND spend > 100.5", 0, 89, 19,
           29),
      make("one person's address",
           {field("Email", "equals", R"("email-4711@example.com")"),
            field("Age", "greater_than_equals", "18"), field("Visits", "greater_than_equals", "0")},
           event(0, 364), event(19, 0), "email = 'email-4711@example.com' AND age >= 18 AND visits >= 0", 0,
           364, 19, 0),
  };
}

namespace {

using store::must;
const RealClock wall_clock;

template <class Work>
double seconds(Work&& work) {
  const auto began = wall_clock.steady();
  work();
  return static_cast<double>((wall_clock.steady() - began).count()) * 1e-6;
}

json::object times(std::vector<double> ms) {
  std::ranges::sort(ms);
  return {{"p50_ms", ms[ms.size() / 2]}, {"best_ms", ms.front()}, {"worst_ms", ms.back()}};
}

double status_mib(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::atof(line.c_str() + std::string_view(key).size() + 1) / 1024;
  return 0;
}

double files_mib(const std::string& path) {
  double sum = 0;
  for (const char* end : {"", "-wal"}) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path + end, none);
    if (!none) sum += static_cast<double>(size) / (1024 * 1024);
  }
  return sum;
}

// ---- Belay ---------------------------------------------------------------------------------------------

constexpr std::size_t batch = 1000;

struct Uploader {
  store::ProfileSession& session;
  AccountId account;

  void person(std::uint64_t from, std::uint64_t to) {
    std::vector<std::string> identities, devices, tokens;
    std::vector<std::array<std::string, properties.size()>> values(to - from);
    std::vector<std::array<std::pair<std::string_view, std::string_view>, properties.size()>> sets(to - from);
    for (std::uint64_t i = from; i < to; ++i) {
      identities.push_back(fmt::format("person-{}", i));
      devices.push_back(fmt::format("device-{}", i));
      tokens.push_back(fmt::format("token-{:032x}", mixed(i)));
      for (std::size_t p = 0; p < properties.size(); ++p) {
        values[i - from][p] = json_value(i, p);
        sets[i - from][p] = {properties[p].name, values[i - from][p]};
      }
    }
    std::vector<store::UploadRecord> records;
    for (std::uint64_t i = 0; i < to - from; ++i)
      records.push_back(
          store::ProfileWrite{{store::IdentityKind::identity, identities[i]}, devices[i], sets[i], {}});
    spent_profiles += seconds([&] { must(session.apply(account, records)); });
    records.clear();
    for (std::uint64_t i = 0; i < to - from; ++i)
      records.push_back(
          store::AddressWrite{devices[i], static_cast<Platform>(platform_of(from + i)), tokens[i], ""});
    must(session.apply(account, records));
  }

  void event(std::uint64_t from, std::uint64_t to, std::uint64_t events, std::uint64_t people) {
    std::vector<std::string> identities;
    std::vector<EventRow> rows;
    for (std::uint64_t i = from; i < to; ++i) {
      rows.push_back(event_row(i, events, people));
      identities.push_back(fmt::format("person-{}", rows.back().person));
    }
    std::vector<store::UploadRecord> records;
    for (std::size_t i = 0; i < rows.size(); ++i)
      records.push_back(store::EventWrite{{store::IdentityKind::identity, identities[i]},
                                          event_names[rows[i].name],
                                          "{}",
                                          wall_from_micros(rows[i].at * 1'000'000)});
    spent_events += seconds([&] { must(session.apply(account, records)); });
  }

  double spent_profiles = 0, spent_events = 0;
};

json::object ask_all(store::ProfileSession& session, AccountId account, std::uint64_t people) {
  const TimeZone utc = *TimeZone::named("UTC");
  json::object out;
  for (const Question& q : questions()) {
    const auto query = audience::Query::parse_text(q.where);
    if (!query) std::cerr << query.error().text << '\n', std::exit(2);
    const audience::index::Question question{.account = account,
                                             .query = *query,
                                             .zone = utc,
                                             .now = wall_from_micros((first_day + days) * 86'400'000'000)};
    std::vector<double> each;
    std::optional<audience::index::Answer> answer;
    const double cold =
        seconds([&] { answer = must(audience::index::ask(*session.index(), question)); }) * 1e3;
    for (int i = 0; i < 51; ++i)
      each.push_back(seconds([&] { answer = must(audience::index::ask(*session.index(), question)); }) * 1e3);
    if (!answer) std::cerr << "the index does not answer: " << q.name << '\n', std::exit(2);
    json::object one = times(std::move(each));
    one["first_ms"] = cold;
    one["found"] = {answer->by_platform[0], answer->by_platform[1]};
    out[q.name] = std::move(one);
    std::cerr << q.name << ": " << json::serialize(out[q.name]) << '\n';
  }
  (void)people;
  return out;
}

int belay(std::uint64_t people, std::uint64_t events, const std::string& folder) {
  json::object out;
  const auto store = must(store::open_sqlite(folder));
  const AccountId account =
      must(must(store->control(store::Lane::ordinary))->put_account({{}, "BENCH", "UTC", "in1"})).id;
  const auto session = must(store->profiles());
  std::atomic<bool> over = false;
  double upkeep_seconds = 0;
  std::thread housekeeper([&] {  // as the server's
    const auto own = must(store->profiles());
    while (!over) {
      upkeep_seconds += seconds([&] { must(audience::index::catch_up(*own->index(), account, "UTC")); });
      must(store->tidy_up());
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  });
  Uploader up{*session, account};
  const double people_seconds = seconds([&] {
    for (std::uint64_t i = 0; i < people; i += batch) up.person(i, std::min(i + batch, people));
  });
  std::cerr << people << " people: " << people_seconds << " s\n";
  const double event_seconds = seconds([&] {
    for (std::uint64_t i = 0; i < events; i += batch)
      up.event(i, std::min(i + batch, events), events, people);
  });
  std::cerr << events << " events: " << event_seconds << " s\n";
  over = true;
  housekeeper.join();
  const double behind = seconds([&] {
    while (!must(audience::index::catch_up(*session->index(), account, "UTC"))) {
    }
  });
  must(store->tidy_up());
  out["profiles_per_second"] = static_cast<double>(people) / up.spent_profiles;
  out["events_per_second"] = static_cast<double>(events) / up.spent_events;
  out["upkeep_seconds"] = upkeep_seconds;
  out["behind_seconds"] = behind;
  out["rss_before_mib"] = status_mib("VmRSS:");
  out["questions"] = ask_all(*session, account, people);
  out["rss_mib"] = status_mib("VmRSS:");
  out["most_mib"] = status_mib("VmHWM:");
  out["store_mib"] = files_mib(folder + "/profiles.db");
  sqlite3* db = nullptr;
  sqlite3_open_v2((folder + "/profiles.db").c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_stmt* st = nullptr;
  sqlite3_prepare_v2(
      db, "SELECT sum(pgsize) FROM dbstat WHERE name IN ('index_bits','index_field','index_change')", -1, &st,
      nullptr);
  if (st == nullptr)
    sqlite3_prepare_v2(db, "SELECT sum(length(bits) + 12) FROM index_bits", -1, &st, nullptr);
  if (sqlite3_step(st) == SQLITE_ROW)
    out["index_mib"] = static_cast<double>(sqlite3_column_int64(st, 0)) / (1024 * 1024);
  sqlite3_finalize(st);
  sqlite3_close(db);
  std::cout << json::serialize(out) << '\n';
  return 0;
}

// Going through everybody, once for each question: the answers must be the same.
int scan(const std::string& folder) {
  const auto store = must(store::open_sqlite(folder));
  const AccountId account = must(must(store->control(store::Lane::ordinary))->accounts()).front().id;
  const auto session = must(store->profiles());
  json::object out;
  for (const Question& q : questions()) {
    audience::ScanSpec spec{.account = account};
    spec.zone = *TimeZone::named("UTC");
    spec.now = wall_from_micros((first_day + days) * 86'400'000'000);
    spec.with_index = false;
    audience::Scan scan(*audience::Query::parse_text(q.where), spec);
    const double took = seconds([&] {
      while (!must(scan.step(*session))) {
      }
    });
    const audience::Reach reach = scan.reach();
    out[q.name] = json::object{{"ms", took * 1e3}, {"found", {reach.by_platform[0], reach.by_platform[1]}}};
  }
  std::cout << json::serialize(out) << '\n';
  return 0;
}

// ---- SQL in SQLite -------------------------------------------------------------------------------------

void run_sql(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::cerr << sql << ": " << sqlite3_errmsg(db) << '\n';
  std::exit(2);
}

void bind_value(sqlite3_stmt* st, int at, std::uint64_t person, std::size_t property) {
  const std::string text = sql_value(person, property);
  switch (properties[property].holds) {
    case Holds::text:
      sqlite3_bind_text(st, at, text.c_str(), -1, SQLITE_TRANSIENT);
      break;
    case Holds::real:
      sqlite3_bind_double(st, at, std::atof(text.c_str()));
      break;
    case Holds::truth:
      sqlite3_bind_int(st, at, text == "true");
      break;
    default:
      sqlite3_bind_int64(st, at, std::atoll(text.c_str()));
  }
}

void fill_sqlite(sqlite3* db, std::uint64_t people, std::uint64_t events) {
  std::string columns, marks;
  for (const Property& p : properties) columns += fmt::format(", {}", p.column), marks += ",?";
  run_sql(db, fmt::format("CREATE TABLE person (id INTEGER PRIMARY KEY, platform INTEGER{})", columns));
  run_sql(db, "CREATE TABLE event (person INTEGER, name INTEGER, at INTEGER)");
  run_sql(db, "BEGIN");
  sqlite3_stmt* st = nullptr;
  sqlite3_prepare_v2(db, fmt::format("INSERT INTO person VALUES (?,?{})", marks).c_str(), -1, &st, nullptr);
  for (std::uint64_t i = 0; i < people; ++i) {
    sqlite3_bind_int64(st, 1, static_cast<sqlite3_int64>(i));
    sqlite3_bind_int(st, 2, static_cast<int>(platform_of(i)));
    for (std::size_t p = 0; p < properties.size(); ++p) bind_value(st, static_cast<int>(p) + 3, i, p);
    sqlite3_step(st);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  sqlite3_prepare_v2(db, "INSERT INTO event VALUES (?,?,?)", -1, &st, nullptr);
  for (std::uint64_t i = 0; i < events; ++i) {
    const EventRow row = event_row(i, events, people);
    sqlite3_bind_int64(st, 1, static_cast<sqlite3_int64>(row.person));
    sqlite3_bind_int(st, 2, static_cast<int>(row.name));
    sqlite3_bind_int64(st, 3, row.at);
    sqlite3_step(st);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  run_sql(db, "COMMIT");
  for (const Property& p : properties)
    run_sql(db, fmt::format("CREATE INDEX person_{0} ON person ({0})", p.column));
  run_sql(db, "CREATE INDEX event_of_person ON event (person, name, at)");
  run_sql(db, "CREATE INDEX event_of_name ON event (name, at, person)");
  run_sql(db, "ANALYZE");
}

int sqlite(std::uint64_t people, std::uint64_t events, const std::string& folder) {
  sqlite3* db = nullptr;
  const std::string path = folder + "/sql.db";
  sqlite3_open(path.c_str(), &db);
  run_sql(db,
          "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; PRAGMA "
          "mmap_size = 0");
  json::object out;
  out["fill_seconds"] = seconds([&] { fill_sqlite(db, people, events); });
  std::cerr << "SQLite filled\n";
  json::object asked;
  for (const Question& q : questions()) {
    sqlite3_stmt* st = nullptr;
    sqlite3_prepare_v2(db, q.sql.c_str(), -1, &st, nullptr);
    std::vector<double> each;
    std::array<std::int64_t, 2> found{};
    double all = 0;
    for (int i = 0; i < 11 && (i < 3 || all < 20); ++i) {
      found = {};
      each.push_back(seconds([&] {
                       while (sqlite3_step(st) == SQLITE_ROW)
                         found[static_cast<std::size_t>(sqlite3_column_int(st, 0))] =
                             sqlite3_column_int64(st, 1);
                       sqlite3_reset(st);
                     }) *
                     1e3);
      all += each.back() / 1e3;
    }
    sqlite3_finalize(st);
    each.erase(each.begin());  // the first is cold
    json::object one = times(std::move(each));
    one["found"] = {found[0], found[1]};
    asked[q.name] = std::move(one);
    std::cerr << q.name << ": " << json::serialize(asked[q.name]) << '\n';
  }
  out["questions"] = std::move(asked);
  out["store_mib"] = files_mib(path);
  out["rss_mib"] = status_mib("VmRSS:");
  sqlite3_close(db);
  std::cout << json::serialize(out) << '\n';
  return 0;
}

// ---- rows for others ---------------------------------------------------------------------------------

int rows(std::string_view of, std::uint64_t people, std::uint64_t events) {
  fmt::memory_buffer out;
  const auto flush = [&](std::size_t at) {
    if (out.size() < at) return;
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
  };
  if (of == "people") {
    for (std::uint64_t i = 0; i < people; ++i) {
      fmt::format_to(std::back_inserter(out), "{}\t{}", i, platform_of(i));
      for (std::size_t p = 0; p < properties.size(); ++p)
        fmt::format_to(std::back_inserter(out), "\t{}", sql_value(i, p));
      out.push_back('\n');
      flush(1 << 20);
    }
  } else {
    for (std::uint64_t i = 0; i < events; ++i) {
      const EventRow row = event_row(i, events, people);
      fmt::format_to(std::back_inserter(out), "{}\t{}\t{}\n", row.person, row.name, row.at);
      flush(1 << 20);
    }
  }
  flush(0);
  return 0;
}

int list_questions() {
  json::array all, columns;
  for (const Question& q : questions())
    all.push_back(json::object{{"name", q.name}, {"where", q.where}, {"sql", q.sql}});
  constexpr std::array<const char*, 5> types{"text", "integer", "double precision", "bigint", "boolean"};
  for (const Property& p : properties)
    columns.push_back(json::object{{"name", p.column}, {"type", types[static_cast<std::size_t>(p.holds)]}});
  std::cout << json::serialize(json::object{{"questions", std::move(all)}, {"columns", std::move(columns)}})
            << '\n';
  return 0;
}

int run(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t at) { return std::strtoull(words[at].c_str(), nullptr, 10); };
  if (words.size() == 1 && words[0] == "questions") return list_questions();
  if (words.size() == 2 && words[0] == "scan") return scan(words[1]);
  if (words.size() == 4 && words[0] == "rows") return rows(words[1], number(2), number(3));
  if (words.size() == 4 && words[0] == "belay") return belay(number(1), number(2), words[3]);
  if (words.size() == 4 && words[0] == "sqlite") return sqlite(number(1), number(2), words[3]);
  std::cerr << "usage: audience_bench belay|sqlite PEOPLE EVENTS FOLDER | rows people|events PEOPLE EVENTS | "
               "scan FOLDER |"
               " questions\n";
  return 2;
}

}  // namespace
}  // namespace belay::bench

int main(int argc, char** argv) {
  return belay::bench::run(argc, argv);
}
