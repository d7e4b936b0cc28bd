#include "http/routing/router.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace http {
namespace {

using Texts = std::vector<std::string>;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    add("GET", "/");
    add("POST", "/api/conversations");
    add("GET", "/api/conversations/{}/messages/by-temporary-id/{}");
    add("GET", "/api/conversations/{}/messages/special");
    add("GET", "/api/conversations/{}/messages/{}");
    add("POST", "/api/conversations/{}/messages");
    add("GET", "/api/conversations/{}/messages");
  }

  void add(const std::string& method, const std::string& pattern) {
    router.add(method, pattern, [](Exchange&) -> runtime::Awaitable<Response> { co_return Response{}; });
  }

  // Returns the pattern that matched, and the segments at its wildcards.
  Texts matched(const std::string& method, const std::string& target_text) {
    target = parse_target(target_text).value();
    const auto match = router.match(method, target);
    if (match.route == nullptr) return {};
    Texts texts{match.route->pattern};
    for (const std::string_view parameter : match.parameters) texts.emplace_back(parameter);
    return texts;
  }
  Texts allowed(const std::string& method, const std::string& target_text) {
    target = parse_target(target_text).value();
    const auto match = router.match(method, target);
    EXPECT_EQ(match.route, nullptr);
    return match.methods;
  }

  Router router;
  Target target;  // parameters are views of it
};

TEST_F(RouterTest, FindsTheRouteAndItsParameters) {
  EXPECT_EQ(matched("GET", "/"), Texts{"/"});
  EXPECT_EQ(matched("POST", "/api/conversations"), Texts{"/api/conversations"});
  EXPECT_EQ(matched("GET", "/api/conversations/c1/messages/m1"),
            (Texts{"/api/conversations/{}/messages/{}", "c1", "m1"}));
  EXPECT_EQ(matched("GET", "/api/conversations/c1/messages/by-temporary-id/t%2F1"),
            (Texts{"/api/conversations/{}/messages/by-temporary-id/{}", "c1", "t/1"}));
}

TEST_F(RouterTest, FixedSegmentsMatchWithoutRegardToCaseAndParametersKeepTheirs) {
  EXPECT_EQ(matched("GET", "/API/Conversations/CoNv/MESSAGES/x"),
            (Texts{"/api/conversations/{}/messages/{}", "CoNv", "x"}));
}

TEST_F(RouterTest, TheEarlierRouteWins) {
  EXPECT_EQ(matched("GET", "/api/conversations/c/messages/special"),
            (Texts{"/api/conversations/{}/messages/special", "c"}));
}

TEST_F(RouterTest, HeadIsAnsweredByGet) {
  EXPECT_EQ(matched("HEAD", "/"), Texts{"/"});
  EXPECT_TRUE(matched("HEAD", "/api/conversations").empty()) << "there is no GET";
}

TEST_F(RouterTest, MethodsAreCaseSensitive) { EXPECT_TRUE(matched("get", "/").empty()); }

TEST_F(RouterTest, AnotherMethodIsToldWhatThePathCanBeAskedWith) {
  EXPECT_EQ(allowed("DELETE", "/api/conversations/c/messages"), (Texts{"POST", "GET", "HEAD", "OPTIONS"}));
  EXPECT_EQ(allowed("GET", "/api/conversations"), (Texts{"POST", "OPTIONS"}));
  EXPECT_EQ(allowed("OPTIONS", "/"), (Texts{"GET", "HEAD", "OPTIONS"}));
  EXPECT_EQ(allowed("POST", "/api/conversations/c/messages/special"), (Texts{"GET", "HEAD", "OPTIONS"}))
      << "each method once, however many routes have it";
}

TEST_F(RouterTest, APathThatIsNotThereHasNoMethods) {
  for (const char* path : {"/api", "/api/conversations//", "/api/conversations/c", "/x", "//",
                           "/api/conversations/c/messages/by-temporary-id/t/more"}) {
    EXPECT_TRUE(allowed("GET", path).empty()) << path;
  }
}

TEST_F(RouterTest, ATrailingSlashMakesNoOtherPath) {
  EXPECT_EQ(matched("POST", "/api/conversations/"), Texts{"/api/conversations"});
  EXPECT_EQ(matched("GET", "/api/conversations/c/messages/x/"), (Texts{"/api/conversations/{}/messages/{}", "c", "x"}));
}

}  // namespace
}  // namespace http
