// The plans of the DNS tests, built by hand, and queries to them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/record_text.hpp"
#include "server/dns/responder.hpp"

namespace berth::test {

inline net::Ipv4Address address(std::string_view text) { return *net::Ipv4Address::parse(text); }
inline dns::Name named(std::string_view text) { return *dns::Name::parse(text); }

inline config::Network network(std::string key, std::string_view subnet, std::string_view ours,
                               std::string_view domain) {
  config::Network made;
  made.key = std::move(key);
  made.subnet = *net::Ipv4Prefix::parse(subnet);
  made.address = address(ours);
  made.domain = named(domain);
  return made;
}

inline void add_host(config::Network& network, std::string name, std::string_view at,
                     std::vector<std::string> aliases = {}) {
  config::Host host;
  host.name = std::move(name);
  if (!at.empty()) host.address = address(at);
  host.aliases = std::move(aliases);
  network.hosts.push_back(std::move(host));
}

inline void add_name(config::Network& network, std::string_view name,
                     const std::vector<std::string>& addresses) {
  config::NameEntry entry;
  entry.owner = *dns::Name::parse(name, network.domain);
  for (const std::string& text : addresses) entry.addresses.push_back(address(text));
  network.names.push_back(std::move(entry));
}

inline void add_record(config::Network& network, std::string_view line) {
  std::array<std::byte, 4096> rdata;
  const auto record = dns::parse_record(line, network.domain, rdata);
  if (!record) throw std::invalid_argument(std::string(line) + ": " + record.error().reason);
  network.records.push_back(
      {record->owner, record->type, {record->rdata.begin(), record->rdata.end()}});
}

// The lab's plan, which berthd serves without a configuration.
inline config::Config default_plan() {
  config::Config plan;
  auto& lab = plan.networks.emplace_back(
      network("kubenet", "192.168.200.0/24", "192.168.200.1", "kubenet."));
  add_host(lab, "gateway", "192.168.200.3");
  add_host(lab, "control0", "192.168.200.4");
  add_host(lab, "control1", "192.168.200.5");
  add_host(lab, "control2", "192.168.200.6");
  add_host(lab, "worker0", "192.168.200.7");
  add_host(lab, "worker1", "192.168.200.8");
  add_host(lab, "worker2", "192.168.200.9");
  add_name(lab, "kubernetes", {"192.168.200.11"});
  add_name(lab, "vmhost", {"192.168.200.1"});
  return plan;
}

// Every kind of name there is. Networks: 0 kubenet, 1 a twin that shares its domain, 2 public and
// classless, 3 a /20 below a domain of three labels, 4 without DNS.
inline config::Config rich_plan() {
  config::Config plan = default_plan();
  auto& lab = plan.networks[0];
  lab.hosts[4].aliases = {"node0"};
  add_host(lab, "printer", "");
  add_name(lab, "pair", {"192.168.200.40", "192.168.200.41"});
  add_name(lab, "api.lab.example.com.", {"192.168.200.11"});
  add_name(lab, "*.wild.example.com.", {"192.168.200.12"});
  add_name(lab, "special.test.", {"192.168.200.13"});
  for (const char* line : {"_etcd._tcp SRV 0 0 2379 control0",
                           "_etcd._tcp SRV 0 0 2380 control1",
                           "*.apps A 192.168.200.50",
                           "fixed.apps A 192.168.200.51",
                           "below.deep.apps A 192.168.200.52",
                           "_six._tcp SRV 0 0 1 six",
                           "_two._tcp SRV 0 0 1 pair",
                           "_two._tcp SRV 0 0 2 PAIR",
                           "_away._tcp SRV 0 0 1 www.example.net.",
                           "registry CNAME worker0",
                           "chain1 CNAME chain2",
                           "chain2 CNAME registry",
                           "dangling CNAME nobody",
                           "away CNAME www.example.net.",
                           "farther CNAME away",
                           "cluster CNAME api.cluster.local.",
                           "lent CNAME www.sub",
                           "bare-away CNAME wpad.",
                           "loop1 CNAME loop2",
                           "loop2 CNAME loop1",
                           "self CNAME self",
                           "*.circle CNAME y.circle",
                           "step1 CNAME step2",
                           "step2 CNAME step3",
                           "step3 CNAME step4",
                           "step4 CNAME step5",
                           "step5 CNAME step6",
                           "step6 CNAME step7",
                           "step7 CNAME step8",
                           "step8 CNAME step9",
                           "step9 CNAME worker0",
                           "text-alias CNAME note",
                           "*.alias CNAME worker1",
                           "@ MX 10 mail",
                           "mail A 192.168.200.60",
                           "note TXT \"hello\"",
                           "@ TXT \"apex\"",
                           "strange TYPE65280 \\# 3 c0ffee",
                           "six AAAA 2001:db8::1",
                           "six A 192.168.200.61"})
    add_record(lab, line);

  auto& twin =
      plan.networks.emplace_back(network("twin", "192.168.201.0/24", "192.168.201.1", "kubenet."));
  add_host(twin, "sister", "192.168.201.5");

  auto& small =
      plan.networks.emplace_back(network("small", "203.0.113.64/26", "203.0.113.65", "small."));
  small.ttl = std::chrono::seconds{300};
  add_host(small, "worker0", "203.0.113.70");
  add_host(small, "only-here", "203.0.113.71");

  auto& wide =
      plan.networks.emplace_back(network("wide", "10.5.16.0/20", "10.5.16.1", "lab.example.org."));
  add_host(wide, "db0", "10.5.17.9");

  auto& off = plan.networks.emplace_back(network("off", "172.16.9.0/24", "172.16.9.1", "off."));
  off.dns = false;
  add_host(off, "unseen", "172.16.9.9");
  return plan;
}

inline dns::Responder responder(const config::Config& plan) {
  return dns::Responder(std::make_shared<const dns::Zones>(plan));
}

inline const dns::Client guest{.source = {{0xc0a8c807}, 40000}, .network = 0};  // worker0
inline const dns::Client this_host{.source = {{0xc0a8c801}, 40000}, .is_host = true};

struct Ask {
  std::string qname;
  dns::RrType qtype = dns::RrType::a;
  dns::RrClass qclass = dns::RrClass::in;
  std::optional<dns::Edns> edns = {};
  std::uint16_t flags = dns::flag::rd;
  std::uint16_t id = 0x1234;
};

inline std::vector<std::byte> encode(const Ask& ask) {
  std::vector<std::byte> out(1024);
  dns::MessageBuilder builder(out, ask.id, ask.flags);
  if (ask.edns) builder.edns(*ask.edns);
  builder.question(named(ask.qname).wire(), ask.qtype, ask.qclass);
  out.resize(builder.finish()->size());
  return out;
}

}  // namespace berth::test
