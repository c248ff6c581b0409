// The least that a server does: datagrams in by the batch, as many out, and nothing to decide in
// between. What a server costs is told as a multiple of this one's CPU time, under the same load on
// the same machine.
//
//   floor dhcp ADDRESS   each DISCOVER and REQUEST is written back as OFFER and ACK
//   floor dns ADDRESS    each query is written back as a response without records
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t batch_size = 32;
constexpr std::size_t slot_size = 2048;

using Datagram = std::span<std::byte>;
// Makes the answer where the question stands; its size, or zero for none.
using Answer = std::size_t (*)(Datagram datagram, in_addr ours);

// RFC 2131 figure 1. The options stand in the order in which a server of the plan would write them;
// the address is made of the hardware address's last octets.
std::size_t answer_dhcp(Datagram datagram, in_addr ours) {
  constexpr std::size_t yiaddr = 16;
  constexpr std::size_t chaddr = 28;
  constexpr std::size_t options = 240;
  constexpr std::size_t size = 300;
  if (datagram.size() < options + 3) return 0;
  // Whoever sends load writes the message type first.
  const bool is_discover = datagram[options + 2] == std::byte{1};
  std::byte* const message = datagram.data();
  message[0] = std::byte{2};
  std::memcpy(message + yiaddr, &ours, 2);
  std::memcpy(message + yiaddr + 2, message + chaddr + 4, 2);
  std::array<std::uint8_t, size - options> written{53, 1, 2,   54,  4, 0, 0,   0,   0, 51, 4,
                                                   0,  0, 168, 192, 1, 4, 255, 255, 0, 0,  255};
  if (!is_discover) written[2] = 5;
  std::memcpy(&written[5], &ours, sizeof ours);
  std::memcpy(message + options, written.data(), written.size());
  return size;
}

// RFC 1035 4.1.1: QR and AA.
std::size_t answer_dns(Datagram datagram, in_addr) {
  constexpr std::size_t flags = 2;
  if (datagram.size() < 12) return 0;
  datagram[flags] |= std::byte{0x84};
  return datagram.size();
}

struct Slots {
  std::vector<std::byte> buffers = std::vector<std::byte>(batch_size * slot_size);
  std::array<iovec, batch_size> vectors{};
  std::array<sockaddr_in, batch_size> peers{};
  std::array<mmsghdr, batch_size> headers{};

  Slots() {
    for (std::size_t i = 0; i < batch_size; ++i) {
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &peers[i];
      rearm(i);
    }
  }
  void rearm(std::size_t i) {
    vectors[i] = {&buffers[i * slot_size], slot_size};
    headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
  }
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

[[noreturn]] void serve(int socket, Answer answer, in_addr ours) {
  Slots slots;
  for (;;) {
    const int received =
        ::recvmmsg(socket, slots.headers.data(), batch_size, MSG_WAITFORONE, nullptr);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) fail("recvmmsg");
    const auto count = static_cast<unsigned>(received);
    for (std::size_t i = 0; i < count; ++i)
      slots.vectors[i].iov_len =
          answer({&slots.buffers[i * slot_size], slots.headers[i].msg_len}, ours);
    for (unsigned at = 0; at < count;) {
      const int sent = ::sendmmsg(socket, &slots.headers[at], count - at, 0);
      at += sent > 0 ? static_cast<unsigned>(sent) : 1;
    }
    for (std::size_t i = 0; i < count; ++i) slots.rearm(i);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(what == "dns" ? 53 : 67);
  if ((what != "dhcp" && what != "dns") || ::inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) {
    std::fputs("usage: floor dhcp|dns ADDRESS\n", stderr);
    return 2;
  }
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) fail("socket");
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  serve(socket, what == "dns" ? answer_dns : answer_dhcp, address.sin_addr);
}
