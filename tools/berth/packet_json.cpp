#include "tools/berth/packet_json.hpp"

#include <array>
#include <bitset>
#include <boost/json/array.hpp>
#include <string>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/printable.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/text.hpp"
#include "protocol/wire/hex.hpp"
#include "tools/berth/json.hpp"

namespace berth::tools {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string hexadecimal(wire::Bytes octets) {
  std::string text;
  wire::append_hex(text, octets);
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  dhcp::append_printable(out, wire::bytes_of(text));
  return out;
}

object option_json(const dhcp::OptionView& option) {
  const dhcp::OptionInfo* const info = dhcp::find_option(option.code);
  std::string text;
  dhcp::append_option_text(text, option);
  return {{"code", static_cast<unsigned>(option.code)},
          {"name", info == nullptr ? value(nullptr) : value(info->name)},
          {"text", text},
          {"hex", hexadecimal(option.value)}};
}

// A value in several pieces stands where its first piece does (RFC 3396).
array options_json(const dhcp::MessageView& message) {
  array list;
  std::vector<std::byte> scratch(message.bytes().size());
  std::bitset<256> joined;
  for (const dhcp::OptionView& option : message.options()) {
    const auto code = static_cast<std::uint8_t>(option.code);
    if (joined[code]) continue;
    const auto whole = message.collect(option.code, scratch);
    const bool is_split = whole && whole->data() == scratch.data();
    joined[code] = is_split;
    list.push_back(option_json(is_split ? dhcp::OptionView{option.code, *whole} : option));
  }
  return list;
}

object dhcp_json(const dhcp::MessageView& message) {
  std::string chaddr;
  dhcp::append_hexadecimal(chaddr, message.chaddr());
  return {{"op", static_cast<unsigned>(message.op())},
          {"type", message.type() ? text_or_null(dhcp::name(*message.type())) : value(nullptr)},
          {"htype", message.htype()},
          {"hops", message.hops()},
          {"xid", message.xid()},
          {"secs", message.secs()},
          {"flags", message.flags()},
          {"broadcast", message.wants_broadcast()},
          {"ciaddr", net::to_string(message.ciaddr())},
          {"yiaddr", net::to_string(message.yiaddr())},
          {"siaddr", net::to_string(message.siaddr())},
          {"giaddr", net::to_string(message.giaddr())},
          {"chaddr", chaddr},
          {"sname", printable(message.sname())},
          {"file", printable(message.file())},
          {"options", options_json(message)}};
}

template <class Code>
std::string code_text(Code code) {
  std::string text;
  dns::append_text(text, code);
  return text;
}

array flags_json(const dns::HeaderView& header) {
  struct Flag {
    std::uint16_t bit;
    std::string_view name;
  };
  constexpr std::array<Flag, 7> flags{{{dns::flag::qr, "qr"},
                                       {dns::flag::aa, "aa"},
                                       {dns::flag::tc, "tc"},
                                       {dns::flag::rd, "rd"},
                                       {dns::flag::ra, "ra"},
                                       {dns::flag::ad, "ad"},
                                       {dns::flag::cd, "cd"}}};
  array list;
  for (const Flag& flag : flags)
    if (header.has(flag.bit)) list.emplace_back(flag.name);
  return list;
}

array questions_json(const dns::MessageView& message) {
  array list;
  for (const dns::Question& question : message.questions())
    list.push_back({{"name", question.qname.to_name().to_string()},
                    {"class", code_text(question.qclass)},
                    {"type", code_text(question.qtype)}});
  return list;
}

array records_json(const dns::MessageView& message, dns::Section section) {
  array list;
  for (const dns::ResourceRecord& record : message.records(section)) {
    if (record.type == dns::RrType::opt) continue;
    std::string rdata;
    dns::append_rdata_text(rdata, record);
    list.push_back({{"name", record.owner.to_name().to_string()},
                    {"ttl", record.ttl},
                    {"class", code_text(record.rr_class)},
                    {"type", code_text(record.type)},
                    {"rdata", rdata}});
  }
  return list;
}

value edns_json(const dns::MessageView& message) {
  const auto edns = message.edns();
  if (!edns) return nullptr;
  array options;
  for (const dns::EdnsOption& option : edns->options)
    options.push_back(
        {{"code", static_cast<unsigned>(option.code)}, {"hex", hexadecimal(option.data)}});
  return object{{"version", edns->version},
                {"udp_size", edns->udp_size},
                {"dnssec_ok", edns->dnssec_ok},
                {"options", std::move(options)}};
}

object dns_json(const dns::MessageView& message) {
  const dns::HeaderView header = message.header();
  return {{"id", header.id()},
          {"opcode", code_text(header.opcode())},
          {"rcode", code_text(message.rcode())},
          {"flags", flags_json(header)},
          {"questions", questions_json(message)},
          {"answers", records_json(message, dns::Section::answer)},
          {"authority", records_json(message, dns::Section::authority)},
          {"additional", records_json(message, dns::Section::additional)},
          {"edns", edns_json(message)}};
}

object arp_json(const net::ArpPacket& packet) {
  return {{"op", packet.op == net::ArpPacket::Op::request ? "request" : "reply"},
          {"sender_mac", net::to_string(packet.sender_mac)},
          {"sender_ip", net::to_string(packet.sender_ip)},
          {"target_mac", net::to_string(packet.target_mac)},
          {"target_ip", net::to_string(packet.target_ip)}};
}

object icmp_json(wire::Bytes message) {
  const std::uint8_t type = wire::load_u8(message, 0);
  return {{"type", type},
          {"code", wire::load_u8(message, 1)},
          {"name", text_or_null(net::icmp_type_name(type))}};
}

}  // namespace

value message_json(const Decoded& decoded) {
  using Kind = Decoded::Kind;
  if (decoded.octets.empty()) return nullptr;
  switch (decoded.kind) {
    case Kind::dhcp: return dhcp_json(*dhcp::MessageView::parse(decoded.octets));
    case Kind::dns: return dns_json(*dns::MessageView::parse(decoded.octets));
    case Kind::arp: return arp_json(*net::parse_arp(decoded.octets));
    case Kind::icmp: return icmp_json(decoded.octets);
    case Kind::fragment:
    case Kind::other: break;
  }
  return nullptr;
}

}  // namespace berth::tools
