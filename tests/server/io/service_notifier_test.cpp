#include "server/io/service_notifier.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "server/binder/file_descriptor.hpp"

namespace berth::io {
namespace {

// A service manager's socket, and the environment that points to it.
class ServiceNotifierTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string pattern = testing::TempDir() + "notifyXXXXXX";
    std::string folder = pattern;
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    const std::string path = folder + "/socket";
    socket_ = binder::FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    std::filesystem::remove_all(folder_);
  }

  std::string received() const {
    std::array<char, 256> text{};
    const auto size = ::recv(socket_.number(), text.data(), text.size(), MSG_DONTWAIT);
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  binder::FileDescriptor socket_;
  std::string folder_;
};

TEST_F(ServiceNotifierTest, SaysEachStateInTheServiceManagersWords) {
  const ServiceNotifier notifier;
  notifier.ready("serving");
  EXPECT_EQ(received(), "READY=1\nSTATUS=serving");
  notifier.reloading();
  EXPECT_TRUE(received().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notifier.watchdog();
  EXPECT_EQ(received(), "WATCHDOG=1");
  notifier.stopping();
  EXPECT_EQ(received(), "STOPPING=1");
}

TEST_F(ServiceNotifierTest, FeedsTheWatchdogTwiceInItsInterval) {
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(ServiceNotifier().watchdog_interval(), std::chrono::microseconds(1'500'000));
}

TEST_F(ServiceNotifierTest, LeavesAnotherProcesssWatchdogAlone) {
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceNotifier().watchdog_interval(), std::nullopt);
}

TEST_F(ServiceNotifierTest, TakesNoNonsenseForAnInterval) {
  for (const char* text : {"", "0", "-1", "3s", "99999999999999999999999"}) {
    ::setenv("WATCHDOG_USEC", text, 1);
    EXPECT_EQ(ServiceNotifier().watchdog_interval(), std::nullopt) << text;
  }
}

TEST_F(ServiceNotifierTest, IsSilentWithoutAServiceManager) {
  ::unsetenv("NOTIFY_SOCKET");
  ServiceNotifier().ready("serving");
  EXPECT_EQ(received(), "");
}

}  // namespace
}  // namespace berth::io
