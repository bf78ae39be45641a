// POST and GET /1/counts/….json and POST /1/now.json (contract 5.2): what takes long is answered partial
// with a req_id to ask again with.
#include "api/clevertap/counts.h"

#include <roaring/roaring.hh>

#include "api/clevertap/handlers.h"
#include "api/clevertap/jobs.h"
#include "api/clevertap/reading.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

class Count final : public EventTally {
 public:
  void add(const Seen&) override { ++count_; }
  Read<std::string> members() const override { return fmt::format(",\"count\":{}", count_); }

 private:
  std::uint64_t count_ = 0;
};

// First the people that the query asks for, then the events.
class EventWork final : public Work {
 public:
  EventWork(audience::EventQuery query, Home home, WallTime now, std::int64_t until,
            std::unique_ptr<EventTally> tally)
      : query_(std::move(query)),
        home_(std::move(home)),
        now_(now),
        until_(until),
        people_(query_.people(), home_, now_),
        tally_(std::move(tally)) {}

  store::Result<bool> step(Worker& worker) override {
    if (!reader_) {
      TRY_ASSIGN(const bool there, people_.step(worker));
      if (!there) return false;
      auto reader = audience::EventReader::make(query_, home_.account.id, home_.zone, now_, {.until = until_},
                                                people_.take());
      if (!reader) {
        wrong_ = std::move(reader.error());
        return true;
      }
      reader_ = std::move(*reader);
    }
    return tally_->wants_people() ? step_with_people(worker) : step_events(worker);
  }
  net::HttpReply answer() override {
    if (!wrong_.empty()) return clevertap_fail(400, wrong_);
    const auto members = tally_->members();
    if (!members) return clevertap_fail(400, members.error());
    return json_reply(200, fmt::format(R"({{"status":"success"{}}})", *members));
  }

 private:
  store::Result<bool> step_events(Worker& worker) {
    return reader_->step(*worker.profiles, [&](const store::EventRow& row) {
      tally_->add({row, "{}"});
      return true;
    });
  }
  store::Result<bool> step_with_people(Worker& worker) {
    struct Kept {
      ProfileId profile;
      std::string properties;
    };
    std::vector<Kept> events;
    TRY_ASSIGN(const bool done, reader_->step(*worker.profiles, [&](const store::EventRow& row) {
      events.push_back({row.profile, std::string(row.properties)});
      return true;
    }));
    std::vector<RecipientId> ids;
    for (const Kept& event : events) ids.push_back(RecipientId{event.profile.value});
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::ranges::stable_sort(events, {}, &Kept::profile);
    auto next = events.begin();
    TRY(worker.profiles->read(
        home_.account.id, RecipientKind::profile, ids, [&](const store::RecipientRow& row) {
          for (; next != events.end() && next->profile.value == row.id.value; ++next) {
            const store::EventRow event{.profile = next->profile, .properties = next->properties};
            tally_->add({event, row.found ? row.properties : std::string_view("{}")});
          }
        }));
    return done;
  }

  audience::EventQuery query_;
  Home home_;
  WallTime now_;
  std::int64_t until_;
  PeopleScan people_;
  std::unique_ptr<EventTally> tally_;
  std::optional<audience::EventReader> reader_;
  std::string wrong_;
};

class PeopleWork final : public Work {
 public:
  PeopleWork(audience::Query query, const Home& home, WallTime now)
      : scan_(std::move(query), people_spec(home, now)) {}
  store::Result<bool> step(Worker& worker) override { return scan_.step(*worker.profiles); }
  net::HttpReply answer() override {
    return json_reply(200, fmt::format(R"({{"status":"success","count":{}}})", scan_.reach().total));
  }

 private:
  audience::Scan scan_;
};

using MakeTally = Read<std::unique_ptr<EventTally>> (*)(const json::object&, const TimeZone&);

Answered<std::shared_ptr<Work>> event_work(Call& call, const std::vector<std::string_view>& own_keys,
                                           MakeTally make) {
  TRY_ASSIGN(Home home, home_of(call.worker, call.account));
  const auto request = parse_object(call.request.body);
  if (!request) return std::unexpected(clevertap_fail(400, request.error()));
  TRY_ASSIGN(auto query, read_event_query(call, query_part(*request, own_keys), true));
  auto tally = make(*request, home.zone);
  if (!tally) return std::unexpected(clevertap_fail(400, tally.error()));
  const auto until = store::people_of(*call.worker.profiles).last_event(call.account);
  if (!until) return std::unexpected(clevertap_from(until.error()));
  return std::make_shared<EventWork>(std::move(query), std::move(home), call.services.clock.wall(), *until,
                                     std::move(*tally));
}

Answered<std::shared_ptr<Work>> people_work(Call& call) {
  TRY_ASSIGN(const Home home, home_of(call.worker, call.account));
  const auto request = parse_object(call.request.body);
  if (!request) return std::unexpected(clevertap_fail(400, request.error()));
  TRY_ASSIGN(auto query, read_people_query(query_part(*request, {"groups"})));
  return std::make_shared<PeopleWork>(std::move(query), home, call.services.clock.wall());
}

// Who has raised an event in the last five minutes. What only SDKs know of them is not known here.
class NowWork final : public Work {
 public:
  NowWork(json::object request, store::EventScan scan, WallTime now)
      : request_(std::move(request)), scan_(std::move(scan)), now_(now) {}
  store::Result<bool> step(Worker& worker) override {
    const auto visit = [&](const store::EventRow& row) {
      if (row.profile) people_.add(static_cast<std::uint32_t>(row.profile.value));
    };
    TRY_ASSIGN(const auto last, store::people_of(*worker.profiles).scan_events(scan_, visit));
    if (last) scan_.after = *last;
    return !last;
  }
  net::HttpReply answer() override {
    const std::uint64_t count = people_.cardinality();
    std::string out = fmt::format(R"({{"status":"success","count":{})", count);
    for (const std::string_view key : {"user_type", "session_source", "browser", "os", "device"}) {
      const json::value* asked = member(request_, key);
      if (asked && asked->is_bool() && asked->get_bool())
        out += fmt::format(R"(,"{}":{{"unavailable":{}}})", key, count);
    }
    return json_reply(200, out + fmt::format(R"(,"last_processed_ts":{}}})", to_micros(now_) / 1'000'000));
  }

 private:
  json::object request_;
  store::EventScan scan_;
  WallTime now_;
  Roaring people_;
};

Answered<std::shared_ptr<Work>> now_work(Call& call) {
  if (!call.account)
    return std::unexpected(clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id"));
  auto request =
      call.request.body.empty() ? Read<json::object>(json::object{}) : parse_object(call.request.body);
  if (!request) return std::unexpected(clevertap_fail(400, request.error()));
  const auto until = store::people_of(*call.worker.profiles).last_event(call.account);
  if (!until) return std::unexpected(clevertap_from(until.error()));
  const WallTime now = call.services.clock.wall();
  return std::make_shared<NowWork>(std::move(*request),
                                   store::EventScan{.account = call.account,
                                                    .until = *until,
                                                    .from = now - std::chrono::minutes(5),
                                                    .before = now + Micros{1}},
                                   now);
}

Route posts(std::string_view pattern, std::shared_ptr<Jobs> jobs,
            std::function<Answered<std::shared_ptr<Work>>(Call&)> make) {
  return {"POST",
          pattern,
          Access::account,
          Lane::read,
          Cap::campaign,
          [jobs = std::move(jobs), make = std::move(make)](Call call, Answer answer) {
            auto work = make(call);
            if (!work) return answer.send(std::move(work.error()));
            jobs->begin(std::move(call), std::move(answer), std::move(*work));
          }};
}

Route polls(std::string_view pattern, std::shared_ptr<Jobs> jobs) {
  return {
      "GET",
      pattern,
      Access::account,
      Lane::inline_,
      Cap::none,
      [jobs = std::move(jobs)](Call call, Answer answer) { jobs->poll(std::move(call), std::move(answer)); }};
}

}  // namespace

std::unique_ptr<EventTally> count_tally() {
  return std::make_unique<Count>();
}

std::vector<Route> count_routes() {
  auto jobs = std::make_shared<Jobs>();
  constexpr std::string_view events = "/1/counts/events.json", profiles = "/1/counts/profiles.json",
                             top = "/1/counts/top.json", trends = "/1/counts/trends.json";
  const auto counting = [](Call& call) {
    return event_work(call, {"groups"}, [](const json::object&, const TimeZone&) {
      return Read<std::unique_ptr<EventTally>>(count_tally());
    });
  };
  const auto ranking = [](Call& call) {
    return event_work(call, {"groups"},
                      [](const json::object& request, const TimeZone&) { return top_tally(request); });
  };
  const auto trending = [](Call& call) {
    return event_work(call, {"groups", "unique", "sum_event_prop"}, trends_tally);
  };
  return {posts(events, jobs, counting), polls(events, jobs),       posts(profiles, jobs, people_work),
          polls(profiles, jobs),         posts(top, jobs, ranking), polls(top, jobs),
          posts(trends, jobs, trending), polls(trends, jobs),       posts("/1/now.json", jobs, now_work)};
}

}  // namespace belay::api::clevertap
