#include "api/clevertap/content_parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace belay::api::clevertap {
namespace {

constexpr std::array<std::string_view, 6> mode_names{"push", "webhook", "webpush", "email", "sms", "whatsapp"};
constexpr std::size_t most_body_bytes = 256 * 1024;  // an e-mail's HTML
constexpr std::size_t most_link_bytes = 2048, most_short_bytes = 256, most_parts = 64;

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

bool has_template(std::string_view text) {
  return text.find("{{") != text.npos || text.find("{%") != text.npos;
}

// What a text has to be where it is no template.
enum class Form { any, link, address, whole, yes_or_no };

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         text.find_first_of(" \t\r\n<>,;") == text.npos && text.find('.', at) != text.npos;
}

bool is_whole(std::string_view text) {
  std::uint32_t n = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} && stop == text.data() + text.size();
}

std::string_view wanted_form(std::string_view text, Form form) {
  if (form == Form::any || (has_template(text) && form != Form::whole && form != Form::yes_or_no)) return "";
  if (form == Form::link && !text.starts_with("https://") && !text.starts_with("http://"))
    return "must begin with https:// or http://";
  if (form == Form::address && !is_address(text)) return "must be an e-mail address";
  if (form == Form::whole && !is_whole(text)) return "must be a whole number";
  if (form == Form::yes_or_no && text != "true" && text != "false") return "must be true or false";
  return "";
}

struct KeyRow {
  std::string_view key;
  Form form = Form::any;
  std::size_t most = most_short_bytes;
  bool required = false;
};

// Reads the keys of one object. `top` is where old clients put them; null: nowhere else.
class Reader {
 public:
  Reader(const json::object& object, std::string place, const json::object* top = nullptr)
      : object_(object), place_(std::move(place)), top_(top) {}

  const json::value* find(std::string_view key) const {
    const json::value* found = member(object_, key);
    return found || !top_ ? found : member(*top_, key);
  }
  std::string place(std::string_view key) const {
    return place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
  }

  // Numbers and booleans count as texts, as many clients send them.
  Checked<std::optional<ContentText>> text(const KeyRow& row) const {
    const json::value* found = find(row.key);
    if (!found || (found->is_string() && found->get_string().empty())) {
      if (row.required) return refuse(fmt::format("{} is required", place(row.key)));
      return std::nullopt;
    }
    ContentText out{place(row.key), std::string(row.key), {}, row.most};
    if (found->is_string()) {
      out.text = std::string(found->get_string());
    } else if (found->is_bool() || found->is_int64() || found->is_uint64()) {
      out.text = to_text(*found);
    } else {
      return refuse(fmt::format("{} must be a text", out.place));
    }
    if (out.text.size() > row.most)
      return refuse(fmt::format("{} must not be longer than {} bytes", out.place, row.most));
    if (const auto why = wanted_form(out.text, row.form); !why.empty())
      return refuse(fmt::format("{} {}", out.place, why));
    return out;
  }

  Checked<void> texts(std::span<const KeyRow> rows, std::vector<ContentText>& into) const {
    for (const KeyRow& row : rows) {
      TRY_ASSIGN(auto read, text(row));
      if (read) into.push_back(std::move(*read));
    }
    return {};
  }

  // Keys that nobody documents would be left out in silence: they are refused.
  Checked<void> none_but(std::span<const KeyRow> rows, std::initializer_list<std::string_view> others = {}) const {
    for (const auto& pair : object_) {
      const std::string_view key = pair.key();
      if (pair.value().is_null() || std::ranges::find(others, key) != others.end() ||
          std::ranges::find(rows, key, &KeyRow::key) != rows.end())
        continue;
      return refuse(fmt::format("{} is not known", place(key)));
    }
    return {};
  }

  Checked<const json::object*> object(std::string_view key) const {
    const json::value* found = find(key);
    if (!found) return nullptr;
    if (!found->is_object()) return refuse(fmt::format("{} must be an object", place(key)));
    return &found->get_object();
  }

 private:
  const json::object& object_;
  std::string place_;
  const json::object* top_;
};

using Parts = std::vector<ContentPart>;

void add_pairs(const KeyValues& pairs, std::string_view place, std::vector<ContentText>& into) {
  for (const auto& [key, value] : pairs) into.push_back({fmt::format("{}.{}", place, key), key, value});
}

Checked<Parts> push_parts(const json::object& request) {
  TRY_ASSIGN(const PushContent push, read_push_content(request));
  const std::pair<std::string_view, const KeyValues*> platforms[] = {
      {"android", &push.android}, {"ios", &push.ios}, {"web", &push.web}, {"windows", &push.windows}};
  Parts parts;
  for (const auto& [platform, pairs] : platforms) {
    ContentPart part{std::string(platform), {}};
    part.texts.push_back({"content.title", "title", push.title});
    part.texts.push_back({"content.body", "body", push.body});
    add_pairs(*pairs, fmt::format("content.platform_specific.{}", platform), part.texts);
    parts.push_back(std::move(part));
  }
  return parts;
}

Checked<Parts> webhook_parts(const json::object& request) {
  ContentPart part{"webhook", {}};
  if (const json::value* pairs = member(request, "webhook_key_value")) {
    auto read = key_values(*pairs, "webhook_key_value");
    if (!read) return refuse(std::move(read.error()));
    add_pairs(*read, "webhook_key_value", part.texts);
  }
  return Parts{std::move(part)};
}

constexpr KeyRow icon{"icon", Form::link, most_link_bytes}, deep_link{"deep_link", Form::any, most_link_bytes},
    ttl{"ttl", Form::whole, 12};
constexpr KeyRow chrome_keys[] = {
    icon,
    deep_link,
    ttl,
    {"image", Form::link, most_link_bytes},
    {"require_interaction", Form::yes_or_no, 5},
    {"cta_title1"},
    {"cta_link1", Form::any, most_link_bytes},
    {"cta_iconlink1", Form::link, most_link_bytes},
    {"cta_title2"},
    {"cta_link2", Form::any, most_link_bytes},
    {"cta_iconlink2", Form::link, most_link_bytes},
};
constexpr KeyRow safari_keys[] = {deep_link, ttl};
constexpr KeyRow firefox_keys[] = {icon, deep_link, ttl};
constexpr KeyRow kaios_keys[] = {icon, ttl};

struct BrowserRow {
  std::string_view name;
  std::span<const KeyRow> keys;
};
constexpr BrowserRow browsers[] = {
    {"chrome", chrome_keys}, {"safari", safari_keys}, {"firefox", firefox_keys}, {"kaios", kaios_keys}};

constexpr KeyRow title_and_body[] = {{"title", Form::any, most_text_bytes, true},
                                     {"body", Form::any, most_text_bytes, true}};

Checked<void> read_browser(const BrowserRow& row, const Reader& specific, ContentPart& part) {
  TRY_ASSIGN(const json::object* keys, specific.object(row.name));
  if (!keys) return {};
  const Reader reader(*keys, specific.place(row.name));
  TRY(reader.none_but(row.keys, {row.name == "kaios" ? "kaiosKV" : row.name}));
  TRY(reader.texts(row.keys, part.texts));
  if (row.name != "kaios" || !reader.find("kaiosKV")) return {};
  auto pairs = key_values(*reader.find("kaiosKV"), reader.place("kaiosKV"));
  if (!pairs) return refuse(std::move(pairs.error()));
  add_pairs(*pairs, reader.place("kaiosKV"), part.texts);
  return {};
}

Checked<Parts> webpush_parts(const Reader& content) {
  std::vector<ContentText> both;
  TRY(content.texts(title_and_body, both));
  static const json::object none;
  TRY_ASSIGN(const json::object* given, content.object("platform_specific"));
  const Reader specific(given ? *given : none, "content.platform_specific");
  TRY(specific.none_but({}, {"chrome", "safari", "firefox", "kaios"}));
  Parts parts;
  for (const BrowserRow& row : browsers) {
    ContentPart part{std::string(row.name), both};
    TRY(read_browser(row, specific, part));
    parts.push_back(std::move(part));
  }
  return parts;
}

// One address or a list of them.
Checked<void> addresses(const Reader& content, std::string_view key, std::vector<ContentText>& into) {
  const json::value* found = content.find(key);
  const KeyRow one{key, Form::address, most_short_bytes};
  if (!found || !found->is_array()) {
    TRY_ASSIGN(auto read, content.text(one));
    if (read) into.push_back(std::move(*read));
    return {};
  }
  const json::array& list = found->get_array();
  if (list.size() > most_parts)
    return refuse(fmt::format("{} must not have more than {} elements", content.place(key), most_parts));
  for (const json::value& element : list) {
    const std::string address = element.is_string() ? std::string(element.get_string()) : std::string();
    if (address.size() > most_short_bytes || !wanted_form(address, Form::address).empty())
      return refuse(fmt::format("{} must be a list of e-mail addresses", content.place(key)));
    into.push_back({content.place(key), std::string(key), address});
  }
  return {};
}

Checked<Parts> email_parts(const Reader& content) {
  constexpr KeyRow keys[] = {
      {"subject", Form::any, 998, true},
      {"body", Form::any, most_body_bytes, true},
      {"sender_name", Form::any, most_short_bytes, true},
      {"from_email", Form::address, most_short_bytes},
      {"reply_to", Form::address, most_short_bytes},
      {"pre_header", Form::any, most_text_bytes},
  };
  if (content.find("attachments"))
    return refuse("content.attachments is not available yet in this version of Belay");
  TRY(content.none_but(keys, {"cc", "bcc"}));
  ContentPart part{"email", {}};
  TRY(content.texts(keys, part.texts));
  TRY(addresses(content, "cc", part.texts));
  TRY(addresses(content, "bcc", part.texts));
  return Parts{std::move(part)};
}

Checked<Parts> sms_parts(const Reader& content) {
  constexpr KeyRow keys[] = {
      {"body", Form::any, 1600, true}, {"unicode", Form::yes_or_no, 5}, {"sender_id", Form::any, 16}};
  constexpr KeyRow info_keys[] = {
      {"template_id", Form::any, 64}, {"entity_id", Form::any, 64}, {"pe_id", Form::any, 64}};
  TRY(content.none_but(keys, {"message_info"}));
  ContentPart part{"sms", {}};
  TRY(content.texts(keys, part.texts));
  TRY_ASSIGN(const json::object* info, content.object("message_info"));
  if (!info) return Parts{std::move(part)};
  const Reader reader(*info, "content.message_info");
  TRY(reader.none_but(info_keys));
  TRY(reader.texts(info_keys, part.texts));
  return Parts{std::move(part)};
}

Checked<void> replacements(const Reader& holder, std::vector<ContentText>& into) {
  const json::value* found = holder.find("replacements");
  if (!found) return {};
  const std::string place = holder.place("replacements");
  if (!found->is_array() || found->get_array().size() > most_parts)
    return refuse(fmt::format("{} must be a list of at most {} texts", place, most_parts));
  for (std::size_t i = 0; i < found->get_array().size(); ++i) {
    const json::value& text = found->get_array()[i];
    const std::string own_place = fmt::format("{}[{}]", place, i);
    if (!text.is_string() || text.get_string().size() > 1024)
      return refuse(fmt::format("{} must be a text of at most 1024 bytes", own_place));
    into.push_back({own_place, own_place.substr(std::string_view("content.").size()), std::string(text.get_string())});
  }
  return {};
}

constexpr std::string_view header_types[] = {"none", "text", "image", "video", "document", "media", "location"};
constexpr std::string_view media_types[] = {"image", "video", "document"};

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

// A text that must be one of `words`.
Checked<void> one_of(const Reader& holder, std::string_view key, std::span<const std::string_view> words) {
  TRY_ASSIGN(const auto read, holder.text({key}));
  if (!read || std::ranges::find(words, lower_case(read->text)) != words.end()) return {};
  return refuse(fmt::format("{} \"{}\" is not known: {} are", read->place, read->text, fmt::join(words, ", ")));
}

Checked<void> whatsapp_header(const Reader& content, ContentPart& part) {
  TRY_ASSIGN(const json::object* header, content.object("header"));
  if (!header) return {};
  const Reader reader(*header, "content.header");
  TRY(reader.none_but({}, {"type", "media", "replacements"}));
  TRY(one_of(reader, "type", header_types));
  TRY_ASSIGN(const json::object* media, reader.object("media"));
  if (media) {
    const Reader inside(*media, "content.header.media");
    TRY(inside.none_but({}, {"type", "url"}));
    TRY(one_of(inside, "type", media_types));
    constexpr KeyRow url[] = {{"url", Form::link, most_link_bytes, true}};
    TRY(inside.texts(url, part.texts));
  }
  return replacements(reader, part.texts);
}

Checked<void> whatsapp_buttons(const Reader& content, ContentPart& part) {
  const json::value* buttons = content.find("buttons");
  if (!buttons) return {};
  if (!buttons->is_array() || buttons->get_array().size() > 10)
    return refuse("content.buttons must be a list of at most 10 buttons");
  for (std::size_t i = 0; i < buttons->get_array().size(); ++i) {
    const json::value& button = buttons->get_array()[i];
    const std::string place = fmt::format("content.buttons[{}]", i);
    if (!button.is_object()) return refuse(fmt::format("{} must be an object", place));
    const Reader reader(button.get_object(), place);
    TRY(reader.text({"type", Form::any, most_short_bytes, true}));
    TRY(replacements(reader, part.texts));
  }
  return {};
}

Checked<Parts> whatsapp_parts(const Reader& content) {
  constexpr std::string_view types[] = {"template", "freeform"};
  TRY(content.none_but({}, {"message_type", "template_name", "locale", "header", "body", "buttons", "msg"}));
  TRY(one_of(content, "message_type", types));
  TRY_ASSIGN(const auto type, content.text({"message_type"}));
  ContentPart part{"whatsapp", {}};
  const bool freeform = type && lower_case(type->text) == "freeform";
  if (freeform) {
    constexpr KeyRow keys[] = {{"msg", Form::any, most_text_bytes, true}};
    TRY(content.texts(keys, part.texts));
    return Parts{std::move(part)};
  }
  constexpr KeyRow keys[] = {{"template_name", Form::any, 512, true}, {"locale", Form::any, 16, true}};
  TRY(content.texts(keys, part.texts));
  TRY(whatsapp_header(content, part));
  TRY_ASSIGN(const json::object* body, content.object("body"));
  if (body) TRY(replacements(Reader(*body, "content.body"), part.texts));
  TRY(whatsapp_buttons(content, part));
  return Parts{std::move(part)};
}

}  // namespace

std::string_view name_of(Mode mode) {
  return mode_names[static_cast<std::size_t>(mode)];
}

std::optional<Mode> mode_named(std::string_view name) {
  const std::string lower = lower_case(name);
  if (lower == "webhooks") return Mode::webhook;
  const auto found = std::ranges::find(mode_names, lower);
  if (found == mode_names.end()) return std::nullopt;
  return static_cast<Mode>(found - mode_names.begin());
}

Checked<Parts> read_parts(const json::object& request, Mode mode) {
  if (mode == Mode::push) return push_parts(request);
  if (mode == Mode::webhook) return webhook_parts(request);
  static const json::object none;
  const json::value* given = member(request, "content");
  if (given && !given->is_object()) return refuse("content must be an object");
  const Reader content(given ? given->get_object() : none, "content", &request);
  switch (mode) {
    case Mode::webpush:
      return webpush_parts(content);
    case Mode::email:
      return email_parts(content);
    case Mode::sms:
      return sms_parts(content);
    default:
      return whatsapp_parts(content);
  }
}

std::optional<TemplateMistake> mistake_in(const Parts& parts) {
  for (const ContentPart& part : parts)
    for (const ContentText& text : part.texts)
      if (auto compiled = content::Template::parse(text.text); !compiled)
        return TemplateMistake{&text, std::move(compiled.error())};
  return std::nullopt;
}

}  // namespace belay::api::clevertap
