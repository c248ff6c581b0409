#include "server/dhcp/request.hpp"

#include <array>
#include <cassert>

#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {
namespace {

// The options whose value may be split over several.
struct Splittable {
  OptionCode code;
  wire::Bytes Request::*value;
};
constexpr std::array splittable{
    Splittable{OptionCode::parameter_request_list, &Request::parameters},
    Splittable{OptionCode::client_identifier, &Request::client_identifier},
    Splittable{OptionCode::client_fqdn, &Request::client_fqdn},
    Splittable{OptionCode::client_machine_identifier, &Request::machine_identifier},
    Splittable{OptionCode::relay_agent_information, &Request::relay_agent_information},
};

}  // namespace

Request::Request(const MessageView& from, wire::MutableBytes scratch) noexcept
    : message(from), chaddr(net::MacAddress::from_bytes(from.chaddr())) {
  assert(scratch.size() >= split_option_room);
  bool any_split = false;
  const auto keep_address = [](std::optional<net::Ipv4Address>& kept, const OptionView& option) {
    if (!kept) kept = option.ipv4();
  };
  const auto keep = [&any_split](wire::Bytes& kept, const OptionView& option) {
    any_split |= kept.data() != nullptr;
    if (kept.data() == nullptr) kept = option.value;
  };
  for (const OptionView& option : message.options()) {
    switch (option.code) {
      case OptionCode::requested_ip_address: keep_address(requested_address, option); break;
      case OptionCode::server_identifier: keep_address(server_identifier, option); break;
      case OptionCode::subnet_selection: keep_address(subnet_selection, option); break;
      case OptionCode::maximum_dhcp_message_size:
        if (!maximum_message_size) maximum_message_size = option.u16();
        break;
      case OptionCode::parameter_request_list: keep(parameters, option); break;
      case OptionCode::client_identifier: keep(client_identifier, option); break;
      case OptionCode::client_fqdn: keep(client_fqdn, option); break;
      case OptionCode::client_machine_identifier: keep(machine_identifier, option); break;
      case OptionCode::relay_agent_information: keep(relay_agent_information, option); break;
      default: break;
    }
  }
  if (any_split) join(scratch);

  // RFC 2132 9.14: a type octet and at least one more.
  if (client_identifier.size() < 2) client_identifier = {};

  read_relay_agent_information();
}

void Request::join(wire::MutableBytes scratch) noexcept {
  for (const Splittable& option : splittable) {
    const auto joined = message.collect(option.code, scratch);
    this->*option.value = joined.value_or(wire::Bytes{});
    // What stands in one piece is borrowed from the message.
    if (joined && joined->data() == scratch.data()) scratch = scratch.subspan(joined->size());
  }
}

void Request::read_relay_agent_information() noexcept {
  const auto agent =
      is_relayed() ? RelayAgentInformation::parse(relay_agent_information) : std::nullopt;
  if (!agent) {
    relay_agent_information = {};
    return;
  }
  link_selection = agent->link_selection();
  server_identifier_override = agent->server_identifier_override();
}

}  // namespace berth::dhcp
