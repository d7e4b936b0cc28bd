#include "signalr/hub/failure_text.h"

#include <gtest/gtest.h>

#include "signalr/hub/hub_exception.h"

namespace signalr::failure_text {
namespace {

template <class Exception>
std::string detail(const Exception& exception, bool detailed) {
  return detail_of(std::make_exception_ptr(exception), detailed);
}

TEST(FailureText, WordForWord) {
  EXPECT_EQ(method_failed("M", ""), "An unexpected error occurred invoking 'M' on the server.");
  EXPECT_EQ(method_failed("M", "D: d"), "An unexpected error occurred invoking 'M' on the server. D: d");
  EXPECT_EQ(no_such_method("M"),
            "Failed to invoke 'M' due to an error on the server. HubException: Method does not exist.");
  EXPECT_EQ(unauthorized("M"), "Failed to invoke 'M' because user is unauthorized");
  EXPECT_EQ(must_be_streamed("M"),
            "The client attempted to invoke the streaming 'M' method with a non-streaming invocation.");
  EXPECT_EQ(cannot_be_streamed("M"),
            "The client attempted to invoke the non-streaming 'M' method with a streaming invocation.");
  EXPECT_EQ(id_in_use("7"), "Invocation ID '7' is already in use.");
  EXPECT_EQ(wrong_argument_count(1, 2), "Invocation provides 1 argument(s) but target expects 2.");
  EXPECT_EQ(wrong_stream_count(0, 1), "Client sent 0 stream(s), Hub method expects 1.");
  EXPECT_EQ(stream_broke(""), "An error occurred on the server while streaming results.");
  EXPECT_EQ(connection_closed(""), "Connection closed with an error.");
}

TEST(FailureText, OnlyHubExceptionsAreToldToEverybody) {
  EXPECT_EQ(detail(HubException("h"), false), "HubException: h");
  EXPECT_EQ(detail(HubException("h"), true), "HubException: h");
  EXPECT_EQ(detail(std::runtime_error("secret"), false), "");
  EXPECT_EQ(detail(std::runtime_error("known"), true), "InvalidOperationException: known");
  EXPECT_EQ(detail(1, true), "");
}

}  // namespace
}  // namespace signalr::failure_text
