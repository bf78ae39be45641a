// FCM HTTP v1: payload and verdicts. Facts from firebase.google.com/docs:
//   reference/fcm/rest/v1/projects.messages   the message
//   reference/fcm/rest/v1/ErrorCode           error codes and what causes them
//   cloud-messaging/scale-fcm                 what to do about them, and when
//   cloud-messaging/error-codes               the shape of an error answer
//
// How the content's keys (contract 3.4) travel. Only the section of the recipient's platform is sent.
// Free key/values, and every key not named here, go into "data" as texts under their own name; the
// names wzrk_* and ico are those that CleverTap's SDKs read.
//
//   all      title, body                    notification
//            (the campaign's id)            data.wzrk_id
//            deep_link                      data.wzrk_dl: the app opens it; no click_action, which would
//                                           need an intent filter in the app
//            ttl                            android.ttl, apns-expiration, webpush TTL; a message handed over
//                                           after its end of life has 0 s: now or never
//   android  wzrk_cid                       android.notification.channel_id, data.wzrk_cid
//            background_image               android.notification.image, data.wzrk_bp
//            large_icon                     data.ico
//            default_sound                  android.notification.default_sound
//            notification_tray_priority     android.notification.notification_priority (PRIORITY_…)
//            notification_delivery_priority android.priority
//   ios      sound_file, category           aps.sound, aps.category
//            badge_count                    aps.badge
//            mutable-content                aps.mutable-content; also set where there is a ct_mediaUrl
//   web      image, icon                    webpush.notification
//            require_interaction            webpush.notification.requireInteraction
//            cta_title1, cta_iconlink1      webpush.notification.actions, action "cta1"; cta_link1 in data
//            deep_link                      webpush.fcm_options.link where it is https (FCM takes no other)
//            ttl                            webpush TTL in seconds, in place of the campaign's
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/json.h"
#include "channel/payload.h"
#include "channel/providers.h"

namespace belay::channel {
namespace {

// scale-fcm: "If no retry-after header is set, default to 60 seconds."
constexpr Micros throttled_without_a_word = Seconds{60};

constexpr std::array<net::HeaderView, 1> fcm_headers{{{"content-type", "application/json"}}};
constexpr std::array<Platform, 4> platforms{Platform::android, Platform::ios, Platform::web,
                                            Platform::windows};

bool says_yes(std::string_view text) {
  return text == "true" || text == "True" || text == "1";
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t n = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || stop != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

// Keys that FCM refuses (INVALID_ARGUMENT for every recipient), or that are ours.
bool is_reserved(std::string_view key) {
  return key == "from" || key == "message_type" || key == "gcm" || key == "wzrk_id" ||
         key.starts_with("google") || key.starts_with("gcm.");
}

std::optional<std::string_view> priority_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> words{
      {{"min", "PRIORITY_MIN"},
       {"low", "PRIORITY_LOW"},
       {"default", "PRIORITY_DEFAULT"},
       {"high", "PRIORITY_HIGH"},
       {"max", "PRIORITY_MAX"}}};
  for (const auto& [name, value] : words)
    if (name == word) return value;
  return std::nullopt;
}

// Compiles the body for the recipients of one platform.
class Compiler {
 public:
  using Done = Result<void, Error>;

  Compiler(const Definition& definition, CampaignId campaign, Platform platform)
      : definition_(definition),
        campaign_(campaign),
        platform_(platform),
        keys_(keys_of(definition.push, platform)) {}

  Result<Payload, Error> run() {
    out_.open("message");
    out_.hole("token", Hole::token, "\"", "\"");
    TRY(notification());
    TRY(data());
    switch (platform_) {
      case Platform::android:
        TRY(android());
        break;
      case Platform::ios:
        TRY(ios());
        break;
      case Platform::web:
        TRY(web());
        break;
      case Platform::windows:
        break;
    }
    out_.close();
    return out_.finish();
  }

 private:
  static const KeyValues& keys_of(const PushContent& content, Platform platform) {
    switch (platform) {
      case Platform::android:
        return content.android;
      case Platform::ios:
        return content.ios;
      case Platform::web:
        return content.web;
      case Platform::windows:
        break;
    }
    return content.windows;
  }

  const std::string* value_of(std::string_view key) const {
    for (const auto& [name, value] : keys_)
      if (name == key) return &value;
    return nullptr;
  }
  std::string place(std::string_view key) const { return fmt::format("{} {}", name_of(platform_), key); }
  bool expires() const { return definition_.ttl.until || definition_.ttl.lasting; }

  Done notification() {
    const PushContent& content = definition_.push;
    if (content.title.empty() && content.body.empty())
      return fail(Code::invalid, "content needs a title or a body");
    out_.open("notification");
    if (!content.title.empty()) TRY(out_.templated("title", content.title, "title"));
    if (!content.body.empty()) TRY(out_.templated("body", content.body, "body"));
    out_.close();
    return {};
  }

  // The name a key has in "data", or "" where it does not go there.
  std::string_view data_name(std::string_view key) const {
    if (key == "deep_link") return "wzrk_dl";
    if (platform_ == Platform::android) {
      if (key == "background_image") return "wzrk_bp";
      if (key == "large_icon") return "ico";
      for (const std::string_view k :
           {"default_sound", "notification_tray_priority", "notification_delivery_priority"})
        if (key == k) return "";
    } else if (platform_ == Platform::ios) {
      for (const std::string_view k : {"sound_file", "category", "badge_count", "mutable-content"})
        if (key == k) return "";
    } else if (platform_ == Platform::web) {
      for (const std::string_view k :
           {"image", "icon", "ttl", "require_interaction", "cta_title1", "cta_iconlink1"})
        if (key == k) return "";
    }
    return key;
  }

  Done data() {
    std::set<std::string_view> used;
    out_.open("data");
    out_.text("wzrk_id", fmt::format("{}", campaign_.value));
    for (const auto& [key, value] : keys_) {
      const std::string_view name = data_name(key);
      if (name.empty() && !key.empty()) continue;
      if (name.empty() || is_reserved(name))
        return fail(Code::invalid,
                    fmt::format("{}: the key \"{}\" can't be used, it is reserved", name_of(platform_), key));
      if (!used.insert(name).second)
        return fail(Code::invalid, fmt::format("{}: \"{}\" is given twice", name_of(platform_), name));
      TRY(out_.templated(name, value, place(key)));
    }
    out_.close();
    return {};
  }

  Done copy(std::string_view key, std::string_view as) {
    const std::string* value = value_of(key);
    if (!value || value->empty()) return {};
    return out_.templated(as, *value, place(key));
  }

  Done android() {
    out_.open("android");
    if (expires()) out_.hole("ttl", Hole::seconds_to_live, "\"", "s\"");
    if (const auto* priority = value_of("notification_delivery_priority")) {
      if (*priority != "high" && *priority != "normal")
        return fail(Code::invalid, "android notification_delivery_priority must be \"high\" or \"normal\"");
      out_.text("priority", *priority == "high" ? "HIGH" : "NORMAL");
    }
    out_.open("notification");
    TRY(copy("wzrk_cid", "channel_id"));
    TRY(copy("background_image", "image"));
    if (const auto* sound = value_of("default_sound"); sound && says_yes(*sound))
      out_.raw("default_sound", "true");
    if (const auto* word = value_of("notification_tray_priority")) {
      const auto priority = priority_of(*word);
      if (!priority)
        return fail(Code::invalid,
                    "android notification_tray_priority must be min, low, default, high or max");
      out_.text("notification_priority", *priority);
    }
    out_.close();
    out_.close();
    return {};
  }

  Done ios() {
    out_.open("apns");
    if (expires()) {
      out_.open("headers");
      out_.hole("apns-expiration", Hole::expiry, "\"", "\"");
      out_.close();
    }
    out_.open("payload");
    out_.open("aps");
    TRY(copy("sound_file", "sound"));
    TRY(copy("category", "category"));
    if (const auto* badge = value_of("badge_count")) {
      const auto n = whole_number(*badge);
      if (!n) return fail(Code::invalid, "ios badge_count must be a whole number");
      out_.raw("badge", fmt::format("{}", *n));
    }
    const std::string* changeable = value_of("mutable-content");
    if ((changeable && says_yes(*changeable)) || value_of("ct_mediaUrl")) out_.raw("mutable-content", "1");
    out_.close();
    out_.close();
    out_.close();
    return {};
  }

  Done web() {
    out_.open("webpush");
    TRY(web_ttl());
    out_.open("notification");
    TRY(copy("image", "image"));
    TRY(copy("icon", "icon"));
    if (const auto* stay = value_of("require_interaction"); stay && says_yes(*stay))
      out_.raw("requireInteraction", "true");
    TRY(web_action());
    out_.close();
    if (const auto* link = value_of("deep_link"); link && link->starts_with("https://")) {
      out_.open("fcm_options");
      TRY(out_.templated("link", *link, place("deep_link")));
      out_.close();
    }
    out_.close();
    return {};
  }

  Done web_ttl() {
    out_.open("headers");
    if (const auto* own = value_of("ttl")) {
      const auto seconds = whole_number(*own);
      if (!seconds) return fail(Code::invalid, "web ttl must be a whole number of seconds");
      out_.text("TTL", fmt::format("{}", *seconds));
    } else if (expires()) {
      out_.hole("TTL", Hole::seconds_to_live, "\"", "\"");
    }
    out_.close();
    return {};
  }

  // The array is constant: browsers show a button's title as it is.
  Done web_action() {
    const std::string* title = value_of("cta_title1");
    if (!title) return {};
    if (title->find("{{") != std::string::npos || title->find("{%") != std::string::npos)
      return fail(Code::unsupported, "A template in web cta_title1 is not supported yet");
    json::object action{{"action", "cta1"}, {"title", *title}};
    if (const auto* icon = value_of("cta_iconlink1")) action["icon"] = *icon;
    out_.raw("actions", to_text(json::array{std::move(action)}));
    return {};
  }

  const Definition& definition_;
  CampaignId campaign_;
  Platform platform_;
  const KeyValues& keys_;
  PayloadBuilder out_;
};

using Payloads = std::array<Payload, platforms.size()>;

Result<Payloads, Error> compile(const Definition& definition, CampaignId campaign) {
  Payloads payloads;
  for (const Platform platform : platforms) {
    TRY_ASSIGN(payloads[static_cast<std::size_t>(platform)], Compiler(definition, campaign, platform).run());
  }
  return payloads;
}

// What an error answer says beside its status (error-codes, "FcmError").
struct Complaint {
  std::string code;    // "UNREGISTERED"; "" where FCM itself did not get to judge
  std::string status;  // "PERMISSION_DENIED"
  std::string message;
};

std::string member_text(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v && v->is_string() ? std::string(v->as_string()) : std::string();
}

Complaint complaint_in(std::string_view body) {
  json::error_code ec;
  const json::value parsed = json::parse(body, ec);
  const auto* outer = ec ? nullptr : parsed.if_object();
  const json::value* inner = outer ? outer->if_contains("error") : nullptr;
  const auto* error = inner ? inner->if_object() : nullptr;
  if (!error) return {"", "", excerpt(body)};
  Complaint complaint{"", member_text(*error, "status"), excerpt(member_text(*error, "message"))};
  const json::value* details = error->if_contains("details");
  if (!details || !details->is_array()) return complaint;
  for (const json::value& detail : details->as_array())
    if (const auto* object = detail.if_object(); object && complaint.code.empty())
      complaint.code = member_text(*object, "errorCode");
  return complaint;
}

struct Judgement {
  VerdictKind kind;
  Reason reason;
};

// The error code says more than the status: a 404 may be a dead token or a project that is not there,
// a 403 a token of somebody else's app or a service account without the right.
Judgement judge_complaint(int status, const Complaint& complaint) {
  if (complaint.code == "UNREGISTERED" && status == 404)
    return {VerdictKind::address_dead, Reason::unregistered};
  if (complaint.code == "SENDER_ID_MISMATCH") return {VerdictKind::failed, Reason::rejected};
  // Apple's or the web push service's credentials, as set in the Firebase project; our token is fine.
  if (complaint.code == "THIRD_PARTY_AUTH_ERROR" || complaint.code == "APNS_AUTH_ERROR")
    return {VerdictKind::failed, Reason::unauthorized};
  if (status == 401) return {VerdictKind::unauthorized, Reason::unauthorized};
  if (status == 403) return {VerdictKind::failed, Reason::unauthorized};
  if (status == 429) return {VerdictKind::throttled, Reason::throttled};
  if (status == 408 || status >= 500) return {VerdictKind::later, Reason::temporary};
  return {VerdictKind::failed, Reason::rejected};
}

class FcmSender final : public Sender {
 public:
  FcmSender(Payloads payloads, Ttl ttl, net::Endpoint endpoint, std::shared_ptr<AccessTokens> credentials)
      : payloads_(std::move(payloads)),
        ttl_(ttl),
        endpoint_(std::move(endpoint)),
        credentials_(std::move(credentials)),
        path_(fmt::format("{}/v1/projects/{}/messages:send", endpoint_.base_path,
                          credentials_->project_id())) {}

  bool render(const Recipient& who, WallTime now, std::string& body) const override {
    return payloads_[static_cast<std::size_t>(who.platform)].render(who, now, ttl_, body);
  }
  std::string_view path() const override { return path_; }
  std::span<const net::HeaderView> headers() const override { return fcm_headers; }
  const net::Endpoint& endpoint() const override { return endpoint_; }
  // scale-fcm asks for at least 10 s before a request is given up.
  Patience patience() const override { return {.answer_within = Seconds{30}, .attempts = 5}; }
  const std::shared_ptr<AccessTokens>& credentials() const override { return credentials_; }

  Verdict judge(int status, std::string_view body, std::string_view retry_after,
                WallTime now) const override {
    if (status >= 200 && status < 300) return {};
    const Complaint complaint = complaint_in(body);
    const Judgement judgement = judge_complaint(status, complaint);
    Verdict verdict{
        judgement.kind, judgement.reason, std::nullopt,
        fmt::format("HTTP {} {} {}", status, complaint.code.empty() ? complaint.status : complaint.code,
                    complaint.message)};
    if (judgement.kind == VerdictKind::later || judgement.kind == VerdictKind::throttled)
      verdict.retry_after = parse_retry_after(retry_after, now);
    if (judgement.kind == VerdictKind::throttled && !verdict.retry_after)
      verdict.retry_after = throttled_without_a_word;
    return verdict;
  }

 private:
  Payloads payloads_;
  Ttl ttl_;
  net::Endpoint endpoint_;
  std::shared_ptr<AccessTokens> credentials_;
  std::string path_;
};

}  // namespace

Result<std::shared_ptr<const Sender>, Error> make_fcm_sender(const Definition& definition,
                                                             CampaignId campaign, net::Endpoint endpoint,
                                                             std::shared_ptr<AccessTokens> credentials) {
  TRY_ASSIGN(Payloads payloads, compile(definition, campaign));
  return std::make_shared<const FcmSender>(std::move(payloads), definition.ttl, std::move(endpoint),
                                           std::move(credentials));
}

Result<void, Error> validate_fcm_content(const Definition& definition) {
  TRY(compile(definition, CampaignId{}));
  return {};
}

}  // namespace belay::channel
