// Pages of lists. Filters and orders are answered from covering indexes; only the rows of the page itself
// are read whole.
#include "store/receipt_json.h"
#include "store/sqlite/control.h"

namespace belay::store::sqlite {
namespace {

// Where the state itself picks the part of the index; else it is one of the filters.
bool of_one_state(const CampaignSearch& s) {
  return s.states.size() == 1 && s.sort != CampaignSort::name && s.sort != CampaignSort::due;
}

std::string_view index_of(const CampaignSearch& s) {
  if (of_one_state(s)) return "campaign_by_state";
  if (s.sort == CampaignSort::name) return "campaign_by_name";
  if (s.sort == CampaignSort::due) return "campaign_by_due";
  return "campaign_by_id";
}

// ?1 account, ?2 states as bits, ?3 channel, ?4 text, ?5 digits, ?6 label, ?9 the one state, ?12 series. An operator's
// question looks at every account.
std::string from_where(const CampaignSearch& s, std::string_view index) {
  std::string sql = " FROM ";
  if (!s.label.empty())
    sql += "campaign_label l CROSS JOIN campaign c ON c.id = l.campaign WHERE l.label = ?6 AND ";
  else if (s.series)
    sql += "campaign c INDEXED BY campaign_of_series WHERE c.series <> 0 AND ";  // "<> 0" lets its index serve
  else if (s.awaiting_next_run)
    sql += "campaign c INDEXED BY campaign_between_runs WHERE ";
  else if (s.account)
    sql += fmt::format("campaign c INDEXED BY {} WHERE ", index);
  else
    sql += "campaign c WHERE ";
  sql += s.account ? "c.account = ?1" : "?1 = 0";
  if (of_one_state(s)) {
    sql += " AND c.state = ?9";
  } else if (!s.states.empty()) {
    sql += " AND (?2 & CASE c.state";
    for (const StateRow& row : state_table)
      sql += fmt::format(" WHEN '{}' THEN {}", row.name, 1 << static_cast<int>(row.state));
    sql += " END) <> 0";
  }
  if (s.awaiting_next_run) sql += " AND c.state = 'scheduled' AND c.series = 0 AND c.occurrence > 1";
  if (s.series) sql += " AND c.series = ?12";
  if (s.channel) sql += " AND c.channel = ?3";
  if (!s.text.empty())
    sql += " AND (c.name LIKE ?4 ESCAPE '\\' OR (?5 <> '' AND CAST(c.id AS TEXT) LIKE ?5))";
  return sql;
}

// ?7, ?8: behind this due time or name (as ?11), and this id.
std::string order_of(const CampaignSearch& s, bool after) {
  const std::string_view sign = s.descending ? "<" : ">";
  const std::string_view way = s.descending ? "DESC" : "ASC";
  switch (s.sort) {
    case CampaignSort::newest:
      return fmt::format("{} ORDER BY c.id {}", after ? fmt::format(" AND c.id {} ?8", sign) : "", way);
    case CampaignSort::state:
      return fmt::format("{} ORDER BY c.id DESC", after ? " AND c.id < ?8" : "");
    case CampaignSort::name:
      return fmt::format("{} ORDER BY c.name COLLATE NOCASE {}, c.id {}",
                         after ? fmt::format(" AND (c.name COLLATE NOCASE, c.id) {} (?11, ?8)", sign) : "",
                         way, way);
    case CampaignSort::due:
      return fmt::format("{} ORDER BY c.due {}, c.id {}",
                         after ? fmt::format(" AND (c.due, c.id) {} (?7, ?8)", sign) : "", way, way);
  }
  return "";
}

// What the placeholders stand for. Views the search.
struct Bound {
  explicit Bound(const CampaignSearch& s) {
    for (const State state : s.states) states |= 1 << static_cast<int>(state);
    if (of_one_state(s)) state = name_of(s.states.front());
    if (s.channel) channel = name_of(*s.channel);
    if (s.text.empty()) return;
    text = "%";
    for (const char c : s.text) {
      if (c == '%' || c == '_' || c == '\\') text += '\\';
      text += c;
    }
    text += '%';
    if (s.text.find_first_not_of("0123456789") == std::string::npos) digits = fmt::format("%{}%", s.text);
  }
  int states = 0;
  std::string_view state, channel;
  std::string text, digits;
};

}  // namespace

const char* Control::kept(std::string sql) {
  return sql_.insert(std::move(sql)).first->c_str();
}

Result<std::vector<CampaignId>> Control::found_ids(const CampaignSearch& s, std::uint32_t most) {
  const Bound bound(s);
  std::string name;
  if (s.after && s.sort == CampaignSort::name) {
    TRY_ASSIGN(const Campaign at, campaign(s.account, s.after->id));
    name = at.definition.name;
  }
  const char* sql = kept("SELECT c.id" + from_where(s, index_of(s)) + order_of(s, s.after.has_value()) +
                         " LIMIT ?10 + 0 * coalesce(?11, ?12, 0)");
  Query q = db_->query(sql, s.account, bound.states, bound.channel, std::string_view(bound.text),
                       std::string_view(bound.digits), std::string_view(s.label), s.after ? s.after->key : 0,
                       s.after ? s.after->id.value : 0, bound.state, most, std::string_view(name), s.series);
  std::vector<CampaignId> ids;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return ids;
    ids.push_back(CampaignId{q.i64(0)});
  }
}

// One state after the other, each by its own part of the index.
Result<std::vector<CampaignId>> Control::found_by_state(const CampaignSearch& s, std::uint32_t most) {
  std::vector<State> order;
  for (const StateRow& row : state_table)
    if (s.states.empty() || std::ranges::find(s.states, row.state) != s.states.end())
      order.push_back(row.state);
  if (s.descending) std::ranges::reverse(order);
  std::vector<CampaignId> ids;
  for (const State state : order) {
    if (ids.size() == most) break;
    const auto place = static_cast<std::int64_t>(state);
    if (s.after && (s.descending ? place > s.after->key : place < s.after->key)) continue;
    CampaignSearch part = s;
    part.states = {state};
    if (s.after && place != s.after->key) part.after.reset();
    TRY_ASSIGN(const auto some, found_ids(part, most - static_cast<std::uint32_t>(ids.size())));
    ids.insert(ids.end(), some.begin(), some.end());
  }
  return ids;
}

// Several states, each in order by its own part of the index: a few rare ones among very many cost no more
// than their rows.
Result<std::vector<CampaignId>> Control::found_newest(const CampaignSearch& s, std::uint32_t most) {
  std::vector<CampaignId> ids;
  for (const State state : s.states) {
    CampaignSearch part = s;
    part.states = {state};
    TRY_ASSIGN(const auto some, found_ids(part, most));
    ids.insert(ids.end(), some.begin(), some.end());
  }
  std::ranges::sort(ids, [&](CampaignId a, CampaignId b) { return s.descending ? b < a : a < b; });
  if (ids.size() > most) ids.resize(most);
  return ids;
}

Result<std::uint32_t> Control::count_part(const CampaignSearch& s) {
  const Bound bound(s);
  const char* sql = kept("SELECT count(*) FROM (SELECT 1" + from_where(s, index_of(s)) +
                         " LIMIT ?10 + 0 * coalesce(?11, ?12, 0))");
  Query q =
      db_->query(sql, s.account, bound.states, bound.channel, std::string_view(bound.text),
                 std::string_view(bound.digits), std::string_view(s.label), 0, 0, bound.state, s.count_to,
                 std::string_view(), s.series);
  TRY(q.next());
  return static_cast<std::uint32_t>(q.i64(0));
}

Result<std::uint32_t> Control::count_found(const CampaignSearch& s) {
  CampaignSearch part = s;
  part.sort = CampaignSort::newest;
  if (s.count_to == 0) return 0;
  if (s.states.size() < 2) return count_part(part);
  std::uint32_t sum = 0;
  for (const State state : s.states) {
    part.states = {state};
    TRY_ASSIGN(const std::uint32_t more, count_part(part));
    sum = std::min(sum + more, s.count_to);
  }
  return sum;
}

Result<ListedCampaign> Control::as_listed(Campaign c) {
  ListedCampaign row{std::move(c), std::nullopt, std::nullopt};
  const bool stopped = row.campaign.state == State::stopped;
  Query q = db_->query(stopped ? "SELECT body, stop FROM receipt WHERE campaign = ?1 AND ?2 > 0 ORDER BY stop"
                               : "SELECT body FROM campaign_numbers WHERE campaign = ?1 AND epoch = ?2",
                       row.campaign.id, row.campaign.epoch.value);
  TRY_ASSIGN(const bool there, q.next());
  if (!there) return row;
  if (auto numbers = receipt_from_json(q.text(0))) row.numbers = std::move(*numbers);
  if (stopped) row.stop = StopId{q.i64(1)};
  return row;
}

Result<CampaignPage> Control::search(const CampaignSearch& s) {
  CampaignPage page;
  const auto find = s.sort == CampaignSort::state                           ? &Control::found_by_state
                    : s.sort == CampaignSort::newest && s.states.size() > 1 ? &Control::found_newest
                                                                            : &Control::found_ids;
  TRY_ASSIGN(auto ids, (this->*find)(s, s.limit + 1));
  page.more = ids.size() > s.limit;
  if (page.more) ids.resize(s.limit);
  TRY_ASSIGN(page.rows, listed(s.account, ids));
  TRY_ASSIGN(page.count, count_found(s));
  return page;
}

Result<std::vector<ListedCampaign>> Control::listed(AccountId account, std::span<const CampaignId> ids) {
  std::vector<ListedCampaign> rows;
  for (const CampaignId id : ids) {
    auto found = campaign(account, id);
    if (!found && found.error().code == Code::not_found) continue;
    if (!found) return std::unexpected(std::move(found.error()));
    TRY_ASSIGN(ListedCampaign row, as_listed(std::move(*found)));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<CampaignFacts>> Control::facts(AccountId account, std::span<const CampaignId> ids) {
  std::vector<CampaignFacts> found;
  for (const CampaignId id : ids) {
    Query q = db_->query(
        "SELECT account, state, epoch FROM campaign WHERE id = ?1 AND (?2 = 0 OR account = ?2)", id, account);
    TRY_ASSIGN(const bool row, q.next());
    if (!row) continue;
    const auto state = state_named(q.text(1));
    if (!state) return fail(Code::damaged, fmt::format("campaign {} has an unknown state", id));
    found.push_back({id, AccountId{q.i64(0)}, *state, Epoch{q.i64(2)}});
  }
  return found;
}

Result<void> Control::keep_numbers(std::span<const std::pair<Epoch, Receipt>> numbers) {
  if (numbers.empty()) return {};
  return write([&]() -> Result<void> {
    for (const auto& [epoch, receipt] : numbers)
      TRY(
          db_->run("INSERT OR REPLACE INTO campaign_numbers (campaign, epoch, body) SELECT id, epoch, ?3"
                   " FROM campaign WHERE id = ?1 AND epoch = ?2 AND state IN ('completed', 'paused')",
                   receipt.campaign, epoch.value, receipt_to_json(receipt)));
    return {};
  });
}

}  // namespace belay::store::sqlite
