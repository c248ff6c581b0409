#include "protocol/dhcp/client_fqdn.hpp"

namespace berth::dhcp {
namespace {

constexpr std::size_t name_offset = 3;        // behind the flags and the two RCODEs
constexpr std::uint8_t obsolete_rcode = 255;  // RFC 4702 2.2: what servers send

std::optional<DomainText> parse_ascii(std::string_view text) noexcept {
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text.empty() ? DomainText() : parse_domain(text);
}

std::optional<DomainText> parse_wire(wire::Bytes value) noexcept {
  const auto step = read_domain(value, 0, DomainEnd::root_label_or_value);
  if (!step || step->next != value.size()) return std::nullopt;
  return step->name;
}

}  // namespace

std::optional<ClientFqdn> ClientFqdn::parse(wire::Bytes value) noexcept {
  if (value.size() < name_offset) return std::nullopt;
  ClientFqdn fqdn;
  fqdn.flags_ = wire::load_u8(value, 0);
  const wire::Bytes rest = value.subspan(name_offset);
  const auto name = fqdn.wire_encoding() ? parse_wire(rest) : parse_ascii(wire::text_of(rest));
  if (!name) return std::nullopt;
  fqdn.name_ = *name;
  return fqdn;
}

std::optional<wire::Bytes> build_client_fqdn_reply(const ClientFqdn& request, bool server_updates,
                                                   std::string_view name,
                                                   wire::MutableBytes out) noexcept {
  auto domain = parse_domain(name);
  if (!domain) return std::nullopt;
  domain->end_at_root();
  const bool overridden = server_updates != request.server_updates();
  const int flags = (server_updates ? fqdn_flag::server_updates : 0) |
                    (overridden ? fqdn_flag::overridden : 0) |
                    (request.wire_encoding() ? fqdn_flag::wire_encoding : 0) |
                    (request.no_updates() && !server_updates ? fqdn_flag::no_updates : 0);
  wire::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(flags));
  writer.u8(obsolete_rcode);
  writer.u8(obsolete_rcode);
  if (request.wire_encoding())
    write_domain(*domain, writer);
  else
    writer.bytes(wire::bytes_of(domain->view()));
  if (!writer.ok()) return std::nullopt;
  return writer.written();
}

}  // namespace berth::dhcp
