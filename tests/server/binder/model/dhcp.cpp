#include "tests/server/binder/model/dhcp.hpp"

#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {

std::optional<DhcpMessage> answer_of_berthd(const DhcpMessage& request,
                                            net::Ipv4Address server_id) {
  if (request.kind == Kind::discover)
    return DhcpMessage{Kind::offer, request.asking, server_id, reserved};
  const bool names_us = request.server == ours || request.server == server_id;
  if (request.asking == Asking::selecting && !names_us) return std::nullopt;
  const bool is_right = request.address == reserved;
  return DhcpMessage{is_right ? Kind::ack : Kind::nak, request.asking, server_id,
                     is_right ? reserved : net::Ipv4Address{}};
}

}  // namespace berth::binder::model
