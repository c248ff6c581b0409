#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/option_code.hpp"
#include "server/io/socket_intake.hpp"

namespace berth::io {

Share buffer_fill(int socket) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  const std::uint64_t room = std::max(memory[SK_MEMINFO_RCVBUF], std::uint32_t{1});
  const std::uint64_t fill = whole * std::uint64_t{memory[SK_MEMINFO_RMEM_ALLOC]} / room;
  return static_cast<Share>(std::min<std::uint64_t>(fill, whole));
}

// A filter of a UDP socket sees the datagram from its UDP header on.
bool admit_discovers(int socket, Share share) noexcept {
  if (share >= whole) {
    const int ignored = 0;
    return ::setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored) == 0;
  }
  constexpr std::uint32_t udp_header = 8;
  constexpr std::uint32_t code = udp_header + FirstOption::code;
  constexpr std::uint32_t value = udp_header + FirstOption::value;
  constexpr auto random = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM);
  std::array<sock_filter, 11> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, 0, 7),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, code),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FirstOption::message_type, 0, 5),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, value),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FirstOption::discover, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, random),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, whole - 1),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, share, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace berth::io
