#include "protocol/dhcp/option_code.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace berth::dhcp {
namespace {

using enum OptionFormat;

constexpr bool by_server = true;

// IANA "BOOTP Vendor Extensions and DHCP Options", under the names of ISC's servers; where those
// have none, after IANA's. Codes that IANA removed (RFC 3679) are absent.
constexpr OptionInfo options[] = {
    {1, "subnet-mask", ipv4, by_server},
    {2, "time-offset", i32},
    {3, "routers", ipv4_list},
    {4, "time-servers", ipv4_list},
    {5, "name-servers", ipv4_list},
    {6, "domain-name-servers", ipv4_list},
    {7, "log-servers", ipv4_list},
    {8, "cookie-servers", ipv4_list},
    {9, "lpr-servers", ipv4_list},
    {10, "impress-servers", ipv4_list},
    {11, "resource-location-servers", ipv4_list},
    {12, "host-name", text},
    {13, "boot-size", u16},
    {14, "merit-dump", text},
    {15, "domain-name", text},
    {16, "swap-server", ipv4},
    {17, "root-path", text},
    {18, "extensions-path", text},
    {19, "ip-forwarding", flag},
    {20, "non-local-source-routing", flag},
    {21, "policy-filter", ipv4_pairs},
    {22, "max-dgram-reassembly", u16},
    {23, "default-ip-ttl", u8},
    {24, "path-mtu-aging-timeout", duration},
    {25, "path-mtu-plateau-table", u16_list},
    {26, "interface-mtu", u16},
    {27, "all-subnets-local", flag},
    {28, "broadcast-address", ipv4},
    {29, "perform-mask-discovery", flag},
    {30, "mask-supplier", flag},
    {31, "router-discovery", flag},
    {32, "router-solicitation-address", ipv4},
    {33, "static-routes", ipv4_pairs},
    {34, "trailer-encapsulation", flag},
    {35, "arp-cache-timeout", duration},
    {36, "ieee802-3-encapsulation", flag},
    {37, "default-tcp-ttl", u8},
    {38, "tcp-keepalive-interval", duration},
    {39, "tcp-keepalive-garbage", flag},
    {40, "nis-domain", text},
    {41, "nis-servers", ipv4_list},
    {42, "ntp-servers", ipv4_list},
    {43, "vendor-encapsulated-options", sub_options},
    {44, "netbios-name-servers", ipv4_list},
    {45, "netbios-dd-server", ipv4_list},
    {46, "netbios-node-type", u8},
    {47, "netbios-scope", text},
    {48, "font-servers", ipv4_list},
    {49, "x-display-manager", ipv4_list},
    {50, "dhcp-requested-address", ipv4, by_server},
    {51, "dhcp-lease-time", duration, by_server},
    {52, "dhcp-option-overload", u8, by_server},
    {53, "dhcp-message-type", u8, by_server},
    {54, "dhcp-server-identifier", ipv4, by_server},
    {55, "dhcp-parameter-request-list", u8_list, by_server},
    {56, "dhcp-message", text, by_server},
    {57, "dhcp-max-message-size", u16, by_server},
    {58, "dhcp-renewal-time", duration, by_server},
    {59, "dhcp-rebinding-time", duration, by_server},
    {60, "vendor-class-identifier", text, by_server},
    {61, "dhcp-client-identifier", binary, by_server},
    {62, "nwip-domain-name", text},
    {63, "nwip-suboptions", sub_options},
    {64, "nisplus-domain-name", text},
    {65, "nisplus-servers", ipv4_list},
    {66, "tftp-server-name", text},
    {67, "boot-file-name", text},
    {68, "mobile-ip-home-agent", ipv4_list},
    {69, "smtp-server", ipv4_list},
    {70, "pop-server", ipv4_list},
    {71, "nntp-server", ipv4_list},
    {72, "www-server", ipv4_list},
    {73, "finger-server", ipv4_list},
    {74, "irc-server", ipv4_list},
    {75, "streettalk-server", ipv4_list},
    {76, "streettalk-directory-assistance-server", ipv4_list},
    {77, "user-class", binary},
    {78, "slp-directory-agent", binary},
    {79, "slp-service-scope", binary},
    {80, "rapid-commit", empty},
    {81, "fqdn", client_fqdn},
    {82, "dhcp-agent-options", relay_agent, by_server},
    {83, "isns", binary},
    {85, "nds-servers", ipv4_list},
    {86, "nds-tree-name", text},
    {87, "nds-context", text},
    {88, "bcms-controller-names", domain_list},
    {89, "bcms-controller-address", ipv4_list},
    {90, "authenticate", binary},
    {91, "client-last-transaction-time", duration},
    {92, "associated-ip", ipv4_list},
    {93, "client-system", u16_list},
    {94, "client-ndi", binary},
    {95, "ldap", text},
    {97, "uuid-guid", binary},
    {98, "uap-servers", text},
    {99, "geoconf-civic", binary},
    {100, "pcode", text},
    {101, "tcode", text},
    {108, "v6-only-preferred", duration},
    {109, "dhcp4o6-s46-saddr", binary},
    {112, "netinfo-server-address", ipv4_list},
    {113, "netinfo-server-tag", text},
    {114, "v4-captive-portal", text},
    {116, "auto-config", u8},
    {117, "name-service-search", u16_list},
    {118, "subnet-selection", ipv4},
    {119, "domain-search", domain_list},
    {120, "sip-servers", sip_servers},
    {121, "classless-static-routes", routes},
    {122, "cablelabs-client-configuration", sub_options},
    {123, "geoconf", binary},
    {124, "vivco-suboptions", vendor_classes},
    {125, "vivso-suboptions", vendor_options},
    {128, "pxe-128", binary},
    {129, "pxe-129", binary},
    {130, "pxe-130", binary},
    {131, "pxe-131", binary},
    {132, "pxe-132", binary},
    {133, "pxe-133", binary},
    {134, "pxe-134", binary},
    {135, "pxe-135", binary},
    {136, "pana-agent", ipv4_list},
    {137, "v4-lost", domain_name},
    {138, "capwap-ac-v4", ipv4_list},
    {139, "mos-addresses", sub_options},
    {140, "mos-domain-names", sub_options},
    {141, "sip-ua-cs-domains", domain_list},
    {142, "andsf-servers", ipv4_list},
    {143, "v4-sztp-redirect", binary},
    {144, "geoloc", binary},
    {145, "forcerenew-nonce-capable", u8_list},
    {146, "rdnss-selection", binary},
    {147, "v4-dots-ri", domain_name},
    {148, "v4-dots-address", ipv4_list},
    {150, "tftp-server-address", ipv4_list},
    {151, "status-code", binary},
    {152, "base-time", u32},
    {153, "start-time-of-state", duration},
    {154, "query-start-time", u32},
    {155, "query-end-time", u32},
    {156, "dhcp-state", u8},
    {157, "data-source", u8},
    {158, "v4-pcp-server", binary},
    {159, "v4-portparams", binary},
    {161, "mud-url", text},
    {162, "v4-dnr", binary},
    {175, "etherboot", sub_options},
    {176, "ip-telephone", text},
    {177, "packetcable", binary},
    {208, "pxelinux-magic", binary},
    {209, "configuration-file", text},
    {210, "path-prefix", text},
    {211, "reboot-time", duration},
    {212, "option-6rd", binary},
    {213, "v4-access-domain", domain_name},
    {220, "subnet-allocation", binary},
    {221, "virtual-subnet-selection", binary},
};

constexpr bool ascending_by_code() {
  for (std::size_t i = 1; i < std::size(options); ++i)
    if (options[i - 1].code >= options[i].code) return false;
  return true;
}
static_assert(ascending_by_code());

constexpr bool names_are_unique() {
  for (std::size_t i = 0; i < std::size(options); ++i)
    for (std::size_t j = i + 1; j < std::size(options); ++j)
      if (options[i].name == options[j].name) return false;
  return true;
}
static_assert(names_are_unique());

// Row numbers by code, counted from 1; 0: no such row.
constexpr auto rows_by_code = [] {
  std::array<std::uint8_t, 256> rows{};
  static_assert(std::size(options) < 256);
  for (std::size_t i = 0; i < std::size(options); ++i)
    rows[options[i].code] = static_cast<std::uint8_t>(i + 1);
  return rows;
}();

}  // namespace

std::span<const OptionInfo> option_table() noexcept { return options; }

const OptionInfo* find_option(OptionCode code) noexcept {
  const std::uint8_t row = rows_by_code[static_cast<std::uint8_t>(code)];
  return row == 0 ? nullptr : &options[row - 1];
}

const OptionInfo* find_option(std::string_view name) noexcept {
  const auto* const row = std::ranges::find(options, name, &OptionInfo::name);
  return row == std::end(options) ? nullptr : row;
}

}  // namespace berth::dhcp
