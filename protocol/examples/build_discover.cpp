// A DHCPDISCOVER as a client sends it: built, then read again and printed.
#include <array>
#include <cstddef>
#include <iostream>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/request_builder.hpp"
#include "protocol/dhcp/text.hpp"

int main() {
  using namespace berth;
  using dhcp::OptionCode;

  std::array<std::byte, dhcp::default_message_size> buffer;
  constexpr std::array wanted = {std::byte{1}, std::byte{3}, std::byte{6}, std::byte{121}};
  const auto discover =
      dhcp::RequestBuilder::discover(
          buffer, {.chaddr = *net::MacAddress::parse("52:52:52:00:00:01"), .xid = 0x3903f326})
          .option(OptionCode::host_name, wire::bytes_of("control0"))
          .option(OptionCode::parameter_request_list, wanted)
          .finish();
  if (!discover) return 1;  // only when the buffer is too small

  const auto message = dhcp::MessageView::parse(*discover);
  if (!message) return 1;
  std::cout << discover->size() << " octets\n"
            << dhcp::to_line(*message) << "\n\n"
            << dhcp::to_dump(*message);
}
