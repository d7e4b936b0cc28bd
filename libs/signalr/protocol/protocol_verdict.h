// For tests: how a protocol reads some bytes, in whatever pieces they arrive.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "signalr/protocol/protocol.h"

namespace signalr {

// One message of every shape.
inline const std::vector<HubMessage> kSampleMessages{
    Invocation{.target = "T\x1F", .arguments = {1, -0.5, "\xE4\xBD\xA0", Value::Array{true}}, .headers = {{"a", "b"}}},
    StreamInvocation{.target = "S", .invocation_id = "i", .stream_ids = {"s"}},
    StreamItem{.invocation_id = "i", .item = Value::Object{{"k", nullptr}}},
    Completion{.invocation_id = "i"},
    Completion{.invocation_id = "i", .outcome = Failure{"f"}},
    Completion{.invocation_id = "i", .outcome = Value("r")},
    CancelInvocation{.invocation_id = "i"},
    Ping{},
    Close{.error = "c", .allow_reconnect = true},
    Ack{1},
    Sequence{2}};

struct Verdict {
  std::vector<std::string> messages;  // written again
  std::string error;
  bool operator==(const Verdict&) const = default;
};

// Feeds the bytes as a session would: appended to the bytes left over, in pieces of random size.
inline Verdict read_in_pieces(const HubProtocol& protocol, std::string_view bytes, std::size_t piece_max,
                              std::mt19937& random) {
  constexpr ProtocolLimits limits{.message_bytes_max = 200, .nesting_max = 8};
  Verdict verdict;
  std::string pending;
  while (!bytes.empty()) {
    const std::size_t piece = std::min<std::size_t>(1 + random() % piece_max, bytes.size());
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    std::string_view input = pending;
    for (auto result = protocol.parse(input, limits);; result = protocol.parse(input, limits)) {
      if (!result) {
        verdict.error = result.error().text;
        return verdict;
      }
      if (!*result) break;
      verdict.messages.push_back(protocol.write(**result));
    }
    pending.erase(0, pending.size() - input.size());
  }
  return verdict;
}

// Also expects that every message that was read can be written and read again, with the same result.
inline void expect_same_verdict_however_cut(const HubProtocol& protocol, std::string_view bytes, std::mt19937& random,
                                            int& passed, int& failed) {
  const Verdict whole = read_in_pieces(protocol, bytes, bytes.size() * 100, random);
  EXPECT_EQ(read_in_pieces(protocol, bytes, 7, random), whole) << testing::PrintToString(std::string(bytes));
  for (const std::string& message : whole.messages) {
    std::string_view input = message;
    const auto again = protocol.parse(input, {});
    const bool was_read = again && *again && input.empty();
    EXPECT_TRUE(was_read) << testing::PrintToString(message);
    if (!was_read) continue;
    EXPECT_EQ(protocol.write(**again), message);
  }
  ++(whole.error.empty() ? passed : failed);
}

}  // namespace signalr
