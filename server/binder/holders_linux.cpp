#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/binder/holders.hpp"
#include "server/binder/proc_net.hpp"

namespace berth::binder {
namespace {

// A socket may pass from a process to its child.
constexpr std::chrono::milliseconds known_for{5000};

// Empty when it may not be read.
std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

// Calls `visit` with the name of each entry; none when the folder may not be read.
template <class Visit>
void for_each_entry(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return;
  // readdir() is safe here: no one else has this directory stream.
  while (const dirent* entry = ::readdir(directory.get())) visit(std::string_view(entry->d_name));
}

template <class Number>
std::optional<Number> leading_number(std::string_view text) noexcept {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

// What a descriptor refers to, when that is a socket: /proc/PID/fd/N reads "socket:[12345]".
std::optional<SocketId> socket_behind(const std::string& link) noexcept {
  constexpr std::string_view mark = "socket:[";
  std::array<char, 64> buffer;
  const ssize_t size = ::readlink(link.c_str(), buffer.data(), buffer.size());
  if (size < 0) return std::nullopt;
  const std::string_view target(buffer.data(), static_cast<std::size_t>(size));
  if (!target.starts_with(mark)) return std::nullopt;
  return leading_number<SocketId>(target.substr(mark.size()));
}

void name_process(const std::string& folder, std::int64_t pid, Holder& holder) {
  holder.pid = pid;
  holder.process = process_of_comm(text_of_file(folder + "/comm"));
  holder.unit = unit_of_cgroup(text_of_file(folder + "/cgroup"));
}

std::optional<int> option_of(int socket, int name, int level = SOL_SOCKET) noexcept {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket, level, name, &value, &size) != 0) return std::nullopt;
  return value;
}

// A call that the C library declares for C alone (glibc 2.36) or not at all.
template <class... Numbers>
FileDescriptor descriptor_from(long call, Numbers... numbers) noexcept {
  return FileDescriptor(static_cast<int>(::syscall(call, numbers...)));
}

// Of a descriptor of another process, which asks for CAP_SYS_PTRACE.
std::optional<HolderOptions> options_of(std::int64_t pid, int descriptor) noexcept {
  const FileDescriptor process = descriptor_from(SYS_pidfd_open, static_cast<pid_t>(pid), 0);
  if (!process.is_open()) return std::nullopt;
  const FileDescriptor socket = descriptor_from(SYS_pidfd_getfd, process.number(), descriptor, 0);
  struct stat status {};
  if (!socket.is_open() || ::fstat(socket.number(), &status) != 0) return std::nullopt;
  const auto reuse_address = option_of(socket.number(), SO_REUSEADDR);
  const auto reuse_port = option_of(socket.number(), SO_REUSEPORT);
  if (!reuse_address || !reuse_port) return std::nullopt;
  const int device = option_of(socket.number(), SO_BINDTOIFINDEX).value_or(0);
  // Of an IPv4 socket there is none.
  const int ipv6_only = option_of(socket.number(), IPV6_V6ONLY, IPPROTO_IPV6).value_or(0);
  return HolderOptions{.reuse_address = *reuse_address != 0,
                       .reuse_port = *reuse_port != 0,
                       .uid = status.st_uid,
                       .device = static_cast<std::uint32_t>(device),
                       .ipv6_only = ipv6_only != 0};
}

// `sockets` are those of `holders`, in the same order. One that several processes have (a parent,
// and a child that inherited it) goes to the first.
void name_processes(std::vector<Holder>& holders, std::span<const SocketId> sockets,
                    HolderDetail detail) {
  for_each_entry("/proc", [&](std::string_view name) {
    const auto pid = leading_number<std::int64_t>(name);
    if (!pid) return;
    const std::string folder = "/proc/" + std::string(name);
    for_each_entry(folder + "/fd", [&](std::string_view descriptor) {
      const auto socket = socket_behind(folder + "/fd/" + std::string(descriptor));
      if (!socket) return;
      const auto held = std::ranges::find(sockets, *socket);
      if (held == sockets.end()) return;
      Holder& holder = holders[static_cast<std::size_t>(held - sockets.begin())];
      if (holder.pid != 0) return;
      name_process(folder, *pid, holder);
      const auto number = leading_number<int>(descriptor);
      if (detail == HolderDetail::options && number) holder.options = options_of(*pid, *number);
    });
  });
}

// False when one of them is not known, or may be another's by now.
bool recall_processes(const KnownHolders& known, TimePoint now, std::span<const SocketId> sockets,
                      std::vector<Holder>& holders) {
  if (now >= known.until) return false;
  std::vector<Holder> recalled;
  for (const SocketId socket : sockets) {
    const auto at = std::ranges::find(known.sockets, socket);
    if (at == known.sockets.end()) return false;
    recalled.push_back(known.holders[static_cast<std::size_t>(at - known.sockets.begin())]);
  }
  holders = std::move(recalled);
  return true;
}

}  // namespace

std::vector<Holder> find_holders(const HolderQuestion& question, KnownHolders& known) {
  const bool tcp = question.protocol == Protocol::tcp;
  std::vector<Holder> holders;
  std::vector<SocketId> sockets;  // of the holders, in the same order
  for (const char* file : tcp ? std::array{"tcp", "tcp6"} : std::array{"udp", "udp6"}) {
    // Of this thread: /proc/net itself is the main thread's, which may live in another namespace.
    const std::string text = text_of_file(std::string("/proc/thread-self/net/") + file);
    for (const PortEntry& entry :
         port_entries(text, tcp ? SocketTable::tcp : SocketTable::udp, question.port)) {
      if (std::ranges::find(question.ours, entry.inode) != question.ours.end()) continue;
      holders.push_back({0, {}, {}, entry.address, entry.ipv6, {}});
      sockets.push_back(entry.inode);
    }
  }
  if (holders.empty()) return holders;
  if (!recall_processes(known, question.now, sockets, holders)) {
    name_processes(holders, sockets, question.detail);
    known = {std::move(sockets), holders, question.now + known_for};
  }
  std::erase_if(holders, [](const Holder& one) { return one.options && one.options->ipv6_only; });
  return holders;
}

}  // namespace berth::binder
