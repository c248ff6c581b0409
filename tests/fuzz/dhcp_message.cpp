// Any octets are a message or a named error; of a message every accessor stays within the octets,
// and what is found by walking is found by asking.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "protocol/dhcp/client_fqdn.hpp"
#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/relay_agent.hpp"
#include "protocol/dhcp/text.hpp"

namespace {

using namespace berth;

void require(bool invariant) {
  if (!invariant) std::abort();
}

bool within(wire::Bytes inner, wire::Bytes outer) {
  return inner.empty() || (inner.data() >= outer.data() &&
                           inner.data() + inner.size() <= outer.data() + outer.size());
}

void check_options(const dhcp::MessageView& message) {
  const wire::Bytes octets = message.bytes();
  std::vector<std::byte> scratch(octets.size());
  std::size_t walked = 0;
  for (const dhcp::OptionView& option : message.options()) {
    require(within(option.value, octets));
    walked += 2 + option.value.size();
    require(message.find(option.code).has_value());
    const auto whole = message.collect(option.code, scratch);
    require(whole.has_value());
    if (const auto relay = dhcp::RelayAgentInformation::parse(*whole)) {
      require(within(relay->circuit_id().value_or(wire::Bytes()), *whole));
      require(within(relay->remote_id().value_or(wire::Bytes()), *whole));
    }
    if (const auto fqdn = dhcp::ClientFqdn::parse(*whole)) require(fqdn->name().size() <= 253);
  }
  require(walked <= octets.size());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = dhcp::MessageView::parse(std::as_bytes(std::span(data, size)));
  if (!message) {
    require(dhcp::name(message.error()) != "unknown");
    return 0;
  }
  require(within(message->chaddr(), message->bytes()));
  require(message->sname().size() <= dhcp::field::sname_size);
  require(message->file().size() <= dhcp::field::file_size);
  check_options(*message);

  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  require(std::ranges::all_of(dhcp::to_line(*message), is_printable));
  require(std::ranges::all_of(dhcp::to_dump(*message),
                              [&](char c) { return c == '\n' || is_printable(c); }));
  return 0;
}
