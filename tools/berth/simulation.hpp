// A plan as its clients meet it: the server's own core answers in this process, without a socket.
// The one place of the command that looks into the server, and only at the part that has no IO.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/dhcp/option_code.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"

namespace berth::tools {

// What a client that asks for an address is told in the DHCPACK.
struct SimulatedLease {
  std::optional<net::Ipv4Address> address;
  std::string_view why_not;  // without an address: the reason's name, "unknown_client"
  std::optional<std::uint32_t> seconds;
  struct Value {
    dhcp::OptionCode code{};
    std::vector<std::byte> octets;
  };
  std::vector<Value> options;

  // As append_option_text() writes it; empty when it was not sent.
  std::string option_text(dhcp::OptionCode code) const;
  const Value* find(dhcp::OptionCode code) const noexcept;
};

struct SimulatedAnswer {
  bool answered = false;
  std::string_view why_not;  // without an answer
  dns::Rcode rcode{};
  std::vector<std::string> rdata;  // of the asked type, as text, sorted
};

class Simulation {
 public:
  explicit Simulation(const config::Config& plan);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // DISCOVER, REQUEST, as a client of this network, through its relay when it has no link of ours.
  SimulatedLease lease(std::uint32_t network, const net::MacAddress& mac,
                       const std::vector<dhcp::OptionCode>& wanted);

  // The question over TCP, so that nothing is cut; without an asker from the machine itself.
  SimulatedAnswer ask(const dns::Name& qname, dns::RrType qtype,
                      std::optional<net::Ipv4Address> asker);

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace berth::tools
