// Whatever datagrams arrive in whatever order and time: a well-formed reply to its own request with
// nothing but the sender's own address, sent to where that client is, or a named reason for
// silence.
//
// Input: steps, each an octet that says what happens and what it takes.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "protocol/dhcp/reply_builder.hpp"
#include "server/dhcp/responder.hpp"

namespace {

using namespace berth;
using namespace berth::dhcp;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr net::Ipv4Address ip(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return net::Ipv4Address::from_octets(a, b, c, d);
}

config::Network network(std::string key, net::Ipv4Prefix subnet, std::uint8_t hosts) {
  config::Network network;
  network.domain = *dns::Name::parse(key);
  network.key = std::move(key);
  network.subnet = subnet;
  network.address = *subnet.host(1);
  network.routers = {network.address};
  network.dns_servers = {network.address};
  for (std::uint8_t i = 0; i < hosts; ++i) {
    config::Host& host = network.hosts.emplace_back();
    host.name = std::string(1, static_cast<char>('a' + i));
    host.macs = {net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, i)};
    host.address = *subnet.host(3u + i);
  }
  return network;
}

// `variant` moves hosts, so that a reload changes who holds what.
config::Config configuration(std::uint8_t variant) {
  config::Config config;
  config.networks = {network("kubenet", {ip(192, 168, 200, 0), 24}, 7),
                     network("rack", {ip(10, 0, 0, 0), 8}, 3)};
  config.networks[0].relays = {{ip(172, 16, 0, 0), 12}};
  config.networks[0].hosts[1].address = ip(192, 168, 200, static_cast<std::uint8_t>(20 + variant));
  config.networks[0].hosts[2].boot = config::Boot{ip(192, 168, 200, 9), "undionly.kpxe"};
  config.networks[0].hosts[3].ignore = true;
  config.networks[0].hosts[4].address.reset();
  config.networks[0].hosts[5].options = {
      {OptionCode{224}, false, std::vector<std::byte>(300, std::byte{1})},
      {OptionCode{225}, false, std::vector<std::byte>(200, std::byte{2})}};
  config.networks[0].hosts[6].lease = config::infinite;
  config.networks[1].authoritative = config::Authoritative::all;
  return config;
}

class Steps {
 public:
  explicit Steps(wire::Bytes input) : input_(input) {}

  bool done() const { return input_.empty(); }
  std::uint8_t u8() {
    if (input_.empty()) return 0;
    const auto octet = std::to_integer<std::uint8_t>(input_[0]);
    input_ = input_.subspan(1);
    return octet;
  }
  net::Ipv4Address address() {
    constexpr std::array usual{ip(0, 0, 0, 0),       ip(255, 255, 255, 255), ip(192, 168, 200, 1),
                               ip(192, 168, 200, 3), ip(10, 0, 0, 1),        ip(10, 0, 0, 3)};
    const std::uint8_t which = u8();
    if (which < usual.size()) return usual.at(which);
    const std::array rest{u8(), u8(), u8()};
    return ip(which, rest[0], rest[1], rest[2]);
  }
  wire::Bytes datagram() {
    const std::size_t size = std::min<std::size_t>(u8() * std::size_t{8}, input_.size());
    const wire::Bytes datagram = input_.first(size);
    input_ = input_.subspan(size);
    return datagram;
  }

 private:
  wire::Bytes input_;
};

// Each made once: most of the time is to go into the responder.
const config::Config& configuration_of(std::uint8_t variant) {
  static const std::array all{configuration(0), configuration(1), configuration(2),
                              configuration(3)};
  return all[variant % all.size()];
}

// The one address that this request's sender may be given on this network.
net::Ipv4Address own_address(const Plan& plan, NetworkIndex network, const MessageView& request) {
  const auto host =
      plan.network(network).leases.find(net::MacAddress::from_bytes(request.chaddr())).host;
  return host == no_index ? net::Ipv4Address{} : plan.network(network).hosts[host].address;
}

void check(const Plan& plan, const Request& read, const Ingress& ingress, const Reply& reply,
           std::size_t room) {
  const MessageView& request = read.message();
  const auto answer = MessageView::parse(reply.payload);
  require(answer && answer->op() == Op::bootreply && answer->xid() == request.xid());
  require(wire::equal(answer->chaddr(), request.chaddr()));
  require(answer->type() == reply.type && answer->giaddr() == request.giaddr());
  require(reply.payload.size() <=
          std::min(room, reply_limit(request, read.maximum_message_size())));
  require(reply.payload.size() >= bootp_message_size);

  // What must be there, whichever way the reply was composed.
  require(!reply.type || read.client_identifier().empty() ||
          answer->find(OptionCode::client_identifier));
  require(!reply.type || answer->find(OptionCode::server_identifier));

  const net::Ipv4Address own = own_address(plan, reply.network, request);
  require(answer->yiaddr().is_unspecified() || answer->yiaddr() == own);
  const bool gives = reply.type != MessageType::nak && request.type() != MessageType::inform;
  require(gives == !answer->yiaddr().is_unspecified());

  const Network& network = plan.network(reply.network);
  const Destination& destination = reply.destination;
  switch (destination.via) {
    case Destination::Via::relay:
      require(destination.endpoint == net::Endpoint{request.giaddr(), server_port});
      break;
    case Destination::Via::unicast:
      require(network.subnet.contains(destination.endpoint.address));
      require(destination.endpoint.address != network.address);
      break;
    case Destination::Via::link:
      require(destination.endpoint.address == own);
      require(ingress.network == reply.network);
      break;
    case Destination::Via::broadcast: require(ingress.network == reply.network); break;
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Steps steps(std::as_bytes(std::span(data, size)));
  auto plan = std::make_shared<const Plan>(configuration_of(0));
  Responder responder(plan);
  TimePoint now{};
  std::array<std::byte, split_option_room> split_options{};
  std::array<std::byte, 1500> out{};

  constexpr int steps_max = 64;
  for (int i = 0; i < steps_max && !steps.done(); ++i) {
    const std::uint8_t step = steps.u8();
    switch (step % 8) {
      case 0: now += std::chrono::milliseconds(steps.u8()); break;
      case 1: now += std::chrono::minutes(steps.u8()); break;
      case 2: {
        auto next = std::make_shared<const Plan>(configuration_of(steps.u8()), plan.get());
        require(responder.replace_plan(next) == plan);
        plan = next;
        break;
      }
      case 3: responder.on_probe(steps.u8() % 2, steps.address(), {}, now); break;
      default: {
        const Ingress ingress{
            step / 8 % 3 < 2 ? NetworkIndex{step / 8u % 3} : no_index,
            {steps.address(), client_port},
            steps.address(),
        };
        const std::size_t room = step < 128 ? out.size() : steps.u8() * std::size_t{5};
        const Request request(steps.datagram(), split_options);
        if (request.error()) break;
        const Outcome outcome = responder.handle(request, ingress, now, std::span(out).first(room));
        if (const auto* reply = std::get_if<Reply>(&outcome))
          check(*plan, request, ingress, *reply, room);
        if (const auto* drop = std::get_if<Drop>(&outcome)) require(!name(*drop).empty());
      }
    }
    responder.on_timer(now);
    require(!responder.next_deadline() || *responder.next_deadline() > now);
    while (const auto notice = responder.next_notice()) {
      const bool is_stranger = notice->kind == Notice::Kind::unknown_client;
      const auto hosts = plan->network(notice->network).host_count();
      require(is_stranger ? notice->host == no_index : notice->host < hosts);
    }
  }
  return 0;
}
