#include "audience/index/answer.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "audience/index/event_plan.h"
#include "audience/index/field_plan.h"
#include "audience/index/layout.h"
#include "audience/index/upkeep.h"
#include "audience/node.h"

namespace belay::audience::index {
namespace {

using store::IndexFieldKind;
using store::Result;

// What a question brings up to date by itself; more is left to the housekeeping.
constexpr Effort at_question{.profiles = 20'000, .events = 50'000};
constexpr int most_rounds = 4;
// Looked at one by one; beyond, going through everybody is as quick.
constexpr std::size_t most_unsure = 50'000;
constexpr std::uint32_t most_stale = 2'000;

constexpr std::uint32_t shard_of(ProfileId profile) {
  return static_cast<std::uint32_t>(profile.value >> shard_bits);
}

// ---- the tree, planned -----------------------------------------------------------------------------

struct Plan;
struct Plans {
  enum class How { all, any, none } how;
  std::vector<Plan> of;
};
struct DevicePlan {
  unsigned platforms;
};
struct RadiusPlan {
  FieldPlan latitude, longitude;  // that they exist
};
struct Plan {
  std::variant<FieldPlan, EventPlan, DevicePlan, RadiusPlan, Plans> is;
};

FieldTest existence_of(std::string name) {
  FieldTest test;
  test.name = std::move(name);
  test.op = Operator::exists;
  return test;
}

class Planner {
 public:
  Planner(store::IndexSession& session, const Question& question) : session_(session), question_(question) {}

  Result<Plan> plan(const Node& node) {
    return std::visit([&](const auto& is) { return plan(is); }, node.is);
  }
  bool impossible() const { return impossible_; }

 private:
  Result<Plan> plan(const FieldTest& test) {
    TRY_ASSIGN(auto made, FieldPlan::of(session_, test));
    return Plan{std::move(made)};
  }
  Result<Plan> plan(const EventTest& test) {
    TRY_ASSIGN(auto made, EventPlan::of(session_, test, question_.zone, question_.now));
    if (made) return Plan{std::move(*made)};
    impossible_ = true;
    return Plan{DevicePlan{0}};
  }
  Result<Plan> plan(const DeviceTest& test) { return Plan{DevicePlan{test.platforms}}; }
  Result<Plan> plan(const RadiusTest&) {
    TRY_ASSIGN(auto latitude, FieldPlan::of(session_, existence_of("Latitude")));
    TRY_ASSIGN(auto longitude, FieldPlan::of(session_, existence_of("Longitude")));
    return Plan{RadiusPlan{std::move(latitude), std::move(longitude)}};
  }
  Result<Plan> plan(const All& all) { return plan_each(Plans::How::all, all.of); }
  Result<Plan> plan(const Any& any) { return plan_each(Plans::How::any, any.of); }
  Result<Plan> plan(const None& none) { return plan_each(Plans::How::none, none.of); }
  Result<Plan> plan_each(Plans::How how, const std::vector<Node>& nodes) {
    Plans plans{how, {}};
    for (const Node& node : nodes) {
      TRY_ASSIGN(auto made, plan(node));
      plans.of.push_back(std::move(made));
    }
    return Plan{std::move(plans)};
  }

  store::IndexSession& session_;
  const Question& question_;
  bool impossible_ = false;
};

// ---- people one by one -----------------------------------------------------------------------------

// What the index knows of one person's events; devices are as they are now.
class IndexKnown final : public Known {
 public:
  IndexKnown(store::IndexSession& session, std::vector<const EventPlan*> events)
      : session_(session), events_(std::move(events)) {}

  std::int64_t events(ProfileId profile, const EventTest& test) const override {
    const auto count = events_[test.number]->count(session_, profile);
    if (count) return *count;
    if (!error_) error_ = count.error();
    return 0;
  }
  unsigned platforms(ProfileId profile) const override {
    unsigned platforms = 0;
    const auto read = session_.devices(
        {&profile, 1}, [&](const store::IndexDevice& device) { platforms |= platform_bit(device.platform); });
    if (!read && !error_) error_ = read.error();
    return platforms;
  }
  Result<void> error() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  store::IndexSession& session_;
  std::vector<const EventPlan*> events_;  // index: EventTest::number
  mutable std::optional<store::Error> error_;
};

void list_events(const Plan& plan, std::vector<const EventPlan*>& events) {
  if (const auto* event = std::get_if<EventPlan>(&plan.is)) events.push_back(event);
  if (const auto* plans = std::get_if<Plans>(&plan.is))
    for (const Plan& each : plans->of) list_events(each, events);
}

// ---- counting -----------------------------------------------------------------------------------------

class Asking {
 public:
  Asking(store::IndexSession& session, const Question& question) : session_(session), question_(question) {}

  // The session stands at a moment. `stale`: whom the index does not know as they are now, ascending.
  Result<std::optional<Answer>> run(std::vector<ProfileId> stale) {
    stale_ = std::move(stale);
    Planner planner(session_, question_);
    TRY_ASSIGN(const Plan plan, planner.plan(*question_.query.root()));
    if (planner.impossible()) return std::nullopt;
    std::vector<const EventPlan*> events;
    list_events(plan, events);
    IndexKnown known(session_, std::move(events));
    TRY_ASSIGN(const auto people, session_.field(IndexFieldKind::people, ""));
    TRY_ASSIGN(const auto devices, session_.field(IndexFieldKind::devices, ""));
    if (!people || !devices) return std::nullopt;
    people_ = people->id, devices_ = devices->id;
    TRY_ASSIGN(const auto shards, session_.shards(people_));
    for (const std::uint32_t shard : shards) {
      TRY_ASSIGN(const bool done, add_shard(plan, shard, known));
      if (!done) return std::nullopt;
    }
    TRY(add_stale(known));
    TRY(known.error());
    return std::move(answer_);
  }

 private:
  // False: too many to be looked at.
  Result<bool> add_shard(const Plan& plan, std::uint32_t shard, const IndexKnown& known) {
    TRY_ASSIGN(const auto people, session_.fragment(people_, shard));
    Bits everybody = decode(people->row(everybody_row));
    for (const ProfileId profile : stale_)
      if (shard_of(profile) == shard) everybody.reset(static_cast<Place>(profile.value));
    auto bounds = std::make_unique<Bounds>();
    TRY(evaluate(plan, shard, *bounds));
    Bits found = bounds->sure;
    found &= everybody;
    Bits unsure = bounds->possible;
    unsure.and_not(bounds->sure) &= everybody;
    std::vector<ProfileId> look_at;
    unsure.each([&](Place p) { look_at.emplace_back(std::int64_t{shard} << shard_bits | p); });
    looked_at_ += look_at.size();
    if (looked_at_ > most_unsure) return false;
    TRY(session_.profiles(look_at, [&](ProfileId profile, std::string_view text) {
      content::Properties properties(text);
      if (question_.query.matches(Person{properties, profile, &known}))
        found.set(static_cast<Place>(profile.value));
    }));
    TRY(count(shard, found));
    return true;
  }

  Result<void> add_stale(const IndexKnown& known) {
    std::vector<ProfileId> found;
    TRY(session_.profiles(stale_, [&](ProfileId profile, std::string_view text) {
      content::Properties properties(text);
      if (question_.query.matches(Person{properties, profile, &known})) found.push_back(profile);
    }));
    if (question_.people)
      for (const ProfileId profile : found) answer_.people.add(static_cast<std::uint32_t>(profile.value));
    if (question_.kind == RecipientKind::profile) {
      answer_.total += static_cast<std::uint32_t>(found.size());
      return {};
    }
    std::vector<store::IndexDevice> devices;
    TRY(session_.devices(found, [&](const store::IndexDevice& device) {
      if ((question_.platforms & platform_bit(device.platform)) == 0) return;
      // The newest comes last and stands for the others.
      if (!question_.all_devices && !devices.empty() && devices.back().profile == device.profile)
        devices.pop_back();
      devices.push_back(device);
    }));
    for (const store::IndexDevice& device : devices) add_devices(device.platform, 1);
    return {};
  }

  void add_devices(Platform platform, std::uint32_t count) {
    answer_.by_platform[static_cast<std::size_t>(platform)] += count;
    answer_.total += count;
  }

  Result<void> count(std::uint32_t shard, const Bits& found) {
    if (found.none()) return {};
    if (question_.people) found.each([&](Place p) { answer_.people.add(shard << shard_bits | p); });
    if (question_.kind == RecipientKind::profile) {
      answer_.total += found.count();
      return {};
    }
    TRY_ASSIGN(const auto devices, session_.fragment(devices_, shard));
    if (question_.all_devices)
      count_all_devices(*devices, found);
    else
      count_newest_devices(*devices, found);
    return {};
  }

  void count_newest_devices(const store::Fragment& devices, const Bits& found) {
    devices.each(order_row, order_row + orders - 1, [&](std::uint32_t row, std::string_view bytes) {
      for (std::uint32_t order = row - order_row; order != 0; order = rest_of_order(order)) {
        const Platform platform = first_of_order(order);
        if ((question_.platforms & platform_bit(platform)) == 0) continue;
        return add_devices(platform, decode(bytes).count_both(found));
      }
    });
  }

  void count_all_devices(const store::Fragment& devices, const Bits& found) {
    for (std::uint32_t p = 0; p < answer_.by_platform.size(); ++p) {
      const auto platform = static_cast<Platform>(p);
      if ((question_.platforms & platform_bit(platform)) == 0) continue;
      const std::uint32_t first = device_count_row(platform);
      devices.each(first, first + 31, [&](std::uint32_t row, std::string_view bytes) {
        add_devices(platform, decode(bytes).count_both(found) << (row - first));
      });
    }
  }

  // ---- evaluation, a shard at a time

  Result<void> evaluate(const Plan& plan, std::uint32_t shard, Bounds& out) {
    return std::visit([&](const auto& is) { return evaluate(is, shard, out); }, plan.is);
  }
  Result<void> evaluate(const FieldPlan& plan, std::uint32_t shard, Bounds& out) {
    return plan.evaluate(session_, shard, out);
  }
  Result<void> evaluate(const EventPlan& plan, std::uint32_t shard, Bounds& out) {
    return plan.evaluate(session_, shard, out);
  }
  Result<void> evaluate(const DevicePlan& plan, std::uint32_t shard, Bounds& out) {
    TRY_ASSIGN(const auto devices, session_.fragment(devices_, shard));
    Bits bits;
    bits.clear();
    devices->each(order_row, order_row + orders - 1, [&](std::uint32_t row, std::string_view bytes) {
      for (std::uint32_t order = row - order_row; order != 0; order = rest_of_order(order))
        if ((plan.platforms & platform_bit(first_of_order(order))) != 0) return add_to(bits, bytes);
    });
    out.set_exactly(bits);
    return {};
  }
  Result<void> evaluate(const RadiusPlan& plan, std::uint32_t shard, Bounds& out) {
    TRY(plan.latitude.evaluate(session_, shard, out));
    auto longitude = std::make_unique<Bounds>();
    TRY(plan.longitude.evaluate(session_, shard, *longitude));
    out.possible &= longitude->possible;
    out.sure.clear();  // where they are must be looked at
    return {};
  }
  Result<void> evaluate(const Plans& plans, std::uint32_t shard, Bounds& out) {
    const bool all = plans.how == Plans::How::all;
    all ? out.sure.fill() : out.sure.clear();
    out.possible = out.sure;
    auto each = std::make_unique<Bounds>();
    for (const Plan& plan : plans.of) {
      if (all && out.possible.none()) break;
      TRY(evaluate(plan, shard, *each));
      if (all) {
        out.sure &= each->sure;
        out.possible &= each->possible;
      } else {
        out.sure |= each->sure;
        out.possible |= each->possible;
      }
    }
    if (plans.how == Plans::How::none) out.turn_round();
    return {};
  }

  store::IndexSession& session_;
  const Question& question_;
  std::vector<ProfileId> stale_;
  std::int64_t people_ = 0, devices_ = 0;
  std::size_t looked_at_ = 0;
  Answer answer_;
};

// ---- is it up to date? --------------------------------------------------------------------------------

struct Missing {
  std::vector<ProfileId> profiles;  // changed or new, ascending
  bool events = false;              // some events, or merges, are not in
  bool much = false;                // more than a question should bring up to date
  bool any() const { return events || !profiles.empty(); }
};

Result<Missing> missing(store::IndexSession& session, bool asks_events) {
  Missing missing;
  TRY_ASSIGN(auto changes, session.changes(at_question.profiles));
  missing.profiles = std::move(changes.profiles);
  missing.events = asks_events && !changes.merged.empty();
  TRY_ASSIGN(const bool all,
             session.new_profiles(at_question.profiles, [&](ProfileId profile, std::string_view) {
               missing.profiles.push_back(profile);
             }));
  bool all_events = true;
  if (asks_events) {
    TRY_ASSIGN(all_events, session.new_events(at_question.events,
                                              [&](const store::IndexedEvent&) { missing.events = true; }));
  }
  std::ranges::sort(missing.profiles);
  const auto doubles = std::ranges::unique(missing.profiles);
  missing.profiles.erase(doubles.begin(), doubles.end());
  missing.much = !changes.all || !all || !all_events;
  return missing;
}

Result<std::optional<Answer>> ask_at_moment(store::IndexSession& session, const Question& question) {
  const bool asks_events = question.query.asks_events();
  for (int round = 0;; ++round) {
    TRY(session.begin(question.account, false));
    const std::string zone = session.state().zone;
    if (session.state().generation == 0 || (asks_events && zone != question.zone.name())) return std::nullopt;
    TRY_ASSIGN(auto now, missing(session, asks_events));
    const bool bearable = !now.events && now.profiles.size() <= most_stale;
    if (!now.any() || (round == most_rounds && bearable))
      return Asking(session, question).run(std::move(now.profiles));
    if (now.much || round == most_rounds) return std::nullopt;
    session.end();
    TRY(catch_up(session, question.account, zone, at_question));
  }
}

}  // namespace

Result<std::optional<Answer>> ask(store::IndexSession& session, const Question& question) {
  if (question.query.root() == nullptr) return std::nullopt;
  auto answer = ask_at_moment(session, question);
  session.end();
  return answer;
}

}  // namespace belay::audience::index
