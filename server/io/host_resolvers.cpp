#include "server/io/host_resolvers.hpp"

#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

#include "server/io/resolv_conf.hpp"

namespace berth::io {

using boost::system::error_code;

namespace {

// Far beyond what any system writes.
constexpr std::size_t most_read = 65'536;

// A file without servers may be one that is being written.
constexpr std::chrono::seconds patience{1};
// How often to look where the system has no watch left.
constexpr std::chrono::seconds without_watch{5};

std::vector<net::SocketAddress> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most_read, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_resolv_conf(text);
}

}  // namespace

HostResolvers::HostResolvers(boost::asio::io_context& io, std::string path,
                             std::function<void()> changed)
    : io_(io),
      path_(std::move(path)),
      changed_(std::move(changed)),
      servers_(read(path_)),
      timer_(io) {}

HostResolvers::~HostResolvers() {
  if (descriptor_) descriptor_->release();  // the watch owns it
}

void HostResolvers::follow() {
  try {
    watch_.emplace(path_);
    descriptor_.emplace(io_, watch_->descriptor());
  } catch (const std::system_error&) {
    watch_.reset();
  }
  look();
  await_change();
}

void HostResolvers::await_change() {
  if (!descriptor_) return;
  descriptor_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this](error_code failure) {
                            if (failure) return;
                            watch_->renew();
                            look();
                            await_change();
                          });
}

void HostResolvers::look() {
  auto servers = read(path_);
  if (!servers.empty() || servers_.empty()) {
    timer_.cancel();
    take(std::move(servers));
  } else {
    timer_.expires_after(patience);
    timer_.async_wait([this](error_code failure) {
      if (failure) return;
      take(read(path_));
      look_again();
    });
    return;
  }
  look_again();
}

void HostResolvers::look_again() {
  if (descriptor_) return;
  timer_.expires_after(without_watch);
  timer_.async_wait([this](error_code failure) {
    if (!failure) look();
  });
}

void HostResolvers::take(std::vector<net::SocketAddress> servers) {
  if (servers == servers_) return;
  servers_ = std::move(servers);
  changed_();
}

}  // namespace berth::io
