#include "api/clevertap/draft.h"

namespace belay::api::clevertap {
namespace {

std::unexpected<Refusal> refuse(std::string text, int code = 400) {
  return std::unexpected(Refusal{std::move(text), code});
}

struct PlatformKey {
  std::string_view key;
  KeyValues PushContent::*pairs;
};
constexpr PlatformKey platform_keys[] = {
    {"android", &PushContent::android}, {"ios", &PushContent::ios},    {"windows", &PushContent::windows},
    {"web", &PushContent::web},         {"chrome", &PushContent::web},
};

Checked<void> read_platforms(const json::value& specific, PushContent& content) {
  if (!specific.is_object()) return refuse("content.platform_specific must be an object");
  for (const auto& [key, value] : specific.get_object()) {
    if (value.is_null()) continue;
    const std::string_view name(key.data(), key.size());
    const auto row = std::ranges::find(platform_keys, name, &PlatformKey::key);
    if (row == std::end(platform_keys))
      return refuse(fmt::format(
          "content.platform_specific.{} is not known: a push has android, ios, windows and web", name));
    auto pairs = key_values(value, fmt::format("content.platform_specific.{}", name));
    if (!pairs) return refuse(std::move(pairs.error()));
    KeyValues& into = content.*(row->pairs);
    into.insert(into.end(), std::make_move_iterator(pairs->begin()), std::make_move_iterator(pairs->end()));
  }
  return {};
}

// Recorded live for a request that describes an Android message without naming its channel (contract 3.2).
Checked<void> check_android_channel(const json::value& specific, const PushContent& content) {
  if (!member(specific.get_object(), "android")) return {};
  const bool named = std::ranges::any_of(
      content.android, [](const auto& pair) { return pair.first == "wzrk_cid" && !pair.second.empty(); });
  if (named) return {};
  return refuse("Notification channel is required for devices having Android 8.0 or above", 9);
}

Checked<std::string> required_text(const json::object& content, const json::object& request,
                                   std::string_view key) {
  const json::object& holder = member(content, key) ? content : request;
  auto read = text(holder, key, most_text_bytes);
  if (!read) return refuse("content." + read.error());
  if (!*read || (*read)->empty()) return refuse(fmt::format("content.{} is required for a push", key));
  return std::move(**read);
}

}  // namespace

Checked<PushContent> read_push_content(const json::object& request) {
  static const json::object none;
  const json::value* given = member(request, "content");
  if (given && !given->is_object()) return refuse("content must be an object");
  const json::object& inside = given ? given->get_object() : none;
  PushContent content;
  TRY_ASSIGN(content.title, required_text(inside, request, "title"));
  TRY_ASSIGN(content.body, required_text(inside, request, "body"));
  const json::value* specific = member(inside, "platform_specific");
  if (!specific) specific = member(request, "platform_specific");
  if (!specific) return content;
  TRY(read_platforms(*specific, content));
  TRY(check_android_channel(*specific, content));
  return content;
}

}  // namespace belay::api::clevertap
