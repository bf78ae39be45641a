// Saved segments.
#include "store/sqlite/control.h"

namespace belay::store::sqlite {
namespace {

std::string subject_of(SegmentId id) {
  return fmt::format("segment-{}", id);
}

Segment segment_from(const Query& q, AccountId account) {
  return {SegmentId{q.i64(0)}, account, q.string(1), q.string(2), q.time(3), q.time(4)};
}

std::string told(const Segment& segment) {
  return fmt::format("{}: {}", segment.name, segment.where);
}

}  // namespace

Result<void> Control::refuse_name(const Segment& segment) {
  Query q = db_->query("SELECT id FROM segment WHERE account = ? AND name = ? AND id <> ?", segment.account,
                       std::string_view(segment.name), segment.id);
  TRY_ASSIGN(const bool taken, q.next());
  if (!taken) return {};
  return fail(Code::conflict, fmt::format("there is a segment {} already: {}", segment.name, q.i64(0)));
}

Result<Segment> Control::add_segment(const Segment& wanted) {
  return write([&]() -> Result<Segment> {
    Segment segment = wanted;
    {
      Query q =
          db_->query("SELECT count(*), ifnull(max(id), 0) FROM segment WHERE account = ?", wanted.account);
      TRY(q.next());
      if (q.i64(0) >= most_segments)
        return fail(Code::conflict, fmt::format("{} segments are there already: remove one", most_segments));
      segment.id = SegmentId{std::max(to_epoch_seconds(wanted.created), q.i64(1) + 1)};
    }
    TRY(refuse_name(segment));
    segment.updated = segment.created;
    TRY(db_->run("INSERT INTO segment (account, id, name, body, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                 segment.account, segment.id, segment.name, segment.where, segment.created, segment.updated));
    AuditEntry entry = acted(segment.account, "segment.added", subject_of(segment.id));
    entry.after = told(segment);
    TRY(append_audit(std::move(entry)));
    return segment;
  });
}

Result<Segment> Control::put_segment(const Segment& wanted) {
  return write([&]() -> Result<Segment> {
    TRY_ASSIGN(Segment segment, this->segment(wanted.account, wanted.id));
    AuditEntry entry = acted(segment.account, "segment.changed", subject_of(segment.id));
    entry.before = told(segment);
    segment.name = wanted.name;
    segment.where = wanted.where;
    segment.updated = wanted.updated;
    TRY(refuse_name(segment));
    TRY(db_->run("UPDATE segment SET name = ?, body = ?, updated = ? WHERE account = ? AND id = ?",
                 segment.name, segment.where, segment.updated, segment.account, segment.id));
    entry.after = told(segment);
    TRY(append_audit(std::move(entry)));
    return segment;
  });
}

Result<void> Control::remove_segment(AccountId account, SegmentId id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const Segment segment, this->segment(account, id));
    TRY(db_->run("DELETE FROM segment WHERE account = ? AND id = ?", account, id));
    AuditEntry entry = acted(account, "segment.removed", subject_of(id));
    entry.before = told(segment);
    TRY(append_audit(std::move(entry)));
    return {};
  });
}

Result<Segment> Control::segment(AccountId account, SegmentId id) {
  Query q = db_->query("SELECT id, name, body, created, updated FROM segment WHERE account = ? AND id = ?",
                       account, id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no segment {}", id));
  return segment_from(q, account);
}

Result<std::vector<Segment>> Control::segments(AccountId account) {
  Query q = db_->query("SELECT id, name, '', created, updated FROM segment WHERE account = ? ORDER BY name",
                       account);
  std::vector<Segment> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(segment_from(q, account));
  }
}

}  // namespace belay::store::sqlite
