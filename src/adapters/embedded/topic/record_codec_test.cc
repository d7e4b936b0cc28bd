#include "adapters/embedded/topic/record_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace message_service::embedded {
namespace {

std::vector<LogRecord> records() {
  const std::string long_text(300, 'x');  // its length takes two bytes
  return {
      {},
      {.key = "conv-1", .value = R"({"a":1})", .headers = {{"correlation-id", "c"}}, .timestamp = 1769509800000},
      {.key = std::string("k\0y", 3), .value = std::string("\0\xFF\n", 3), .headers = {{"", ""}, {"", "x"}}},
      {.key = long_text, .value = std::string(70'000, 'v'), .headers = {{long_text, long_text}}, .timestamp = -1},
      {.key = "k",
       .value = "v",
       .headers = std::vector<Header>(200, Header{"name", "value"}),
       .timestamp = std::numeric_limits<base::Timestamp>::min()},
  };
}

bool is_corrupt(const auto& decoded) { return !decoded && decoded.error().code == base::ErrorCode::corrupt; }

// Exactly these bytes, so that a sanitizer sees a read beyond them.
template <class Decode>
auto decode_exactly(std::string_view bytes, Decode decode) {
  const std::vector<char> exactly(bytes.begin(), bytes.end());
  return decode(std::string_view(exactly.data(), exactly.size()));
}

TEST(RecordCodec, GivesBackWhatWasEncoded) {
  for (const LogRecord& record : records()) EXPECT_EQ(decode_record(encode_record(record)).value(), record);
}

TEST(RecordCodec, ATruncatedRecordIsCorruptWhereverItEnds) {
  for (const LogRecord& record : records()) {
    const std::string bytes = encode_record(record);
    const std::size_t step = bytes.size() > 10'000 ? 997 : 1;
    for (std::size_t size = 0; size < bytes.size(); size += step) {
      ASSERT_TRUE(is_corrupt(decode_exactly(bytes.substr(0, size), decode_record))) << size << " of " << bytes.size();
    }
    ASSERT_TRUE(is_corrupt(decode_exactly(bytes.substr(0, bytes.size() - 1), decode_record)));
  }
}

TEST(RecordCodec, ARecordThatGoesOnIsCorrupt) {
  for (const LogRecord& record : records()) EXPECT_TRUE(is_corrupt(decode_record(encode_record(record) + '\0')));
}

TEST(RecordCodec, AnotherVersionIsCorrupt) {
  std::string bytes = encode_record(records()[1]);
  for (const char version : {'\0', '\2', '\xFF'}) {
    bytes[0] = version;
    EXPECT_TRUE(is_corrupt(decode_record(bytes)));
  }
}

TEST(RecordCodec, LengthsBeyondEverythingAreCorruptAndCostNothing) {
  const std::string head = encode_record({}).substr(0, 9);
  const std::string endless(12, '\xFF');
  const std::string huge = std::string(9, '\xFF') + '\1';
  EXPECT_TRUE(is_corrupt(decode_exactly(head + endless, decode_record)));
  EXPECT_TRUE(is_corrupt(decode_exactly(head + huge, decode_record))) << "a key of 2^64 - 1 bytes";
  EXPECT_TRUE(is_corrupt(decode_exactly(head + std::string(2, '\0') + huge, decode_record))) << "as many headers";
}

// A record that decodes is whole: its encoding decodes to the same record.
TEST(RecordCodec, AnyMutationIsDecodedOrCorrupt) {
  std::minstd_rand random(3);
  int corrupt = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = encode_record(records()[static_cast<std::size_t>(round) % 3]);
    for (int i = 0; i < 2; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto decoded = decode_exactly(bytes, decode_record);
    if (decoded) {
      ASSERT_EQ(decode_record(encode_record(*decoded)).value(), *decoded);
    } else {
      ASSERT_EQ(decoded.error().code, base::ErrorCode::corrupt);
      ++corrupt;
    }
  }
  EXPECT_GT(corrupt, 5000);
}

}  // namespace
}  // namespace message_service::embedded
