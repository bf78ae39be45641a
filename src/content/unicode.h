// The little of Unicode that filters need. Inside content/ only; pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace belay::content {

// Bytes of the character that starts at `at` (1 where the text is not UTF-8).
std::size_t character_size(std::string_view text, std::size_t at);
std::size_t count_characters(std::string_view text);
// The first `n` characters.
std::string_view first_characters(std::string_view text, std::size_t n);

enum class LetterCase { upper, lower };
void append_in_case(std::string& out, std::string_view text, LetterCase letter_case);

}  // namespace belay::content
