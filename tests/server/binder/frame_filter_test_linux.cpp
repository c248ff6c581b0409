// The filter programs, run by the kernel: on a pair of sockets that carry any octets, so that no
// privilege is needed. macOS's machine is the same one.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "protocol/net/frame.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/binder/frame_filter.hpp"

namespace berth::binder {
namespace {

class Filtered {
 public:
  template <std::size_t Size>
  explicit Filtered(const std::array<FilterInstruction, Size>& instructions) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()), 0);
    in_ = FileDescriptor(ends[0]);
    out_ = FileDescriptor(ends[1]);
    auto program = std::bit_cast<std::array<sock_filter, Size>>(instructions);
    const sock_fprog filter{Size, program.data()};
    EXPECT_EQ(::setsockopt(out_.number(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter), 0);
  }

  // In full, or not at all.
  bool lets_through(wire::Bytes frame) const {
    std::array<std::byte, 2048> buffer;
    // What the filter stops is thrown away without a word to the sender.
    ::send(in_.number(), frame.data(), frame.size(), MSG_DONTWAIT);
    const auto size = ::recv(out_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0) return false;
    EXPECT_EQ(static_cast<std::size_t>(size), frame.size());
    return true;
  }

 private:
  FileDescriptor in_;
  FileDescriptor out_;
};

std::vector<std::byte> udp_frame(std::uint16_t from, std::uint16_t to, std::size_t payload = 300) {
  const std::vector<std::byte> octets(payload);
  std::vector<std::byte> frame(payload + net::udp_frame_overhead);
  const net::UdpFrame parts{.source = {{1}, from}, .destination = {{2}, to}, .payload = octets};
  EXPECT_TRUE(net::build_udp_frame(parts, frame));
  return frame;
}

// The same with four octets of IP options, which move the ports.
std::vector<std::byte> with_ip_options(std::vector<std::byte> frame) {
  frame[14] = std::byte{0x46};
  frame.insert(frame.begin() + 34, 4, std::byte{1});
  return frame;
}

std::vector<std::byte> with(std::vector<std::byte> frame, std::size_t at, int value) {
  frame[at] = static_cast<std::byte>(value);
  return frame;
}

std::vector<std::byte> arp_frame(net::ArpPacket::Op op) {
  std::vector<std::byte> frame(net::arp_frame_size);
  EXPECT_TRUE(net::build_arp_frame({.op = op}, frame));
  return frame;
}

struct Row {
  std::string name;
  std::vector<std::byte> frame;
  bool dhcp = false;
  bool arp_reply = false;
  bool dhcp_reply = false;
};

TEST(FrameFilter, WakesForWhatMattersOnly) {
  const std::vector<Row> rows{
      {"a client to a server", udp_frame(68, 67), true},
      {"a server to a client", udp_frame(67, 68), true, false, true},
      {"the same with IP options", with_ip_options(udp_frame(67, 68)), true, false, true},
      {"the same, not to be fragmented", with(udp_frame(67, 68), 20, 0x40), true, false, true},
      {"the same, a first fragment", with(udp_frame(67, 68), 20, 0x20)},
      {"the same, a later fragment", with(with(udp_frame(67, 68), 20, 0), 21, 185)},
      {"the same ports of TCP", with(udp_frame(67, 68), 23, 6)},
      {"the same as IPv6", with(with(udp_frame(67, 68), 12, 0x86), 13, 0xdd)},
      {"from another port to a client", udp_frame(1067, 68)},
      {"a relay agent to a server", udp_frame(67, 67), true},
      {"without a payload", udp_frame(68, 67, 0), true},
      {"as large as Ethernet's", udp_frame(68, 67, 1472), true},
      {"with IP options", with_ip_options(udp_frame(68, 67)), true},
      {"from any port to a server", udp_frame(1067, 67), true},
      {"DNS", udp_frame(53, 1024)},
      {"DNS, where options would be", with_ip_options(udp_frame(53, 1024))},
      {"TCP of the same ports", with(udp_frame(68, 67), 23, 6)},
      {"a first fragment", with(udp_frame(68, 67), 20, 0x20)},
      {"a later fragment", with(with(udp_frame(68, 67), 20, 0), 21, 185)},
      {"do not fragment", with(udp_frame(68, 67), 20, 0x40), true},
      {"IPv6", with(with(udp_frame(68, 67), 12, 0x86), 13, 0xdd)},
      {"an ARP reply", arp_frame(net::ArpPacket::Op::reply), false, true},
      {"an ARP reply's octets as IPv4",
       with(with(arp_frame(net::ArpPacket::Op::reply), 12, 8), 13, 0)},
      {"an ARP request", arp_frame(net::ArpPacket::Op::request)},
      {"one octet", std::vector<std::byte>(1)},
      {"no more than Ethernet's header", std::vector<std::byte>(14)},
  };
  const Filtered dhcp(dhcp_filter(67));
  const Filtered arp(arp_reply_filter);
  const Filtered both(arp_and_dhcp_reply_filter(67, 68));
  for (const Row& row : rows) {
    EXPECT_EQ(dhcp.lets_through(row.frame), row.dhcp) << row.name;
    EXPECT_EQ(arp.lets_through(row.frame), row.arp_reply) << row.name;
    EXPECT_EQ(both.lets_through(row.frame), row.arp_reply || row.dhcp_reply) << row.name;
  }
}

TEST(FrameFilter, ServesThePortOfTheConfiguration) {
  const Filtered filter(dhcp_filter(1067));
  EXPECT_TRUE(filter.lets_through(udp_frame(68, 1067)));
  EXPECT_FALSE(filter.lets_through(udp_frame(68, 67)));
  const Filtered replies(arp_and_dhcp_reply_filter(1067, 68));
  EXPECT_TRUE(replies.lets_through(udp_frame(1067, 68)));
  EXPECT_FALSE(replies.lets_through(udp_frame(67, 68)));
}

}  // namespace
}  // namespace berth::binder
