#include "api/clevertap/upload_record.h"

namespace belay::api::clevertap {
namespace {

using Kind = UploadValue::Kind;

std::unexpected<RecordError> wrong(int code, std::string text) {
  return std::unexpected(RecordError{code, std::move(text)});
}

bool given(const UploadValue& value) {
  return value.kind != Kind::absent && value.kind != Kind::null;
}

// Ids come as texts, from some clients as numbers. "" when it can't be one.
std::string_view id_text(const UploadValue& value) {
  const std::string_view text = value.kind == Kind::number ? value.json : value.text;
  return text.size() <= most_identity ? text : std::string_view{};
}

// Who a profile or event is about: the identity before the device before the networks' ids.
Result<store::IdentityRef, RecordError> read_who(const UploadPiece& piece) {
  if (given(piece.object_id) && id_text(piece.object_id).empty())
    return wrong(526, "objectId is not valid: a text of at most 120 bytes. ");
  const std::pair<store::IdentityKind, const UploadValue*> ways[] = {
      {store::IdentityKind::identity, &piece.identity},
      {store::IdentityKind::object_id, &piece.object_id},
      {store::IdentityKind::fb_id, &piece.fb_id},
      {store::IdentityKind::gp_id, &piece.gp_id},
  };
  for (const auto& [kind, value] : ways) {
    if (!given(*value)) continue;
    if (const std::string_view id = id_text(*value); !id.empty()) return store::IdentityRef{kind, id};
    break;  // the one that counts is not valid: never somebody else
  }
  return wrong(
      523,
      "'identity' or 'fbId' or 'gpId' or 'objectId' is necessary under 120 chars to identify the user. ");
}

Result<WallTime, RecordError> read_time(const UploadPiece& piece, WallTime now) {
  if (!given(piece.ts)) return now;
  const auto at = read_timestamp(piece.ts);
  if (!at) return wrong(525, "Timestamp should be present in the Unix Epoch format. ");
  return *at;
}

// The text to store for a profile property.
Result<std::string_view, RecordError> profile_value(const UploadProperty& property) {
  const UploadValue& value = property.value;
  if (value.kind == Kind::null) return std::string_view("null");
  if (value.kind == Kind::object) {
    if (auto error = check_profile_operation(property.key, value)) return std::unexpected(std::move(*error));
    return value.json;
  }
  if (value.nested)
    return wrong(512, fmt::format("Profile data is incorrect. {} has nested values. ", property.key));
  const std::size_t size = value.kind == Kind::text ? value.text.size() : value.json.size();
  const std::size_t most = value.kind == Kind::list ? most_list : most_value;
  if (size > most)
    return wrong(512, fmt::format("Profile data is incorrect. The value of {} is longer than {} bytes. ",
                                  property.key, most));
  if (auto error = check_profile_property(property.key, value)) return std::unexpected(std::move(*error));
  return value.json;
}

// A key that is too long is named by its beginning.
Result<void, RecordError> check_key(std::string_view key, std::string_view what) {
  if (key.empty()) return wrong(512, fmt::format("{} is incorrect. A key is empty. ", what));
  if (key.size() <= most_key) return {};
  constexpr std::size_t shown = 24;
  std::size_t end = shown;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0u) == 0x80u) --end;  // no half a character
  return wrong(512, fmt::format("{} is incorrect. The key {}... is longer than {} bytes. ", what,
                                key.substr(0, end), most_key));
}

Result<store::UploadRecord, RecordError> read_profile(const UploadBody& body, const UploadPiece& piece,
                                                      WallTime now, PropertyPool& pool) {
  store::ProfileWrite write;
  TRY_ASSIGN(write.who, read_who(piece));
  TRY_ASSIGN(write.at, read_time(piece, now));
  if (write.who.kind != store::IdentityKind::object_id && given(piece.object_id))
    write.object_id = id_text(piece.object_id);
  if (piece.data.kind != Kind::object)
    return wrong(512, "Profile data is incorrect. profileData must be an object. ");
  if (piece.property_count > most_properties)
    return wrong(512, fmt::format("Profile data is incorrect. It has more than {} keys. ", most_properties));
  const std::size_t first = pool.size();
  for (auto property = body.begin_of(piece); property != body.end_of(piece); ++property) {
    TRY(check_key(property->key, "Profile data"));
    TRY_ASSIGN(const std::string_view value, profile_value(*property));
    pool.emplace_back(property->key, value);
  }
  write.set = std::span(pool).subspan(first);
  return write;
}

// Events that only the SDKs may raise. What they tell of messages is taken: see read_engagement.
constexpr std::string_view system_events[] = {
    "Notification Sent",
    "Notification Bounced",
    "App Uninstalled",
    "Stayed",
    "UTM Visited",
    "wzrk_d",
    "Geocluster Entered",
    "Geocluster Exited",
    "SCOutgoing",
    "SCIncoming",
    "SCEnd",
    "SCCampaignOptOut",
    "Session Concluded",
    "Reply Sent",
};

Result<void, RecordError> check_event_data(const UploadBody& body, const UploadPiece& piece,
                                           std::size_t most_event_properties) {
  if (given(piece.data) && piece.data.kind != Kind::object)
    return wrong(512, "Event data is incorrect. evtData must be an object. ");
  if (piece.property_count > most_event_properties)
    return wrong(522, fmt::format("Event data is incorrect. It has more than {} properties. ",
                                  most_event_properties));
  for (auto property = body.begin_of(piece); property != body.end_of(piece); ++property) {
    TRY(check_key(property->key, "Event data"));
    if (property->value.kind == Kind::text && property->value.text.size() > most_value)
      return wrong(512, fmt::format("Event data is incorrect. The value of {} is longer than {} bytes. ",
                                    property->key, most_value));
  }
  return {};
}

// Names under which an event tells the campaign of its message: as SDKs send it, and as exports have it.
constexpr std::string_view tag_keys[] = {"wzrk_id", "campaign_id", "Campaign id"};

// Of an event that tells of a message. A view or a click of no message is an SDK's own affair: restricted.
Result<std::optional<store::EventWrite::Engaged>, RecordError> read_engagement(const UploadBody& body,
                                                                               const UploadPiece& piece,
                                                                               std::string_view event) {
  const auto how = engagement_of(event);
  if (!how) return std::nullopt;
  for (auto property = body.begin_of(piece); property != body.end_of(piece); ++property) {
    if (std::ranges::find(tag_keys, property->key) == std::end(tag_keys)) continue;
    const UploadValue& value = property->value;
    const auto message = message_tag(value.kind == Kind::number ? value.json : value.text);
    if (!message)
      return wrong(512, fmt::format("Event data is incorrect. {} must be a campaign's id, with _yyyymmdd behind it "
                                    "for one of its runs. ",
                                    property->key));
    return store::EventWrite::Engaged{*how, *message};
  }
  if (event == "Push Impressions") return std::nullopt;
  return wrong(513, fmt::format("Event Name is incorrect. {} is a restricted system event, but for one with the "
                                "campaign's id in wzrk_id. ",
                                event));
}

Result<store::UploadRecord, RecordError> read_event(const UploadBody& body, const UploadPiece& piece,
                                                    std::size_t most_event_properties, WallTime now) {
  store::EventWrite write;
  TRY_ASSIGN(write.who, read_who(piece));
  TRY_ASSIGN(write.at, read_time(piece, now));
  write.name = piece.event_name.text;
  if (write.name.empty())
    return wrong(509, "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. ");
  if (write.name.size() > most_key)
    return wrong(512, fmt::format("Event Name is incorrect. It is longer than {} bytes. ", most_key));
  if (std::ranges::find(system_events, write.name) != std::end(system_events))
    return wrong(513, fmt::format("Event Name is incorrect. {} is a restricted system event. ", write.name));
  TRY(check_event_data(body, piece, most_event_properties));
  TRY_ASSIGN(write.engaged, read_engagement(body, piece, write.name));
  write.properties = piece.data.kind == Kind::object ? piece.data.json : "{}";
  return write;
}

std::optional<Platform> platform_of_token(std::string_view type) {
  struct Row {
    std::string_view type;
    Platform platform;
  };
  static constexpr Row rows[] = {{"apns", Platform::ios},    {"gcm", Platform::android},
                                 {"fcm", Platform::android}, {"chrome", Platform::web},
                                 {"wns", Platform::windows}, {"mpns", Platform::windows}};
  const auto row = std::ranges::find(rows, type, &Row::type);
  return row == std::end(rows) ? std::nullopt : std::optional(row->platform);
}

Result<store::UploadRecord, RecordError> read_token(const UploadBody& body, const UploadPiece& piece) {
  store::AddressWrite write;
  write.object_id = id_text(piece.object_id);
  if (write.object_id.empty())
    return wrong(530, "Token data is incorrect. objectId is required, a text of at most 120 bytes. ");
  if (piece.data.kind != Kind::object)
    return wrong(531, "Token data is incorrect. tokenData must be an object. ");
  std::string_view type;
  for (auto property = body.begin_of(piece); property != body.end_of(piece); ++property) {
    if (property->key == "id") write.token = property->value.text;
    if (property->key == "type") type = property->value.text;
    if (property->key == "keys" && given(property->value)) {
      if (property->value.kind != Kind::object || property->value.nested)
        return wrong(535, "Token data is incorrect. keys must be an object with p256dh and auth. ");
      write.keys = property->value.json;
    }
  }
  if (write.token.empty()) return wrong(532, "Token data is incorrect. id is missing. ");
  if (write.token.size() > most_token)
    return wrong(531, fmt::format("Token data is incorrect. id is longer than {} bytes. ", most_token));
  if (type.empty()) return wrong(533, "Token data is incorrect. type is missing. ");
  const auto platform = platform_of_token(type);
  if (!platform)
    return wrong(534,
                 "Token data is incorrect. type is not valid: apns, gcm, fcm, wns, mpns and chrome are. ");
  write.platform = *platform;
  return write;
}

}  // namespace

RecordKind kind_of(const UploadPiece& piece) {
  if (piece.type.text == "profile") return RecordKind::profile;
  if (piece.type.text == "event") return RecordKind::event;
  if (piece.type.text == "token") return RecordKind::token;
  return RecordKind::unknown;
}

Result<store::UploadRecord, RecordError> read_record(const UploadBody& body, const UploadPiece& piece,
                                                     std::size_t most_event_properties, WallTime now,
                                                     PropertyPool& pool) {
  switch (kind_of(piece)) {
    case RecordKind::profile:
      return read_profile(body, piece, now, pool);
    case RecordKind::event:
      return read_event(body, piece, most_event_properties, now);
    case RecordKind::token:
      return read_token(body, piece);
    case RecordKind::unknown:
      break;
  }
  return wrong(524, "Record is neither a profile nor an event. ");
}

}  // namespace belay::api::clevertap
