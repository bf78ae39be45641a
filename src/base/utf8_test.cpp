#include "base/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace belay {
namespace {

TEST(Utf8, knows_characters_of_every_length) {
  for (const std::string_view text : {"a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf",
                                      "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(utf8_length(text), text.size());
    EXPECT_TRUE(is_utf8(std::string(text) + "z"));
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_EQ(utf8_length(""), 0u);
}

// RFC 3629 section 3 and 10: decoders that take these are how checks are got around.
TEST(Utf8, refuses_what_is_overlong_cut_off_a_surrogate_or_beyond_the_last_character) {
  for (const std::string_view text :
       {"\x80", "\xff", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xc2z", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(utf8_length(text), 0u);
    EXPECT_FALSE(is_utf8("a" + std::string(text)));
  }
}

}  // namespace
}  // namespace belay
