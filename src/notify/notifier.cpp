#include "notify/notifier.h"

#include <algorithm>

#include "base/log.h"

namespace belay::notify {
namespace {

constexpr Micros tidy_every = Seconds{10};

std::string_view in_words(net::LinkError error) {
  switch (error) {
    case net::LinkError::connect_failed:
      return "no connection";
    case net::LinkError::peer_closed:
      return "the connection was closed";
    case net::LinkError::refused_stream:
      return "the receiver did not take it up";
    case net::LinkError::timeout:
      return "no answer in time";
    case net::LinkError::protocol_error:
      return "the answer is no HTTP";
    case net::LinkError::withdrawn:
      return "withdrawn";
  }
  return "";
}

}  // namespace

std::string signature(const Secret& secret, WallTime now, std::string_view body) {
  const std::string t = fmt::format("{}", to_epoch_seconds(now));
  return fmt::format("t={},v1={}", t, keyed_hash(secret.reveal(), fmt::format("{}.{}", t, body)));
}

// One delivery on its way, on a connection of its own.
class Notifier::Attempt final : public net::LinkEvents {
 public:
  Attempt(Notifier& owner, store::DueDelivery due) : owner_(owner), due_(std::move(due)) {}

  void open(const net::Endpoint& endpoint) {
    path_ = endpoint.base_path.empty() ? "/" : endpoint.base_path;
    link_ = owner_.ports_.transport.open(endpoint, *this);
    on_room();
  }

  void on_room() override {
    if (link_ == nullptr || begun_ || over_ || !link_->can_take()) return;
    if (!begin()) return;
    const std::string signed_by = signature(due_.secret, owner_.ports_.clock.wall(), due_.body);
    const std::string notice = fmt::format("notice-{}", due_.delivery.notice);
    const std::string delivery = fmt::format("delivery-{}", due_.delivery.id);
    const net::HeaderView headers[] = {{"content-type", "application/json"},
                                       {"user-agent", "belay"},
                                       {"belay-notice", notice},
                                       {"belay-delivery", delivery},
                                       {"belay-signature", signed_by}};
    net::Request request;
    request.path = path_;
    request.headers = headers;
    request.body = due_.body;
    request.answer_within = owner_.options_.answer_within;
    link_->submit(std::move(request), net::Token{1});
    link_->flush();
  }

  void on_handed_over(net::Token) override {}
  void on_answered(net::Token, const net::Answer& answer) override {
    const std::string what = fmt::format("answered {}", answer.status);
    if (answer.status / 100 == 2) return finish(store::DeliveryState::delivered, what);
    refuse(what);
  }
  void on_lost(net::Token, net::LinkError error) override {
    if (error == net::LinkError::refused_stream) return refuse(std::string(in_words(error)));
    finish(store::DeliveryState::in_doubt, fmt::format("sent, but {}: it may have arrived", in_words(error)));
  }
  void on_unsent(net::Token, net::LinkError error) override { refuse(std::string(in_words(error))); }
  void on_closed(net::LinkError error, std::string_view detail) override {
    refuse(detail.empty() ? std::string(in_words(error)) : std::string(detail));
  }

  // Nothing has left, and nothing was written.
  bool begun() const { return begun_; }
  void leave_unbegun() { leave(); }

 private:
  // On disk before a byte may leave.
  bool begin() {
    begun_ = true;
    const auto written = owner_.session_->begin(due_.delivery.id);
    if (written) {
      ++due_.delivery.attempts;
      return true;
    }
    // Removed meanwhile, or the store is in trouble: it stays as it is.
    if (written.error().code != store::Code::conflict) owner_.trouble("begin", written.error());
    leave();
    return false;
  }

  void finish(store::DeliveryState state, std::string detail) {
    if (over_) return;
    const SubscriberId subscriber = due_.delivery.subscriber;
    leave();
    owner_.over(subscriber, {due_.delivery.id, state, due_.delivery.next_at, std::move(detail)}, state);
  }

  void refuse(std::string why) {
    if (over_ || (!begun_ && !begin())) return;
    leave();
    owner_.refused(due_.delivery, std::move(why));
  }

  // The link is in the middle of calling us: it goes in a task of its own.
  void leave() {
    over_ = true;
    const auto found = owner_.attempts_.find(due_.delivery.subscriber);
    std::shared_ptr<Attempt> self = found->second;
    owner_.attempts_.erase(found);
    owner_.ports_.executor.post([self] { self->link_.reset(); });
  }

  Notifier& owner_;
  store::DueDelivery due_;
  std::string path_;
  std::unique_ptr<net::Link> link_;
  bool begun_ = false, over_ = false;
};

Notifier::Notifier(Ports ports, Options options) : ports_(std::move(ports)), options_(options) {}

Notifier::~Notifier() = default;

void Notifier::start(bool copied) {
  copied_ = copied;
  look();
}

void Notifier::drain(Task done) {
  draining_ = true;
  drained_ = std::move(done);
  timer_.reset();
  drop_unbegun();
  look_whether_drained();
}

void Notifier::drop_unbegun() {
  std::vector<std::shared_ptr<Attempt>> unbegun;
  for (const auto& [id, attempt] : attempts_)
    if (!attempt->begun()) unbegun.push_back(attempt);
  for (const auto& attempt : unbegun) attempt->leave_unbegun();
}

void Notifier::look_whether_drained() {
  if (draining_ && attempts_.empty() && drained_) std::exchange(drained_, nullptr)();
}

Counts Notifier::counts() const {
  return {delivered_, refused_, undelivered_, in_doubt_};
}

bool Notifier::session() {
  if (!session_) {
    auto opened = ports_.store.notices();
    if (!opened) return trouble("open", opened.error()), false;
    session_ = std::move(*opened);
  }
  if (recovered_) return true;
  const auto left = session_->recover(copied_);
  if (!left) return trouble("recover", left.error()), false;
  in_doubt_ += *left;
  if (*left > 0) log_warning("notices.in_doubt", {{"count", *left}});
  return recovered_ = true;
}

void Notifier::look() {
  if (draining_) return;
  timer_ = ports_.executor.after(options_.look_every, [this] { look(); });
  if (!session()) return;
  write_ends();
  tidy();
  std::vector<SubscriberId> busy;
  for (const auto& [id, attempt] : attempts_) busy.push_back(id);
  for (const auto& [id, end] : unwritten_) busy.push_back(id);
  std::sort(busy.begin(), busy.end());
  if (busy.size() >= options_.most_at_once) return;
  auto due = session_->due(ports_.clock.wall(), busy, options_.most_at_once - busy.size());
  if (!due) return trouble("due", due.error());
  if (std::exchange(in_trouble_, false)) log_info("notices.recovered");
  for (store::DueDelivery& d : *due) take_up(std::move(d));
}

void Notifier::take_up(store::DueDelivery due) {
  const store::Delivery delivery = due.delivery;
  const auto endpoint = net::parse_url(due.url);
  auto allowed = endpoint ? Result<void, std::string>{} : std::unexpected(endpoint.error());
  if (allowed && ports_.may_call) allowed = ports_.may_call(*endpoint);
  if (!allowed) {
    if (!session_->begin(delivery.id)) return;
    return over(delivery.subscriber,
                {delivery.id, store::DeliveryState::undelivered, delivery.next_at, allowed.error()},
                store::DeliveryState::undelivered);
  }
  const auto attempt = std::make_shared<Attempt>(*this, std::move(due));
  attempts_.emplace(delivery.subscriber, attempt);
  attempt->open(*endpoint);
}

// What is definitely not delivered is tried again, unless it has been for too often or too long.
void Notifier::refused(const store::Delivery& d, std::string why) {
  const WallTime now = ports_.clock.wall();
  const unsigned doublings = std::min(d.attempts > 0 ? d.attempts - 1 : 0, 30u);
  const Micros delay = std::min(options_.retry_initial * (std::int64_t{1} << doublings), options_.retry_most);
  const Micros jitter{
      static_cast<std::int64_t>(ports_.random.below(static_cast<std::uint64_t>(delay.count() / 2 + 1)))};
  const WallTime next = now + delay - jitter;
  const bool give_up = d.attempts >= options_.max_attempts || next - d.since > options_.give_up_after;
  if (give_up)
    return over(d.subscriber,
                {d.id, store::DeliveryState::undelivered, now,
                 fmt::format("given up after {} attempts; the last: {}", d.attempts, why)},
                store::DeliveryState::undelivered);
  over(d.subscriber, {d.id, store::DeliveryState::pending, next, std::move(why)},
       store::DeliveryState::pending);
}

void Notifier::over(SubscriberId subscriber, store::DeliveryEnd end, store::DeliveryState counted) {
  switch (counted) {
    case store::DeliveryState::delivered:
      ++delivered_;
      break;
    case store::DeliveryState::undelivered:
      ++undelivered_;
      break;
    case store::DeliveryState::in_doubt:
      ++in_doubt_;
      break;
    default:
      ++refused_;
  }
  if (counted == store::DeliveryState::undelivered || counted == store::DeliveryState::in_doubt)
    log_warning("notice.undelivered",
                {{"delivery", end.id}, {"state", name_of(end.state)}, {"why", end.detail}});
  unwritten_.insert_or_assign(subscriber, std::move(end));
  write_ends();
  look_whether_drained();
  ports_.executor.post([this] { look(); });  // the next one for this subscriber
}

void Notifier::write_ends() {
  while (!unwritten_.empty()) {
    const auto written = session_->end(unwritten_.begin()->second);
    if (!written) return trouble("end", written.error());
    unwritten_.erase(unwritten_.begin());
  }
}

void Notifier::tidy() {
  const SteadyTime now = ports_.clock.steady();
  if (now - tidied_ < tidy_every) return;
  tidied_ = now;
  const auto given_up = session_->tidy(options_.most_pending, ports_.clock.wall() - options_.forget_after);
  if (!given_up) return trouble("tidy", given_up.error());
  undelivered_ += *given_up;
  if (*given_up > 0) log_warning("notices.given_up", {{"count", *given_up}});
}

void Notifier::trouble(std::string_view what, const store::Error& error) {
  if (!std::exchange(in_trouble_, true)) log_error("notices.store", {{"what", what}, {"error", error.text}});
}

}  // namespace belay::notify
