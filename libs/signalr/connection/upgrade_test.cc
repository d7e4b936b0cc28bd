#include "signalr/connection/upgrade.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace signalr {
namespace {

// A good request; a test replaces single headers.
class Opening final : public http::RequestHeaders {
 public:
  Opening& with(const std::string& name, std::string value) {
    values_[name] = std::move(value);
    return *this;
  }
  std::string_view value(std::string_view name) const override {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::string_view() : found->second;
  }
  std::vector<std::string_view> values(std::string_view name) const override {
    const std::string_view only = value(name);
    return only.empty() ? std::vector<std::string_view>() : std::vector{only};
  }
  std::vector<std::pair<std::string, std::string>> all() const override { return {values_.begin(), values_.end()}; }
  http::Request request(std::string_view method = "GET") const {
    http::Request request;
    request.method = method;
    request.headers = this;
    return request;
  }
  unsigned refusal(std::string_view method = "GET") const {
    const auto refused = refuse_upgrade(request(method));
    return refused ? refused->status : 0;
  }

 private:
  // The key and the answer to it are RFC 6455's own example.
  std::map<std::string, std::string> values_{{"Upgrade", "websocket"},
                                             {"Connection", "Upgrade"},
                                             {"Sec-WebSocket-Version", "13"},
                                             {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
};

std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Upgrade, IsAcceptedAsTheStandardSays) {
  const Opening opening;
  EXPECT_TRUE(asks_for_websocket(opening.request()));
  EXPECT_EQ(opening.refusal(), 0u);
  const auto response =
      accept_upgrade(opening.request(), std::nullopt, [](http::Upgraded) -> runtime::Awaitable<void> { co_return; });
  EXPECT_EQ(response.status, 101u);
  EXPECT_EQ(header_of(response, "Upgrade"), "websocket");
  EXPECT_EQ(header_of(response, "Connection"), "Upgrade");
  EXPECT_EQ(header_of(response, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_TRUE(response.upgrade);
}

TEST(Upgrade, TellsWhatIsAgreedOnAboutCompression) {
  const Opening without;
  EXPECT_FALSE(agree_on_deflate(without.request()));
  EXPECT_FALSE(agree_on_deflate(Opening().with("Sec-WebSocket-Extensions", "x-other").request()));
  const Opening opening = Opening().with("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=12");
  const auto agreed = agree_on_deflate(opening.request());
  ASSERT_TRUE(agreed);
  const auto upgrade = [](http::Upgraded) -> runtime::Awaitable<void> { co_return; };
  EXPECT_EQ(header_of(accept_upgrade(opening.request(), agreed, upgrade), "Sec-WebSocket-Extensions"),
            agreed->answer());
  EXPECT_EQ(header_of(accept_upgrade(opening.request(), std::nullopt, upgrade), "Sec-WebSocket-Extensions"), "");
}

TEST(Upgrade, TokensStandInListsAndInAnyCase) {
  EXPECT_EQ(Opening().with("Connection", "keep-alive, Upgrade").refusal(), 0u) << "as Firefox sends it";
  EXPECT_EQ(Opening().with("Connection", "keep-alive ,\tUPGRADE\t,x").refusal(), 0u);
  EXPECT_TRUE(asks_for_websocket(Opening().with("Upgrade", "h2c, WebSocket").request()));
}

TEST(Upgrade, ATokenThatIsOnlyPartOfAWordIsNone) {
  EXPECT_FALSE(asks_for_websocket(Opening().with("Upgrade", "websockets").request()));
  EXPECT_FALSE(asks_for_websocket(Opening().with("Upgrade", "").request()));
  EXPECT_FALSE(asks_for_websocket(Opening().with("Upgrade", ", ,").request()));
  EXPECT_EQ(Opening().with("Connection", "upgraded").refusal(), 400u);
  EXPECT_EQ(Opening().with("Connection", "up,grade").refusal(), 400u);
  EXPECT_EQ(Opening().with("Connection", "").refusal(), 400u);
}

TEST(Upgrade, OtherMethodsAreRefused) { EXPECT_EQ(Opening().refusal("POST"), 400u); }

TEST(Upgrade, AnotherVersionIsToldTheRightOne) {
  for (const char* version : {"8", "", "13, 8", "013"}) {
    const Opening opening = Opening().with("Sec-WebSocket-Version", version);
    EXPECT_EQ(opening.refusal(), 426u) << version;
    EXPECT_EQ(header_of(*refuse_upgrade(opening.request()), "Sec-WebSocket-Version"), "13");
  }
}

TEST(Upgrade, AKeyThatIsNotSixteenBytesIsRefused) {
  for (const char* key : {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBsZSBub25j!Q=="}) {
    EXPECT_EQ(Opening().with("Sec-WebSocket-Key", key).refusal(), 400u) << key;
  }
}

TEST(Upgrade, RefusalsAreText) {
  const auto refused = refuse_upgrade(Opening().with("Sec-WebSocket-Key", "").request());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->content_type, "text/plain; charset=utf-8");
  EXPECT_NE(refused->body.find("Sec-WebSocket-Key"), std::string::npos);
}

}  // namespace
}  // namespace signalr
