// Prints a DHCP or DNS message, given in hexadecimal as arguments or on standard input:
//
//   print_packet "01 01 06 00 …"
//   print_packet < tests/golden/dhcp/discover_dhclient.hex
//
// A DHCP message is known by its magic cookie; what has none is read as DNS.
#include <iostream>
#include <iterator>
#include <string>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/text.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/text.hpp"
#include "protocol/wire/hex.hpp"

int main(int argc, char** argv) {
  using namespace berth;
  std::string text;
  for (int i = 1; i < argc; ++i) text += std::string(argv[i]) + '\n';
  if (argc == 1) text.assign(std::istreambuf_iterator<char>(std::cin), {});

  const auto octets = wire::parse_hex(text);
  if (!octets) {
    std::cerr << "not hexadecimal from character " << octets.error() + 1 << " on\n";
    return 2;
  }
  const auto dhcp = dhcp::MessageView::parse(*octets);
  if (dhcp) {
    std::cout << dhcp::to_line(*dhcp) << '\n' << dhcp::to_dump(*dhcp);
    return 0;
  }
  const auto dns = dns::MessageView::parse(*octets);
  if (dns) {
    std::cout << dns::to_text(*dns);
    return 0;
  }
  std::cerr << "not DHCP: " << name(dhcp.error()) << "; not DNS: " << name(dns.error()) << '\n';
  return 1;
}
