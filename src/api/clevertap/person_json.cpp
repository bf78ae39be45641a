#include "api/clevertap/person_json.h"

#include "base/json.h"
#include "content/properties.h"

namespace belay::api::clevertap {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  append_json_escaped(out, text);
  return out + "\"";
}

}  // namespace

std::string_view platform_word(Platform platform) {
  switch (platform) {
    case Platform::android:
      return "Android";
    case Platform::ios:
      return "iOS";
    case Platform::web:
      return "Web";
    case Platform::windows:
      return "Windows";
  }
  return "";
}

std::string person_members(const PersonRow& person) {
  std::string out;
  const auto properties = parse_json(person.properties);
  if (properties && properties->is_object())
    if (const json::value* email = properties->get_object().if_contains("Email"); email && email->is_string())
      out += fmt::format("\"email\":{},", quoted(std::string_view(email->get_string())));
  if (!person.identity.empty()) out += fmt::format("\"identity\":{},", quoted(person.identity));
  return out + fmt::format("\"profileData\":{}", person.properties);
}

store::Result<std::string> platform_info(Worker& worker, AccountId account, ProfileId profile) {
  TRY_ASSIGN(const auto devices, store::people_of(*worker.profiles).devices(account, profile));
  std::string out;
  for (const store::Device& device : devices) {
    std::string members;
    if (!device.token.empty())
      members = fmt::format("\"platform\":\"{}\",", platform_word(device.platform));
    if (!device.token.empty() && device.live)
      members += fmt::format("\"push_token\":{},", quoted(device.token));
    out += fmt::format("{}{{{}\"objectId\":{}}}", out.empty() ? "" : ",", members, quoted(device.object_id));
  }
  return fmt::format("[{}]", out);
}

}  // namespace belay::api::clevertap
