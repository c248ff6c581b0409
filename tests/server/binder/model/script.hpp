// Cases that a model and a real kernel play alike: lines of a script in, what came of them out.
//
//   link br0 192.168.200.1/24     a bridge with that address     unlink br0
//   bind a udp 192.168.200.1 reuse reuseport freebind dev=br0 uid=1
//   device a br0                  SO_BINDTODEVICE again          close a
//   send 192.168.200.1 br0        a datagram from a machine on that link
//   connect 192.168.200.1         by TCP, from the machine itself
//
// All sockets are on one port. The outcome has a word for each bind that failed, as in "b:in_use",
// and one for each datagram and connection: "->a+b", or "->nobody".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/expected.hpp"
#include "tests/server/binder/model/kernel.hpp"

namespace berth::binder::model {

class ScriptMachine {
 public:
  virtual ~ScriptMachine() = default;
  virtual void link(const std::string& name, net::Ipv4Prefix address) = 0;
  virtual void unlink(const std::string& name) = 0;
  // `device` is empty for none. The socket is known by `name` from then on.
  virtual expected<std::uint64_t, BindError> bind(const std::string& name, Socket socket,
                                                  const std::string& device) = 0;
  virtual void device(const std::string& name, const std::string& device) = 0;
  virtual void close(const std::string& name) = 0;
  // The names of those reached.
  virtual std::vector<std::string> send(net::Ipv4Address destination, const std::string& link) = 0;
  virtual std::vector<std::string> connect(net::Ipv4Address destination) = 0;
};

inline constexpr std::uint16_t script_port = 5353;  // any uid may bind it

std::string play(std::string_view script, ScriptMachine& machine);

struct ScriptCase {
  std::string name;  // after the fact that it shows
  std::string_view script;
  std::string outcome;
};

const std::vector<ScriptCase>& linux_cases();

}  // namespace berth::binder::model
