#include "server/io/replay.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <ostream>
#include <span>
#include <unordered_map>
#include <variant>

#include "config/plan_file.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/capture/capture.hpp"
#include "protocol/dhcp/text.hpp"
#include "protocol/dns/tcp_messages.hpp"
#include "protocol/dns/text.hpp"
#include "server/dhcp/responder.hpp"
#include "server/dns/responder.hpp"
#include "server/io/datagram_batch.hpp"
#include "server/io/dns_links.hpp"

namespace berth::io {
namespace {

using net::Packet;

constexpr std::size_t frame_room = 1472;  // what one Ethernet frame carries in UDP
constexpr std::size_t tcp_room = 65'535;

std::string to_string(const net::Endpoint& endpoint) {
  return net::to_string(endpoint.address) + ':' + std::to_string(endpoint.port);
}

std::string to_string(const dhcp::Destination& destination) {
  using Via = dhcp::Destination::Via;
  std::string endpoint = to_string(destination.endpoint);
  switch (destination.via) {
    case Via::relay: return "to the relay agent " + endpoint;
    case Via::unicast: return "to " + endpoint;
    case Via::broadcast: return "by broadcast to " + endpoint;
    case Via::link: return "in a frame for " + net::to_string(destination.mac) + " to " + endpoint;
  }
  return endpoint;
}

// An id of zero is a priority without a VLAN (IEEE 802.1Q 9.6).
bool is_in_vlan(const Packet& packet) noexcept {
  const std::span tags = std::span(packet.vlans).first(packet.vlan_count);
  return std::ranges::any_of(tags, [](const net::Vlan& tag) { return tag.id != 0; });
}

class Replay {
 public:
  Replay(const config::Config& config, std::ostream& out)
      : config_(config),
        out_(out),
        plan_(std::make_shared<const dhcp::Plan>(config)),
        dhcp_(plan_),
        zones_(std::make_shared<const dns::Zones>(config)),
        dns_(zones_),
        links_(zones_) {
    std::uint32_t interface = 0;
    for (const config::Network& network : config.networks)
      if (network.has_link()) links_.add(network.address, ++interface);
    note_macs();
  }

  void packet(const capture::Frame& frame);
  void end() {
    out_ << answered_ << " answered, " << dropped_ << " dropped, " << unread_
         << " not for berthd\n";
  }

 private:
  void note_macs();
  void dhcp(const Packet& packet);
  // False when there is no answer.
  bool dns(const Packet& packet, wire::Bytes message, dns::Transport transport);
  void stream(const Packet& packet);
  void datagram(const Packet& packet);
  void learn(const Packet& packet);

  void head(const Packet& packet, std::string_view more);
  void drop(std::string_view name, std::string_view explanation);
  bool is_ours(net::Ipv4Address address) const noexcept;
  dhcp::NetworkIndex network_of(const Packet& packet, const net::MacAddress& chaddr) const;
  TimePoint time_of(const capture::Frame& frame) noexcept;

  const config::Config& config_;
  std::ostream& out_;
  std::shared_ptr<const dhcp::Plan> plan_;
  dhcp::Responder dhcp_;
  std::shared_ptr<const dns::Zones> zones_;
  dns::Responder dns_;
  DnsLinks links_;
  dns::TcpMessages streams_;
  std::unordered_map<std::uint64_t, dhcp::NetworkIndex> network_of_mac_;

  std::optional<double> previous_;  // the frame before, by the capture's clock
  double passed_ = 0;               // seconds since the first
  TimePoint now_{};
  std::size_t number_ = 0;
  std::size_t answered_ = 0;
  std::size_t dropped_ = 0;
  std::size_t unread_ = 0;
  std::array<std::byte, frame_room> reply_{};
  std::array<std::byte, dhcp::split_option_room> scratch_{};
  std::array<std::byte, tcp_room> answer_{};
};

void Replay::note_macs() {
  for (std::size_t i = 0; i < config_.networks.size(); ++i)
    for (const config::Host& host : config_.networks[i].hosts)
      for (const net::MacAddress& mac : host.macs)
        if (config_.networks[i].has_link())
          network_of_mac_.emplace(mac.value(), static_cast<dhcp::NetworkIndex>(i));
}

bool Replay::is_ours(net::Ipv4Address address) const noexcept {
  return plan_->network_at(address) != dhcp::no_index;
}

// A capture does not say on which of our links it was taken. What is sent to us, or from an
// address, tells; a broadcast of a client without one is taken to come by the link of the network
// that has its MAC, else by the first.
dhcp::NetworkIndex Replay::network_of(const Packet& packet, const net::MacAddress& chaddr) const {
  if (const auto network = plan_->network_at(packet.destination); network != dhcp::no_index)
    return network;
  if (const auto network = plan_->network_containing(packet.source); network != dhcp::no_index)
    return network;
  if (const auto found = network_of_mac_.find(chaddr.value()); found != network_of_mac_.end())
    return found->second;
  const auto first = std::ranges::find_if(config_.networks, &config::Network::has_link);
  return first == config_.networks.end()
             ? dhcp::no_index
             : static_cast<dhcp::NetworkIndex>(first - config_.networks.begin());
}

// By the capture's clock, which may have been set while it ran: never backwards, by no more than a
// year at once, and never beyond what a TimePoint and the longest lease can tell.
TimePoint Replay::time_of(const capture::Frame& frame) noexcept {
  constexpr double year = 366.0 * 86'400;
  const double step = frame.time - previous_.value_or(frame.time);
  previous_ = frame.time;
  if (step > 0 && step <= year && passed_ + step <= 100 * year) passed_ += step;
  return TimePoint(
      std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(passed_)));
}

void Replay::head(const Packet& packet, std::string_view more) {
  out_ << "--- packet " << number_ << '\n'
       << to_string(net::Endpoint{packet.source, packet.source_port}) << " > "
       << to_string(net::Endpoint{packet.destination, packet.destination_port}) << more << '\n';
}

void Replay::drop(std::string_view name, std::string_view explanation) {
  ++dropped_;
  out_ << "drop: " << name;
  if (!explanation.empty()) out_ << ": " << explanation;
  out_ << '\n';
}

void Replay::dhcp(const Packet& packet) {
  const dhcp::Request request(packet.payload, scratch_);
  if (const auto error = request.error()) {
    head(packet, "");
    return drop(dhcp::name(*error), "the message is not well formed");
  }
  const dhcp::Ingress ingress{.network = network_of(packet, request.chaddr()),
                              .source = {packet.source, packet.source_port},
                              .destination = packet.destination};
  const std::string_view key = plan_->network_key(ingress.network);
  head(packet, key.empty() ? "" : " on " + std::string(key));
  out_ << dhcp::to_line(request.message()) << '\n';
  const dhcp::Outcome outcome = dhcp_.handle(request, ingress, now_, reply_);
  if (const auto* dropped = std::get_if<dhcp::Drop>(&outcome))
    return drop(dhcp::name(*dropped), dhcp::explanation(*dropped));
  if (const auto* deferred = std::get_if<dhcp::Deferred>(&outcome)) {
    out_ << "deferred: asks by ARP who has " << net::to_string(deferred->probe) << '\n';
    ++dropped_;
    return;
  }
  const auto& reply = std::get<dhcp::Reply>(outcome);
  ++answered_;
  out_ << "reply " << to_string(reply.destination) << '\n';
  if (const auto message = dhcp::MessageView::parse(reply.payload)) out_ << dhcp::to_dump(*message);
}

bool Replay::dns(const Packet& packet, wire::Bytes message, dns::Transport transport) {
  const dns::Client client{.source = {packet.source, packet.source_port},
                           .transport = transport,
                           .network = links_.network_of(packet.source),
                           .is_host = links_.is_host(packet.source)};
  std::string more = transport == dns::Transport::tcp ? " tcp" : "";
  if (const auto key = plan_->network_key(client.network); !key.empty())
    more.append(" on ").append(key);
  head(packet, more);
  if (const auto query = dns::MessageView::parse(message)) {
    for (const dns::Question& question : query->questions()) {
      std::string text;
      dns::append_text(text, question);
      out_ << text << '\n';
    }
  }
  const wire::MutableBytes out(answer_);
  const dns::Outcome outcome = dns_.handle(
      message, client, transport == dns::Transport::tcp ? out : out.first(dns::max_udp_size));
  if (const auto* dropped = std::get_if<dns::Drop>(&outcome)) {
    drop(dns::name(*dropped), dns::explanation(*dropped));
    return false;
  }
  ++answered_;
  out_ << "reply to " << to_string(client.source) << '\n';
  if (const auto reply = dns::MessageView::parse(std::get<dns::Reply>(outcome).payload))
    out_ << dns::to_text(*reply);
  return true;
}

// As berthd does, nothing is read behind a message that it has no answer to.
void Replay::stream(const Packet& packet) {
  const auto taken = streams_.take(packet);
  if (taken.messages.empty()) ++unread_;
  std::size_t left = taken.messages.size();
  for (const auto& message : taken.messages) {
    --left;
    if (dns(packet, message.octets, dns::Transport::tcp)) continue;
    if (left != 0) out_ << "hangs up; messages behind it in the segment: " << left << '\n';
    return;
  }
}

void Replay::datagram(const Packet& packet) {
  if (packet.payload.size() > receive_slot) {
    head(packet, "");
    return drop("oversized", "larger than any that is read");
  }
  if (packet.destination_port == config_.dhcp_port) return dhcp(packet);
  dns(packet, packet.payload, dns::Transport::udp);
}

// Who holds an address that a client declined.
void Replay::learn(const Packet& packet) {
  ++unread_;
  const auto arp = net::parse_arp(packet.payload);
  if (!arp || arp->op != net::ArpPacket::Op::reply) return;
  const auto network = plan_->network_containing(arp->sender_ip);
  if (network != dhcp::no_index) dhcp_.on_probe(network, arp->sender_ip, arp->sender_mac, now_);
}

void Replay::packet(const capture::Frame& frame) {
  ++number_;
  now_ = time_of(frame);
  dhcp_.on_timer(now_);
  const auto packet = net::parse_packet(frame.link, frame.octets);
  if (!packet) {
    ++unread_;
    return;
  }
  const bool is_to_us = is_ours(packet->destination);
  const bool is_to_all = packet->destination == net::Ipv4Address::broadcast();
  const std::uint16_t port = packet->destination_port;
  // What belongs to a link is read from the link itself; names are asked by any way.
  const bool is_on_link = !is_in_vlan(*packet);
  const bool is_dhcp = port == config_.dhcp_port && is_on_link && (is_to_us || is_to_all);
  const bool is_dns = port == config_.dns_port && is_to_us;
  if (packet->kind == Packet::Kind::arp && is_on_link) return learn(*packet);
  if (packet->kind == Packet::Kind::udp && (is_dhcp || is_dns)) return datagram(*packet);
  if (packet->kind == Packet::Kind::tcp && port == config_.dns_port && is_to_us)
    return stream(*packet);
  ++unread_;
}

}  // namespace

std::optional<std::string> replay(const config::Config& config, const std::string& file,
                                  std::ostream& out) {
  const auto octets = config::read_file(file);
  if (!octets) return octets.error().message();
  if (octets->size() > config::max_file_size)
    return "larger than 16 MiB; cut it first, as by tcpdump -c";
  if (!capture::is_capture(*octets)) return "not a capture (pcap or pcapng)";
  const auto replay = std::make_unique<Replay>(config, out);
  auto fault = capture::read(*octets, [&](const capture::Frame& frame) { replay->packet(frame); });
  replay->end();
  return fault;
}

}  // namespace berth::io
