// POST /1/message/report.json (contract 4.3): the campaigns that began on a range of days, with what came of
// their messages. A campaign's numbers are worked out in a step of their own, so that other calls come in
// between.
#include <array>
#include <deque>
#include <limits>

#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/clevertap/jobs.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/reading.h"
#include "api/clevertap/status_word.h"
#include "api/effects.h"
#include "api/errors.h"
#include "api/native/row_numbers.h"
#include "api/native/run_reading.h"
#include "audience/query.h"
#include "campaign/triggered.h"

namespace belay::api::clevertap {
namespace {

constexpr std::uint32_t page = 200;
constexpr std::size_t most_messages = 10'000;

// Words of the filters: documented, and those that clients add.
constexpr std::string_view channels[] = {
    "push",      "email",    "sms",        "browser",         "audiences",
    "inapp",     "webhooks", "web_pop_up", "web_exit_intent", "web_native_display",
    "web_inbox", "whatsapp", "tiktok",
};
constexpr std::string_view deliveries[] = {"one_time",      "inaction", "action",        "recurring",
                                           "property_time", "api",      "multiple_dates"};
constexpr std::string_view statuses[] = {"scheduled", "running", "stopped", "completed"};
constexpr std::string_view types[] = {"single", "ab", "message_on_user_property"};

struct Filter {
  std::vector<std::string> channel, delivery, status, type, label;  // empty: any
  bool daily = false;
};

bool wants(const std::vector<std::string>& words, std::string_view word) {
  return words.empty() || std::ranges::find(words, word) != words.end();
}

// A list of texts, or one text with commas as the older page has it.
Read<std::vector<std::string>> words_at(const json::object& request, std::string_view key,
                                        std::span<const std::string_view> known) {
  constexpr std::size_t most_words = 64, most_bytes = 120;
  std::vector<std::string> words;
  if (const json::value* one = member(request, key); one && one->is_string()) {
    std::string_view rest(one->get_string().data(), one->get_string().size());
    while (!rest.empty() && words.size() <= most_words) {
      const std::size_t comma = rest.find(',');
      words.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    if (words.size() > most_words)
      return std::unexpected(fmt::format("{} must not have more than {} elements", key, most_words));
  } else {
    TRY_ASSIGN(words, texts(request, key, most_words, most_bytes));
  }
  for (const std::string& word : words)
    if (!known.empty() && std::ranges::find(known, std::string_view(word)) == known.end())
      return std::unexpected(
          fmt::format("{} \"{}\" is not known: {} are", key, word, fmt::join(known, ", ")));
  return words;
}

Read<Filter> read_filter(const json::object& request) {
  Filter filter;
  TRY_ASSIGN(filter.channel, words_at(request, "channel", channels));
  TRY_ASSIGN(filter.delivery, words_at(request, "delivery", deliveries));
  TRY_ASSIGN(filter.status, words_at(request, "status", statuses));
  TRY_ASSIGN(filter.type, words_at(request, "message_type", types));
  TRY_ASSIGN(filter.label, words_at(request, "label", {}));
  TRY_ASSIGN(filter.daily, flag(request, "daily", false));
  return filter;
}

std::string_view channel_word(const Campaign& c) {
  return c.definition.channel == Channel::push ? "push" : "webhooks";
}

// How it came to be sent: named people and triggers are what the vendor calls API campaigns.
std::string_view delivery_word(const Campaign& c) {
  if (c.definition.recurrence) return "recurring";
  return is_triggered(c) || c.definition.where.starts_with("{\"$ids\"") ? "api" : "one_time";
}

bool matches(const Filter& filter, const Campaign& c) {
  const auto& labels = c.definition.labels;
  return wants(filter.channel, channel_word(c)) && wants(filter.delivery, delivery_word(c)) &&
         wants(filter.type, "single") &&
         (filter.label.empty() ||
          std::ranges::any_of(labels, [&](const std::string& label) { return wants(filter.label, label); }));
}

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// "08 Mar, 2016", of yyyymmdd.
std::string day_words(std::int64_t day) {
  return fmt::format("{:02} {}, {}", day % 100, months[static_cast<std::size_t>(day / 100 % 100 - 1)],
                     day / 10'000);
}

// "08 Mar, 2016 15:56:06" on the account's clock.
std::string date_words(const TimeZone& zone, WallTime at) {
  const std::int64_t stamp = second_stamp(zone, at);
  return fmt::format("{} {:02}:{:02}:{:02}", day_words(stamp / 1'000'000), stamp / 10'000 % 100,
                     stamp / 100 % 100, stamp % 100);
}

// When it began: a trigger when it was made, as it is never due.
WallTime start_of(const Campaign& c) {
  return is_triggered(c) ? c.created : c.due;
}

json::array names_of(const std::vector<Platform>& devices) {
  json::array names;
  for (const Platform p : devices) names.push_back(json::value(name_of(p)));
  return names;
}

class Report final : public Work {
 public:
  Report(Services& services, Home home, std::pair<WallTime, WallTime> range, Filter filter)
      : services_(services), home_(std::move(home)), range_(range), filter_(std::move(filter)) {
    search_.account = home_.account.id;
    search_.runs = false;  // one entry for what a client has made, however often it runs
    search_.limit = page;
    search_.due_from = range.first;
    search_.due_until = range.second;
  }

  store::Result<bool> step(Worker& worker) override {
    if (wrong_) return true;
    if (effects_) return step_effects(worker);
    if (!waiting_.empty()) return begin_campaign(worker);
    if (searched_all_) return true;
    TRY(search(worker));
    return waiting_.empty() && searched_all_;
  }

  net::HttpReply answer() override {
    if (wrong_) return std::move(*wrong_);
    return json_reply(200, fmt::format(R"({{"status":"success","total_results":{},"messages":[{}]}})",
                                       written_, messages_));
  }

 private:
  struct Waiting {
    Campaign campaign;
    std::string status;
  };

  // The next page of campaigns: first those that are due in the range, then triggers that were made in it.
  store::Result<void> search(Worker& worker) {
    TRY_ASSIGN(const auto found, worker.control->campaigns(search_));
    const bool triggers = search_.due_from == never_due;
    for (const Campaign& c : found) {
      if (is_triggered(c) != triggers) continue;
      const WallTime start = start_of(c);
      if (start < range_.first || start > range_.second || !matches(filter_, c)) continue;
      TRY_ASSIGN(const std::string_view word, list_word(*worker.control, c));
      const std::string_view status = word == "pending" ? "scheduled" : word;
      if (wants(filter_.status, status)) waiting_.push_back({c, std::string(status)});
    }
    if (found.size() == search_.limit) {
      search_.before = found.back().id;
    } else if (!triggers) {
      search_.due_from = search_.due_until = never_due;
      search_.before.reset();
    } else {
      searched_all_ = true;
    }
    if (written_ + waiting_.size() > most_messages)
      wrong_ = clevertap_fail(
          400, fmt::format("More than {} messages began on these days: ask for fewer", most_messages));
    return {};
  }

  store::Result<bool> begin_campaign(Worker& worker) {
    const Campaign& c = waiting_.front().campaign;
    TRY_ASSIGN(const std::uint32_t sent, accepted(worker, c));
    sent_ = sent;
    effects_.emplace(services_, c, home_.zone, sent, filter_.daily);
    return false;
  }

  // What was folded once is kept, as for lists.
  store::Result<std::uint32_t> accepted(Worker& worker, const Campaign& c) {
    if (!c.definition.recurrence && !is_triggered(c)) {
      TRY_ASSIGN(const auto rows, worker.control->listed(c.account, std::span(&c.id, 1)));
      NumbersReader reader(services_, worker, std::numeric_limits<std::uint32_t>::max());
      const auto numbers = rows.empty() ? std::nullopt : reader.of(rows.front());
      reader.keep();
      return numbers ? numbers->tally.accepted : 0;
    }
    const auto numbers = numbers_of(services_, worker, c);
    if (!numbers && numbers.error().code == store::Code::conflict) return 0;  // too many to add up
    if (!numbers) return std::unexpected(numbers.error());
    return numbers->tally.accepted;
  }

  store::Result<bool> step_effects(Worker& worker) {
    TRY_ASSIGN(const bool done, effects_->step(worker));
    if (!done) return false;
    write(waiting_.front(), effects_->effects());
    waiting_.pop_front();
    effects_.reset();
    return waiting_.empty() && searched_all_;
  }

  void write(const Waiting& waiting, const Effects& effects) {
    if (!filter_.daily) return write_one(waiting, effects, {sent_, effects.viewed, effects.clicked}, "");
    for (const auto& [day, numbers] : effects.days) write_one(waiting, effects, numbers, day_words(day));
  }

  void write_one(const Waiting& waiting, const Effects& effects, const DayEffects& numbers,
                 const std::string& day) {
    const Campaign& c = waiting.campaign;
    json::array labels;
    for (const std::string& label : c.definition.labels) labels.push_back(json::value(label));
    json::object out{{"message id", c.id.value},
                     {"message_name", c.definition.name},
                     {"channel", channel_word(c)},
                     {"delivery", delivery_word(c)},
                     {"message_type", "single"},
                     {"start_date", date_words(home_.zone, start_of(c))},
                     {"status", waiting.status},
                     {"labels", std::move(labels)},
                     {"device", names_of(c.definition.devices)}};
    if (!day.empty()) out["date"] = day;
    out["sent"] = numbers.sent;
    out["viewed"] = numbers.viewed;
    out["clicked"] = numbers.clicked;
    if (const auto goal = goal_of(c); goal && day.empty()) {
      out["conversion_event"] = goal->event();
      out["conversions"] = effects.converted ? json::value(effects.converted->people) : json::value(nullptr);
      if (effects.converted) out["revenue"] = sum_json(effects.converted->revenue);
    }
    messages_ += fmt::format("{}{}", messages_.empty() ? "" : ",", to_text(out));
    ++written_;
  }

  static std::optional<audience::ConversionGoal> goal_of(const Campaign& c) {
    if (c.definition.conversion_goal.empty()) return std::nullopt;
    auto goal = audience::ConversionGoal::parse_stored(c.definition.conversion_goal);
    return goal ? std::optional(std::move(*goal)) : std::nullopt;
  }

  Services& services_;
  const Home home_;
  const std::pair<WallTime, WallTime> range_;
  const Filter filter_;
  store::CampaignFilter search_;
  bool searched_all_ = false;
  std::deque<Waiting> waiting_;
  std::optional<EffectsReader> effects_;  // of waiting_.front()
  std::uint32_t sent_ = 0;                // of it
  std::string messages_;
  std::size_t written_ = 0;
  std::optional<net::HttpReply> wrong_;
};

Answered<std::shared_ptr<Work>> report_work(Call& call) {
  const auto refuse = [](net::HttpReply reply) { return std::unexpected(std::move(reply)); };
  const auto request = parse_object(call.request.body);
  if (!request) return refuse(clevertap_fail(400, request.error()));
  auto home = home_of(call.worker, call.account);
  if (!home) return refuse(std::move(home.error()));
  const auto range = day_range(*request, home->zone);
  if (!range) return refuse(clevertap_fail(400, range.error()));
  auto filter = read_filter(*request);
  if (!filter) return refuse(clevertap_fail(400, filter.error()));
  return std::make_shared<Report>(call.services, std::move(*home), *range, std::move(*filter));
}

}  // namespace

void message_reports(Call call, Answer answer) {
  auto work = report_work(call);
  if (!work) return answer.send(std::move(work.error()));
  Jobs(Jobs::no_end).begin(std::move(call), std::move(answer), std::move(*work));
}

}  // namespace belay::api::clevertap
