#include "tools/berth/simulation.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/request_builder.hpp"
#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/text.hpp"
#include "server/dhcp/responder.hpp"
#include "server/dns/responder.hpp"

namespace berth::tools {
namespace {

using dhcp::MessageView;
using dhcp::OptionCode;
using dhcp::RequestBuilder;

constexpr std::size_t frame_room = 1472;
constexpr std::size_t tcp_room = 65'535;

// How a client's broadcasts reach the server.
struct Path {
  dhcp::Requester who;
  dhcp::Ingress ingress;
};

Path path_to(const config::Config& plan, std::uint32_t index, const net::MacAddress& mac) {
  const config::Network& network = plan.networks[index];
  Path path;
  path.who = {.chaddr = mac, .xid = 1, .flags = dhcp::broadcast_flag};
  if (network.has_link()) {
    path.ingress = {
        index, {net::Ipv4Address::any(), dhcp::client_port}, net::Ipv4Address::broadcast()};
    return path;
  }
  if (!network.relays.empty()) {
    const net::Ipv4Prefix& relay = network.relays.front();
    path.who.giaddr = {relay.network().value + (relay.length == 32 ? 0 : 1)};
  }
  const auto near = std::ranges::find_if(plan.networks, [&](const config::Network& other) {
    return other.has_link() && other.address == network.address;
  });
  path.ingress = {static_cast<dhcp::NetworkIndex>(near - plan.networks.begin()),
                  {path.who.giaddr, dhcp::server_port},
                  network.address};
  return path;
}

std::vector<std::byte> parameters(const std::vector<OptionCode>& wanted) {
  std::vector<std::byte> codes;
  for (const OptionCode code : wanted)
    if (std::ranges::find(codes, std::byte{static_cast<std::uint8_t>(code)}) == codes.end())
      codes.push_back(std::byte{static_cast<std::uint8_t>(code)});
  return codes;
}

SimulatedLease read_ack(const MessageView& ack, const std::vector<OptionCode>& wanted) {
  SimulatedLease lease;
  lease.address = ack.yiaddr();
  if (const auto time = ack.find(OptionCode::ip_address_lease_time)) lease.seconds = time->u32();
  std::array<std::byte, frame_room> scratch;
  for (const OptionCode code : wanted)
    if (const auto value = ack.collect(code, scratch))
      lease.options.push_back({code, {value->begin(), value->end()}});
  return lease;
}

}  // namespace

struct Simulation::Core {
  explicit Core(const config::Config& config)
      : plan(config),
        dhcp(std::make_shared<const dhcp::Plan>(config)),
        dns(std::make_shared<const dns::Zones>(config)) {}

  dhcp::Outcome send(RequestBuilder& builder, const dhcp::Ingress& ingress) {
    const auto datagram = builder.finish();
    if (!datagram) return dhcp::Drop::reply_too_big;
    const dhcp::Request request(*datagram, scratch);
    return dhcp.handle(request, ingress, TimePoint{}, reply);
  }

  const config::Config& plan;
  dhcp::Responder dhcp;
  dns::Responder dns;
  std::array<std::byte, frame_room> message{};
  std::array<std::byte, frame_room> reply{};
  std::array<std::byte, dhcp::split_option_room> scratch{};
};

Simulation::Simulation(const config::Config& plan) : core_(std::make_unique<Core>(plan)) {}
Simulation::~Simulation() = default;

SimulatedLease Simulation::lease(std::uint32_t network, const net::MacAddress& mac,
                                 const std::vector<OptionCode>& wanted) {
  const Path path = path_to(core_->plan, network, mac);
  const auto codes = parameters(wanted);
  const auto exchange = [&](RequestBuilder builder) -> expected<MessageView, dhcp::Drop> {
    if (!codes.empty()) builder.option(OptionCode::parameter_request_list, wire::Bytes(codes));
    const dhcp::Outcome outcome = core_->send(builder, path.ingress);
    if (const auto* drop = std::get_if<dhcp::Drop>(&outcome)) return unexpected(*drop);
    const auto* reply = std::get_if<dhcp::Reply>(&outcome);
    const auto view =
        reply != nullptr
            ? MessageView::parse(reply->payload)
            : expected<MessageView, dhcp::ParseError>(MessageView::parse(wire::Bytes()));
    if (!view) return unexpected(dhcp::Drop::no_address);
    return *view;
  };
  const auto offer = exchange(RequestBuilder::discover(core_->message, path.who));
  if (!offer) return {.address = {}, .why_not = dhcp::name(offer.error()), .seconds = {}};
  const auto ack = exchange(RequestBuilder::request_selecting(core_->message, path.who, *offer));
  if (!ack) return {.address = {}, .why_not = dhcp::name(ack.error()), .seconds = {}};
  return read_ack(*ack, wanted);
}

SimulatedAnswer Simulation::ask(const dns::Name& qname, dns::RrType qtype,
                                std::optional<net::Ipv4Address> asker) {
  const auto& networks = core_->plan.networks;
  const net::Ipv4Address source = asker.value_or(networks.front().address);
  const auto at = std::ranges::find_if(
      networks, [&](const config::Network& network) { return network.subnet.contains(source); });
  const dns::Client client{.source = {source, 40'000},
                           .transport = dns::Transport::tcp,
                           .network = at == networks.end()
                                          ? dns::no_network
                                          : static_cast<dns::NetworkIndex>(at - networks.begin()),
                           .is_host = !asker};

  dns::MessageBuilder builder(core_->message, 1, dns::flag::rd);
  builder.question(qname.wire(), qtype, dns::RrClass::in);
  const auto query = builder.finish();
  std::vector<std::byte> out(tcp_room);
  const dns::Outcome outcome = core_->dns.handle(*query, client, out);
  if (const auto* drop = std::get_if<dns::Drop>(&outcome)) return {.why_not = dns::name(*drop)};
  const auto message = dns::MessageView::parse(std::get<dns::Reply>(outcome).payload);
  if (!message) return {.why_not = "malformed"};
  SimulatedAnswer answer{.answered = true, .why_not = {}, .rcode = message->rcode(), .rdata = {}};
  for (const dns::ResourceRecord& record : message->records(dns::Section::answer))
    if (record.type == qtype) dns::append_rdata_text(answer.rdata.emplace_back(), record);
  std::ranges::sort(answer.rdata);
  return answer;
}

const SimulatedLease::Value* SimulatedLease::find(OptionCode code) const noexcept {
  const auto found = std::ranges::find(options, code, &Value::code);
  return found == options.end() ? nullptr : &*found;
}

std::string SimulatedLease::option_text(OptionCode code) const {
  std::string text;
  if (const Value* const value = find(code))
    dhcp::append_option_text(text, {value->code, value->octets});
  return text;
}

}  // namespace berth::tools
