#include "signalr/protocol/handshake.h"

#include <gtest/gtest.h>

#include <array>

#include "signalr/protocol/json_protocol.h"
#include "signalr/protocol/msgpack_protocol.h"

namespace signalr {
namespace {

const JsonProtocol kJson;
const MessagePackProtocol kBinary;
const std::array<const HubProtocol*, 2> kBoth{&kJson, &kBinary};

std::string error_of(std::string_view input) {
  const auto request = parse_handshake(input);
  return request ? "no error" : request.error().text;
}

std::string refusal(const HandshakeRequest& request, bool transport_is_binary = true) {
  const auto protocol = choose_protocol(request, kBoth, transport_is_binary);
  return protocol ? "no error" : protocol.error().text;
}

TEST(Handshake, TakesTheRequestAndLeavesWhatFollows) {
  std::string_view input = "{\"protocol\":\"json\",\"version\":1}\x1E{\"type\":6}\x1E";
  const auto request = parse_handshake(input);
  ASSERT_TRUE(request && *request);
  EXPECT_EQ((*request)->protocol, "json");
  EXPECT_EQ((*request)->version, 1);
  EXPECT_EQ(input, "{\"type\":6}\x1E");
}

TEST(Handshake, WaitsForItsEndAndLeavesTheInputAlone) {
  const std::string_view whole = "{\"version\":2,\"protocol\":\"json\",\"more\":[]}\x1E";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string_view input = whole.substr(0, size);
    const auto request = parse_handshake(input);
    EXPECT_TRUE(request && !*request) << size;
    EXPECT_EQ(input.size(), size);
  }
}

TEST(Handshake, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(error_of("{}\x1E"), "Missing required property 'protocol'.");
  EXPECT_EQ(error_of("[]\x1E"), "Missing required property 'protocol'.");
  EXPECT_EQ(error_of("{\"protocol\":\"json\"}\x1E"), "Missing required property 'version'.");
  EXPECT_EQ(error_of("{\"protocol\":1,\"version\":1}\x1E"), "Expected 'protocol' to be of type String.");
  for (const char* version : {"\"1\"", "1.5", "4294967297", "null"}) {
    EXPECT_EQ(error_of("{\"protocol\":\"json\",\"version\":" + std::string(version) + "}\x1E"),
              "Expected 'version' to be of type Number.");
  }
  EXPECT_TRUE(error_of("GET / HTTP/1.1\x1E").starts_with("Not JSON"));
}

TEST(Handshake, BoundsItsSize) {
  const std::string endless(100, ' ');
  std::string_view input = endless;
  EXPECT_FALSE(parse_handshake(input, 100));
  input = endless;
  EXPECT_TRUE(parse_handshake(input, 101));
}

TEST(Handshake, FindsTheProtocolInBothVersions) {
  EXPECT_EQ(*choose_protocol({"json", 1}, kBoth, false), &kJson);
  EXPECT_EQ(*choose_protocol({"JSON", 2}, kBoth, false), &kJson);
  EXPECT_EQ(*choose_protocol({"messagepack", 1}, kBoth, true), &kBinary);
}

TEST(Handshake, RefusesInTheWordsOfAspNet) {
  EXPECT_EQ(refusal({"xml", 1}), "The protocol 'xml' is not supported.");
  EXPECT_EQ(refusal({"json", 3}), "The server does not support version 3 of the 'json' protocol.");
  EXPECT_EQ(refusal({"messagepack", 1}, false),
            "Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' "
            "transfer format.");
}

TEST(Handshake, AnswersAreExactlyThese) {
  EXPECT_EQ(handshake_success(), "{}\x1E");
  EXPECT_EQ(handshake_failure("say \"no\""), "{\"error\":\"say \\\"no\\\"\"}\x1E");
}

}  // namespace
}  // namespace signalr
