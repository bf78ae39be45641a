#include "dispatch/lease.h"

#include "base/log.h"

namespace belay::dispatch {

LeaseKeeper::LeaseKeeper(store::Store& store, const Clock& clock, Executor& executor, LeaseOptions options,
                         Hooks hooks)
    : store_(store), clock_(clock), executor_(executor), options_(options), hooks_(std::move(hooks)) {}

void LeaseKeeper::again(Micros delay, void (LeaseKeeper::*what)()) {
  timer_ = executor_.after(delay, [this, what] { (this->*what)(); });
}

void LeaseKeeper::stand_by() {
  if (!owner_) {
    auto opened = store_.ownership();
    if (!opened) return again(options_.beat, &LeaseKeeper::stand_by);
    owner_ = std::move(*opened);
  }
  look();
}

void LeaseKeeper::look() {
  const auto now_there = owner_->look();
  if (!now_there) return again(options_.beat, &LeaseKeeper::look);
  const SteadyTime now = clock_.steady();
  if (seen_since_ == SteadyTime::max() || *now_there != seen_) {
    seen_ = *now_there;
    seen_since_ = now;
  }
  const bool never_owned = seen_.term == 0;
  if (never_owned || now - seen_since_ >= options_.ttl + options_.margin) return take_over();
  again(options_.beat, &LeaseKeeper::look);
}

void LeaseKeeper::take_over() {
  const SteadyTime began = clock_.steady();
  const auto claimed = owner_->claim(seen_);
  if (!claimed) return again(options_.beat, &LeaseKeeper::look);
  lease_.extend(began + options_.ttl);
  log_info("store.owned", {{"term", claimed->term}});
  again(options_.beat, &LeaseKeeper::beat);
  hooks_.owned(claimed->term);
}

void LeaseKeeper::beat() {
  const SteadyTime began = clock_.steady();
  const auto renewed = owner_->renew();
  if (renewed) {
    lease_.extend(began + options_.ttl);
  } else if (renewed.error().code == store::Code::fenced) {
    log_error("store.lost", {{"detail", renewed.error().text}});
    return hooks_.lost(renewed.error().text);
  } else {
    log_warning("store.beat_failed", {{"detail", renewed.error().text}});
  }
  again(options_.beat, &LeaseKeeper::beat);
}

}  // namespace belay::dispatch
