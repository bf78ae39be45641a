// What a list of campaigns takes when there are very many: pages in every order, filters, search, counts.
//   list_bench [CAMPAIGNS [FOLDER]]     default: 100000, in memory (/dev/shm)
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/clock.h"
#include "must.h"
#include "store/sqlite/open.h"

namespace belay::store {
namespace {

const RealClock wall_clock;

template <class Work>
double seconds(Work&& work) {
  const auto began = wall_clock.steady();
  work();
  return static_cast<double>((wall_clock.steady() - began).count()) * 1e-6;
}

// Names of a shop's calendar, in two channels, a tenth with a label, a few running, most of them over.
void fill(Store& store, ControlSession& control, AccountId account, int campaigns) {
  constexpr std::array<const char*, 8> kinds{"Diwali sale",   "Welcome",       "Price drop", "Cart reminder",
                                             "Order shipped", "Weekly digest", "Win back",   "Survey"};
  const WallTime begin = wall_from_micros(1'457'432'766'000'000);
  for (int i = 0; i < campaigns; ++i) {
    if (i % 500 == 0) must(store.tidy_up());  // as a server does, or the log grows to gigabytes
    Campaign c;
    c.id = CampaignId{1'457'432'766 + i};
    c.account = account;
    c.definition.name = fmt::format("{} {}", kinds[static_cast<std::size_t>(i) % kinds.size()], i);
    c.definition.channel = i % 5 == 0 ? Channel::webhook : Channel::push;
    c.definition.push.title = "A title of the usual length, {{ Profile.Name }}";
    c.definition.push.body = std::string(600, 'b');
    if (i % 10 == 0) c.definition.labels = {"festival"};
    c.due = begin + Seconds{(i * 7919) % campaigns * 60};
    c.created = begin;
    const Campaign made = must(control.create(c));
    if (i % 3 == 0) continue;
    must(control.move({made.id, State::scheduled, State::planning, made.epoch, begin, ""}));
    if (i % 1000 != 1)
      must(control.move({made.id, State::planning, State::completed, made.epoch, begin, ""}));
  }
}

void time_of(ControlSession& control, const char* what, const CampaignSearch& search) {
  std::vector<double> each;
  CampaignPage page;
  for (int i = 0; i < 21; ++i) each.push_back(seconds([&] { page = must(control.search(search)); }) * 1e3);
  std::ranges::sort(each);
  std::printf("%-44s p50 %7.2f ms   worst %7.2f ms   %3zu rows of %u\n", what, each[10], each.back(),
              page.rows.size(), page.count);
}

void measure(ControlSession& control, AccountId account, int campaigns) {
  CampaignSearch plain{.account = account, .limit = 50, .count_to = 100'001};
  time_of(control, "first page, newest, counted", plain);
  CampaignSearch s = plain;
  s.count_to = 0;
  time_of(control, "first page, newest, not counted", s);
  s = plain;
  s.after = CampaignPlace{CampaignId{1'457'432'766 + campaigns / 10}};
  time_of(control, "deep page, newest", s);
  for (const auto& [sort, what, deep] :
       {std::tuple{CampaignSort::name, "first page by name", "deep page by name"},
        std::tuple{CampaignSort::due, "first page by due", "deep page by due"},
        std::tuple{CampaignSort::state, "first page by state", "deep page by state"}}) {
    s = plain;
    s.sort = sort;
    s.descending = sort == CampaignSort::due;
    time_of(control, what, s);
    for (int i = 0; i < campaigns / 1000; ++i) {
      s.limit = 500;
      const CampaignPage page = must(control.search(s));
      if (!page.more) break;
      const Campaign& last = page.rows.back().campaign;
      s.after = CampaignPlace{last.id, sort == CampaignSort::due     ? to_micros(last.due)
                                       : sort == CampaignSort::state ? static_cast<std::int64_t>(last.state)
                                                                     : 0};
      s.count_to = 0;
    }
    s.limit = 50;
    s.count_to = 100'001;
    time_of(control, deep, s);
  }
  s = plain;
  s.states = {State::planning};
  time_of(control, "filter: one rare state", s);
  s.states = {State::planning, State::running, State::paused};
  time_of(control, "filter: three rare states", s);
  s = plain;
  s.channel = Channel::webhook;
  time_of(control, "filter: channel", s);
  s = plain;
  s.label = "festival";
  time_of(control, "filter: label", s);
  s.sort = CampaignSort::name;
  time_of(control, "filter: label, by name", s);
  s = plain;
  s.text = "sale 777";
  time_of(control, "search: few match", s);
  s.text = "sale";
  time_of(control, "search: an eighth matches", s);
  s.text = "no such name";
  time_of(control, "search: nothing matches", s);
  s.text = "14574999";
  time_of(control, "search: part of an id", s);
}

int run(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // the filling takes a while
  const int campaigns = argc > 1 ? std::atoi(argv[1]) : 100'000;
  std::string folder = argc > 2 ? argv[2] : "/dev/shm";
  folder += "/belay-list-bench-XXXXXX";
  if (campaigns < 1000 || ::mkdtemp(folder.data()) == nullptr) {
    std::cerr << "usage: list_bench [CAMPAIGNS (from 1000) [FOLDER]]\n";
    return 2;
  }
  {
    const auto store = must(open_sqlite(folder));
    const auto control = must(store->control(Lane::ordinary));
    const AccountId account = must(control->put_account({{}, "BENCH", "UTC", "in1"})).id;
    const AccountId other = must(control->put_account({{}, "OTHER", "UTC", "in1"})).id;
    std::printf("%d campaigns, written in %.1f s\n", campaigns, seconds([&] {
                  fill(*store, *control, account, campaigns);
                  must(store->tidy_up());
                  Campaign c;
                  c.id = CampaignId{1'457'432'766};
                  c.account = other;
                  c.definition.name = "somebody else's";
                  must(control->create(c));
                }));
    measure(*control, account, campaigns);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return 0;
}

}  // namespace
}  // namespace belay::store

int main(int argc, char** argv) {
  return belay::store::run(argc, argv);
}
