// Saved segments: /api/v1/segments. A campaign that names one keeps its own copy of the query.
#include "store/segments.h"

#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"
#include "audience/query.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

constexpr std::size_t most_bytes = 64 * 1024, most_name = 120;

Asked<AccountId> owner_of(const Call& call) {
  if (call.account) return call.account;
  return invalid("Segments belong to an account: name it in X-CleverTap-Account-Id");
}

Asked<SegmentId> segment_id(const Call& call) {
  const json::value text(call.params.at(0));
  const auto id = whole_number(&text);
  if (id && *id > 0) return SegmentId{*id};
  return invalid(fmt::format("\"{}\" is no id of a segment", call.params.at(0)));
}

json::object listed_json(const store::Segment& s) {
  return {{"id", s.id.value},
          {"name", s.name},
          {"created", iso_time(s.created)},
          {"updated", iso_time(s.updated)}};
}

json::object segment_json(const store::Segment& s) {
  json::object out = listed_json(s);
  const auto where = parse_json(s.where);
  out["where"] = where ? *where : json::value(nullptr);
  const auto query = audience::Query::parse_stored(s.where);
  out["in_words"] = query ? query->in_words() : s.where;
  return out;
}

net::HttpReply said_no(const Call& call, const store::Error& error) {
  if (error.code == store::Code::not_found)
    return native_fail(404, "not_found", fmt::format("There is no segment {}", call.params.at(0)));
  if (error.code == store::Code::conflict) return native_fail(409, "conflict", error.text);
  return native_from(error);
}

Asked<store::Segment> wanted(const Call& call, AccountId account) {
  if (call.request.body.size() > most_bytes)
    return invalid(fmt::format("A segment is at most {} bytes", most_bytes));
  auto body = body_object(call.request, {"name", "where"});
  if (!body) return std::unexpected(std::move(body.error()));
  auto name = text_of(*body, "name", most_name);
  if (!name) return std::unexpected(std::move(name.error()));
  if (name->empty()) return invalid("\"name\" is missing: what the segment is called");
  const json::value* where = body->if_contains("where");
  if (!where) return invalid("\"where\" is missing; {} is everybody");
  // Not of other segments: what one means is in it.
  if (const auto query = audience::Query::parse(*where); !query) return invalid(query.error().text);
  const WallTime now = call.services.clock.wall();
  return store::Segment{{}, account, std::move(*name), to_text(*where), now, now};
}

}  // namespace

void list_segments(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  const auto segments = store::segments_of(*call.worker.control).segments(account);
  if (!segments) return answer.send(native_from(segments.error()));
  json::array out;
  for (const store::Segment& s : *segments) out.push_back(listed_json(s));
  answer.send(ok(json::object{{"segments", std::move(out)}}));
}

void add_segment(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const store::Segment segment, wanted(call, account), answer);
  const auto added = store::segments_of(*call.worker.control).add_segment(segment);
  if (!added && added.error().code == store::Code::conflict)
    return answer.send(native_fail(409, "conflict", added.error().text));
  if (!added) return answer.send(native_from(added.error()));
  answer.send(json_reply(201, to_text(segment_json(*added))));
}

void show_segment(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const SegmentId id, segment_id(call), answer);
  const auto segment = store::segments_of(*call.worker.control).segment(account, id);
  if (!segment) return answer.send(said_no(call, segment.error()));
  answer.send(ok(segment_json(*segment)));
}

void put_segment(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const SegmentId id, segment_id(call), answer);
  ASK(store::Segment segment, wanted(call, account), answer);
  segment.id = id;
  const auto put = store::segments_of(*call.worker.control).put_segment(segment);
  if (!put) return answer.send(said_no(call, put.error()));
  answer.send(ok(segment_json(*put)));
}

void remove_segment(Call call, Answer answer) {
  ASK(const AccountId account, owner_of(call), answer);
  ASK(const SegmentId id, segment_id(call), answer);
  const auto removed = store::segments_of(*call.worker.control).remove_segment(account, id);
  if (!removed) return answer.send(said_no(call, removed.error()));
  answer.send(ok(json::object{{"removed", id.value}}));
}

}  // namespace belay::api
