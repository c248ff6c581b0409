#include "server/dhcp/request.hpp"

#include <array>
#include <cassert>

#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {
namespace {

// The options whose value may be split over several.
struct Splittable {
  OptionCode code;
  wire::Bytes RequestOptions::*value;
};
constexpr std::array splittable{
    Splittable{OptionCode::parameter_request_list, &RequestOptions::parameters},
    Splittable{OptionCode::client_identifier, &RequestOptions::client_identifier},
    Splittable{OptionCode::client_fqdn, &RequestOptions::client_fqdn},
    Splittable{OptionCode::client_machine_identifier, &RequestOptions::machine_identifier},
    Splittable{OptionCode::relay_agent_information, &RequestOptions::relay_agent_information},
};

// Keeps what it sees.
class Collector {
 public:
  explicit Collector(RequestOptions& kept) noexcept : kept_(kept) {}

  void operator()(const OptionView& option) noexcept {
    switch (option.code) {
      case OptionCode::requested_ip_address: keep(kept_.requested_address, option); break;
      case OptionCode::server_identifier: keep(kept_.server_identifier, option); break;
      case OptionCode::subnet_selection: keep(kept_.subnet_selection, option); break;
      case OptionCode::maximum_dhcp_message_size:
        if (!kept_.maximum_message_size) kept_.maximum_message_size = option.u16();
        break;
      case OptionCode::parameter_request_list: keep(kept_.parameters, option); break;
      case OptionCode::client_identifier: keep(kept_.client_identifier, option); break;
      case OptionCode::client_fqdn: keep(kept_.client_fqdn, option); break;
      case OptionCode::client_machine_identifier: keep(kept_.machine_identifier, option); break;
      case OptionCode::relay_agent_information: keep(kept_.relay_agent_information, option); break;
      default: break;
    }
  }

 private:
  static void keep(std::optional<net::Ipv4Address>& kept, const OptionView& option) noexcept {
    if (!kept) kept = option.ipv4();
  }
  void keep(wire::Bytes& kept, const OptionView& option) noexcept {
    kept_.any_split |= kept.data() != nullptr;
    if (kept.data() == nullptr) kept = option.value;
  }

  RequestOptions& kept_;
};

void join(const MessageView& message, RequestOptions& options,
          wire::MutableBytes scratch) noexcept {
  for (const Splittable& option : splittable) {
    const auto joined = message.collect(option.code, scratch);
    options.*option.value = joined.value_or(wire::Bytes{});
    // What stands in one piece is borrowed from the message.
    if (joined && joined->data() == scratch.data()) scratch = scratch.subspan(joined->size());
  }
}

void read_relay_agent_information(RequestOptions& options) noexcept {
  if (options.relay_agent_information.empty()) return;
  const auto agent = RelayAgentInformation::parse(options.relay_agent_information);
  if (!agent) {
    options.relay_agent_information = {};
    return;
  }
  options.link_selection = agent->link_selection();
  options.server_identifier_override = agent->server_identifier_override();
}

}  // namespace

// Everything in its final place, since copying it would cost as much as reading it.
Request::Request(wire::Bytes datagram, wire::MutableBytes scratch) noexcept
    : message_(MessageView::parse(datagram, Collector(*this))) {
  assert(scratch.size() >= split_option_room);
  if (!message_) return;
  if (any_split) join(*message_, *this, scratch);
  // RFC 2132 9.14: a type octet and at least one more. RFC 4578 2.3: a type octet and a GUID.
  if (client_identifier.size() < 2) client_identifier = {};
  if (machine_identifier.size() != 17) machine_identifier = {};
  if (!is_relayed()) relay_agent_information = {};
  read_relay_agent_information(*this);
}

}  // namespace berth::dhcp
