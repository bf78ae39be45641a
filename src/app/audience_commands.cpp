// belay audience explain
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {
namespace {

Result<std::string, Failure> text_in(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::unexpected(Failure{ExitCode::usage, fmt::format("{} can't be read", file)});
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Each part below what it is a part of, its count before it.
void add_part(std::string& out, const json::object& part, std::size_t depth) {
  out += fmt::format("{:>12}  {}{}\n", thousands(number_at(part, "people")), std::string(depth * 2, ' '),
                     text_at(part, "in_words"));
  if (const json::value* parts = part.if_contains("parts"); parts != nullptr && parts->is_array())
    for (const json::value& each : parts->as_array()) add_part(out, each.as_object(), depth + 1);
}

std::string explained_in_words(const json::value& answer) {
  const json::object& whole = answer.as_object();
  std::string out;
  add_part(out, whole, 0);
  return out + fmt::format("of {} people\n", thousands(number_at(whole, "of")));
}

}  // namespace

ExitCode audience_explain_command(const AudienceOptions& o) {
  constexpr std::string_view command = "belay audience explain";
  const auto text = text_in(o.file);
  if (!text) return complain(command, text.error());
  auto where = parse_json(*text);
  if (!where) return complain(command, {ExitCode::usage, fmt::format("{}: {}", o.file, where.error())});
  ApiCall call{.method = "POST",
               .path = "/api/v1/audience/explain",
               .body = to_text(json::object{{"where", std::move(*where)}})};
  call.headers.emplace_back("X-CleverTap-Account-Id", o.account);
  return ask_and_print(command, o.place, std::move(call), explained_in_words);
}

}  // namespace belay::app
