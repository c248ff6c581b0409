#include "bench/links/machine.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace berth::bench {
namespace {

using binder::FileDescriptor;
using std::chrono::seconds;

constexpr const char* plan = R"(networks:
  kubenet:
    subnet: 192.168.200.0/24
    hosts:
      gateway: {mac: 52:52:52:00:00:00, address: 3}
      worker0: {mac: 52:52:52:00:00:04, address: 7}
)";
// As a real bridge of a lab has one: guests need not learn another each time it is made.
constexpr auto bridge_mac = net::MacAddress::from_octets(0x52, 0x52, 0x52, 0xff, 0xff, 1);

void check(bool is_well, const std::string& what) {
  if (!is_well) throw std::system_error(errno, std::generic_category(), what);
}

FileDescriptor enter_new_namespace() {
  if (::unshare(CLONE_NEWNET) != 0)
    throw std::system_error(errno, std::generic_category(),
                            "making a network namespace, which needs root (CAP_SYS_ADMIN, "
                            "CAP_NET_ADMIN, CAP_NET_RAW)");
  FileDescriptor made(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  check(made.is_open(), "/proc/thread-self/ns/net");
  Rtnetlink().set_up(::if_nametoindex("lo"));
  return made;
}

void enter(const FileDescriptor& name_space) {
  check(::setns(name_space.number(), CLONE_NEWNET) == 0, "entering a network namespace");
}

void wait_a_millisecond() { ::poll(nullptr, 0, 1); }

void wait_until(const std::function<bool()>& condition, const std::string& what) {
  const auto end = Clock::now() + seconds{10};
  while (!condition()) {
    if (Clock::now() >= end) throw std::runtime_error("waited 10 s in vain for " + what);
    wait_a_millisecond();
  }
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Machine::Machine()
    : guest_namespace_(enter_new_namespace()), own_namespace_(enter_new_namespace()) {
  links_.emplace();
  links_->add_cable("port0", "eth0", guest_mac, guest_namespace_.number());
  cable_ = ::if_nametoindex("port0");
  links_->set_up(cable_);
  enter(guest_namespace_);
  const std::uint32_t eth0 = ::if_nametoindex("eth0");
  Rtnetlink links;
  links.set_up(eth0);
  links.add_address(eth0, guest_address);
  guest_.emplace(eth0);
  enter(own_namespace_);
}

void Machine::add_bridge() {
  links_->add_bridge("berth0", bridge_mac);
  bridge_ = ::if_nametoindex("berth0");
  links_->set_up(bridge_);
  links_->plug_into(cable_, bridge_);
  wait_until([this] { return links_->is_operating(bridge_); }, "the bridge to carry frames");
}

Clock::time_point Machine::add_address() {
  const auto before = Clock::now();
  links_->add_address(bridge_, host_address);
  return before;
}

void Machine::remove_bridge() { links_->remove_link(bridge_); }

Process::Process(const std::function<void()>& work) : pid_(::fork()) {
  check(pid_ >= 0, "fork");
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  work();
  ::_exit(127);
}

bool Process::has_ended() noexcept {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void Process::end(int signal) noexcept {
  if (pid_ < 0) return;
  ::kill(pid_, signal);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Folder::Folder() {
  std::string path = (std::filesystem::temp_directory_path() / "berth-links-XXXXXX").string();
  check(::mkdtemp(path.data()) != nullptr, path);
  path_ = path;
}

Folder::~Folder() {
  std::error_code left_behind;
  std::filesystem::remove_all(path_, left_behind);
}

Berthd::Berthd(const std::string& program, const Folder& folder) : folder_(folder.path()) {
  std::ofstream(folder_ / "berth.yaml") << plan;
  std::filesystem::remove(folder_ / "log");

  const FileDescriptor ready(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = folder_ / "ready";
  std::filesystem::remove(path);
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  check(::bind(ready.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, path);

  process_.emplace([this, &program] { exec(program); });
  for (std::string message; message.find("READY=1") == std::string::npos;) {
    pollfd polled{ready.number(), POLLIN, 0};
    if (::poll(&polled, 1, 100) == 1) {
      message.resize(4096);
      const ssize_t size = ::recv(ready.number(), message.data(), message.size(), 0);
      message.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    } else if (process_->has_ended()) {
      throw std::runtime_error(program + " does not start\n" + log());
    }
  }
}

void Berthd::exec(const std::string& program) const {
  const std::string config = folder_ / "berth.yaml";
  const std::string state = folder_ / "state";
  const std::string notify = "NOTIFY_SOCKET=" + (folder_ / "ready").string();
  const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  std::array<std::string, 5> words{program, "--config", config, "--state-dir", state};
  std::array<char*, 6> arguments{};
  for (std::size_t at = 0; at < words.size(); ++at) arguments[at] = words[at].data();
  std::string variable = notify;
  std::array<char*, 2> environment{variable.data(), nullptr};
  ::execve(program.c_str(), arguments.data(), environment.data());
  constexpr std::string_view complaint = "exec failed\n";
  [[maybe_unused]] const auto written = ::write(log, complaint.data(), complaint.size());
  ::_exit(127);
}

std::string Berthd::log() const { return text_of(folder_ / "log"); }

void Berthd::wait_for_log(const std::string& first, const std::string& second) {
  const auto is_there = [&] {
    std::istringstream lines(log());
    for (std::string line; std::getline(lines, line);)
      if (line.find(first) != std::string::npos && line.find(second) != std::string::npos)
        return true;
    return false;
  };
  wait_until(is_there, first + ' ' + second + " in the log");
}

std::size_t Berthd::descriptors() const {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(process_->pid()) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t Berthd::private_kilobytes() const {
  constexpr std::string_view key = "RssAnon:";
  const std::string status = text_of("/proc/" + std::to_string(process_->pid()) + "/status");
  const std::size_t at = status.find(key);
  if (at == std::string::npos) throw std::runtime_error("berthd has ended\n" + log());
  return std::stoul(status.substr(at + key.size()));
}

std::unique_ptr<Process> hold(std::uint16_t port) {
  const FileDescriptor holder(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(holder.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(host_address.address.value);
  check(::bind(holder.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0,
        "holding a port");
  // The child's copy is the one that stays.
  return std::make_unique<Process>([] {
    for (;;) ::pause();
  });
}

}  // namespace berth::bench
