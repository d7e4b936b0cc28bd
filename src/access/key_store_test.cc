#include "access/key_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>

#include "base/base64.h"
#include "jwt/sign.h"

namespace message_service::access {
namespace {

constexpr const char* kAuthority = "https://issuer.example/";
constexpr const char* kMetadata = "https://issuer.example/.well-known/openid-configuration";
constexpr const char* kKeys = "https://issuer.example/keys";

class KeyStoreTest : public testing::Test {
 protected:
  KeyStore make(BearerOptions options) {
    return {std::move(options), [this](const std::string& url) -> base::Result<std::string> {
              ++fetches_;
              const std::scoped_lock lock(mutex_);
              const auto found = documents_.find(url);
              if (found == documents_.end()) return base::Error{base::ErrorCode::unavailable, url + " is away"};
              return found->second;
            }};
  }

  void serve(const std::string& url, const std::string& text) {
    const std::scoped_lock lock(mutex_);
    documents_[url] = text;
  }
  void take_away() {
    const std::scoped_lock lock(mutex_);
    documents_.clear();
  }
  void serve_provider(const std::string& key_set) {
    serve(kMetadata, R"({"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/keys"})");
    serve(kKeys, key_set);
  }

  static std::string key_set() { return jwt::generate(jwt::Algorithm::es256).value().public_key_set; }

  // Waits until the store's keys are as many.
  static void await_keys(const KeyStore& store, std::size_t count) {
    for (int n = 0; n < 5'000 && store.current()->set.keys().size() != count; ++n) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(store.current()->set.keys().size(), count);
  }

  static void refresh(KeyStore& store) {
    std::promise<void> done;
    store.refresh([&] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  }

  std::atomic<int> fetches_ = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> documents_;
};

TEST_F(KeyStoreTest, SharedKeysAreThereAtOnce) {
  std::string secret;
  base::append_base64(secret, std::vector<std::uint8_t>(32, 7));
  KeyStore store =
      make({.valid_issuer = "me", .signing_keys = {{"0:id", "a"}, {"0:value", secret}, {"0:length", "32"}}});
  ASSERT_TRUE(store.start());
  ASSERT_EQ(store.current()->set.keys().size(), 1U);
  EXPECT_EQ(store.current()->set.keys()[0].id(), "a");
  EXPECT_EQ(store.current()->issuers, std::vector<std::string>{"me"});
  EXPECT_EQ(store.problem(), "");
}

TEST_F(KeyStoreTest, ASharedKeyThatCannotBeReadIsNamedAndNotShown) {
  for (const char* value : {"not base64!", "c2hvcnQ="}) {
    KeyStore store = make({.signing_keys = {{"3:value", value}}});
    const auto started = store.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, base::ErrorCode::invalid);
    EXPECT_NE(started.error().text.find("SigningKeys:3:Value"), std::string::npos);
    EXPECT_EQ(started.error().text.find(value), std::string::npos);
  }
  KeyStore without_value = make({.signing_keys = {{"0:id", "a"}}});
  EXPECT_FALSE(without_value.start());
}

TEST_F(KeyStoreTest, AFileMustBeReadableAtTheStartAndIsKeptWhenItIsDamagedLater) {
  const auto path = std::filesystem::temp_directory_path() / ("keys" + std::to_string(getpid()) + ".json");
  const BearerOptions options{.jwks_file = path.string(), .refresh_interval = std::chrono::seconds(3600)};
  std::filesystem::remove(path);
  EXPECT_FALSE(make(options).start());
  std::ofstream(path) << "garbage";
  EXPECT_FALSE(make(options).start());
  std::ofstream(path) << key_set();
  KeyStore store = make(options);
  ASSERT_TRUE(store.start());
  EXPECT_EQ(store.current()->set.keys().size(), 1U);
  std::ofstream(path) << "garbage";
  refresh(store);
  EXPECT_EQ(store.current()->set.keys().size(), 1U);
  std::filesystem::remove(path);
}

TEST_F(KeyStoreTest, AProviderMayComeLater) {
  KeyStore store = make({.authority = kAuthority, .refresh_interval = std::chrono::seconds(3600)});
  ASSERT_TRUE(store.start());
  EXPECT_NE(store.problem(), "");
  serve_provider(key_set());
  await_keys(store, 1);
  EXPECT_EQ(store.problem(), "");
  EXPECT_EQ(store.current()->issuers, std::vector<std::string>{"https://issuer.example"});
}

TEST_F(KeyStoreTest, KeysAreKeptWhileTheProviderIsAwayAndReplacedWhenItComesBack) {
  serve_provider(key_set());
  KeyStore store = make({.authority = kAuthority, .refresh_interval = std::chrono::seconds(1)});
  ASSERT_TRUE(store.start());
  await_keys(store, 1);
  const auto before = store.current();
  take_away();
  const int fetched = fetches_;
  while (fetches_ < fetched + 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(store.current(), before);
  serve_provider("[1, 2]");
  const int garbage = fetches_;
  while (fetches_ < garbage + 4) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(store.current(), before);
  serve_provider(key_set());
  for (int n = 0; n < 10'000 && store.current() == before; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_NE(store.current(), before) << "tokens that the old key made are not remembered any more";
}

TEST_F(KeyStoreTest, TheSameKeysAgainLeaveWhatIsRememberedAlone) {
  serve_provider(key_set());
  KeyStore store = make({.authority = kAuthority, .refresh_interval = std::chrono::seconds(3600)});
  ASSERT_TRUE(store.start());
  await_keys(store, 1);
  const auto before = store.current();
  refresh(store);
  EXPECT_EQ(store.current(), before);
}

TEST_F(KeyStoreTest, StrangersCauseOneFetchInAMinute) {
  serve_provider(key_set());
  KeyStore store = make({.authority = kAuthority, .refresh_interval = std::chrono::seconds(3600)});
  ASSERT_TRUE(store.start());
  await_keys(store, 1);
  const int before = fetches_;
  for (int n = 0; n < 100; ++n) refresh(store);
  EXPECT_LE(fetches_, before + 2) << "the metadata and the keys";
}

TEST_F(KeyStoreTest, MetadataMustNotLeadToAnUnprotectedAddress) {
  serve(kMetadata, R"({"issuer":"https://issuer.example","jwks_uri":"http://issuer.example/keys"})");
  serve("http://issuer.example/keys", key_set());
  KeyStore store = make({.authority = kAuthority, .refresh_interval = std::chrono::seconds(3600)});
  ASSERT_TRUE(store.start());
  refresh(store);
  EXPECT_TRUE(store.current()->set.keys().empty());
}

}  // namespace
}  // namespace message_service::access
