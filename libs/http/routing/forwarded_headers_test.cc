#include "http/routing/forwarded_headers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "http/codec/request_reader.h"

namespace http {
namespace {

Address address(const char* text) { return boost::asio::ip::make_address(text); }

ForwardedHeaders believing(std::initializer_list<const char*> networks, std::size_t hops) {
  std::vector<Network> known;
  for (const char* network : networks) known.push_back(*Network::parse(network));
  return {std::move(known), hops};
}

// "client scheme host" of a request from `peer` with these headers.
std::string seen(const ForwardedHeaders& forwarded, const char* peer, const std::string& headers) {
  RequestReader reader(RequestLimits{});
  const std::string text = "GET / HTTP/1.1\r\nHost: inner\r\n" + headers + "\r\n";
  std::string_view input = text;
  EXPECT_EQ(reader.feed(input), RequestReader::State::head);
  Request request{.headers = &reader, .client = plain_address(address(peer)), .host = reader.host()};
  forwarded.apply(request);
  return request.client.to_string() + " " + std::string(request.scheme) + " " + std::string(request.host);
}

TEST(Network, IsAnAddressOrAPrefix) {
  const auto contains = [](const char* network, const char* text) {
    return Network::parse(network)->contains(plain_address(address(text)));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("10.1.2.0/23", "10.1.3.9"));
  EXPECT_FALSE(contains("10.1.2.0/23", "10.1.4.1"));
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("127.0.0.1", "::ffff:127.0.0.1")) << "a socket for both families names IPv4 peers so";
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  for (const char* text : {"", "a", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "10.0.0"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

const std::string kAll = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example\r\n";

TEST(ForwardedHeaders, AreBelievedFromKnownProxiesOnly) {
  EXPECT_EQ(seen({}, "127.0.0.1", kAll), "127.0.0.1  inner");
  EXPECT_EQ(seen(believing({"10.0.0.0/8"}, 1), "127.0.0.1", kAll), "127.0.0.1  inner");
  EXPECT_EQ(seen(believing({"127.0.0.1"}, 1), "127.0.0.1", kAll), "1.2.3.4 https chat.example");
  EXPECT_EQ(seen(believing({"127.0.0.1"}, 1), "::ffff:127.0.0.1", kAll), "1.2.3.4 https chat.example");
  EXPECT_EQ(seen(believing({"127.0.0.1"}, 1), "127.0.0.1", ""), "127.0.0.1  inner");
  EXPECT_EQ(seen(believing({"127.0.0.1"}, 1), "127.0.0.1", "X-Forwarded-Proto: HTTPS\r\n"), "127.0.0.1 https inner");
}

TEST(ForwardedHeaders, AreFollowedFromTheRightAsFarAsProxiesAreKnown) {
  const std::string two = "X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-For: 10.0.0.7\r\n";
  EXPECT_EQ(seen(believing({"10.0.0.0/8"}, 1), "10.0.0.1", two), "10.0.0.7  inner");
  EXPECT_EQ(seen(believing({"10.0.0.0/8"}, 2), "10.0.0.1", two), "1.2.3.4  inner");
  EXPECT_EQ(seen(believing({"10.0.0.0/8"}, 9), "10.0.0.1", two), "1.2.3.4  inner") << "6.6.6.6 is a client's own word";
  EXPECT_EQ(seen(believing({"10.0.0.0/8"}, 9), "10.0.0.1", "X-Forwarded-For: 1.1.1.1, unknown, 10.0.0.7\r\n"),
            "10.0.0.7  inner");
}

TEST(ForwardedHeaders, NameClientsInEachForm) {
  for (const auto& [text, client] :
       std::vector<std::pair<std::string, std::string>>{{"1.2.3.4:5678", "1.2.3.4"},
                                                        {"2001:db8::1", "2001:db8::1"},
                                                        {"[2001:db8::1]", "2001:db8::1"},
                                                        {"[2001:db8::1]:443", "2001:db8::1"},
                                                        {"::ffff:1.2.3.4", "1.2.3.4"}}) {
    EXPECT_EQ(seen(believing({"::1"}, 1), "::1", "X-Forwarded-For: " + text + "\r\n"), client + "  inner") << text;
  }
}

TEST(ForwardedHeaders, WhatTheyCannotMeanIsPassedOver) {
  EXPECT_EQ(seen(believing({"::1"}, 1), "::1", "X-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a b\r\n"), "::1  inner");
}

}  // namespace
}  // namespace http
