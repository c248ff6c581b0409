// What a person expects of a plan, as a YAML file says it, and what becomes of it. Values.
//
//   plan: berth.yaml
//   expect:
//     - {mac: 52:52:52:00:00:04, address: 7, lease: 12h, options: {routers: 1, mtu: none}}
//     - {mac: 52:52:52:00:00:99, address: none, network: kubenet}
//     - {name: worker0.kubenet, A: 7}
//     - {ptr: 7, name: worker0.kubenet}
//     - {name: nobody.kubenet, NXDOMAIN}
//     - {name: example.com, REFUSED, from: 192.168.200.7}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostic.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"

namespace berth::tools {

// What a client of a network gets.
struct LeaseExpectation {
  net::MacAddress mac;
  std::uint32_t network = 0;  // index in the configuration
  bool refused = false;       // `address: none`
  std::optional<net::Ipv4Address> address;
  std::optional<config::Seconds> lease;
  std::vector<config::Option> options;  // suppressed: it must be absent
};

// What a question is answered with.
struct AnswerExpectation {
  dns::Name qname;
  dns::RrType qtype = dns::RrType::a;
  dns::Rcode rcode{};
  std::vector<std::string> rdata;         // as text, sorted; empty: no data
  std::optional<net::Ipv4Address> asker;  // none: the machine itself
};

struct Expectation {
  config::Location where;
  std::string subject;  // "52:52:52:00:00:04", "worker0.kubenet A"
  std::variant<LeaseExpectation, AnswerExpectation> what;
};

// The `plan:` of such a file, as written; empty when there is none or the file cannot be read.
std::string plan_named_in(std::string_view text);

struct ExpectationFile {
  std::vector<Expectation> expectations;
  std::vector<config::Diagnostic> mistakes;
  std::size_t mistake_count = 0;
};

// Addresses may be host numbers within the network that the expectation is about, or the plan's
// first.
ExpectationFile read_expectations(std::string_view text, const config::Config& plan);

}  // namespace berth::tools
