// The part of macOS's <net/bpf.h> that is used here, since a cross compiler has no such header: the
// requests of bpf(4) and what they take. Values of the kernel's ABI.
#pragma once

#include <sys/ioccom.h>

#include <cstdint>

#include "server/binder/frame_filter.hpp"

namespace berth::binder::bpf {

struct Program {
  std::uint32_t length = 0;
  const FilterInstruction* instructions = nullptr;
};
static_assert(sizeof(FilterInstruction) == 8 && sizeof(Program) == 16);

struct Statistics {
  std::uint32_t received = 0;
  std::uint32_t dropped = 0;
};

// struct ifreq, of which only the name is read.
struct InterfaceRequest {
  char name[16] = {};  // NOLINT(modernize-avoid-c-arrays): the kernel's layout
  char rest[16] = {};  // NOLINT(modernize-avoid-c-arrays)
};

inline constexpr unsigned long get_buffer_size = _IOR('B', 102, std::uint32_t);
inline constexpr unsigned long set_buffer_size = _IOWR('B', 102, std::uint32_t);
inline constexpr unsigned long set_filter = _IOW('B', 103, Program);
inline constexpr unsigned long set_interface = _IOW('B', 108, InterfaceRequest);
inline constexpr unsigned long get_statistics = _IOR('B', 111, Statistics);
inline constexpr unsigned long set_immediate = _IOW('B', 112, std::uint32_t);
inline constexpr unsigned long set_header_complete = _IOW('B', 117, std::uint32_t);
inline constexpr unsigned long set_see_sent = _IOW('B', 119, std::uint32_t);
static_assert(set_interface == 0x8020426c && set_immediate == 0x80044270 &&
              set_header_complete == 0x80044275 && set_filter == 0x80104267);

// A read has to be of exactly the kernel's buffer size.
inline constexpr std::uint32_t buffer_size = 1 << 16;

}  // namespace berth::binder::bpf
