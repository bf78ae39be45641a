#include "dispatch/route.h"

#include "base/log.h"

namespace belay::dispatch {
namespace {
constexpr Micros first_backoff = Millis{100};
constexpr Micros most_backoff = Seconds{10};
}  // namespace

// One link and where its events go.
class Route::Pipe final : public net::LinkEvents {
 public:
  explicit Pipe(Route& route) : route_(route) {}
  void open() { link = route_.transport_.open(route_.endpoint_, *this); }

  void on_handed_over(net::Token t) override {
    route_.connect_backoff_ = Micros{0};  // a connection that carries messages is a good one
    route_.owner_.handed_over(t);
  }
  void on_answered(net::Token t, const net::Answer& a) override { route_.owner_.answered(t, a); }
  void on_lost(net::Token t, net::LinkError e) override { route_.owner_.lost(t, e); }
  void on_unsent(net::Token t, net::LinkError e) override { route_.owner_.unsent(t, e); }
  bool may_write() override { return route_.owner_.may_write(); }
  void on_room() override { route_.wake_(); }
  void on_closed(net::LinkError e, std::string_view detail) override { route_.pipe_closed(*this, e, detail); }

  std::unique_ptr<net::Link> link;
  bool closed = false;
  bool half_sent = false;
  bool used = false;

 private:
  Route& route_;
};

Route::Route(Executor& executor, net::Transport& transport, const Clock& clock, net::Endpoint endpoint,
             std::uint32_t most_links, RouteOwner& owner, std::function<void()> wake)
    : executor_(executor),
      transport_(transport),
      clock_(clock),
      endpoint_(std::move(endpoint)),
      most_links_(most_links),
      owner_(owner),
      wake_(std::move(wake)) {}

Route::~Route() {
  *alive_ = false;
}

net::Link* Route::with_room() {
  if (held()) {
    wake_at(held_until_);
    return nullptr;
  }
  const std::size_t n = pipes_.size();
  bool connecting = false;
  for (std::size_t i = 0; i < n; ++i) {
    Pipe& pipe = *pipes_[(turn_ + i) % n];
    if (pipe.closed || !pipe.link) continue;
    if (pipe.link->can_take()) {
      pipe.used = true;
      return pipe.link.get();
    }
    connecting = connecting || pipe.link->capacity() == 0;
  }
  if (!connecting) open_one();
  return nullptr;
}

void Route::open_one() {
  std::size_t open = 0;
  for (const auto& pipe : pipes_) open += pipe->closed ? 0 : 1;
  if (open >= most_links_) return;
  const SteadyTime now = clock_.steady();
  if (now < connect_not_before_) {
    wake_at(connect_not_before_);
    return;
  }
  pipes_.push_back(std::make_unique<Pipe>(*this));
  pipes_.back()->open();
}

void Route::flush() {
  ++turn_;
  for (std::size_t i = 0; i < pipes_.size(); ++i) {
    Pipe& pipe = *pipes_[i];
    if (std::exchange(pipe.used, false) && !pipe.closed && pipe.link) pipe.link->flush();
  }
}

void Route::hold_until(SteadyTime when) {
  held_until_ = std::max(held_until_, when);
}

std::vector<net::Token> Route::withdraw(const std::function<bool(net::Token)>& mine) {
  std::vector<net::Token> half;
  for (std::size_t i = 0; i < pipes_.size(); ++i) {
    Pipe& pipe = *pipes_[i];
    if (pipe.closed || !pipe.link) continue;
    const auto stuck = pipe.link->withdraw(mine);
    pipe.half_sent = pipe.half_sent || !stuck.empty();
    half.insert(half.end(), stuck.begin(), stuck.end());
  }
  return half;
}

void Route::close_half_sent() {
  for (std::size_t i = 0; i < pipes_.size(); ++i) {
    Pipe& pipe = *pipes_[i];
    if (std::exchange(pipe.half_sent, false) && !pipe.closed && pipe.link) pipe.link->close();
  }
}

void Route::close_all() {
  for (std::size_t i = 0; i < pipes_.size(); ++i)
    if (Pipe& pipe = *pipes_[i]; !pipe.closed && pipe.link) pipe.link->close();
}

std::size_t Route::in_flight() const {
  std::size_t n = 0;
  for (const auto& pipe : pipes_)
    if (!pipe->closed && pipe->link) n += pipe->link->in_flight();
  return n;
}

void Route::pipe_closed(Pipe& pipe, net::LinkError error, std::string_view detail) {
  if (std::exchange(pipe.closed, true)) return;
  if (error == net::LinkError::connect_failed || error == net::LinkError::protocol_error) {
    connect_backoff_ =
        connect_backoff_.count() == 0 ? first_backoff : std::min(connect_backoff_ * 2, most_backoff);
    connect_not_before_ = clock_.steady() + connect_backoff_;
    log_warning("provider.unreachable", {{"provider", endpoint_.authority()},
                                         {"detail", detail},
                                         {"again_in_ms", connect_backoff_.count() / 1000}});
  }
  executor_.post([this, alive = alive_] {
    if (*alive) sweep();
  });
}

void Route::sweep() {
  std::erase_if(pipes_, [](const auto& pipe) { return pipe->closed; });
  wake_();
}

void Route::wake_at(SteadyTime when) {
  const Micros delay = std::max<Micros>(when - clock_.steady(), Micros{1});
  timer_ = executor_.after(delay, [this] { wake_(); });
}

}  // namespace belay::dispatch
