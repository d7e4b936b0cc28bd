#include "signalr/connection/framing.h"

#include <gtest/gtest.h>

namespace signalr {
namespace {

TEST(Framing, AnEventHoldsThePayloadLineByLine) {
  EXPECT_EQ(event_of("{}\x1E"), "data: {}\x1E\r\n\r\n");
  EXPECT_EQ(event_of("a\nb"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(event_of("a\r\nb"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(event_of("a\n\nb\n"), "data: a\r\ndata: \r\ndata: b\r\ndata: \r\n\r\n");
  EXPECT_EQ(event_of(""), "data: \r\n\r\n");
}

TEST(Framing, EachTransportWrapsInItsOwnWay) {
  EXPECT_EQ(*framed(Transport::websockets, Format::text, "hi"), "\x81\x02hi");
  EXPECT_EQ(*framed(Transport::websockets, Format::binary, "hi"), "\x82\x02hi");
  EXPECT_EQ(*framed(Transport::server_sent_events, Format::text, "hi"), "data: hi\r\n\r\n");
  EXPECT_EQ(*framed(Transport::long_polling, Format::binary, "hi"), "hi");
}

}  // namespace
}  // namespace signalr
