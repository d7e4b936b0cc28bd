#include "runtime/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace runtime {
namespace {

// Variables for one test.
class ServiceManagerTest : public testing::Test {
 protected:
  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS"}) {
      ::unsetenv(name);
    }
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
};

TEST_F(ServiceManagerTest, WithoutOneThereIsNobodyToNotify) {
  const auto manager = ServiceManager::from_environment();
  manager.notify("READY=1");
  manager.notify_reloading();
  EXPECT_EQ(manager.watchdog_interval().count(), 0);
  EXPECT_TRUE(manager.sockets().empty());
}

TEST_F(ServiceManagerTest, NotifiesAnAbstractAddress) {
  const std::string address = "@service-manager-test-" + std::to_string(::getpid());
  sockaddr_un own{};
  own.sun_family = AF_UNIX;
  std::memcpy(own.sun_path + 1, address.data() + 1, address.size() - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&own), size), 0);
  set("NOTIFY_SOCKET", address);
  ServiceManager::from_environment().notify("READY=1\nSTATUS=well");
  std::array<char, 100> text{};
  const ssize_t received = ::recv(descriptor, text.data(), text.size(), MSG_DONTWAIT);
  ::close(descriptor);
  ASSERT_GT(received, 0);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(received)), "READY=1\nSTATUS=well");
}

TEST_F(ServiceManagerTest, AnAddressThatIsTooLongIsLeftAlone) {
  set("NOTIFY_SOCKET", "/" + std::string(200, 'x'));
  ServiceManager::from_environment().notify("READY=1");
}

TEST_F(ServiceManagerTest, WhatIsForAnotherProcessIsNotTaken) {
  set("WATCHDOG_USEC", "30000000");
  set("WATCHDOG_PID", "1");
  set("LISTEN_PID", "1");
  set("LISTEN_FDS", "1");
  EXPECT_EQ(ServiceManager::from_environment().watchdog_interval().count(), 0);
  EXPECT_TRUE(ServiceManager::from_environment().sockets().empty());
  set("WATCHDOG_PID", std::to_string(::getpid()));
  EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), std::chrono::seconds(30));
}

TEST_F(ServiceManagerTest, NumbersThatAreNoneCountAsZero) {
  set("WATCHDOG_USEC", "-5");
  set("LISTEN_PID", std::to_string(::getpid()));
  set("LISTEN_FDS", "4294967299");
  EXPECT_EQ(ServiceManager::from_environment().watchdog_interval().count(), 0);
  EXPECT_TRUE(ServiceManager::from_environment().sockets().empty());
}

}  // namespace
}  // namespace runtime
