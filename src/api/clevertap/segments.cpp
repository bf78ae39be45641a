// POST /1/segments/list.json and get.json, which nobody documents and clients use (contract 5.3).
#include "store/segments.h"

#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"
#include "api/route.h"
#include "campaign/schedule.h"

namespace belay::api::clevertap {
namespace {

constexpr std::int64_t most_a_page = 500;

json::object segment_json(const store::Segment& s) {
  return {{"id", s.id.value},
          {"name", s.name},
          {"created", to_epoch_seconds(s.created)},
          {"updated", to_epoch_seconds(s.updated)}};
}

Read<std::int64_t> number(const json::object& request, std::string_view key, std::int64_t otherwise,
                          std::int64_t most) {
  const json::value* v = member(request, key);
  if (!v) return otherwise;
  const auto n = whole_number(v);
  if (n && *n >= 1 && *n <= most) return *n;
  return std::unexpected(fmt::format("{} must be a whole number from 1 to {}", key, most));
}

net::HttpReply list(Call& call) {
  const auto request = parse_object(call.request.body.empty() ? "{}" : call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const auto page = number(*request, "page", 1, 1'000'000);
  if (!page) return clevertap_fail(400, page.error());
  const auto limit = number(*request, "limit", 100, most_a_page);
  if (!limit) return clevertap_fail(400, limit.error());
  const auto segments = store::segments_of(*call.worker.control).segments(call.account);
  if (!segments) return clevertap_from(segments.error());
  const auto total = static_cast<std::int64_t>(segments->size());
  json::array out;
  for (std::int64_t i = (*page - 1) * *limit; i < std::min(total, *page * *limit); ++i)
    out.push_back(segment_json((*segments)[static_cast<std::size_t>(i)]));
  return json_reply(200, to_text(json::object{{"status", "success"},
                                              {"segments", std::move(out)},
                                              {"page", *page},
                                              {"total_pages", (total + *limit - 1) / *limit},
                                              {"total_count", total}}));
}

net::HttpReply get(Call& call) {
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const json::value* named = member(*request, "segment_id");
  const auto id = whole_number(named ? named : member(*request, "id"));
  if (!id || *id <= 0) return clevertap_fail(400, "segment_id is required: the id of a segment");
  const auto segment = store::segments_of(*call.worker.control).segment(call.account, SegmentId{*id});
  if (!segment && segment.error().code == store::Code::not_found)
    return clevertap_fail(400, fmt::format("segment {} is not known", *id));
  if (!segment) return clevertap_from(segment.error());
  json::object out = segment_json(*segment);
  const auto where = parse_json(segment->where);
  out["where"] = where ? *where : json::value(nullptr);
  return json_reply(200, to_text(json::object{{"status", "success"}, {"segment", std::move(out)}}));
}

}  // namespace

void list_segments(Call call, Answer answer) {
  answer.send(list(call));
}
void get_segment(Call call, Answer answer) {
  answer.send(get(call));
}

}  // namespace belay::api::clevertap
