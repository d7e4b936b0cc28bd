#include "websocket/codec/deflate_agreement.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <string>

namespace websocket {
namespace {

const std::string kPlainAnswer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer_to(std::initializer_list<std::string_view> lines) {
  const auto agreement = agree_on_deflate(std::span(lines.begin(), lines.size()));
  return agreement ? agreement->answer() : "declined";
}

std::string answer_to(std::string_view line) { return answer_to({line}); }

TEST(DeflateAgreement, KeepsNoContextInEitherDirectionWhateverWasAsked) {
  for (const char* offer : {
           "permessage-deflate",
           "permessage-deflate; client_max_window_bits",  // browsers
           "permessage-deflate;client_max_window_bits=10",
           "permessage-deflate; server_no_context_takeover ;\tclient_no_context_takeover",
           " permessage-deflate ; client_max_window_bits = \"15\" ",
           ", ,permessage-deflate,",
       }) {
    EXPECT_EQ(answer_to(offer), kPlainAnswer) << offer;
  }
}

TEST(DeflateAgreement, TellsTheWindowThatTheClientHasAskedFor) {
  for (const char* bits : {"8", "9", "10", "14", "15"}) {
    EXPECT_EQ(answer_to(std::string("permessage-deflate; server_max_window_bits=") + bits),
              kPlainAnswer + "; server_max_window_bits=" + bits);
  }
  EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=\"1\\2\""),
            kPlainAnswer + "; server_max_window_bits=12");
}

TEST(DeflateAgreement, CompressesOnlyWhatFitsIntoASmallerWindow) {
  EXPECT_EQ(DeflateAgreement().message_bytes_max(), std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(DeflateAgreement{15}.message_bytes_max(), std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(DeflateAgreement{14}.message_bytes_max(), 16384U);
  EXPECT_EQ(DeflateAgreement{8}.message_bytes_max(), 256U);
}

TEST(DeflateAgreement, DeclinesWhatAnOfferMustNotHave) {
  for (const char* parameters : {
           "; unknown",
           "; client_max_window_bits; unknown=1",
           "; server_no_context_takeover=true",
           "; client_no_context_takeover=\"\\t\"",
           "; server_max_window_bits",
           "; server_max_window_bits=7",
           "; server_max_window_bits=16",
           "; server_max_window_bits=010",
           "; server_max_window_bits=+9",
           "; server_max_window_bits=1a",
           "; server_max_window_bits=100",
           "; client_max_window_bits=0",
           "; client_max_window_bits=\"16\"",
           "; client_max_window_bits; client_max_window_bits",
           "; server_no_context_takeover; server_no_context_takeover",
           "; server_max_window_bits=10; server_max_window_bits=12",
           "; Server_No_Context_Takeover",
       }) {
    EXPECT_EQ(answer_to(std::string("permessage-deflate") + parameters), "declined") << parameters;
  }
  for (const char* other : {"", "x-webkit-deflate-frame", "permessage-deflate2", "permessage", "Permessage-Deflate"}) {
    EXPECT_EQ(answer_to(other), "declined") << other;
  }
  EXPECT_EQ(answer_to({}), "declined");
}

TEST(DeflateAgreement, TakesTheFirstOfferThatItCan) {
  EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=7, foo; a=\"b\", permessage-deflate; "
                      "server_max_window_bits=11, permessage-deflate"),
            kPlainAnswer + "; server_max_window_bits=11");
  EXPECT_EQ(answer_to({"foo", "permessage-deflate; unknown", "permessage-deflate"}), kPlainAnswer) << "a line each";
}

TEST(DeflateAgreement, NothingIsAgreedOnWhereTheHeaderIsMalformed) {
  for (const char* rest : {
           "; ",
           ";",
           ";;client_max_window_bits",
           "; =1",
           "; client_max_window_bits=",
           "; client_max_window_bits=\"",
           "; client_max_window_bits=\"15",
           "; client_max_window_bits=\"15\\",
           "; client_max_window_bits=\"1 5\"",
           "; client_max_window_bits=\"\"",
           "; client_max_window_bits=15 x",
           " client_max_window_bits",
           ", (foo)",
           ", foo; \"bar\"",
           ", f\xC3\xB6",
       }) {
    EXPECT_EQ(answer_to(std::string("permessage-deflate") + rest), "declined") << rest;
  }
  EXPECT_EQ(answer_to({"permessage-deflate", "foo;"}), "declined") << "in another line";
}

}  // namespace
}  // namespace websocket
