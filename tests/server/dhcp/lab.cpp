#include "tests/server/dhcp/lab.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace berth::dhcp::lab {
namespace {

dns::Name domain(std::string_view text) { return *dns::Name::parse(text); }

config::Network network(std::string key, net::Ipv4Prefix subnet, net::Ipv4Address address) {
  config::Network network;
  network.domain = domain(key);
  network.key = std::move(key);
  network.subnet = subnet;
  network.address = address;
  network.routers = {address};
  network.dns_servers = {address};
  return network;
}

config::Network kubenet_network() {
  config::Network net = network("kubenet", {ip(192, 168, 200, 0), 24}, us);
  net.hosts = {
      host("gateway", vm(0), ip(192, 168, 200, 3)),   host("control0", control0, control0_address),
      host("control1", control1, control1_address),   host("control2", vm(3), ip(192, 168, 200, 6)),
      host("worker0", worker0, ip(192, 168, 200, 7)), host("worker1", vm(5), ip(192, 168, 200, 8)),
      host("worker2", vm(6), ip(192, 168, 200, 9)),   host("printer", printer, std::nullopt),
      host("drifter", drifter, std::nullopt),
  };
  net.hosts[4].macs.push_back(worker0_second);
  net.hosts[7].ignore = true;
  return net;
}

}  // namespace

std::string to_hex(wire::Bytes octets) {
  std::string digits;
  for (const std::byte octet : octets) {
    digits += "0123456789abcdef"[std::to_integer<int>(octet) >> 4];
    digits += "0123456789abcdef"[std::to_integer<int>(octet) & 15];
  }
  return digits;
}

Octets text(std::string_view characters) {
  const wire::Bytes octets = wire::bytes_of(characters);
  return {octets.begin(), octets.end()};
}

std::string numbered(std::string_view prefix, std::uint32_t number) {
  std::string text(prefix);
  text += std::to_string(number);
  return text;
}

config::Host host(std::string name, net::MacAddress mac, std::optional<net::Ipv4Address> address) {
  config::Host host;
  host.name = std::move(name);
  host.macs = {mac};
  host.address = address;
  return host;
}

config::Config configuration() {
  config::Config config;
  config.networks = {
      kubenet_network(),
      network("rack", {ip(10, 0, 0, 0), 24}, ip(10, 0, 0, 1)),
      network("far", {ip(10, 9, 0, 0), 16}, ip(10, 9, 0, 1)),
      network("quiet", {ip(10, 3, 0, 0), 24}, ip(10, 3, 0, 1)),
      network("mute", {ip(10, 4, 0, 0), 24}, ip(10, 4, 0, 1)),
  };
  config.networks[rack].authoritative = config::Authoritative::all;
  config.networks[rack].relays = {{ip(172, 16, 0, 1), 32}};
  config.networks[rack].hosts = {host("node0", node0, node0_address)};
  config.networks[far].attachment = config::Network::Attachment::none;
  config.networks[far].relays = {{ip(10, 9, 0, 2), 32}};
  config.networks[far].hosts = {host("remote0", remote0, remote0_address)};
  config.networks[quiet].authoritative = config::Authoritative::off;
  config.networks[quiet].hosts = {host("mouse", control0, ip(10, 3, 0, 4))};
  config.networks[mute].dhcp = false;
  config.networks[mute].hosts = {host("stone", control0, ip(10, 4, 0, 4))};
  return config;
}

Octets encode(const Ask& ask) {
  Octets octets(4096);
  wire::Writer writer(octets);
  const auto option = [&writer](std::uint8_t code, wire::Bytes value) {
    writer.u8(code);
    writer.u8(static_cast<std::uint8_t>(value.size()));
    writer.bytes(value);
  };
  const auto address_option = [&](std::uint8_t code, std::optional<net::Ipv4Address> address) {
    if (!address) return;
    std::array<std::byte, 4> value{};
    wire::store_u32(value, 0, address->value);
    option(code, value);
  };

  writer.u8(ask.op);
  writer.u8(ask.htype);
  writer.u8(ask.hlen);
  writer.u8(ask.hops);
  writer.u32(xid);
  writer.u16(7);  // secs
  writer.u16(ask.flags);
  writer.u32(ask.ciaddr.value);
  writer.zeros(8);
  writer.u32(ask.giaddr.value);
  writer.bytes(ask.client.octets);
  writer.zeros(field::cookie - writer.size());
  writer.u32(magic_cookie);
  if (ask.type) {
    const std::array type{static_cast<std::byte>(*ask.type)};
    option(53, type);
  }
  address_option(50, ask.requested);
  address_option(54, ask.server);
  if (!ask.parameters.empty()) option(55, ask.parameters);
  for (const RawOption& raw : ask.options) option(raw.code, raw.value);
  if (!ask.relay_agent.empty()) option(82, ask.relay_agent);
  writer.u8(255);
  if (writer.size() < bootp_message_size) writer.zeros(bootp_message_size - writer.size());
  EXPECT_TRUE(writer.ok());
  octets.resize(writer.size());
  return octets;
}

Outcome Server::send(const Ask& ask) { return send(ask, encode(ask)); }

Outcome Server::send(const Ask& ask, Octets datagram) {
  datagram_ = std::move(datagram);
  out_.fill(std::byte{0xa5});
  const Request request(datagram_, split_options_);
  if (request.error()) throw std::invalid_argument(std::string(name(*request.error())));
  const Ingress ingress{ask.link, {ask.source, client_port}, ask.destination, ask.we_are};
  return responder.handle(request, ingress, now, std::span(out_).first(room));
}

MessageView Server::reply_to(const Ask& ask) {
  const Outcome outcome = send(ask);
  const auto* reply = std::get_if<Reply>(&outcome);
  if (reply == nullptr) throw std::runtime_error("no reply: " + describe(outcome));
  const auto message = MessageView::parse(reply->payload);
  if (!message) throw std::runtime_error("malformed: " + std::string(name(message.error())));
  return *message;
}

void Server::reload(const config::Config& config) {
  auto next = std::make_shared<const Plan>(config, plan.get());
  EXPECT_EQ(responder.replace_plan(next), plan);
  plan = next;
}

std::vector<std::string> Server::notices() {
  std::vector<std::string> all;
  while (const auto notice = responder.next_notice()) all.push_back(describe(*notice));
  return all;
}

std::string describe(const Outcome& outcome) {
  if (const auto* drop = std::get_if<Drop>(&outcome)) return std::string(name(*drop));
  if (const auto* deferred = std::get_if<Deferred>(&outcome))
    return "probe " + net::to_string(deferred->probe);
  const Reply& reply = std::get<Reply>(outcome);
  constexpr std::array ways{"relay", "unicast", "broadcast", "link"};
  std::string line = reply.type ? std::string(name(*reply.type)) : "BOOTP";
  if (!reply.address.is_unspecified()) line += ' ' + net::to_string(reply.address);
  line += std::string(" by ") + ways.at(static_cast<std::size_t>(reply.destination.via));
  line += " to " + net::to_string(reply.destination.endpoint.address);
  return line + ':' + std::to_string(reply.destination.endpoint.port);
}

std::string describe(const Notice& notice) {
  constexpr std::array kinds{"first_lease",    "refused",          "shared_client_id",
                             "address_in_use", "address_declined", "foreign_server",
                             "unknown_client"};
  return std::string(kinds.at(static_cast<std::size_t>(notice.kind))) + ' ' +
         net::to_string(notice.mac) + ' ' + net::to_string(notice.address) +
         (notice.other_mac == net::MacAddress{} ? "" : ' ' + net::to_string(notice.other_mac));
}

std::string codes(const MessageView& message) {
  std::string line;
  for (const OptionView& option : message.options()) {
    if (!line.empty()) line += ' ';
    line += std::to_string(static_cast<int>(option.code));
  }
  return line;
}

std::string value(const MessageView& message, std::uint8_t code) {
  std::array<std::byte, 2048> scratch{};
  const auto found = message.collect(OptionCode{code}, scratch);
  return found ? to_hex(*found) : "-";
}

}  // namespace berth::dhcp::lab
