// What was asked of `berth load`, as its command line has it. Values.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "tools/berth/load/dhcp_settings.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

enum class Protocol : std::uint8_t { dhcp, dns };

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of the command line
struct Options {
  Protocol protocol = Protocol::dhcp;

  // How much, and until when.
  double rate = 0;
  std::uint32_t at_once = 0;
  Extent extent;
  Time timeout = std::chrono::seconds(1);
  std::uint64_t seed = 1;

  // What is done with the result.
  std::optional<double> max_loss;  // a share
  std::optional<Time> max_p99;
  std::string html;
  std::vector<pid_t> server_pids;  // of a server on this machine; empty: not known

  bool find_max = false;
  std::uint32_t repeats = 3;
  Time trial = std::chrono::seconds(3);
  bool self_check = false;
  bool even_default_route = false;
  bool stays_awake = false;

  std::optional<net::Endpoint> server;  // port 0: the usual one, which set_ports() sets
  std::uint32_t clients = 0;            // 0: as many as there are, or the usual number

  // Of DHCP.
  Scenario scenario = Scenario::dora;
  std::string interface;
  std::vector<net::Ipv4Address> relays;
  std::string network;  // of the plan; empty: all
  std::string macs;     // "52:54:00:00:00:00+1000", or a file
  ClientId client_id = ClientId::none;
  std::vector<std::byte> asked{std::byte{1}, std::byte{3}, std::byte{6}, std::byte{15},
                               std::byte{119}};  // option 55
  std::vector<std::byte> options;                // others, as they stand in a message
  std::vector<std::byte> relay_agent_information;
  std::optional<net::Ipv4Address> server_id;
  std::uint32_t tries = 0;  // 0: the scenario's
  Time backoff = std::chrono::seconds(4);
  bool wants_broadcast = false;
  bool keeps_leases = false;
  std::optional<net::Endpoint> dns_server;  // asked at the same time
  double dns_rate = 100;

  // Of DNS.
  std::string queries;
  bool over_tcp = false;
};

}  // namespace berth::load
