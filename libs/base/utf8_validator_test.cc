#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/utf8.h"

namespace base {
namespace {

bool accepts(std::string_view head, std::string_view tail) {
  Utf8Validator validator;
  return validator.feed(head) && validator.feed(tail) && validator.is_complete();
}

// Compares random sequences of up to five bytes from the edges of the ranges with the check for whole texts.
TEST(Utf8Validator, AgreesWithTheWholeTextCheckWhereverItIsCut) {
  std::mt19937 random(1);
  const std::string edges =
      "\x01\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF";
  int valid = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text(random() % 6, '\0');
    for (char& c : text) c = edges[random() % edges.size()];
    const std::size_t cut = random() % (text.size() + 1);
    ASSERT_EQ(accepts(text.substr(0, cut), text.substr(cut)), is_valid_utf8(text)) << testing::PrintToString(text);
    valid += is_valid_utf8(text) ? 1 : 0;
  }
  EXPECT_GT(valid, 1000);
}

TEST(Utf8Validator, FindsABadByteBehindLongAscii) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string text(length, 'a');
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(text + "\xC3\xA9" + text));
    EXPECT_TRUE(validator.is_complete());
    EXPECT_FALSE(validator.feed(text + "\xFF"));
  }
}

TEST(Utf8Validator, FailsAtTheFirstByteThatCannotBeRight) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.feed("\xF4"));
  EXPECT_FALSE(validator.is_complete());
  EXPECT_FALSE(validator.feed("\x90"));
}

}  // namespace
}  // namespace base
