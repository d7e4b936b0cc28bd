#include "http/routing/accept_encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace http {
namespace {

constexpr std::array<std::string_view, 2> kBoth{"br", "gzip"};

std::string_view chosen(std::vector<std::string_view> accept_encoding) {
  return choose_coding(accept_encoding, kBoth).value_or("none");
}

TEST(AcceptEncoding, TheBestThatTheClientTakes) {
  EXPECT_EQ(chosen({"gzip, deflate, br, zstd"}), "br");
  EXPECT_EQ(chosen({"gzip"}), "gzip");
  EXPECT_EQ(chosen({"GZIP ;q=1.0"}), "gzip");
  EXPECT_EQ(chosen({"*"}), "br");
  EXPECT_EQ(chosen({"deflate", "gzip"}), "gzip");
  EXPECT_EQ(chosen({"gzip;q=0.9, br;q=0.8"}), "gzip");
  EXPECT_EQ(chosen({"br;q=0.001"}), "br");
}

TEST(AcceptEncoding, IdentityWhereNothingElseIsTaken) {
  EXPECT_EQ(chosen({}), "identity");
  EXPECT_EQ(chosen({""}), "identity");
  EXPECT_EQ(chosen({"deflate"}), "identity");
  EXPECT_EQ(chosen({"br;q=0, gzip;q=0"}), "identity");
  EXPECT_EQ(chosen({"identity;q=1, br;q=0.5"}), "identity");
  EXPECT_EQ(choose_coding(std::vector<std::string_view>{"br"}, {}).value_or("none"), "identity");
}

TEST(AcceptEncoding, NoneWhereIdentityIsRefused) {
  EXPECT_EQ(chosen({"identity;q=0"}), "none");
  EXPECT_EQ(chosen({"*;q=0"}), "none");
  EXPECT_EQ(chosen({"identity;q=0, gzip"}), "gzip");
  EXPECT_EQ(chosen({"*;q=0, identity"}), "identity");
  EXPECT_EQ(chosen({"*, br;q=0"}), "gzip");
}

TEST(AcceptEncoding, WhatIsNotWellFormedSaysNothing) {
  for (const char* header :
       {"br;q=2", "br;q=1.001", "br;q=-1", "br;q=", "br;level=5", ";q=1", ",,", "br;q=0.1234", "br;q=1x"}) {
    EXPECT_EQ(chosen({header}), "identity") << header;
  }
  EXPECT_EQ(chosen({",, br;q=x, gzip"}), "gzip");
}

}  // namespace
}  // namespace http
