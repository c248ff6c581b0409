#include "tests/server/binder/model/apple.hpp"

#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {

void MdnsResponder::add_network() noexcept {
  if (networks_++ == 0) udp_ = tcp_ = {};
}

void MdnsResponder::remove_network(Kernel& kernel) {
  if (networks_ == 0 || --networks_ != 0) return;
  for (const One& one : {udp_, tcp_}) {
    kernel.close(one.id);
    kernel.close(one.ipv6_id);
  }
  udp_ = tcp_ = {};
}

bool MdnsResponder::wants(Protocol protocol) const noexcept {
  return networks_ != 0 && !of(protocol).tried;
}

Socket MdnsResponder::socket_for(Protocol protocol) {
  const SocketWords words{.reuse_address = protocol == Protocol::tcp, .uid = mdns_uid};
  return socket_on(protocol, everywhere, 53, words, Owner::mdns_responder);
}

bool MdnsResponder::bind(Kernel& kernel, Protocol protocol) {
  const Socket socket = socket_for(protocol);
  const auto bound = kernel.bind(socket);
  const auto bound_ipv6 = kernel.bind(on_ipv6(socket, everywhere_ipv6));
  (protocol == Protocol::udp ? udp_ : tcp_) = {true, bound.value_or(0), bound_ipv6.value_or(0)};
  return bound && bound_ipv6;
}

void MdnsResponder::add_to(Digest& digest) const {
  digest.add(networks_);
  for (const One& one : {udp_, tcp_}) {
    digest.add(one.tried);
    digest.add(one.id != 0);
    digest.add(one.ipv6_id != 0);
  }
}

void Bootpd::remove_network(Kernel& kernel) {
  if (networks_ == 0 || --networks_ != 0) return;
  kernel.close(socket_);
  socket_ = 0;
  tried_ = false;
  exit();
}

bool Bootpd::bind(Kernel& kernel) {
  tried_ = true;
  const auto bound = kernel.bind(udp(everywhere, 67, {.reuse_address = true}, Owner::launchd));
  if (bound) socket_ = *bound;
  return bound.has_value();
}

void Bootpd::exit() noexcept { running_ = withdrawn_ = offered_ = false; }

std::optional<DhcpMessage> Bootpd::answer(const DhcpMessage& request) {
  if (withdrawn_) return std::nullopt;
  const DhcpMessage ack{Kind::ack, request.asking, ours, from_pool};
  const DhcpMessage nak{Kind::nak, request.asking, ours, {}};
  if (request.kind == Kind::discover) {
    offered_ = true;
    return DhcpMessage{Kind::offer, {}, ours, from_pool};
  }
  if (request.asking == Asking::selecting) return answer_selecting(request);
  if (!binding_) return std::nullopt;  // 2.10
  // That a client it knows gets a NAK for another address is not in the facts; it is the worse
  // case.
  return request.address == from_pool ? ack : nak;
}

std::optional<DhcpMessage> Bootpd::answer_selecting(const DhcpMessage& request) {
  if (request.server != ours) {  // 2.12
    offered_ = binding_ = false;
    withdrawn_ = true;
    return std::nullopt;
  }
  if (!offered_ && !binding_) return std::nullopt;  // 2.11, its end
  if (request.address != from_pool) return DhcpMessage{Kind::nak, request.asking, ours, {}};
  offered_ = false;
  binding_ = true;
  return DhcpMessage{Kind::ack, request.asking, ours, from_pool};
}

void Bootpd::add_to(Digest& digest) const {
  digest.add(networks_);
  for (const bool fact : {tried_, socket_ != 0, running_, withdrawn_, offered_, binding_})
    digest.add(fact);
}

}  // namespace berth::binder::model
