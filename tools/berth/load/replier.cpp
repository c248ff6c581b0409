#include "tools/berth/load/replier.hpp"

#include "protocol/dhcp/reply_builder.hpp"
#include "protocol/dns/header.hpp"
#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

constexpr Time between_looks = std::chrono::milliseconds(10);
constexpr auto own_mac = net::MacAddress::from_octets(0x02, 0xbe, 0x57, 0xff, 0xff, 0xff);

}  // namespace

// To each its address: 10 and the last three octets of its own.
std::optional<wire::Bytes> canned_dhcp(wire::Bytes message, wire::MutableBytes out) {
  const auto request = dhcp::MessageView::parse(message);
  if (!request || request->op() != dhcp::Op::bootrequest || request->chaddr().size() != 6)
    return std::nullopt;
  const bool is_discover = request->type() == dhcp::MessageType::discover;
  if (!is_discover && request->type() != dhcp::MessageType::request) return std::nullopt;
  const net::Ipv4Address address{10u << 24 | (wire::load_u32(request->chaddr(), 2) & 0x00ffffffu)};
  dhcp::ReplyBuilder builder(out, *request,
                             is_discover ? dhcp::MessageType::offer : dhcp::MessageType::ack,
                             dhcp::default_message_size);
  builder.yiaddr(address)
      .option(dhcp::OptionCode::server_identifier, canned_server)
      .option(dhcp::OptionCode::ip_address_lease_time, std::uint32_t{3600})
      .option(dhcp::OptionCode::subnet_mask, net::Ipv4Prefix{address, 8}.mask());
  const auto reply = builder.finish();
  return reply ? std::optional<wire::Bytes>(*reply) : std::nullopt;
}

// The question with the bit that makes it an answer.
std::optional<wire::Bytes> canned_dns(wire::Bytes message, wire::MutableBytes out) {
  if (message.size() < dns::header_size || message.size() > out.size()) return std::nullopt;
  wire::copy(message, out);
  const std::uint16_t flags = wire::load_u16(message, dns::field::flags);
  wire::store_u16(out, dns::field::flags, flags | dns::flag::qr);
  return out.first(message.size());
}

Replier::Replier(std::unique_ptr<Carrier> carrier, CannedReply reply)
    : carrier_(std::move(carrier)), reply_(reply), thread_([this] { serve(); }) {}

Replier::~Replier() {
  is_over_ = true;
  thread_.join();
}

void Replier::serve() {
  std::vector<pollfd> descriptors;
  while (!is_over_) {
    const auto messages = carrier_->receive();
    for (const Message& message : messages) answer(message);
    carrier_->send(outbox_.messages());
    outbox_.clear();
    if (!messages.empty()) continue;
    descriptors.clear();
    carrier_->add_descriptors(descriptors);
    wait_for(descriptors, between_looks);
  }
}

void Replier::answer(const Message& message) {
  if (outbox_.is_full()) return;
  const auto reply = reply_(message.octets, outbox_.room());
  if (!reply) return;
  Path path = message.path;
  std::swap(path.source, path.destination);
  if (path.destination.address.is_unspecified())
    path.destination.address = net::Ipv4Address::broadcast();
  path.source.address = canned_server;
  path.destination_mac = message.path.source_mac;
  path.source_mac = own_mac;
  outbox_.commit(*reply, path);
}

}  // namespace berth::load
