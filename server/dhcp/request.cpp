#include "server/dhcp/request.hpp"

#include <cassert>

#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {
namespace {

// The options whose value may be split over several, as they are met.
struct Split {
  OptionCode code;
  wire::Bytes Request::*value;
  bool again = false;  // met more than once
};

void keep_first(std::optional<net::Ipv4Address>& kept, const OptionView& option) noexcept {
  if (!kept) kept = option.ipv4();
}

}  // namespace

Request::Request(const MessageView& from, wire::MutableBytes scratch) noexcept
    : message(from), chaddr(net::MacAddress::from_bytes(from.chaddr())) {
  assert(scratch.size() >= split_option_room);
  std::array<Split, 5> splits{{
      {OptionCode::parameter_request_list, &Request::parameters},
      {OptionCode::client_identifier, &Request::client_identifier},
      {OptionCode::client_fqdn, &Request::client_fqdn},
      {OptionCode::client_machine_identifier, &Request::machine_identifier},
      {OptionCode::relay_agent_information, &Request::relay_agent_information},
  }};
  bool any_again = false;
  const auto meet = [&](std::size_t which, wire::Bytes value) {
    Split& split = splits[which];
    wire::Bytes& kept = this->*split.value;
    if (kept.data() == nullptr) {
      kept = value;
    } else {
      split.again = any_again = true;
    }
  };

  for (const OptionView& option : message.options()) {
    switch (option.code) {
      case OptionCode::requested_ip_address: keep_first(requested_address, option); break;
      case OptionCode::server_identifier: keep_first(server_identifier, option); break;
      case OptionCode::subnet_selection: keep_first(subnet_selection, option); break;
      case OptionCode::maximum_dhcp_message_size:
        if (!maximum_message_size) maximum_message_size = option.u16();
        break;
      case OptionCode::parameter_request_list: meet(0, option.value); break;
      case OptionCode::client_identifier: meet(1, option.value); break;
      case OptionCode::client_fqdn: meet(2, option.value); break;
      case OptionCode::client_machine_identifier: meet(3, option.value); break;
      case OptionCode::relay_agent_information: meet(4, option.value); break;
      default: break;
    }
  }
  if (any_again) {
    for (const Split& split : splits) {
      if (!split.again) continue;
      const auto joined = message.collect(split.code, scratch);
      this->*split.value = joined.value_or(wire::Bytes{});
      if (joined) scratch = scratch.subspan(joined->size());
    }
  }

  // RFC 2132 9.14: a type octet and at least one more.
  if (client_identifier.size() < 2) client_identifier = {};

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
