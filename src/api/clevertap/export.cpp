// POST and GET /1/events.json and /1/profiles.json (contract 5.2): a query gives a cursor, the cursor a page
// at a time. Old clients send the query with GET and are answered the first page at once.
#include <exception>

#include "api/clevertap/export_pages.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"
#include "base/log.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_batch = 5000, usual_batch = 100;

Answered<std::size_t> batch_of(const Call& call) {
  const auto text = call.request.query_value("batch_size");
  if (!text || text->empty()) return usual_batch;
  const auto number = whole_number(std::make_unique<json::value>(*text).get());
  if (!number || *number < 1)
    return std::unexpected(clevertap_fail(400, "batch_size must be a number from 1 to 5000"));
  return std::min(static_cast<std::size_t>(*number), most_batch);
}

struct Begun {
  std::shared_ptr<Export> one;
  audience::Query people;
  audience::ScanSpec spec;  // of them
};

Answered<Begun> begin_export(Call& call, std::string_view query_text, bool of_events) {
  TRY_ASSIGN(const Home home, home_of(call.worker, call.account));
  auto spec = people_spec(home, call.services.clock.wall());
  auto one = std::make_shared<Export>();
  one->account = call.account;
  one->of_events = of_events;
  TRY_ASSIGN(one->batch, batch_of(call));
  const auto request = parse_object(query_text);
  if (!request) return std::unexpected(clevertap_fail(400, request.error()));
  const json::object query = query_part(*request, {});
  if (!of_events) {
    TRY_ASSIGN(auto people, read_people_query(query));
    return Begun{std::move(one), std::move(people), std::move(spec)};
  }
  TRY_ASSIGN(one->events, read_event_query(call, query, false));
  const auto until = store::people_of(*call.worker.profiles).last_event(call.account);
  if (!until) return std::unexpected(clevertap_from(until.error()));
  one->until = *until;
  audience::Query people = one->events->people();
  return Begun{std::move(one), std::move(people), std::move(spec)};
}

// Makes the set of people a step at a time, then says so.
struct Making {
  Worker& worker;
  std::shared_ptr<Export> one;
  audience::Scan scan;
  std::function<void()> done;

  bool step() {
    const auto ended = scan.step(*worker.profiles);
    if (ended && !*ended) return false;
    {
      const std::lock_guard lock(one->mutex);
      one->ready = true;
      if (ended)
        one->people = std::make_shared<const store::AudienceSet>(scan.take());
      else
        one->failure = ended.error().text;
    }
    if (done) done();
    return true;
  }
};

void go_on(std::shared_ptr<Making> making) {
  try {
    if (making->step()) return;
    Executor& executor = *making->worker.executor;
    executor.post([making = std::move(making)]() mutable { go_on(std::move(making)); });
  } catch (const std::exception& e) {
    log_error("api.exception", {{"route", "export"}, {"what", e.what()}});
  }
}

void make_people(Worker& worker, Begun begun, std::function<void()> done) {
  if (begun.one->of_events && begun.people.everybody()) {
    begun.one->ready = true;
    if (done) done();
    return;
  }
  auto making = std::make_shared<Making>(Making{
      worker, begun.one, audience::Scan(std::move(begun.people), std::move(begun.spec)), std::move(done)});
  if (worker.executor) return go_on(std::move(making));
  while (!making->step()) {
  }
}

net::HttpReply page(Call& call, const Exports::Place& place) {
  {
    const std::lock_guard lock(place.of->mutex);
    if (!place.of->ready) {
      net::HttpReply reply = clevertap_fail(400, "Request still in progress, please retry later", 2);
      reply.status = 200;
      return reply;
    }
    if (!place.of->failure.empty()) return clevertap_fail(500, place.of->failure);
  }
  if (!place.of->of_events) return profile_page(call, place);
  const auto home = home_of(call.worker, call.account);
  return home ? event_page(call, *home, place) : home.error();
}

using Table = std::shared_ptr<Exports>;

void begin(Call call, Answer answer, const Table& table, bool of_events) {
  auto begun = begin_export(call, call.request.body, of_events);
  if (!begun) return answer.send(std::move(begun.error()));
  const std::string cursor = table->add(begun->one, call.services.random, call.services.clock.wall());
  make_people(call.worker, std::move(*begun), {});
  answer.send(json_reply(200, fmt::format(R"({{"status":"success","cursor":"{}"}})", cursor)));
}

// The old way: the answer waits until the first page is there.
void begin_with_page(Call call, Answer answer, const Table& table, bool of_events) {
  auto begun = begin_export(call, *call.request.query_value("query"), of_events);
  if (!begun) return answer.send(std::move(begun.error()));
  const WallTime now = call.services.clock.wall();
  const std::string cursor = table->add(begun->one, call.services.random, now);
  const Exports::Place place{begun->one, cursor.substr(0, cursor.find('-')), 0};
  struct Held {
    Call call;
    Answer answer;
  };
  Worker& worker = call.worker;
  auto held = std::make_shared<Held>(Held{std::move(call), std::move(answer)});
  make_people(worker, std::move(*begun), [held, place] { held->answer.send(page(held->call, place)); });
}

void read(Call call, Answer answer, const Table& table, bool of_events) {
  const auto cursor = call.request.query_value("cursor");
  if (!cursor && call.request.query_value("query"))
    return begin_with_page(std::move(call), std::move(answer), table, of_events);
  if (!cursor) return answer.send(clevertap_fail(400, "cursor is required: POST a query to get one"));
  const auto place = table->find(*cursor, call.account, of_events, call.services.clock.wall());
  answer.send(place ? page(call, *place) : place.error());
}

}  // namespace

std::vector<Route> export_routes() {
  const auto table = std::make_shared<Exports>();
  std::vector<Route> routes;
  for (const bool of_events : {true, false}) {
    const std::string_view path = of_events ? "/1/events.json" : "/1/profiles.json";
    routes.push_back({"POST", path, Access::account, Lane::read, Cap::campaign,
                      [table, of_events](Call call, Answer answer) {
                        begin(std::move(call), std::move(answer), table, of_events);
                      }});
    routes.push_back({"GET", path, Access::account, Lane::read, Cap::campaign,
                      [table, of_events](Call call, Answer answer) {
                        read(std::move(call), std::move(answer), table, of_events);
                      }});
  }
  return routes;
}

}  // namespace belay::api::clevertap
