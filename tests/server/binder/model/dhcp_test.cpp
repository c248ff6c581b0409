// That the model of berthd's answers is berthd's: the same requests to the model and to the
// responder.
#include "tests/server/binder/model/dhcp.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/server/binder/model/sockets.hpp"
#include "tests/server/dhcp/lab.hpp"

namespace berth::binder::model {
namespace {

using dhcp::MessageType;

// Kind, server identifier, and whether the address is the reserved one.
std::string of_model(const DhcpMessage& request, net::Ipv4Address server_id) {
  const auto reply = answer_of_berthd(request, server_id);
  if (!reply) return "silence";
  const char* const names[] = {"", "DHCPOFFER", "", "DHCPACK", "DHCPNAK"};
  return names[static_cast<std::size_t>(reply->kind)] + (" by " + net::to_string(reply->server)) +
         (reply->address == reserved ? ", reserved" : "");
}

std::string of_responder(const DhcpMessage& request, net::Ipv4Address server_id) {
  dhcp::lab::Server server;
  const bool is_right = request.address == reserved;
  const net::Ipv4Address address = is_right ? dhcp::lab::control0_address : from_pool;
  dhcp::lab::Ask ask;
  ask.destination = request.destination;
  ask.we_are = server_id;
  if (request.kind == Kind::request) {
    ask.type = MessageType::request;
    const bool has_address =
        request.asking == Asking::renewing || request.asking == Asking::rebinding;
    if (has_address)
      ask.ciaddr = ask.source = address;
    else
      ask.requested = address;
    if (request.asking == Asking::selecting) ask.server = request.server;
  }
  if (!std::holds_alternative<dhcp::Reply>(server.send(ask))) return "silence";
  const dhcp::MessageView reply = server.reply_to(ask);
  const auto id = reply.find(dhcp::OptionCode::server_identifier);
  return std::string(dhcp::name(*reply.type())) + " by " + net::to_string(*id->ipv4()) +
         (reply.yiaddr() == dhcp::lab::control0_address ? ", reserved" : "");
}

TEST(ModelOfBerthd, AnswersAsTheResponderDoes) {
  const net::Ipv4Address another = net::Ipv4Address::from_octets(192, 168, 200, 9);
  std::vector<DhcpMessage> requests{DhcpMessage{}};
  for (const net::Ipv4Address address : {reserved, from_pool}) {
    for (const net::Ipv4Address server : {ours, second_id, another})
      requests.push_back({Kind::request, Asking::selecting, server, address});
    requests.push_back({Kind::request, Asking::init_reboot, {}, address});
    requests.push_back({Kind::request, Asking::rebinding, {}, address});
    requests.push_back({Kind::request, Asking::renewing, {}, address, ours});
  }
  for (const net::Ipv4Address server_id : {ours, second_id})
    for (const DhcpMessage& request : requests)
      EXPECT_EQ(of_model(request, server_id), of_responder(request, server_id))
          << static_cast<int>(request.kind) << " " << static_cast<int>(request.asking) << " "
          << net::to_string(request.address) << " " << net::to_string(request.server);
}

}  // namespace
}  // namespace berth::binder::model
