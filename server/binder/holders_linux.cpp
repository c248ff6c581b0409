#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/binder/holders.hpp"
#include "server/binder/proc_net.hpp"

namespace berth::binder {
namespace {

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

// `sockets` are those of `holders`, in the same order. One that several processes have (a parent,
// and a child that inherited it) goes to the first.
void name_processes(std::vector<Holder>& holders, std::span<const SocketId> sockets) {
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
      if (holder.pid == 0) name_process(folder, *pid, holder);
    });
  });
}

}  // namespace

std::vector<Holder> find_holders(Protocol protocol, std::uint16_t port,
                                 std::span<const SocketId> ours) {
  const bool tcp = protocol == Protocol::tcp;
  std::vector<Holder> holders;
  std::vector<SocketId> sockets;  // of the holders, in the same order
  for (const char* file : tcp ? std::array{"tcp", "tcp6"} : std::array{"udp", "udp6"}) {
    // Of this thread: /proc/net itself is the main thread's, which may live in another namespace.
    const std::string text = text_of_file(std::string("/proc/thread-self/net/") + file);
    for (const PortEntry& entry :
         port_entries(text, tcp ? SocketTable::tcp : SocketTable::udp, port)) {
      if (std::ranges::find(ours, entry.inode) != ours.end()) continue;
      holders.push_back({0, {}, {}, entry.address, entry.ipv6});
      sockets.push_back(entry.inode);
    }
  }
  if (!holders.empty()) name_processes(holders, sockets);
  return holders;
}

}  // namespace berth::binder
