#include "base/password.h"

#include <gtest/gtest.h>

#include "base/manual.h"

namespace belay {
namespace {

TEST(Password, is_known_again_and_no_other_is) {
  SeededRandom random(1);
  const Secret hash = *hash_password(Secret("correct horse"), random);
  EXPECT_TRUE(password_matches(hash, Secret("correct horse")));
  EXPECT_FALSE(password_matches(hash, Secret("correct horsf")));
  EXPECT_FALSE(password_matches(hash, Secret("")));
  EXPECT_FALSE(password_matches(Secret(""), Secret("")));
  EXPECT_FALSE(password_matches(Secret("$argon2id$v=19$nonsense"), Secret("correct horse")));
}

TEST(Password, says_how_it_was_hashed_and_is_salted) {
  SeededRandom random(1);
  const Secret one = *hash_password(Secret("correct horse"), random);
  const Secret two = *hash_password(Secret("correct horse"), random);
  EXPECT_TRUE(one.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << one.reveal();
  EXPECT_NE(one.reveal(), two.reveal());
}

TEST(Password, may_hold_any_bytes) {
  SeededRandom random(1);
  const Secret hash = *hash_password(Secret(std::string("a\0b", 3)), random);
  EXPECT_TRUE(password_matches(hash, Secret(std::string("a\0b", 3))));
  EXPECT_FALSE(password_matches(hash, Secret(std::string("a\0c", 3))));
}

}  // namespace
}  // namespace belay
