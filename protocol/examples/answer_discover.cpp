// A whole exchange in memory, both parties played here: DISCOVER, OFFER, REQUEST, ACK. No socket,
// no server, no clock.
#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/reply_builder.hpp"
#include "protocol/dhcp/request_builder.hpp"
#include "protocol/dhcp/text.hpp"

namespace {

using namespace berth;
using dhcp::MessageType;
using dhcp::MessageView;
using dhcp::OptionCode;
using Buffer = std::array<std::byte, dhcp::default_message_size>;

constexpr auto server = net::Ipv4Address::from_octets(192, 168, 200, 1);
constexpr auto offered = net::Ipv4Address::from_octets(192, 168, 200, 4);

expected<wire::Bytes, dhcp::BuildError> answer(const MessageView& request, MessageType type,
                                               wire::MutableBytes out) {
  dhcp::ReplyBuilder reply(out, request, type, dhcp::reply_limit(request));
  reply.yiaddr(offered)
      .option(OptionCode::server_identifier, server)
      .option(OptionCode::ip_address_lease_time, std::uint32_t{43200})
      .option(OptionCode::subnet_mask, net::Ipv4Prefix{server, 24}.mask())
      .option(OptionCode::router, server);
  return reply.finish();
}

void show(wire::Bytes octets) {
  if (const auto message = MessageView::parse(octets)) std::cout << dhcp::to_line(*message) << '\n';
}

}  // namespace

int main() {
  const dhcp::Requester client = {.chaddr = *net::MacAddress::parse("52:52:52:00:00:01"),
                                  .xid = 0x3903f326};
  Buffer of_client;
  Buffer of_server;

  const auto discover = dhcp::RequestBuilder::discover(of_client, client).finish();
  if (!discover) return 1;
  show(*discover);

  const auto offer = answer(*MessageView::parse(*discover), MessageType::offer, of_server);
  if (!offer) return 1;
  show(*offer);

  const auto request =
      dhcp::RequestBuilder::request_selecting(of_client, client, *MessageView::parse(*offer))
          .finish();
  if (!request) return 1;
  show(*request);

  const auto ack = answer(*MessageView::parse(*request), MessageType::ack, of_server);
  if (!ack) return 1;
  show(*ack);
  std::cout << '\n' << dhcp::to_dump(*MessageView::parse(*ack));
}
