#include "api/clevertap/jobs.h"

#include <charconv>
#include <exception>

#include "api/errors.h"
#include "base/log.h"

namespace belay::api::clevertap {
namespace {

// Exact in every client's JSON numbers, and as long as the recorded ones.
constexpr std::int64_t first_request = 100'000'000'000'000, requests = 900'000'000'000'000;

}  // namespace

struct Jobs::Job {
  Worker& worker;
  Services& services;
  std::shared_ptr<Shared> shared;
  std::shared_ptr<Work> work;
  AccountId account;
  std::string path;
  std::optional<Answer> answer;  // none: the caller has been given the request's number
  SteadyTime since;
  Micros patience;
  std::int64_t request = 0;

  void finish(net::HttpReply reply) {
    if (answer) return answer->send(std::move(reply));
    const std::lock_guard lock(shared->mutex);
    if (const auto entry = shared->entries.find(request); entry != shared->entries.end()) {
      entry->second.reply = std::move(reply);
      entry->second.touched = services.clock.wall();
    }
  }
};

net::HttpReply partial_reply(std::int64_t request) {
  return json_reply(200, fmt::format(R"({{"req_id":{},"status":"partial"}})", request));
}

// A place for the answer of work that goes on; false: too much of the account is under way.
bool Jobs::keep(Job& job) {
  const WallTime now = job.services.clock.wall();
  const std::lock_guard lock(job.shared->mutex);
  auto& entries = job.shared->entries;
  std::erase_if(entries, [&](const auto& e) { return e.second.reply && now - e.second.touched > kept_for; });
  const auto running = std::ranges::count_if(
      entries, [&](const auto& e) { return !e.second.reply && e.second.account == job.account; });
  if (entries.size() >= most_kept || static_cast<std::size_t>(running) >= most_running) return false;
  do {
    job.request = first_request + static_cast<std::int64_t>(job.services.random.below(requests));
  } while (entries.contains(job.request));
  entries.emplace(job.request, Entry{job.account, job.path, now, std::nullopt});
  return true;
}

// True when nothing is left to do.
bool Jobs::work_on(Job& job) {
  const auto done = job.work->step(job.worker);
  if (!done) return job.finish(clevertap_from(done.error())), true;
  if (*done) return job.finish(job.work->answer()), true;
  if (job.answer && job.services.clock.steady() - job.since >= job.patience) {
    if (!keep(job)) return job.finish(clevertap_fail(429, "Too many concurrent requests")), true;
    job.answer->send(partial_reply(job.request));
    job.answer.reset();
  }
  return false;
}

// Later steps run outside the lane that catches what a handler throws.
void Jobs::go_on(std::shared_ptr<Job> job) {
  try {
    if (work_on(*job)) return;
    Executor& executor = *job->worker.executor;
    executor.post([job]() mutable { go_on(std::move(job)); });
  } catch (const std::exception& e) {
    log_error("api.exception", {{"route", job->path}, {"what", e.what()}});
    job->finish(clevertap_fail(500, "Internal error"));
  }
}

void Jobs::begin(Call call, Answer answer, std::shared_ptr<Work> work) {
  auto job = std::make_shared<Job>(Job{.worker = call.worker,
                                       .services = call.services,
                                       .shared = shared_,
                                       .work = std::move(work),
                                       .account = call.account,
                                       .path = call.request.path,
                                       .answer = std::move(answer),
                                       .since = call.services.clock.steady(),
                                       .patience = patience_});
  if (call.worker.executor) return go_on(std::move(job));
  while (!work_on(*job)) {
  }
}

void Jobs::poll(Call call, Answer answer) {
  const std::string text = call.request.query_value("req_id").value_or("");
  std::int64_t request = 0;
  std::from_chars(text.data(), text.data() + text.size(), request);
  const std::lock_guard lock(shared_->mutex);
  const auto entry = shared_->entries.find(request);
  if (entry == shared_->entries.end() || entry->second.account != call.account ||
      entry->second.path != call.request.path)
    return answer.send(clevertap_fail(400, "Invalid request id"));
  entry->second.touched = call.services.clock.wall();
  answer.send(entry->second.reply ? *entry->second.reply : partial_reply(request));
}

}  // namespace belay::api::clevertap
