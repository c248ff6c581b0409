#include "tools/berth/load/dhcp_messages.hpp"

#include <array>

#include "protocol/dhcp/option.hpp"

namespace berth::load {
namespace {

using dhcp::RequestBuilder;
using Phase = DhcpClient::Phase;

// RFC 4361 6.1: type 255, an IAID, and a DUID; that of a machine which names its vendor (RFC 8415
// 11.3) is what systemd-networkd makes.
using DuidClientId = std::array<std::byte, 1 + 4 + 2 + 4 + 8>;

constexpr DuidClientId duid_of(const net::MacAddress& mac) noexcept {
  DuidClientId id{};
  wire::Writer writer(id);
  writer.u8(255);
  writer.bytes(wire::Bytes(mac.octets).last(4));
  writer.u16(2);           // DUID-EN
  writer.u32(0x0000ab11);  // systemd's enterprise number
  writer.u16(0);
  writer.bytes(mac.octets);
  return id;
}

void add_client_id(RequestBuilder& builder, ClientId style, const net::MacAddress& mac) noexcept {
  constexpr auto code = dhcp::OptionCode::client_identifier;
  switch (style) {
    case ClientId::none: return;
    case ClientId::mac: {
      std::array<std::byte, 7> id{std::byte{dhcp::ethernet_htype}};
      wire::copy(mac.octets, wire::MutableBytes(id).last(6));
      builder.option(code, wire::Bytes(id));
      return;
    }
    case ClientId::duid: builder.option(code, wire::Bytes(duid_of(mac))); return;
    case ClientId::shared_duid:
      builder.option(code, wire::Bytes(duid_of(net::MacAddress::broadcast())));
      return;
  }
}

void add_options(RequestBuilder& builder, wire::Bytes area) noexcept {
  for (dhcp::OptionStep step = dhcp::next_option(area); step.kind == dhcp::OptionStep::Kind::option;
       step = dhcp::next_option(step.rest))
    builder.option(step.option.code, step.option.value);
}

}  // namespace

dhcp::Requester DhcpMessages::requester(std::uint32_t number, std::uint32_t xid,
                                        std::uint16_t secs) const noexcept {
  dhcp::Requester who{.chaddr = settings_.clients[number].mac, .xid = xid, .secs = secs};
  if (settings_.wants_broadcast) who.flags = dhcp::broadcast_flag;
  if (settings_.is_relayed()) {
    who.hops = 1;
    who.giaddr = settings_.relays[number % settings_.relays.size()];
  }
  return who;
}

Path DhcpMessages::path(std::uint32_t number, const DhcpClient& client, Way way,
                        net::Ipv4Address source) const noexcept {
  if (settings_.is_relayed()) {
    const std::size_t relay = number % settings_.relays.size();
    return {.port = static_cast<std::uint16_t>(relay),
            .source = {settings_.relays[relay], settings_.relay_port},
            .destination = settings_.server};
  }
  const bool to_server = way == Way::server && client.server_mac != net::MacAddress{};
  return {.source = {source, settings_.client_port},
          .destination = {to_server ? client.server_id : net::Ipv4Address::broadcast(),
                          settings_.server.port},
          .source_mac = settings_.clients[number].mac,
          .destination_mac = to_server ? client.server_mac : net::MacAddress::broadcast()};
}

void DhcpMessages::finish(RequestBuilder& builder, std::uint32_t number, bool with_options,
                          const Path& path, Outbox& out) const noexcept {
  add_client_id(builder, settings_.client_id, settings_.clients[number].mac);
  if (with_options) add_options(builder, settings_.options);
  if (settings_.is_relayed()) builder.relay_agent_information(settings_.relay_agent_information);
  if (const auto octets = builder.finish()) out.commit(*octets, path);
}

void DhcpMessages::add(std::uint32_t number, const DhcpClient& client, std::uint32_t xid,
                       std::uint16_t secs, Outbox& out) const noexcept {
  const dhcp::Requester who = requester(number, xid, secs);
  const wire::MutableBytes room = out.room();
  const auto send = [&](RequestBuilder builder, Way way, net::Ipv4Address source) {
    finish(builder, number, true, path(number, client, way, source), out);
  };
  constexpr net::Ipv4Address nobody;
  switch (client.phase) {
    case Phase::idle: return;
    case Phase::selecting: return send(RequestBuilder::discover(room, who), Way::everybody, nobody);
    case Phase::requesting:
      return send(RequestBuilder::request_selecting(room, who, client.address, client.server_id),
                  Way::everybody, nobody);
    case Phase::rebooting:
      return send(RequestBuilder::request_init_reboot(room, who, client.address), Way::everybody,
                  nobody);
    case Phase::renewing:
      return send(RequestBuilder::request_renewing(room, who, client.address), Way::server,
                  client.address);
    case Phase::rebinding:
      return send(RequestBuilder::request_rebinding(room, who, client.address), Way::everybody,
                  client.address);
    case Phase::informing:
      return send(RequestBuilder::inform(room, who, client.address), Way::everybody,
                  client.address);
  }
}

// RFC 2131 table 5: neither of these two asks for parameters.
void DhcpMessages::add_release(std::uint32_t number, const DhcpClient& client, std::uint32_t xid,
                               Outbox& out) const noexcept {
  auto builder = RequestBuilder::release(out.room(), requester(number, xid, 0), client.address,
                                         client.server_id);
  finish(builder, number, false, path(number, client, Way::server, client.address), out);
}

void DhcpMessages::add_decline(std::uint32_t number, const DhcpClient& client, std::uint32_t xid,
                               Outbox& out) const noexcept {
  auto builder = RequestBuilder::decline(out.room(), requester(number, xid, 0), client.address,
                                         client.server_id);
  finish(builder, number, false, path(number, client, Way::everybody, {}), out);
}

}  // namespace berth::load
