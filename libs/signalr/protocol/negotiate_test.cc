#include "signalr/protocol/negotiate.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace signalr {
namespace {

constexpr std::array kAll{Transport::websockets, Transport::server_sent_events, Transport::long_polling};
const ConnectionIds kIds{"public", "secret"};

int version_of(std::optional<std::string_view> text) {
  const auto request = read_negotiate(text, std::nullopt);
  return request ? request->version : -1;
}

TEST(Negotiate, ReadsTheVersion) {
  EXPECT_EQ(version_of(std::nullopt), 0);
  EXPECT_EQ(version_of("0"), 0);
  EXPECT_EQ(version_of("1"), 1);
  EXPECT_EQ(version_of("7"), 1);
}

TEST(Negotiate, RefusesBadAndOldVersions) {
  for (const char* text : {"", "x", "1x", "1.0", "99999999999"}) {
    EXPECT_EQ(read_negotiate(text, std::nullopt).error().text, "The client requested a non-integer protocol version.");
  }
  EXPECT_EQ(read_negotiate("-1", std::nullopt).error().text,
            "The client requested version '-1', but the server does not support this version.");
  EXPECT_FALSE(read_negotiate(std::nullopt, std::nullopt, 1));
  EXPECT_TRUE(read_negotiate("1", std::nullopt, 1));
}

TEST(Negotiate, ReadsTheWishForStatefulReconnect) {
  EXPECT_TRUE(read_negotiate("1", "true")->use_stateful_reconnect);
  EXPECT_TRUE(read_negotiate("1", "True")->use_stateful_reconnect);
  for (const char* text : {"false", "", "1", "truee", "tru"}) {
    EXPECT_FALSE(read_negotiate("1", text)->use_stateful_reconnect) << text;
  }
}

TEST(Negotiate, AnswersVersionOneWithATokenAndVersionZeroWithout) {
  EXPECT_EQ(negotiate_body({.version = 1}, kIds, kAll),
            R"({"negotiateVersion":1,"connectionId":"public","connectionToken":"secret","availableTransports":[)"
            R"({"transport":"WebSockets","transferFormats":["Text","Binary"]},)"
            R"({"transport":"ServerSentEvents","transferFormats":["Text"]},)"
            R"({"transport":"LongPolling","transferFormats":["Text","Binary"]}]})");
  EXPECT_EQ(negotiate_body({.version = 0}, kIds, {}),
            R"({"negotiateVersion":0,"connectionId":"public","availableTransports":[]})");
}

TEST(Negotiate, EchoesStatefulReconnectOnlyWhenAskedAndAllowed) {
  const auto answers = [](bool asked, bool allowed) {
    return negotiate_body({1, asked}, kIds, kAll, allowed).find(R"("useStatefulReconnect":true)") != std::string::npos;
  };
  EXPECT_TRUE(answers(true, true));
  EXPECT_FALSE(answers(true, false));
  EXPECT_FALSE(answers(false, true));
}

TEST(Negotiate, RefusesAndRedirects) {
  EXPECT_EQ(negotiate_error("a \"b\""), R"({"error":"a \"b\""})");
  EXPECT_EQ(negotiate_redirect("http://h/x"), R"({"url":"http://h/x"})");
  EXPECT_EQ(negotiate_redirect("http://h/x", "tok"), R"({"url":"http://h/x","accessToken":"tok"})");
}

TEST(ConnectionIds, AreFreshAndSafeInUrls) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const ConnectionIds ids = make_connection_ids(1);
    for (const std::string& id : {ids.connection_id, ids.connection_token}) {
      EXPECT_EQ(id.size(), 22U);
      EXPECT_EQ(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                std::string::npos);
      EXPECT_TRUE(seen.insert(id).second);
    }
  }
}

TEST(ConnectionIds, VersionZeroHasOneIdForBoth) {
  const ConnectionIds ids = make_connection_ids(0);
  EXPECT_EQ(ids.connection_id, ids.connection_token);
}

}  // namespace
}  // namespace signalr
