#include "content/unicode.h"

#include <algorithm>
#include <clocale>
#include <cwctype>

#include "base/utf8.h"

namespace belay::content {
namespace {

// glibc's own table of letter cases, whatever the user's locale. Null only on a system without it;
// then ASCII alone changes.
locale_t unicode_locale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

wint_t decode(std::string_view character) {
  const auto byte = [&](std::size_t i) {
    return static_cast<wint_t>(static_cast<unsigned char>(character[i]));
  };
  switch (character.size()) {
    case 2:
      return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
      return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    case 4:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    default:
      return byte(0);
  }
}

void append_encoded(std::string& out, wint_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

char ascii_in_case(char c, LetterCase letter_case) {
  if (letter_case == LetterCase::upper) return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::size_t character_size(std::string_view text, std::size_t at) {
  return std::max<std::size_t>(1, utf8_length(text.substr(at)));
}

std::size_t count_characters(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size(); at += character_size(text, at)) ++n;
  return n;
}

std::string_view first_characters(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; n > 0 && at < text.size(); --n) at += character_size(text, at);
  return text.substr(0, at);
}

void append_in_case(std::string& out, std::string_view text, LetterCase letter_case) {
  constexpr std::string_view sharp_s = "\xC3\x9F";  // has no upper-case letter of its own
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text, at));
    at += character.size();
    if (character.size() == 1) {
      out += ascii_in_case(character[0], letter_case);
    } else if (character == sharp_s && letter_case == LetterCase::upper) {
      out += "SS";
    } else if (const locale_t locale = unicode_locale()) {
      const wint_t c = decode(character);
      append_encoded(out, letter_case == LetterCase::upper ? towupper_l(c, locale) : towlower_l(c, locale));
    } else {
      out += character;
    }
  }
}

}  // namespace belay::content
