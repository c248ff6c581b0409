// What the two systems do in different ways, and a load test has to know or to have done.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tools/berth/load/time.hpp"

namespace berth::load {

// A large buffer for what comes, and a stamp on it, where the system has them.
void prepare_socket(int socket) noexcept;
// Datagrams for which a socket's buffer had no room; zero where the system does not tell.
std::uint64_t dropped_datagrams(int socket) noexcept;

// Until one of them is ready or the time is over.
void wait_for(std::span<pollfd> descriptors, Time at_most) noexcept;
// The calling thread is not woken later than it asked for, where the system would save power so.
void ask_for_exact_timers() noexcept;

Time thread_cpu_time() noexcept;
// Of all its threads; none when there is no such process, or it is not ours to look at.
std::optional<Time> process_cpu_time(pid_t process) noexcept;

// Whether the machine's way to the Internet goes out there.
bool carries_default_route(const std::string& interface);

// The interface on which a program can send itself Ethernet frames; empty: there is none.
std::string loopback_for_frames();

}  // namespace berth::load
