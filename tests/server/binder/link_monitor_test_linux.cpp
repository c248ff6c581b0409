// What the monitor makes of news that makes no sense. The kernel sends none: here somebody else
// does.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "tests/server/binder/machine_linux.hpp"

namespace berth::binder {
namespace {

using Octets = std::vector<std::byte>;

struct Row {
  std::string name;
  Octets datagram;
  std::string reason;
};

Octets message(std::uint32_t claimed_size, std::size_t body) {
  const nlmsghdr header{claimed_size, RTM_NEWLINK, 0, 0, 0};
  const auto bytes = std::as_bytes(std::span(&header, 1));
  Octets octets(bytes.begin(), bytes.end());
  octets.resize(octets.size() + body);
  return octets;
}

const Row rows[] = {
    {"HalfAHeader", Octets(8), "truncated_header"},
    {"LengthBeyondTheEnd", message(4096, 16), "bad_message_length"},
    {"LengthBelowTheHeader", message(15, 16), "bad_message_length"},
    {"HalfABody", message(24, 8), "truncated_body"},
    {"AttributeOfLengthZero", message(40, 24), "bad_attribute_length"},
};

class LinkMonitorOnLinux : public Machine, public testing::WithParamInterface<Row> {
 protected:
  // For as long as it lives, the binder's routing socket is ours.
  class Impostor {
   public:
    explicit Impostor(int descriptor)
        : descriptor_(descriptor), kernels_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()),
                0);
      ours_ = FileDescriptor(ends[0]);
      const FileDescriptor theirs(ends[1]);
      ::dup2(theirs.number(), descriptor);
    }
    ~Impostor() { ::dup2(kernels_.number(), descriptor_); }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;

    void say(const Octets& datagram) const {
      EXPECT_EQ(::send(ours_.number(), datagram.data(), datagram.size(), 0),
                static_cast<ssize_t>(datagram.size()));
    }
    // What the binder has asked; empty: nothing.
    Octets asked() const {
      Octets request(4096);
      const ssize_t size = ::recv(ours_.number(), request.data(), request.size(), 0);
      request.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
      return request;
    }
    // Hands a request on to the kernel, whose answers the binder will read.
    void pass_on(const Octets& request) const {
      EXPECT_EQ(::send(kernels_.number(), request.data(), request.size(), 0),
                static_cast<ssize_t>(request.size()));
    }

   private:
    int descriptor_;
    FileDescriptor kernels_;
    FileDescriptor ours_;
  };
};

TEST_P(LinkMonitorOnLinux, AsksForEverythingAgainAndGoesOn) {
  make_bridge("br0", "192.168.200.1/24");
  start({network("192.168.200.1/24")});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  {
    const Impostor kernel(binder->descriptors()[0]);
    kernel.say(GetParam().datagram);
    binder->on_readable(binder->descriptors()[0], now());
    EXPECT_EQ(bad_news, std::vector<std::string>{GetParam().reason + " 1"});
    const Octets request = kernel.asked();
    nlmsghdr header{};
    ASSERT_GE(request.size(), sizeof header);
    std::memcpy(&header, request.data(), sizeof header);
    EXPECT_EQ(header.nlmsg_type, RTM_GETLINK);
    EXPECT_EQ(header.nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
    kernel.pass_on(request);
  }
  EXPECT_EQ(closed, 0) << "what was served is served meanwhile";
  ip("link set br0 name lab0");
  EXPECT_TRUE(run_until([this] { return status(Service::dhcp).link.name == "lab0"; }));
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(bad_news.size(), 1u) << "the kernel's own makes sense";
}

INSTANTIATE_TEST_SUITE_P(Malformed, LinkMonitorOnLinux, testing::ValuesIn(rows),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder
