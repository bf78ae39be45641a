// GET /api/v1/campaigns/{id}/events: the campaign's counts as server-sent events, four times a second
// while something changes, until it is final and settled.
#include "api/errors.h"
#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"

namespace belay::api {
namespace {

constexpr Micros period = Millis{250};
constexpr int quiet_periods = 60;  // then a comment, so that proxies and readers know that somebody is there

struct Watch {
  Services& services;
  Worker& worker;
  CampaignId campaign;
  std::shared_ptr<net::HttpStream> stream;
  std::string last;  // event sent
  int quiet = 0;
  std::unique_ptr<Executor::Timer> timer;
};

struct Moment {
  std::string data;
  bool over = false;
};

json::object moment_json(const Campaign& c, const CampaignNumbers& numbers, bool settled) {
  json::object out{{"id", c.id.value}, {"state", name_of(c.state)}, {"settled", settled}};
  add_numbers(out, numbers);
  return out;
}

// What the receipt says of the campaign, while verdicts are still coming in: cheaper than the journal.
std::optional<Receipt> receipt_of(store::ControlSession& control, const Campaign& c) {
  if (c.state != State::stopped) return std::nullopt;
  const auto id = control.stop_of(c.id);
  if (!id || !*id) return std::nullopt;
  const auto record = control.stop({}, **id);
  if (!record) return std::nullopt;
  for (const Receipt& r : record->receipts)
    if (r.campaign == c.id) return r;
  return std::nullopt;
}

store::Result<Moment> look(const Services& services, Worker& worker, CampaignId id) {
  TRY_ASSIGN(const Campaign c, worker.control->campaign({}, id));
  const std::optional<Receipt> receipt = receipt_of(*worker.control, c);
  const bool settled = is_final(c.state) && (!receipt || receipt->settled);
  CampaignNumbers numbers;
  if (receipt && !settled)
    numbers = {receipt->tally, receipt->span, receipt->planned};
  else if (c.state == State::running || is_final(c.state)) {
    TRY_ASSIGN(numbers, numbers_of(services, worker, c));
  }
  return Moment{to_text(moment_json(c, numbers, settled)), settled};
}

void go_on(const std::shared_ptr<Watch>& w) {
  const auto now = look(w->services, w->worker, w->campaign);
  if (!now) return;  // the stream breaks off without its end
  if (now->data != w->last) {
    w->last = now->data;
    w->quiet = 0;
    if (!w->stream->write(fmt::format("event: counts\ndata: {}\n\n", now->data))) return;
  } else if (++w->quiet >= quiet_periods) {
    w->quiet = 0;
    if (!w->stream->write(": still here\n\n")) return;
  }
  if (now->over || w->worker.executor == nullptr || w->services.engine == nullptr) {
    w->stream->write("event: end\ndata: {}\n\n");
    return w->stream->end();
  }
  w->timer = w->worker.executor->after(period, [w] { go_on(w); });
}

}  // namespace

void watch_campaign(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  net::HttpReply head;
  head.content_type = "text/event-stream;charset=utf-8";
  head.headers.emplace_back("Cache-Control", "no-store");
  auto stream = answer.stream(std::move(head));
  go_on(std::make_shared<Watch>(
      Watch{call.services, call.worker, campaign.id, std::move(stream), "", 0, nullptr}));
}

}  // namespace belay::api
