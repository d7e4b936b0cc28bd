#include "model/view_hash.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

namespace message_service {
namespace {

std::string text(const boost::json::value& value) { return std::string(value.as_string()); }

// The vectors were computed by neither of the two programs that share them.
TEST(ViewHash, IsThatOfTheSharedVectors) {
  std::ifstream file(MESSAGE_SERVICE_SOURCE_DIR "/tests/verify/view_hash_vectors.json");
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  const auto vectors = boost::json::parse(json).as_array();
  ASSERT_GE(vectors.size(), 9u);
  for (const auto& vector : vectors) {
    ViewHash hash;
    for (const auto& message : vector.at("messages").as_array()) {
      hash.add(message.at("sequence").to_number<std::uint64_t>(),
               hash_of_message(text(message.at("id")), text(message.at("senderId")), text(message.at("content"))));
    }
    EXPECT_EQ(hash.rolling().text(), text(vector.at("hash"))) << text(vector.at("name"));
    EXPECT_EQ(hash.sum().text(), text(vector.at("sum"))) << text(vector.at("name"));
    EXPECT_EQ(hash.count(), vector.at("messages").as_array().size());
  }
}

TEST(ViewHash, IsReadBackFromItsText) {
  const HashLanes lanes{.first = 0x0123ABCD, .second = 0xFFFFFFFE};
  EXPECT_EQ(lanes.text(), "0123abcdfffffffe");
  EXPECT_EQ(HashLanes::parse("0123ABCDfffffffe"), lanes);
  for (const char* wrong : {"", "0123abcdffffffff0", "0123abcdfffffff", "0123abcdfffffffg"}) {
    EXPECT_FALSE(HashLanes::parse(wrong)) << wrong;
  }
}

TEST(ViewHash, ASumTellsWhichMessageIsMissing) {
  ViewHash whole, part;
  const HashLanes missing = hash_of_message("c", "p", "three");
  for (const auto& [sequence, message] : {std::pair{1, hash_of_message("a", "p", "one")}, {2, missing}}) {
    whole.add(static_cast<std::uint64_t>(sequence), message);
  }
  part.add(1, hash_of_message("a", "p", "one"));
  EXPECT_EQ(whole.sum() - part.sum(), missing);
}

}  // namespace
}  // namespace message_service
