// GET /api/v1/campaigns: pages of campaigns, filtered, sorted and counted by the store's indexes.
#include <charconv>

#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/row_numbers.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

using store::CampaignSort;

constexpr std::uint32_t most_counted = 100'000;
constexpr std::size_t most_text = 200;  // bytes of "q" and "label"

constexpr std::array<std::string_view, 4> sort_names{"newest", "name", "due", "state"};

// "running,paused"
Asked<std::vector<State>> states_in(std::string_view words) {
  std::vector<State> states;
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    const std::string_view word = words.substr(0, comma);
    const auto state = state_named(word);
    if (!state) return invalid(fmt::format("\"{}\" is no state of a campaign", word));
    if (std::ranges::find(states, *state) == states.end()) states.push_back(*state);
    words = comma == words.npos ? std::string_view() : words.substr(comma + 1);
  }
  return states;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

// "1457432766", or "1457432766.1457400000000000" where the order has a key beside the id.
Asked<store::CampaignPlace> place_in(std::string_view cursor, CampaignSort sort) {
  const bool keyed = sort == CampaignSort::due || sort == CampaignSort::state;
  const std::size_t point = cursor.find('.');
  const auto id = number_in(cursor.substr(0, point));
  const auto key = point == cursor.npos ? std::nullopt : number_in(cursor.substr(point + 1));
  if (!id || *id <= 0 || keyed != key.has_value())
    return invalid("\"cursor\" is not the \"next\" of a page in this order");
  return store::CampaignPlace{CampaignId{*id}, key.value_or(0)};
}

std::string cursor_of(const Campaign& last, CampaignSort sort) {
  if (sort == CampaignSort::due) return fmt::format("{}.{}", last.id, to_micros(last.due));
  if (sort == CampaignSort::state) return fmt::format("{}.{}", last.id, static_cast<int>(last.state));
  return fmt::format("{}", last.id);
}

Asked<void> read_order(const net::HttpRequest& request, store::CampaignSearch& s) {
  const std::string sort = request.query_value("sort").value_or("newest");
  const auto found = std::ranges::find(sort_names, sort);
  if (found == sort_names.end())
    return invalid(fmt::format("\"{}\" is no order: {}", sort, fmt::join(sort_names, ", ")));
  s.sort = static_cast<CampaignSort>(found - sort_names.begin());
  const bool falls = s.sort == CampaignSort::newest || s.sort == CampaignSort::due;
  const std::string order = request.query_value("order").value_or(falls ? "desc" : "asc");
  if (order != "asc" && order != "desc") return invalid("\"order\" must be asc or desc");
  s.descending = order == "desc";
  if (const auto cursor = request.query_value("cursor")) {
    auto place = place_in(*cursor, s.sort);
    if (!place) return std::unexpected(std::move(place.error()));
    s.after = *place;
  }
  return {};
}

Asked<store::CampaignSearch> search_from(const Call& call) {
  const net::HttpRequest& request = call.request;
  store::CampaignSearch s;
  s.account = call.account;
  s.label = request.query_value("label").value_or("");
  s.text = request.query_value("q").value_or("");
  if (s.label.size() > most_text || s.text.size() > most_text)
    return invalid(fmt::format("\"q\" and \"label\" are at most {} bytes", most_text));
  auto states = states_in(request.query_value("state").value_or(""));
  if (!states) return std::unexpected(std::move(states.error()));
  s.states = std::move(*states);
  if (const auto word = request.query_value("channel"); word && !word->empty()) {
    s.channel = channel_named(*word);
    if (!s.channel) return invalid(fmt::format("\"{}\" is no channel: push or webhook", *word));
  }
  if (auto ordered = read_order(request, s); !ordered) return std::unexpected(std::move(ordered.error()));
  auto limit = query_number(request, "limit", 1, 500, 50);
  if (!limit) return std::unexpected(std::move(limit.error()));
  s.limit = static_cast<std::uint32_t>(*limit);
  auto series = query_number(request, "series", 1, std::numeric_limits<std::int64_t>::max(), 0);
  if (!series) return std::unexpected(std::move(series.error()));
  s.series = CampaignId{*series};
  const std::string awaiting = request.query_value("awaiting_next_run").value_or("false");
  if (awaiting != "true" && awaiting != "false") return invalid("\"awaiting_next_run\" must be true or false");
  s.awaiting_next_run = awaiting == "true";
  const std::string count = request.query_value("count").value_or("true");
  if (count != "true" && count != "false") return invalid("\"count\" must be true or false");
  s.count_to = count == "true" ? most_counted + 1 : 0;
  return s;
}

}  // namespace

CampaignNames names_for(const Call& call) {
  CampaignNames names{account_keys(call), {}, {}};
  if (const auto providers = call.worker.control->providers(call.account))
    for (const store::Provider& p : *providers) names.providers.emplace(p.id, p.nick_name);
  if (const auto accounts = call.worker.control->accounts())
    for (const store::Account& a : *accounts)
      if (names.accounts.contains(a.id)) names.zones.emplace(a.id, a.time_zone);
  return names;
}

void list_campaigns(Call call, Answer answer) {
  ASK(const store::CampaignSearch search, search_from(call), answer);
  const auto page = call.worker.control->search(search);
  if (!page && page.error().code == store::Code::not_found)
    return answer.send(invalid("\"cursor\" names a campaign that is not there").error());
  if (!page) return answer.send(refused(page.error()).error());
  const CampaignNames names = names_for(call);
  const WallTime now = call.services.clock.wall();
  NumbersReader numbers(call.services, call.worker);
  json::array campaigns;
  for (const store::ListedCampaign& row : page->rows) {
    json::object each = campaign_json(row.campaign, names, now);
    add_row_numbers(each, numbers.of(row));
    each["stop"] = row.stop ? json::value(fmt::format("stop-{}", *row.stop)) : json::value(nullptr);
    campaigns.push_back(std::move(each));
  }
  numbers.keep();
  json::object body{{"campaigns", std::move(campaigns)}, {"next", nullptr}};
  if (page->more) body["next"] = cursor_of(page->rows.back().campaign, search.sort);
  body["total"] = search.count_to == 0 ? json::value(nullptr) : std::min(page->count, most_counted);
  body["more_than_total"] = page->count > most_counted;
  answer.send(ok(body));
}

}  // namespace belay::api
