// A message's content as the texts it is made of, for every channel of the contract (3.4), each with its place in
// the request: so that a mistake names its field, and a preview can show them one by one. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/clevertap/draft.h"
#include "content/template.h"

namespace belay::api::clevertap {

enum class Mode { push, webhook, webpush, email, sms, whatsapp };
std::string_view name_of(Mode mode);
std::optional<Mode> mode_named(std::string_view name);  // any case; also "webhooks"

struct ContentText {
  std::string place;  // "content.platform_specific.ios.deep_link"
  std::string key;    // "deep_link"
  std::string text;   // a template
  std::size_t most = content::max_rendered;  // bytes it may have once rendered
};
struct ContentPart {
  std::string platform;  // "android", "chrome"; where there are none, the mode
  std::vector<ContentText> texts;
};

// The content of a request, also where its keys stand at the top as old clients send them. Whatever can be wrong with
// it is refused here, but for the templates themselves.
Checked<std::vector<ContentPart>> read_parts(const json::object& request, Mode mode);

struct TemplateMistake {
  const ContentText* text;
  content::Error error;
};
// The first text that is no template.
std::optional<TemplateMistake> mistake_in(const std::vector<ContentPart>& parts);

// "conversion_goal" (contract 3.6) as it is kept in the definition; "" where there is none.
Checked<std::string> read_conversion_goal(const json::object& request);

}  // namespace belay::api::clevertap
