#include "app/clone_guard.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"

namespace belay::app {
namespace {

constexpr std::uint32_t most_campaigns = 100'000;

// A name that only one process of this machine (of its network namespace) can have; -1: another has it.
int bind_name(const std::string& store) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "belay-store-" + store;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // a leading 0: no file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Result<std::unique_ptr<CloneGuard>, std::string> CloneGuard::open(const std::string& folder,
                                                                  store::Store& store, Random& random,
                                                                  const Clock& clock) {
  auto home = store::Home::open(folder, store::this_machine());
  if (!home) return std::unexpected(std::move(home.error().text));
  auto standing = (*home)->look();
  if (!standing) return std::unexpected(std::move(standing.error().text));
  auto guard = std::unique_ptr<CloneGuard>(new CloneGuard(std::move(*home), store, random, clock));
  guard->name_ = standing->store;
  guard->held_ = standing->why_not;
  return guard;
}

CloneGuard::~CloneGuard() {
  if (socket_ >= 0) ::close(socket_);
}

std::string CloneGuard::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

bool CloneGuard::take_name(const std::string& store) {
  const int fd = bind_name(store);
  if (fd < 0) return false;
  if (socket_ >= 0) ::close(socket_);
  socket_ = fd;
  return true;
}

void CloneGuard::begin() {
  {
    const std::lock_guard lock(mutex_);
    serving_ = true;
    if (held_.empty() && !name_.empty() && !take_name(name_))
      held_ = "another server on this machine serves the same store, from another folder";
  }
  renew();
}

void CloneGuard::renew() {
  const std::lock_guard lock(mutex_);
  if (!held_.empty()) return;
  if (auto done = home_->renew(random_, clock_.wall()); !done)
    return log_warning("home.not_renewed", {{"detail", done.error().text}});
  if (!name_.empty()) return;
  if (const auto standing = home_->look()) name_ = standing->store;
  if (serving_) take_name(name_);
}

// Where the copy stands still the original has gone on: who of these got the message since is not known here.
Result<std::vector<CampaignId>, std::string> CloneGuard::stop_what_the_original_may_have_sent(
    const std::string& actor) {
  auto control = store_.control(store::Lane::brake);
  if (!control) return std::unexpected(std::move(control.error().text));
  std::vector<CampaignId> begun;
  for (const State state : {State::planning, State::running}) {
    store::CampaignFilter filter;
    filter.state = state;
    filter.limit = most_campaigns;
    auto some = (*control)->campaigns(filter);
    if (!some) return std::unexpected(std::move(some.error().text));
    for (const Campaign& c : *some) begun.push_back(c.id);
  }
  auto due = (*control)->due(clock_.wall(), most_campaigns);
  if (!due) return std::unexpected(std::move(due.error().text));
  for (const Campaign& c : *due) begun.push_back(c.id);
  // The same goes for notices that wait to be sent. Before the stops: theirs are new.
  auto notices = store_.notices();
  if (!notices) return std::unexpected(std::move(notices.error().text));
  if (auto known = (*notices)->recover(true); !known) return std::unexpected(std::move(known.error().text));
  for (const CampaignId id : begun) {
    dispatch::StopRequest request;
    request.scope.campaign = id;
    request.actor = actor;
    request.reason = "adopted from a copy: what the original has sent of it since is not known";
    if (auto done = dispatch::stop_offline(store_, clock_, std::move(request)); !done)
      return std::unexpected(std::move(done.error().text));
  }
  return begun;
}

api::AdoptResult CloneGuard::adopt(bool resume, const std::string& actor) {
  using enum api::AdoptCode;
  const std::lock_guard lock(mutex_);
  api::Adoption adoption{.held = held_};
  if (held_.empty()) return adoption;
  // Who has the name while we are held is the original.
  const int original = name_.empty() ? 0 : bind_name(name_);
  if (original < 0) return fail(original_runs, "the original is being served on this machine: end it first");
  if (original > 0) ::close(original);
  if (!resume) {
    auto stopped = stop_what_the_original_may_have_sent(actor);
    if (!stopped) return fail(store, std::move(stopped.error()));
    adoption.stopped = std::move(*stopped);
  }
  const std::string detail = resume ? "going on with what was under way"
                                    : fmt::format("{} campaigns stopped", adoption.stopped.size());
  if (auto done = home_->adopt(random_, clock_.wall(), actor, detail); !done)
    return fail(store, std::move(done.error().text));
  if (const auto standing = home_->look()) name_ = standing->store;
  if (serving_) take_name(name_);
  held_.clear();
  if (serving_)
    log_warning(
        "home.adopted",
        {{"actor", actor}, {"was", adoption.held}, {"stopped", adoption.stopped.size()}, {"resume", resume}});
  return adoption;
}

}  // namespace belay::app
