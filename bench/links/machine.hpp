// A machine of our own: the calling process moves into a fresh network namespace, in which a bridge
// comes and goes, with a guest behind its one cable, and processes run. The kernel takes it all
// when the process ends, however it does. Errors are std::system_error and std::runtime_error. One
// thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bench/links/guest.hpp"
#include "bench/links/rtnetlink.hpp"

namespace berth::bench {

class Machine {
 public:
  Machine();

  // The bridge with the cable in it, up and carrying frames, but without an address.
  void add_bridge();
  // Returns the moment just before.
  Clock::time_point add_address();
  void remove_bridge();

  Guest& guest() noexcept { return *guest_; }

 private:
  binder::FileDescriptor guest_namespace_;
  binder::FileDescriptor own_namespace_;
  std::optional<Rtnetlink> links_;
  std::optional<Guest> guest_;
  std::uint32_t cable_ = 0;
  std::uint32_t bridge_ = 0;
};

// A child that dies with us, at the latest.
class Process {
 public:
  // `work` is done there, and must not return.
  explicit Process(const std::function<void()>& work);
  ~Process() { end(9); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const noexcept { return pid_; }
  bool has_ended() noexcept;
  // Returns when it has.
  void end(int signal) noexcept;

 private:
  pid_t pid_ = -1;
};

// A folder that is removed with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// berthd with a plan of two hosts, ready.
class Berthd {
 public:
  Berthd(const std::string& program, const Folder& folder);

  // Waits until a line of the log has both; the whole log is the error.
  void wait_for_log(const std::string& first, const std::string& second);
  std::size_t descriptors() const;
  std::size_t private_kilobytes() const;
  void stop() { process_->end(15); }

 private:
  [[noreturn]] void exec(const std::string& program) const;
  std::string log() const;

  std::filesystem::path folder_;
  std::optional<Process> process_;
};

// Another server that has exactly our address, shared with whoever wants to share it, and answers
// nothing. Returns when it is bound.
std::unique_ptr<Process> hold(std::uint16_t port);

}  // namespace berth::bench
