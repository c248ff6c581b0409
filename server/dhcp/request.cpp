#include "server/dhcp/request.hpp"

#include <cassert>
#include <utility>

#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {

constexpr std::array<RequestOptions::Kept, 256> RequestOptions::places = [] {
  std::array<Kept, 256> table{};
  for (const auto& [code, place] : {
           std::pair{OptionCode::requested_ip_address, Kept::requested_address},
           std::pair{OptionCode::server_identifier, Kept::server_identifier},
           std::pair{OptionCode::subnet_selection, Kept::subnet_selection},
           std::pair{OptionCode::maximum_dhcp_message_size, Kept::maximum_message_size},
           std::pair{OptionCode::parameter_request_list, Kept::parameters},
           std::pair{OptionCode::client_identifier, Kept::client_identifier},
           std::pair{OptionCode::client_fqdn, Kept::client_fqdn},
           std::pair{OptionCode::client_machine_identifier, Kept::machine_identifier},
           std::pair{OptionCode::relay_agent_information, Kept::relay_agent_information},
       })
    table[static_cast<std::uint8_t>(code)] = place;
  return table;
}();

// The options whose value may be split over several.
void RequestOptions::join(const MessageView& message, wire::MutableBytes scratch) noexcept {
  for (const OptionCode code :
       {OptionCode::parameter_request_list, OptionCode::client_identifier, OptionCode::client_fqdn,
        OptionCode::client_machine_identifier, OptionCode::relay_agent_information}) {
    const auto joined = message.collect(code, scratch);
    keep(places[static_cast<std::uint8_t>(code)], joined.value_or(wire::Bytes{}));
    // What stands in one piece is borrowed from the message.
    if (joined && joined->data() == scratch.data()) scratch = scratch.subspan(joined->size());
  }
}

void RequestOptions::check(const MessageView& message, wire::MutableBytes scratch) noexcept {
  if (any_twice_) join(message, scratch);
  // RFC 2132 9.14: a type octet and at least one more. RFC 4578 2.3: a type octet and a GUID.
  if (client_identifier().size() < 2) forget(Kept::client_identifier);
  if (machine_identifier().size() != 17) forget(Kept::machine_identifier);

  if (!has(Kept::relay_agent_information)) return;
  const auto agent = RelayAgentInformation::parse(relay_agent_information());
  if (message.giaddr().is_unspecified() || !agent) {
    forget(Kept::relay_agent_information);
    return;
  }
  link_selection_ = agent->link_selection();
  server_identifier_override_ = agent->server_identifier_override();
}

// Everything in its final place, since copying it would cost as much as reading it.
Request::Request(wire::Bytes datagram, wire::MutableBytes scratch) noexcept
    : message_(MessageView::parse(datagram, [this](const OptionView& option) { see(option); })) {
  assert(scratch.size() >= split_option_room);
  if (message_) check(*message_, scratch);
}

}  // namespace berth::dhcp
