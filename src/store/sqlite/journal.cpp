#include "store/sqlite/journal.h"

#include "store/sqlite/journal_rows.h"
#include "store/sqlite/trail.h"

namespace belay::store::sqlite {
namespace {

// An audience is written in pieces, each its own short transaction: no writer may hold the store for
// longer than a few milliseconds, and a stop may come in between.
constexpr std::size_t part_bytes = 256 * 1024;

void cut(const Wave& wave, std::uint32_t slice_size, std::vector<Slice>& slices) {
  Ordinal begin = slices.empty() ? 0 : slices.back().end;
  for (const Ordinal end_of_wave = begin + wave.recipients; begin < end_of_wave;) {
    const Ordinal end = begin + std::min(slice_size, end_of_wave - begin);
    slices.push_back(
        {SliceNo{static_cast<std::int32_t>(slices.size())}, begin, end, begin, wave.departs, wave.zone});
    begin = end;
  }
}

std::vector<Slice> cut(std::uint32_t audience, std::uint32_t slice_size, std::span<const Wave> waves) {
  std::vector<Slice> slices;
  const Wave whole{audience, {}, ""};
  for (const Wave& wave : waves.empty() ? std::span(&whole, 1) : waves) cut(wave, slice_size, slices);
  return slices;
}

std::optional<HandOver> hand_over_from(const Query& q, int column) {
  if (q.null(column)) return std::nullopt;
  return HandOver{q.time(column), static_cast<Ordinal>(q.i64(column + 1))};
}

}  // namespace

// ---- freezing ------------------------------------------------------------------------------------

Result<void> Journal::may_freeze(const Campaign& c) {
  Query q = db_->query(
      "SELECT c.state, c.epoch, r.frozen FROM campaign c LEFT JOIN run r ON r.campaign = c.id"
      " WHERE c.id = ?",
      c.id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no campaign {}", c.id));
  const auto state = state_named(q.text(0));
  if (!state || is_final(*state) || q.i64(1) != c.epoch.value)
    return fail(Code::fenced, fmt::format("campaign {} is {} in epoch {}", c.id, q.text(0), q.i64(1)));
  if (!q.null(2) && q.i64(2) == 1)
    return fail(Code::conflict, fmt::format("campaign {} has its run already", c.id));
  if (*state != State::planning) return fail(Code::fenced, fmt::format("campaign {} is {}", c.id, q.text(0)));
  return {};
}

// A run that can't be seen yet. One that a crash left half-written is begun anew.
Result<RunId> Journal::reserve_run(const Campaign& c, RecipientKind kind, std::uint32_t audience,
                                   WallTime at) {
  TRY(may_freeze(c));
  TRY(db_->run(
      "INSERT INTO run (campaign, account, kind, audience, planned, frozen) VALUES (?1, ?2, ?3, ?4, ?5, 0)"
      " ON CONFLICT (campaign) DO UPDATE SET kind = ?3, audience = ?4, planned = ?5",
      c.id, c.account, static_cast<int>(kind), audience, at));
  Query q = db_->query("SELECT id FROM run WHERE campaign = ?", c.id);
  TRY(q.next());
  const RunId run{q.i64(0)};
  TRY(db_->run("DELETE FROM audience_part WHERE run = ?", run));
  return run;
}

Result<void> Journal::write_part(RunId run, std::int64_t no, std::string_view bytes) {
  TRY(db_->run("INSERT INTO audience_part (run, no, bytes) VALUES (?, ?, ?)", run, no, Blob{bytes}));
  return {};
}

Result<void> Journal::publish(const Campaign& c, RunId run, const std::vector<Slice>& slices, WallTime at) {
  TRY(may_freeze(c));
  for (const Slice& s : slices)
    TRY(db_->run(
        "INSERT INTO slice (run, no, begins, ends, cursor, departs, left_out, zone)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        run, s.no.value, s.begin, s.end, s.cursor, s.departs.at, name_of(s.departs.left_out), s.zone));
  TRY(db_->run("UPDATE run SET frozen = 1 WHERE id = ?", run));
  TRY(db_->run("UPDATE campaign SET state = 'running', state_reason = '' WHERE id = ?", c.id));
  TRY(Trail(*db_).append_and_tell({.at = at,
                                   .account = c.account,
                                   .actor = "belay",
                                   .action = "campaign.moved",
                                   .subject = subject_of(c.id),
                                   .before = std::string(name_of(State::planning)),
                                   .after = std::string(name_of(State::running))},
                                  {.kind = NoticeKind::state, .campaign = c.id}));
  return {};
}

Result<Run> Journal::freeze(const Campaign& c, RecipientKind kind, const AudienceSet& audience,
                            std::uint32_t slice_size, WallTime at, std::span<const Wave> waves) {
  if (slice_size == 0) return fail(Code::conflict, "a slice needs at least one recipient");
  const std::string bytes = audience.serialize();
  std::string_view rest = bytes;
  Run run{.campaign = c.id,
          .account = c.account,
          .kind = kind,
          .audience = audience.size(),
          .planned = at,
          .slices = cut(audience.size(), slice_size, waves)};
  if (!run.slices.empty() && run.slices.back().end != run.audience)
    return fail(Code::conflict, "the waves are not the audience");
  TRY_ASSIGN(run.id, write([&] { return reserve_run(c, kind, run.audience, at); }));
  std::int64_t no = 0;
  for (; rest.size() > part_bytes; rest.remove_prefix(part_bytes), ++no)
    TRY(write([&] { return write_part(run.id, no, rest.substr(0, part_bytes)); }));
  auto published = write([&]() -> Result<void> {
    TRY(write_part(run.id, no, rest));
    return publish(c, run.id, run.slices, at);
  });
  if (!published) return std::unexpected(std::move(published.error()));
  return run;
}

// ---- reading -------------------------------------------------------------------------------------

Result<std::vector<Slice>> Journal::slices_of(RunId run) {
  Query q = db_->query(
      "SELECT no, begins, ends, cursor, departs, left_out, zone FROM slice WHERE run = ? ORDER BY no", run);
  std::vector<Slice> slices;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return slices;
    slices.push_back({SliceNo{static_cast<std::int32_t>(q.i64(0))}, static_cast<Ordinal>(q.i64(1)),
                      static_cast<Ordinal>(q.i64(2)), static_cast<Ordinal>(q.i64(3)),
                      Departure{q.time(4), reason_named(q.text(5)).value_or(Reason::none)},
                      std::string(q.text(6))});
  }
}

Result<std::optional<Run>> Journal::run_of(CampaignId campaign) {
  Query q = db_->query(
      "SELECT id, account, kind, audience, planned FROM run WHERE campaign = ? AND frozen = 1", campaign);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return std::nullopt;
  Run run{RunId{q.i64(0)},
          campaign,
          AccountId{q.i64(1)},
          static_cast<RecipientKind>(q.i64(2)),
          static_cast<std::uint32_t>(q.i64(3)),
          q.time(4),
          {}};
  TRY_ASSIGN(run.slices, slices_of(run.id));
  return run;
}

Result<AudienceSet> Journal::audience(RunId run) {
  std::string bytes;
  {
    Query q = db_->query("SELECT bytes FROM audience_part WHERE run = ? ORDER BY no", run);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      bytes += q.blob(0);
    }
  }
  if (bytes.empty()) return fail(Code::not_found, fmt::format("no run {}", run));
  auto set = AudienceSet::parse(bytes);
  if (!set)
    return fail(
        Code::damaged,
        fmt::format("the audience of run {} in {} can't be understood: restore a backup", run, db_->path()));
  return std::move(*set);
}

Result<void> Journal::blocks(RunId run, const std::function<void(std::string_view, WallTime)>& visit) {
  const BlockRange range = block_range(run);
  Query q = db_->query("SELECT packed, at FROM journal WHERE id BETWEEN ? AND ? ORDER BY id", range.first,
                       range.last);
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return {};
    visit(q.blob(0), q.time(1));
  }
}

Result<Progress> Journal::progress(RunId run) {
  Query q = db_->query(
      "SELECT first_at, first_ordinal, last_at, last_ordinal, attempts FROM run"
      " WHERE id = ? AND frozen = 1",
      run);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no run {}", run));
  return Progress{run, {hand_over_from(q, 0), hand_over_from(q, 2)}, static_cast<std::uint64_t>(q.i64(4))};
}

Result<std::vector<CoursePoint>> Journal::course(RunId run) {
  Query q = db_->query(
      "SELECT at, attempts, handed_over, accepted, failed, skipped, in_doubt FROM course WHERE run = ?"
      " ORDER BY second",
      run);
  std::vector<CoursePoint> points;
  const auto count = [&](int column) { return static_cast<std::uint32_t>(q.i64(column)); };
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return points;
    points.push_back(
        {q.time(0), static_cast<std::uint64_t>(q.i64(1)), count(2), count(3), count(4), count(5), count(6)});
  }
}

// ---- the group commit ----------------------------------------------------------------------------

Result<bool> Journal::permitted(std::vector<Permit>& known, RunId run, CampaignId campaign, Epoch epoch) {
  for (const Permit& p : known)
    if (p.run == run && p.campaign == campaign && p.epoch == epoch) return p.granted;
  Query q = db_->query(
      "SELECT 1 FROM run r JOIN campaign c ON c.id = r.campaign WHERE r.id = ? AND c.id = ?"
      " AND c.state = 'running' AND c.epoch = ?",
      run, campaign, epoch.value);
  TRY_ASSIGN(const bool granted, q.next());
  known.push_back({run, campaign, epoch, granted});
  return granted;
}

Result<bool> Journal::admit(std::vector<Permit>& known, const Admission& a, WallTime at) {
  TRY_ASSIGN(const bool granted, permitted(known, a.run, a.campaign, a.epoch));
  if (!granted) return false;
  TRY_ASSIGN(const int moved,
             db_->run("UPDATE slice SET cursor = ?1 WHERE run = ?2 AND no = ?3 AND cursor = ?4"
                      " AND ?1 >= ?4 AND ?1 <= ends",
                      a.to, a.run, a.slice.value, a.from));
  if (moved == 1 && !a.block.empty()) TRY(append_block(*db_, a.run, a.block, at));
  if (moved == 1 && a.day != 0)
    TRY(
        db_->run("INSERT INTO admitted_on (account, day, campaign, recipients)"
                 " SELECT account, ?2, id, ?3 FROM campaign WHERE id = ?1 ON CONFLICT DO UPDATE"
                 " SET recipients = recipients + excluded.recipients",
                 a.campaign, a.day, a.to - a.from));
  return moved == 1;
}

Result<void> Journal::write_course(const CourseWrite& w) {
  const CoursePoint& p = w.point;
  TRY(db_->run(
      "INSERT OR REPLACE INTO course (run, second, at, attempts, handed_over, accepted, failed,"
      " skipped, in_doubt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      w.run, w.slot.second, p.at, p.attempts, p.handed_over, p.accepted, p.failed, p.skipped, p.in_doubt));
  if (w.thin) TRY(db_->run("DELETE FROM course WHERE run = ? AND second % ? <> 0", w.run, w.slot.width));
  return {};
}

Result<GroupResult> Journal::commit(const GroupCommit& group) {
  return write([&]() -> Result<GroupResult> {
    GroupResult result;
    std::vector<Permit> known;
    for (const Admission& a : group.admissions) {
      TRY_ASSIGN(const bool admitted, admit(known, a, group.at));
      result.admitted.push_back(admitted);
    }
    for (const Readmission& r : group.readmissions) {
      TRY_ASSIGN(const bool granted, permitted(known, r.run, r.campaign, r.epoch));
      if (granted) TRY(append_block(*db_, r.run, r.block, group.at));
      result.readmitted.push_back(granted);
    }
    for (const Block& b : group.blocks) TRY(append_block(*db_, b.run, b.packed, group.at));
    for (const Progress& p : group.progress) TRY(write_progress(*db_, p));
    for (const CourseWrite& s : group.course) TRY(write_course(s));
    return result;
  });
}

}  // namespace belay::store::sqlite
