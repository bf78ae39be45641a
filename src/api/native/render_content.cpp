// POST /api/v1/content/render: what one person would get, text by text, before a campaign is made of it. Stores and
// sends nothing.
#include "api/clevertap/content_parts.h"
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "channel/channel.h"

namespace belay::api {
namespace {

using clevertap::ContentPart;
using clevertap::ContentText;

constexpr std::size_t most_profile_bytes = 64 * 1024;

// The field, and where in it the mistake is.
net::HttpReply mistake_reply(const clevertap::TemplateMistake& mistake) {
  return json_reply(
      400, to_text(json::object{{"error",
                                 {{"type", "invalid"},
                                  {"message", fmt::format("{}: {}", mistake.text->place, mistake.error.text)},
                                  {"field", mistake.text->place},
                                  {"line", mistake.error.line},
                                  {"column", mistake.error.column}}}}));
}

Asked<std::vector<ContentPart>> parts_of(const json::object& body, clevertap::Mode mode) {
  auto parts = clevertap::read_parts(body, mode);
  if (!parts) return invalid(parts.error().text);
  if (const auto mistake = clevertap::mistake_in(*parts)) return std::unexpected(mistake_reply(*mistake));
  if (mode != clevertap::Mode::push && mode != clevertap::Mode::webhook) return std::move(*parts);
  Definition definition;
  definition.channel = mode == clevertap::Mode::push ? Channel::push : Channel::webhook;
  if (auto read = clevertap::read_content(body, definition); !read) return invalid(read.error().text);
  if (const auto sound = channel::validate_content(definition); !sound) return invalid(sound.error().text);
  return std::move(*parts);
}

// The properties to render with: of somebody there is, or a sample.
Asked<std::string> properties_for(const Call& call, const json::object& body) {
  const json::value* profile = body.if_contains("profile");
  TRY_ASSIGN(const std::string identity, text_of(body, "identity", 512));
  if ((profile != nullptr && !profile->is_null()) == !identity.empty())
    return invalid("Say for whom: one of \"identity\" and \"profile\"");
  if (identity.empty()) {
    if (!profile->is_object()) return invalid("\"profile\" must be an object of properties");
    std::string text = to_text(*profile);
    if (text.size() > most_profile_bytes)
      return invalid(fmt::format("\"profile\" must not be longer than {} bytes", most_profile_bytes));
    return text;
  }
  if (!call.account) return invalid("Name an account in X-CleverTap-Account-Id");
  const store::IdentityRef who{store::IdentityKind::identity, identity};
  auto found = call.worker.profiles->find(call.account, who);
  if (!found) return refused(found.error());
  if (!*found) return not_found(fmt::format("There is no profile with the identity \"{}\"", identity));
  return std::move((*found)->properties);
}

// A text several times under one key (cc, bcc) becomes a list.
void put(json::object& into, const std::string& key, json::value value) {
  const auto [place, added] = into.emplace(key, value);
  if (added) return;
  if (!place->value().is_array()) place->value() = json::array{std::move(place->value())};
  place->value().get_array().push_back(std::move(value));
}

// What can't be rendered for this person is null, and named: there the message would be skipped.
json::object rendered(const ContentPart& part, std::string_view properties, WallTime now, json::array& failed) {
  json::object out;
  content::Properties profile(properties);
  for (const ContentText& text : part.texts) {
    std::string shown;
    const auto compiled = content::Template::parse(text.text);
    if (compiled && compiled->render(profile, shown, content::Escape::none, text.most, now)) {
      put(out, text.key, json::value(shown));
      continue;
    }
    put(out, text.key, nullptr);
    if (std::ranges::find(failed, json::value(text.place)) == failed.end()) failed.push_back(json::value(text.place));
  }
  return out;
}

}  // namespace

void render_content(Call call, Answer answer) {
  ASK(const json::object body,
      body_object(call.request, {"target_mode", "content", "title", "body", "platform_specific", "subject",
                                 "sender_name", "webhook_key_value", "webhook_fields", "identity", "profile"}),
      answer);
  ASK(const std::string mode_name, text_of(body, "target_mode", 40, "push"), answer);
  const auto mode = clevertap::mode_named(mode_name);
  if (!mode)
    return answer.send(
        invalid(fmt::format("\"target_mode\" must be push, webpush, email, sms, whatsapp or webhook, not \"{}\"",
                            mode_name))
            .error());
  ASK(const auto parts, parts_of(body, *mode), answer);
  ASK(const std::string properties, properties_for(call, body), answer);
  json::object platforms;
  json::array failed;
  for (const ContentPart& part : parts)
    platforms[part.platform] = rendered(part, properties, call.services.clock.wall(), failed);
  answer.send(ok(json::object{{"target_mode", clevertap::name_of(*mode)},
                              {"rendered", std::move(platforms)},
                              {"failed", std::move(failed)}}));
}

}  // namespace belay::api
