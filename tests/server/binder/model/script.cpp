#include "tests/server/binder/model/script.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace berth::binder::model {
namespace {

net::Ipv4Address address_of(const std::string& word) {
  return word == "*" ? net::Ipv4Address::any() : net::Ipv4Address::parse(word).value();
}

std::string name(BindError error) {
  switch (error) {
    case BindError::address_in_use: return "in_use";
    case BindError::address_not_available: return "not_available";
    case BindError::not_permitted: return "not_permitted";
    case BindError::no_such_link: return "no_link";
  }
  return "?";
}

std::string reached(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::string text;
  for (const std::string& one : names) text += (text.empty() ? "" : "+") + one;
  return "->" + (text.empty() ? "nobody" : text);
}

// The word that a failed bind leaves.
std::string bind(std::istringstream& line, ScriptMachine& machine) {
  std::string socket_name;
  std::string protocol;
  std::string address;
  std::string device;
  line >> socket_name >> protocol >> address;
  Socket socket;
  socket.protocol = protocol == "tcp" ? Protocol::tcp : Protocol::udp;
  socket.address = address_of(address);
  socket.port = script_port;
  for (std::string word; line >> word;) {
    if (word == "reuse")
      socket.reuse_address = true;
    else if (word == "reuseport")
      socket.reuse_port = true;
    else if (word == "freebind")
      socket.free_bind = true;
    else if (word.starts_with("uid="))
      socket.uid = static_cast<std::uint32_t>(std::stoul(word.substr(4)));
    else if (word.starts_with("dev="))
      device = word.substr(4);
    else
      throw std::invalid_argument(word);
  }
  const auto bound = machine.bind(socket_name, socket, device);
  return bound ? "" : socket_name + ":" + name(bound.error());
}

std::string play_line(const std::string& text, ScriptMachine& machine) {
  std::istringstream line(text);
  std::string verb;
  std::string first;
  std::string second;
  line >> verb;
  if (verb == "bind") return bind(line, machine);
  line >> first >> second;
  if (verb == "link")
    machine.link(first, net::Ipv4Prefix::parse(second).value());
  else if (verb == "unlink")
    machine.unlink(first);
  else if (verb == "device")
    machine.device(first, second);
  else if (verb == "close")
    machine.close(first);
  else if (verb == "send")
    return reached(machine.send(address_of(first), second));
  else if (verb == "connect")
    return reached(machine.connect(address_of(first)));
  else
    throw std::invalid_argument(text);
  return "";
}

}  // namespace

std::string play(std::string_view script, ScriptMachine& machine) {
  std::istringstream lines{std::string(script)};
  std::string outcome;
  for (std::string line; std::getline(lines, line, ';');) {
    const std::string word = play_line(line, machine);
    if (!word.empty()) outcome += (outcome.empty() ? "" : " ") + word;
  }
  return outcome;
}

// Each script begins with br0 at 192.168.200.1/24 in place.
const std::vector<ScriptCase>& linux_cases() {
  static const std::vector<ScriptCase> cases{
      // Who may be bound beside whom.
      {"F6_1_WildcardThenSpecific", "bind a udp *; bind b udp 192.168.200.1", "b:in_use"},
      {"F6_1_SpecificThenWildcard", "bind a udp 192.168.200.1; bind b udp *", "b:in_use"},
      {"F6_1_OtherAddresses", "bind a udp 127.0.0.1; bind b udp 192.168.200.1", ""},
      {"F6_1_BothReuse", "bind a udp * reuse; bind b udp * reuse", ""},
      {"F6_1_OnlyTheHolderReuses", "bind a udp * reuse; bind b udp *", "b:in_use"},
      {"F6_1_OnlyTheNewcomerReuses", "bind a udp *; bind b udp * reuse", "b:in_use"},
      {"F6_1_ReuseIsForAnyUid", "bind a udp * reuse; bind b udp * reuse uid=1", ""},
      {"F6_1_BothReusePort", "bind a udp * reuseport; bind b udp * reuseport", ""},
      {"F6_1_ReusePortIsForOneUid", "bind a udp * reuseport; bind b udp * reuseport uid=1",
       "b:in_use"},
      {"F6_1_ReuseIsNotReusePort", "bind a udp * reuse; bind b udp * reuseport", "b:in_use"},
      {"F6_1_OtherDevices", "link br1 192.168.201.1/24; bind a udp * dev=br0; bind b udp * dev=br1",
       ""},
      {"F6_1_OneDevice", "bind a udp * dev=br0; bind b udp * dev=br0", "b:in_use"},
      {"F6_1_TheHolderHasNoDevice", "bind a udp *; bind b udp * dev=br0", "b:in_use"},
      {"F6_1_TheNewcomerHasNoDevice", "bind a udp * dev=br0; bind b udp *", "b:in_use"},
      {"F6_2_AHolderWithoutOptionsBlocksAll",
       "bind a udp *; bind b udp 192.168.200.1 reuse reuseport; bind c udp * dev=br0 reuse",
       "b:in_use c:in_use"},
      {"F6_2_ADeviceHelpsBesideAnother",
       "link br1 192.168.201.1/24; bind a udp * dev=br1; bind b udp 192.168.200.1 dev=br0", ""},
      {"F6_3_HolderThatReuses",
       "bind a udp * reuse; bind b udp 192.168.200.1; bind c udp 192.168.200.1 reuse", "b:in_use"},
      {"F6_3_HolderThatReusesPort",
       "bind a udp * reuseport; bind b udp 192.168.200.1 reuse; bind c udp 192.168.200.1 reuseport",
       "b:in_use"},
      {"F6_4_ReuseSharesNoListener", "bind a tcp * reuse; bind b tcp 192.168.200.1 reuse",
       "b:in_use"},
      {"F6_4_ReusePortSharesAListener",
       "bind a tcp * reuseport; bind b tcp 192.168.200.1 reuseport; connect 192.168.200.1", "->b"},
      {"F6_4_ReusePortIsForOneUid",
       "bind a tcp * reuseport; bind b tcp 192.168.200.1 reuseport uid=1", "b:in_use"},
      // Who hears what.
      {"F6_5_TheLastOnOneAddressTakesAll",
       "bind a udp 192.168.200.1 reuse; bind b udp 192.168.200.1 reuse uid=1; send 192.168.200.1 "
       "br0; close b; send 192.168.200.1 br0",
       "->b ->a"},
      {"F6_6_ABroadcastReachesEach",
       "bind a udp * reuse; bind b udp * reuse dev=br0; bind c udp * reuse; send 255.255.255.255 "
       "br0",
       "->a+b+c"},
      {"F6_6_ABroadcastStaysOnItsDevice",
       "link br1 192.168.201.1/24; bind a udp * reuse dev=br0; bind b udp * reuse dev=br1; send "
       "255.255.255.255 br1",
       "->b"},
      {"F6_7_WhoSeesTheLimitedBroadcast",
       "bind a udp 192.168.200.1; bind b udp 192.168.200.255; bind c udp 255.255.255.255; send "
       "255.255.255.255 br0",
       "->c"},
      {"F6_7_WhoSeesTheLinksBroadcast",
       "bind a udp 192.168.200.1; bind b udp 192.168.200.255; bind c udp 255.255.255.255; send "
       "192.168.200.255 br0",
       "->b"},
      {"F6_8_SpecificBeatsWildcard",
       "bind a udp 192.168.200.1 reuse; bind b udp * reuse; send 192.168.200.1 br0", "->a"},
      {"F6_8_AWildcardOnTheDeviceBeatsOneWithout",
       "bind a udp * reuse dev=br0; bind b udp * reuse; send 192.168.200.1 br0", "->a"},
      {"F6_8_SpecificBeatsAWildcardOnTheDevice",
       "bind a udp 192.168.200.1 reuse; bind b udp * reuse dev=br0; send 192.168.200.1 br0", "->a"},
      // Links that come and go.
      {"F6_10_AnAddressMustBeThere", "bind a udp 192.168.201.1", "a:not_available"},
      {"F6_10_FreeBindHearsOnceItIs",
       "bind a udp 192.168.201.1 freebind; link br1 192.168.201.1/24; send 192.168.201.1 br1",
       "->a"},
      {"F6_10_FreeBindOutlivesTheLink",
       "bind a udp 192.168.200.1 freebind; bind b tcp 192.168.200.1 freebind; unlink br0; link br0 "
       "192.168.200.1/24; send 192.168.200.1 br0; connect 192.168.200.1",
       "->a ->b"},
      {"F6_11_ADeviceMadeAgainIsNotHeard",
       "bind a udp * dev=br0; send 255.255.255.255 br0; unlink br0; link br0 192.168.200.1/24; "
       "send 255.255.255.255 br0; device a br0; send 255.255.255.255 br0",
       "->a ->nobody ->a"},
  };
  return cases;
}

}  // namespace berth::binder::model
