#include "api/clevertap/audience.h"


namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_named = 50;  // segments in one request

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

// What the query is put together from.
struct Parts {
  std::vector<json::value> all, none;
};

Checked<json::value> segment_at(const json::value& v, std::string_view key, const SegmentLookup& segments) {
  const auto id = whole_number(&v);
  if (!id || *id <= 0)
    return refuse(fmt::format("{} must be {}the id of a segment, not {}", key,
                              key == "segment" ? "\"all\" or " : "", json::serialize(v)));
  if (!segments) return refuse(fmt::format("{} can't be looked up here", key));
  const auto where = segments(SegmentId{*id});
  if (!where) return refuse(fmt::format("{}: {}", key, where.error().text));
  auto parsed = parse_json(*where);
  if (!parsed) return refuse(fmt::format("segment {} is damaged: {}", *id, parsed.error()));
  return std::move(*parsed);
}

// One or many ids.
Checked<void> add_segments(const json::value* v, std::string_view key, const SegmentLookup& segments,
                           std::vector<json::value>& to) {
  if (!v) return {};
  const auto* list = v->if_array();
  if (list && list->size() > most_named)
    return refuse(
        fmt::format("{} must not name more than {} segments, and names {}", key, most_named, list->size()));
  const std::size_t count = list ? list->size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    TRY_ASSIGN(json::value where, segment_at(list ? (*list)[i] : *v, key, segments));
    to.push_back(std::move(where));
  }
  return {};
}

// where, without what it names of segments.
Checked<void> add_where(const json::object& where, const SegmentLookup& segments, Parts& parts) {
  json::object rest = where;
  if (const json::value* segment = where.if_contains("segment")) {
    TRY(add_segments(segment, "segment in where", segments, parts.all));
    rest.erase("segment");
  }
  if (const json::value* excluded = where.if_contains("exclude_segments")) {
    TRY(add_segments(excluded, "exclude_segments in where", segments, parts.none));
    rest.erase("exclude_segments");
  }
  const auto query = audience::Query::parse(rest);  // so that its refusals name the request's own places
  if (!query) return refuse(query.error().text);
  if (!rest.empty() || parts.all.empty()) parts.all.insert(parts.all.begin(), std::move(rest));
  return {};
}

}  // namespace

Checked<Audience> read_audience(const json::object& request, const SegmentLookup& segments) {
  const json::value* where = member(request, "where");
  const json::value* segment = member(request, "segment");
  if (where && !where->is_object()) return refuse("where must be an object");
  if (segment && where && !where->get_object().empty()) return refuse("segment and where exclude each other");
  Parts parts;
  const bool all = segment && segment->is_string() && segment->get_string() == "all";
  if (segment && segment->is_array()) return refuse("segment must be \"all\" or the id of one segment");
  if (segment && !all) {
    TRY(add_segments(segment, "segment", segments, parts.all));
  } else {
    static const json::object everybody;
    TRY(add_where(where ? where->get_object() : everybody, segments, parts));
  }
  TRY(add_segments(member(request, "exclude_segments"), "exclude_segments", segments, parts.none));
  std::string text = audience::Query::together(parts.all, parts.none);
  auto query = audience::Query::parse_stored(text, true);
  if (!query) return refuse(query.error().text);
  return Audience{std::move(*query), std::move(text)};
}

SegmentLookup segments_in(Worker& worker, AccountId account) {
  return [&worker, account](SegmentId id) -> Checked<std::string> {
    auto segment = store::segments_of(*worker.control).segment(account, id);
    if (segment) return std::move(segment->where);
    if (segment.error().code == store::Code::not_found)
      return refuse(fmt::format("segment {} is not known: GET /api/v1/segments lists them", id));
    return refuse(fmt::format("segment {} can't be read: {}", id, segment.error().text));
  };
}

}  // namespace belay::api::clevertap
