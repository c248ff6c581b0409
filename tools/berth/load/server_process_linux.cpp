#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/berth/load/server_process.hpp"

namespace berth::load {
namespace {

namespace fs = std::filesystem;

// What a link of /proc refers to, as "net:[4026531840]"; empty when it may not be read.
std::string target_of(const fs::path& link) {
  std::error_code failure;
  return fs::read_symlink(link, failure).string();
}

// The folders whose name is a number, of processes or of descriptors; none when it may not be read.
std::vector<fs::path> numbered(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    const std::string name = at->path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) found.push_back(at->path());
  }
  return found;
}

// proc_net_fib_trie: an address of the namespace's own stands before a line "/32 host LOCAL".
bool has_address(const fs::path& net, net::Ipv4Address address) {
  std::ifstream trie(net / "fib_trie");
  const std::string leaf = "|-- " + net::to_string(address);
  std::string line;
  bool is_at_it = false;
  while (std::getline(trie, line)) {
    if (line.find("|-- ") != std::string::npos)
      is_at_it = line.ends_with(leaf);
    else if (is_at_it && line.ends_with("host LOCAL"))
      return true;
  }
  return false;
}

// proc(5), /proc/net/tcp: the local address and port in hexadecimal, the address as it lies in
// memory; the inode is the tenth field.
void add_sockets(const fs::path& table, std::string_view own, std::uint16_t port,
                 std::set<std::string>& sockets) {
  std::ifstream file(table);
  std::string line;
  for (std::getline(file, line); std::getline(file, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string skipped;
    std::string inode;
    fields >> number >> local;
    for (int i = 0; i < 7; ++i) fields >> skipped;
    fields >> inode;
    const std::size_t colon = local.find(':');
    if (!fields || colon == std::string::npos) continue;
    const std::string_view address = std::string_view(local).substr(0, colon);
    if (address != own && address.find_first_not_of('0') != std::string_view::npos) continue;
    if (std::stoul(local.substr(colon + 1), nullptr, 16) != port) continue;
    sockets.insert("socket:[" + inode + ']');
  }
}

// Of the namespace of a process: as /proc shows the links of those who have them open.
std::set<std::string> sockets_of(const fs::path& process, const net::Endpoint& server,
                                 Transport transport) {
  std::set<std::string> sockets;
  const fs::path net = process / "net";
  if (!has_address(net, server.address)) return sockets;
  std::string own(8, '0');
  const std::uint32_t in_memory = htonl(server.address.value);
  for (std::size_t i = 0; i < own.size(); ++i)
    own[i] = "0123456789ABCDEF"[in_memory >> (28 - 4 * i) & 0xf];
  const std::string table = transport == Transport::tcp ? "tcp" : "udp";
  add_sockets(net / table, own, server.port, sockets);
  add_sockets(net / (table + '6'), own, server.port, sockets);
  return sockets;
}

bool has_one_open(const fs::path& process, const std::set<std::string>& sockets) {
  return std::ranges::any_of(numbered(process / "fd"), [&](const fs::path& descriptor) {
    return sockets.contains(target_of(descriptor));
  });
}

}  // namespace

std::vector<pid_t> processes_at(const net::Endpoint& server, Transport transport) {
  const auto processes = numbered("/proc");
  const std::string here = target_of("/proc/self/ns/net");
  std::map<std::string, std::set<std::string>> sockets;  // by namespace
  for (const fs::path& process : processes) {
    std::string space = target_of(process / "ns/net");
    if (space.empty() || sockets.contains(space)) continue;
    // Each namespace has a loopback address of its own.
    if (server.address.is_loopback() && space != here) continue;
    sockets.emplace(std::move(space), sockets_of(process, server, transport));
  }
  std::erase_if(sockets, [](const auto& each) { return each.second.empty(); });
  if (sockets.size() != 1) return {};
  std::vector<pid_t> found;
  for (const fs::path& process : processes) {
    const pid_t pid = std::stoi(process.filename().string());
    if (pid != ::getpid() && has_one_open(process, sockets.begin()->second)) found.push_back(pid);
  }
  return found;
}

}  // namespace berth::load
