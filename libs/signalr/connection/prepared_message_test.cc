#include "signalr/connection/prepared_message.h"

#include <gtest/gtest.h>

#include <string>

namespace signalr {
namespace {

HubMessage saying(std::string text) { return Invocation{.target = "Say", .arguments = {Value(std::move(text))}}; }

TEST(PreparedMessage, IsMadeOnceForEachProtocolCompressedToo) {
  const PreparedMessage message(saying(std::string(5000, 'x')));
  for (const HubProtocol* protocol : supported_protocols()) {
    const runtime::SharedBytes& plain = message.bytes_for(*protocol, Transport::websockets);
    const runtime::SharedBytes& compressed = message.deflated_for(*protocol);
    EXPECT_LT(compressed->size(), plain->size() / 10);
    EXPECT_EQ((*compressed)[0], protocol->is_binary() ? '\xC2' : '\xC1');
    EXPECT_EQ(message.deflated_for(*protocol), compressed) << "the very same bytes";
    EXPECT_EQ(message.bytes_for(*protocol, Transport::websockets), plain);
  }
}

TEST(PreparedMessage, IsMadeOnceForEachWayToWriteNames) {
  const PreparedMessage message(Invocation{.target = "Say", .arguments = {Value(Value::Object{{"someName", 1}})}});
  const HubProtocol& packed = *supported_protocols()[1];
  const auto text = [&](PropertyNames names) {
    return *message.bytes_for(with_names(packed, names), Transport::long_polling);
  };
  EXPECT_NE(text(PropertyNames::pascal_case).find("SomeName"), std::string::npos);
  EXPECT_NE(text(PropertyNames::camel_case).find("someName"), std::string::npos);
  EXPECT_EQ(text(PropertyNames::camel_case), text(PropertyNames::as_declared));
  const HubProtocol& json = *supported_protocols()[0];
  EXPECT_EQ(&with_names(json, PropertyNames::pascal_case), &json);
}

TEST(PreparedMessage, StaysAsItIsWhereCompressionDoesNotMakeItShorter) {
  const PreparedMessage message(saying("\x7F\x01"));
  for (const HubProtocol* protocol : supported_protocols()) {
    EXPECT_LE(message.deflated_for(*protocol)->size(), message.bytes_for(*protocol, Transport::websockets)->size());
  }
  const HubProtocol& packed = *supported_protocols()[1];
  EXPECT_EQ(message.deflated_for(packed), message.bytes_for(packed, Transport::websockets));
}

}  // namespace
}  // namespace signalr
