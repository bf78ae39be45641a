#include "api/dashboard/accept.h"

#include <algorithm>

namespace belay::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Takes the next element of a list off its front.
std::string_view next(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = trimmed(list.substr(0, comma));
  list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

// "q=0", "q=0.00"
bool is_refused(std::string_view parameter) {
  parameter = trimmed(parameter);
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return false;
  return parameter.substr(2).find_first_not_of("0.") == parameter.npos;
}

}  // namespace

bool accepts(std::string_view list, std::string_view coding) {
  while (!list.empty()) {
    const std::string_view element = next(list);
    const std::size_t semicolon = element.find(';');
    if (!same_word(trimmed(element.substr(0, semicolon)), coding)) continue;
    return semicolon == element.npos || !is_refused(element.substr(semicolon + 1));
  }
  return false;
}

bool names_tag(std::string_view list, std::string_view tag) {
  if (trimmed(list) == "*") return true;
  while (!list.empty()) {
    std::string_view element = next(list);
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == tag) return true;
  }
  return false;
}

}  // namespace belay::api
