#include "api/compatibility.h"

namespace belay::api {

std::string with_recorded_blanks(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 4);
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_text = false;
    } else if (c == '{' || c == '[') {
      (out += c) += ' ';
    } else if (c == ':' || c == ',') {
      ((out += ' ') += c) += ' ';
    } else if (c != ' ') {
      out += c;
      in_text = c == '"';
    }
  }
  return out;
}

}  // namespace belay::api
