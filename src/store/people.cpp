#include "store/people.h"

#include <algorithm>

namespace belay::store {

std::string contact_value(ContactKind kind, std::string_view value) {
  if (kind != ContactKind::email) {
    if (value.starts_with('+')) value.remove_prefix(1);
    return std::string(value);
  }
  std::string out(value);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace belay::store
