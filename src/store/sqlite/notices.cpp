#include "store/sqlite/notices.h"

#include <algorithm>
#include <limits>

#include "store/sqlite/trail.h"

namespace belay::store {

std::optional<NoticeKind> notice_kind_named(std::string_view name) {
  for (std::size_t i = 0; i < notice_kinds.size(); ++i)
    if (notice_kinds[i] == name) return static_cast<NoticeKind>(i);
  return std::nullopt;
}

namespace sqlite {
namespace {

constexpr std::uint32_t most_in_one_tidying = 200;

Subscriber subscriber_from(const Query& q) {
  return {SubscriberId{q.i64(0)},
          AccountId{q.i64(1)},
          q.string(2),
          Secret(q.string(3)),
          static_cast<NoticeKinds>(q.i64(4)),
          q.time(5)};
}

DeliveryState delivery_state_named(std::string_view name) {
  const auto found = std::find(delivery_states.begin(), delivery_states.end(), name);
  return static_cast<DeliveryState>(found - delivery_states.begin());
}

#define DELIVERY_COLUMNS \
  "d.id, d.notice, d.subscriber, n.kind, n.campaign, d.state, d.attempts, d.since, d.next_at, d.detail"

Delivery delivery_from(const Query& q) {
  return {DeliveryId{q.i64(0)},
          NoticeId{q.i64(1)},
          SubscriberId{q.i64(2)},
          notice_kind_named(q.text(3)).value_or(NoticeKind::state),
          CampaignId{q.i64(4)},
          delivery_state_named(q.text(5)),
          static_cast<std::uint32_t>(q.i64(6)),
          q.time(7),
          q.time(8),
          q.string(9)};
}

std::string subject_of(SubscriberId id) {
  return fmt::format("webhook-{}", id);
}

}  // namespace

Result<Subscriber> Notices::add(const Subscriber& wanted) {
  return write([&]() -> Result<Subscriber> {
    {
      Query q = db_->query("SELECT count(*) FROM subscriber WHERE account = ?", wanted.account);
      TRY(q.next());
      if (q.i64(0) >= static_cast<std::int64_t>(most_subscribers))
        return fail(Code::conflict, fmt::format("there are {} webhooks already: remove one first", q.i64(0)));
    }
    TRY(db_->run("INSERT INTO subscriber (account, url, secret, kinds, created) VALUES (?, ?, ?, ?, ?)",
                 wanted.account, wanted.url, wanted.secret.reveal(), wanted.kinds, wanted.created));
    Subscriber stored = wanted;
    stored.id = SubscriberId{db_->last_id()};
    TRY(Trail(*db_).append({.at = at_,
                            .account = wanted.account,
                            .actor = actor_,
                            .action = "webhook.added",
                            .subject = subject_of(stored.id),
                            .after = wanted.url}));
    return stored;
  });
}

Result<std::vector<Subscriber>> Notices::subscribers(AccountId account) {
  Query q = db_->query(
      "SELECT id, account, url, secret, kinds, created FROM subscriber WHERE ?1 = 0 OR account = ?1"
      " ORDER BY id",
      account);
  std::vector<Subscriber> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(subscriber_from(q));
  }
}

Result<Subscriber> Notices::subscriber(AccountId account, SubscriberId id) {
  Query q = db_->query(
      "SELECT id, account, url, secret, kinds, created FROM subscriber"
      " WHERE id = ?2 AND (?1 = 0 OR account = ?1)",
      account, id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no webhook {}", id));
  return subscriber_from(q);
}

Result<void> Notices::remove(AccountId account, SubscriberId id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const Subscriber there, subscriber(account, id));
    TRY(db_->run("DELETE FROM delivery WHERE subscriber = ?", id));
    TRY(db_->run("DELETE FROM subscriber WHERE id = ?", id));
    TRY(Trail(*db_).append({.at = at_,
                            .account = there.account,
                            .actor = actor_,
                            .action = "webhook.removed",
                            .subject = subject_of(id),
                            .before = there.url}));
    return {};
  });
}

Result<std::vector<Delivery>> Notices::deliveries(AccountId account, SubscriberId id,
                                                  std::optional<DeliveryId> before, std::uint32_t limit) {
  if (auto there = subscriber(account, id); !there) return std::unexpected(std::move(there.error()));
  Query q = db_->query("SELECT " DELIVERY_COLUMNS
                       " FROM delivery d JOIN notice n ON n.id = d.notice"
                       " WHERE d.subscriber = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?",
                       id, before ? before->value : std::numeric_limits<std::int64_t>::max(), limit);
  std::vector<Delivery> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(delivery_from(q));
  }
}

Result<Delivery> Notices::delivery(AccountId account, DeliveryId id) {
  Query q = db_->query("SELECT " DELIVERY_COLUMNS
                       " FROM delivery d JOIN notice n ON n.id = d.notice JOIN subscriber s"
                       " ON s.id = d.subscriber WHERE d.id = ?2 AND (?1 = 0 OR s.account = ?1)",
                       account, id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no delivery {}", id));
  return delivery_from(q);
}

Result<Delivery> Notices::resend(AccountId account, DeliveryId id, WallTime at) {
  return write([&]() -> Result<Delivery> {
    TRY_ASSIGN(const Delivery was, delivery(account, id));
    if (was.state == DeliveryState::pending || was.state == DeliveryState::trying)
      return fail(Code::conflict, fmt::format("delivery {} is {} already", id, name_of(was.state)));
    TRY(
        db_->run("UPDATE delivery SET state = 'pending', attempts = 0, since = ?1, next_at = ?1, detail = ?2"
                 " WHERE id = ?3",
                 at, fmt::format("asked for again by {}", actor_), id));
    TRY_ASSIGN(const Subscriber to, subscriber(AccountId{}, was.subscriber));
    TRY(Trail(*db_).append({.at = at,
                            .account = to.account,
                            .actor = actor_,
                            .action = "webhook.resent",
                            .subject = subject_of(was.subscriber),
                            .before = std::string(name_of(was.state)),
                            .after = "pending",
                            .detail = fmt::format("delivery-{} of notice-{}", id, was.notice)}));
    return delivery(account, id);
  });
}

Result<bool> Notices::first_due(WallTime now, const Subscriber& to, std::vector<DueDelivery>& into) {
  Query q = db_->query("SELECT " DELIVERY_COLUMNS
                       ", n.body FROM delivery d JOIN notice n ON n.id = d.notice WHERE d.subscriber = ?"
                       " AND d.state = 'pending' AND d.next_at <= ? ORDER BY d.next_at, d.id LIMIT 1",
                       to.id, now);
  TRY_ASSIGN(const bool row, q.next());
  if (row) into.push_back({delivery_from(q), to.url, q.string(10), to.secret});
  return row;
}

Result<std::vector<DueDelivery>> Notices::due(WallTime now, const std::vector<SubscriberId>& busy,
                                              std::size_t limit) {
  std::vector<DueDelivery> found;
  {
    Query q = db_->query("SELECT 1 FROM delivery WHERE state = 'pending' AND next_at <= ? LIMIT 1", now);
    TRY_ASSIGN(const bool any, q.next());
    if (!any) return found;
  }
  TRY_ASSIGN(const std::vector<Subscriber> all, subscribers(AccountId{}));
  for (const Subscriber& to : all) {
    if (found.size() == limit) break;
    if (!std::binary_search(busy.begin(), busy.end(), to.id)) TRY(first_due(now, to, found));
  }
  return found;
}

Result<void> Notices::begin(DeliveryId id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const int changed, db_->run("UPDATE delivery SET state = 'trying', attempts = attempts + 1"
                                           " WHERE id = ? AND state = 'pending'",
                                           id));
    if (changed == 0) return fail(Code::conflict, fmt::format("delivery {} is no longer pending", id));
    return {};
  });
}

Result<void> Notices::end(const DeliveryEnd& e) {
  return write([&]() -> Result<void> {
    TRY(db_->run("UPDATE delivery SET state = ?, next_at = ?, detail = ? WHERE id = ? AND state = 'trying'",
                 name_of(e.state), e.next_at, e.detail, e.id));
    return {};
  });
}

Result<std::uint64_t> Notices::recover(bool copied) {
  return write([&]() -> Result<std::uint64_t> {
    TRY_ASSIGN(
        int changed,
        db_->run("UPDATE delivery SET state = 'in_doubt', detail = 'the server ended while it was being"
                 " sent: it may have arrived' WHERE state = 'trying'"));
    if (copied) {
      TRY_ASSIGN(const int pending,
                 db_->run("UPDATE delivery SET state = 'in_doubt', detail = 'the data folder is a copy: its"
                          " original may have sent it' WHERE state = 'pending'"));
      changed += pending;
    }
    return static_cast<std::uint64_t>(changed);
  });
}

Result<std::uint64_t> Notices::give_up_oldest(std::uint32_t most_pending) {
  std::vector<std::pair<std::int64_t, std::int64_t>> too_many;  // subscriber, how many too many
  {
    Query q = db_->query(
        "SELECT subscriber, count(*) FROM delivery WHERE state = 'pending' GROUP BY subscriber"
        " HAVING count(*) > ?",
        most_pending);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      too_many.emplace_back(q.i64(0), q.i64(1) - most_pending);
    }
  }
  std::uint64_t given_up = 0;
  for (const auto& [subscriber, surplus] : too_many) {
    TRY_ASSIGN(
        const int changed,
        db_->run("UPDATE delivery SET state = 'undelivered', detail = 'too many were waiting: the oldest"
                 " was given up' WHERE id IN (SELECT id FROM delivery WHERE subscriber = ? AND state ="
                 " 'pending' ORDER BY id LIMIT ?)",
                 subscriber, std::min<std::int64_t>(surplus, most_in_one_tidying)));
    given_up += static_cast<std::uint64_t>(changed);
  }
  return given_up;
}

Result<void> Notices::forget_before(WallTime before) {
  TRY(db_->run(
      "DELETE FROM delivery WHERE id IN (SELECT d.id FROM delivery d WHERE d.since < ? AND d.state IN"
      " ('delivered', 'undelivered', 'in_doubt') ORDER BY d.id LIMIT ?)",
      before, most_in_one_tidying));
  TRY(
      db_->run("DELETE FROM notice WHERE id IN (SELECT n.id FROM notice n WHERE n.at < ? AND NOT EXISTS"
               " (SELECT 1 FROM delivery d WHERE d.notice = n.id) ORDER BY n.id LIMIT ?)",
               before, most_in_one_tidying));
  return {};
}

Result<std::uint64_t> Notices::tidy(std::uint32_t most_pending, WallTime forget) {
  return write([&]() -> Result<std::uint64_t> {
    TRY_ASSIGN(const std::uint64_t given_up, give_up_oldest(most_pending));
    TRY(forget_before(forget));
    return given_up;
  });
}

}  // namespace sqlite
}  // namespace belay::store
