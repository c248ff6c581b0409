#include "protocol/dhcp/request_builder.hpp"

#include <array>

#include "protocol/dhcp/option_writer.hpp"

namespace berth::dhcp {

RequestBuilder::RequestBuilder(wire::MutableBytes out, const Requester& who,
                               std::optional<MessageType> type, net::Ipv4Address ciaddr) noexcept
    : writer_(out) {
  writer_.u8(static_cast<std::uint8_t>(Op::bootrequest));
  writer_.u8(ethernet_htype);
  writer_.u8(static_cast<std::uint8_t>(who.chaddr.octets.size()));
  writer_.u8(who.hops);
  writer_.u32(who.xid);
  writer_.u16(who.secs);
  writer_.u16(who.flags);
  writer_.u32(ciaddr.value);
  writer_.u32(0);  // yiaddr
  writer_.u32(0);  // siaddr
  writer_.u32(who.giaddr.value);
  writer_.bytes(who.chaddr.octets);
  writer_.zeros(field::cookie - field::chaddr - who.chaddr.octets.size());
  writer_.u32(magic_cookie);
  if (type) option(OptionCode::dhcp_message_type, static_cast<std::uint8_t>(*type));
}

RequestBuilder RequestBuilder::discover(wire::MutableBytes out, const Requester& who) noexcept {
  return {out, who, MessageType::discover, net::Ipv4Address::any()};
}

RequestBuilder RequestBuilder::request_selecting(wire::MutableBytes out, const Requester& who,
                                                 const MessageView& offer) noexcept {
  const auto server = offer.find(OptionCode::server_identifier);
  const auto server_identifier = server ? server->ipv4() : std::nullopt;
  if (server_identifier) return request_selecting(out, who, offer.yiaddr(), *server_identifier);
  RequestBuilder poisoned(out, who, MessageType::request, net::Ipv4Address::any());
  poisoned.writer_.fail();
  return poisoned;
}

RequestBuilder RequestBuilder::request_selecting(wire::MutableBytes out, const Requester& who,
                                                 net::Ipv4Address requested,
                                                 net::Ipv4Address server_identifier) noexcept {
  RequestBuilder builder(out, who, MessageType::request, net::Ipv4Address::any());
  builder.option(OptionCode::requested_ip_address, requested)
      .option(OptionCode::server_identifier, server_identifier);
  return builder;
}

RequestBuilder RequestBuilder::request_init_reboot(wire::MutableBytes out, const Requester& who,
                                                   net::Ipv4Address requested) noexcept {
  RequestBuilder builder(out, who, MessageType::request, net::Ipv4Address::any());
  builder.option(OptionCode::requested_ip_address, requested);
  return builder;
}

RequestBuilder RequestBuilder::request_renewing(wire::MutableBytes out, const Requester& who,
                                                net::Ipv4Address ciaddr) noexcept {
  return {out, who, MessageType::request, ciaddr};
}

RequestBuilder RequestBuilder::request_rebinding(wire::MutableBytes out, const Requester& who,
                                                 net::Ipv4Address ciaddr) noexcept {
  return {out, who, MessageType::request, ciaddr};
}

RequestBuilder RequestBuilder::decline(wire::MutableBytes out, const Requester& who,
                                       net::Ipv4Address declined,
                                       net::Ipv4Address server_identifier) noexcept {
  RequestBuilder builder(out, who, MessageType::decline, net::Ipv4Address::any());
  builder.option(OptionCode::requested_ip_address, declined)
      .option(OptionCode::server_identifier, server_identifier);
  return builder;
}

RequestBuilder RequestBuilder::release(wire::MutableBytes out, const Requester& who,
                                       net::Ipv4Address ciaddr,
                                       net::Ipv4Address server_identifier) noexcept {
  RequestBuilder builder(out, who, MessageType::release, ciaddr);
  builder.option(OptionCode::server_identifier, server_identifier);
  return builder;
}

RequestBuilder RequestBuilder::inform(wire::MutableBytes out, const Requester& who,
                                      net::Ipv4Address ciaddr) noexcept {
  return {out, who, MessageType::inform, ciaddr};
}

RequestBuilder RequestBuilder::bootp(wire::MutableBytes out, const Requester& who) noexcept {
  return {out, who, std::nullopt, net::Ipv4Address::any()};
}

RequestBuilder& RequestBuilder::option(OptionCode code, wire::Bytes value) noexcept {
  write_option(writer_, code, value);
  return *this;
}

RequestBuilder& RequestBuilder::option(OptionCode code, std::uint8_t value) noexcept {
  writer_.u8(static_cast<std::uint8_t>(code));
  writer_.u8(1);
  writer_.u8(value);
  return *this;
}

RequestBuilder& RequestBuilder::option(OptionCode code, std::uint16_t value) noexcept {
  writer_.u8(static_cast<std::uint8_t>(code));
  writer_.u8(2);
  writer_.u16(value);
  return *this;
}

RequestBuilder& RequestBuilder::option(OptionCode code, std::uint32_t value) noexcept {
  writer_.u8(static_cast<std::uint8_t>(code));
  writer_.u8(4);
  writer_.u32(value);
  return *this;
}

RequestBuilder& RequestBuilder::option(OptionCode code, net::Ipv4Address value) noexcept {
  return option(code, value.value);
}

RequestBuilder& RequestBuilder::relay_agent_information(wire::Bytes value) noexcept {
  relay_agent_information_ = value;
  return *this;
}

std::optional<wire::Bytes> RequestBuilder::finish() noexcept {
  if (!relay_agent_information_.empty())
    option(OptionCode::relay_agent_information, relay_agent_information_);
  writer_.u8(static_cast<std::uint8_t>(OptionCode::end));
  if (writer_.size() < bootp_message_size) writer_.zeros(bootp_message_size - writer_.size());
  if (!writer_.ok()) return std::nullopt;
  return writer_.written();
}

}  // namespace berth::dhcp
