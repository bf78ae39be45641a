// A writer is killed at random moments; whatever it was told is durable must be there afterwards.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/manual.h"
#include "store/conformance_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

constexpr Ordinal audience_size = 1'000'000;

struct Delivery {
  Campaign campaign;
  Run run;
};

Delivery set_up(Store& store) {
  const auto control = must(store.control(Lane::ordinary));
  Campaign c;
  c.account = must(control->put_account({{}, "A", "UTC", "eu1"})).id;
  c.id = CampaignId{1};
  c = must(control->create(c));
  must(control->move({c.id, State::scheduled, State::planning, c.epoch, at(1), ""}));
  AudienceSet audience;
  for (Ordinal i = 1; i <= audience_size; ++i) audience.add(RecipientId{i});
  audience.compact();
  return {c, must(must(store.journal())->freeze(c, RecipientKind::address, audience, audience_size, at(1)))};
}

// The child's part: admission n, block n and profile n are one step; n is told once they are durable.
[[noreturn]] void write_until_killed(const std::string& folder, const Delivery& delivery, Ordinal done,
                                     int tell) {
  const auto store = must(open_sqlite(folder));
  const auto journal = must(store->journal());
  const auto profiles = must(store->profiles());
  const RunId run = delivery.run.id;
  const auto add_person = [&](Ordinal n) {
    const std::string name = fmt::format("person {}", n);
    const ProfileWrite person{{IdentityKind::identity, name}, "", {}, at(1)};
    must(profiles->apply(delivery.campaign.account, std::vector<UploadRecord>{person}));
  };
  add_person(done);  // the last step may have been half done
  for (Ordinal n = done + 1; n < audience_size; ++n) {
    const Admission admission{run, delivery.campaign.id, delivery.campaign.epoch, SliceNo{0}, n - 1, n};
    const GroupCommit group{.admissions = {admission}, .blocks = {{run, fmt::format("block {}", n)}}};
    if (!must(journal->commit(group)).admitted.at(0)) ::_exit(1);
    add_person(n);
    if (n % 16 == 0) must(store->tidy_up());
    (void)!::write(tell, &n, sizeof n);
  }
  ::_exit(0);
}

// The last number the child told, once it has told `enough` and was killed.
Ordinal kill_after(pid_t child, int told, int enough) {
  Ordinal last = 0;
  for (int i = 0; i < enough; ++i)
    if (::read(told, &last, sizeof last) != sizeof last) break;
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "ended by itself: " << status;
  for (Ordinal n = 0; ::read(told, &n, sizeof n) == sizeof n;) last = n;
  return last;
}

// What is there: how many steps, after checking that they are whole and in order.
Ordinal check_what_is_there(const std::string& folder, const Delivery& delivery, Ordinal told) {
  const auto store = must(open_sqlite(folder));
  const auto journal = must(store->journal());
  const Ordinal cursor = must(journal->run_of(delivery.campaign.id))->slices.at(0).cursor;
  Ordinal blocks = 0;
  must(journal->blocks(delivery.run.id, [&](std::string_view b, WallTime) {
    EXPECT_EQ(b, fmt::format("block {}", ++blocks));
  }));
  EXPECT_EQ(blocks, cursor) << "admission and block are one transaction";
  EXPECT_GE(cursor, told);
  const auto profiles = must(store->profiles());
  for (Ordinal n = told > 50 ? told - 50 : 1; n <= told; ++n)
    EXPECT_TRUE(must(
        profiles->find(delivery.campaign.account, {IdentityKind::identity, fmt::format("person {}", n)})));
  EXPECT_GE(must(profiles->count(delivery.campaign.account, RecipientKind::profile)), told);
  return cursor;
}

// S22: a restart goes on where the killed server was; no admission is lost or made twice.
TEST(Crash, every_acknowledged_commit_survives_a_kill) {
  const TempFolder folder;
  const Delivery delivery = set_up(*must(open_sqlite(folder.path())));
  SeededRandom random(static_cast<std::uint64_t>(::getpid()));
  Ordinal done = 0;
  for (int round = 0; round < 12; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(folder.path(), delivery, done, pipe[1]);
    ::close(pipe[1]);
    const Ordinal told = kill_after(child, pipe[0], 1 + static_cast<int>(random.below(40)));
    ::close(pipe[0]);
    done = check_what_is_there(folder.path(), delivery, told);
  }
  EXPECT_GE(done, 12u);
}

}  // namespace
}  // namespace belay::store
