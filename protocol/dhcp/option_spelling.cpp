#include <algorithm>
#include <iterator>

#include "protocol/dhcp/option_code.hpp"

namespace berth::dhcp {
namespace {

struct Spelling {
  std::string_view name;
  std::uint8_t code;
};

// What `dnsmasq --help dhcp` prints, where it is not the table's own name.
constexpr Spelling dnsmasq_spellings[] = {
    {"netmask", 1},
    {"router", 3},
    {"dns-server", 6},
    {"log-server", 7},
    {"lpr-server", 9},
    {"hostname", 12},
    {"boot-file-size", 13},
    {"extension-path", 18},
    {"ip-forward-enable", 19},
    {"max-datagram-reassembly", 22},
    {"default-ttl", 23},
    {"mtu", 26},
    {"broadcast", 28},
    {"router-solicitation", 32},
    {"static-route", 33},
    {"arp-timeout", 35},
    {"ethernet-encap", 36},
    {"tcp-ttl", 37},
    {"tcp-keepalive", 38},
    {"nis-server", 41},
    {"ntp-server", 42},
    {"vendor-encap", 43},
    {"netbios-ns", 44},
    {"netbios-dd", 45},
    {"netbios-nodetype", 46},
    {"x-windows-fs", 48},
    {"x-windows-dm", 49},
    {"requested-address", 50},
    {"lease-time", 51},
    {"option-overload", 52},
    {"message-type", 53},
    {"server-identifier", 54},
    {"parameter-request", 55},
    {"message", 56},
    {"max-message-size", 57},
    {"T1", 58},
    {"T2", 59},
    {"vendor-class", 60},
    {"client-id", 61},
    {"nis+-domain", 64},
    {"nis+-server", 65},
    {"tftp-server", 66},
    {"bootfile-name", 67},
    {"mobile-ip-home", 68},
    {"pop3-server", 70},
    {"agent-id", 82},
    {"client-arch", 93},
    {"client-interface-id", 94},
    {"client-machine-id", 97},
    {"posix-timezone", 100},
    {"tzdb-timezone", 101},
    {"subnet-select", 118},
    {"sip-server", 120},
    {"classless-static-route", 121},
    {"vendor-id-encap", 125},
};

// IANA's registry, and Kea's and the RFCs' names where they differ from the table's.
constexpr Spelling registry_spellings[] = {
    {"Time Server", 4},
    {"Name Server", 5},
    {"Domain Server", 6},
    {"Domain Name Server", 6},
    {"Quotes Server", 8},
    {"Cookie Server", 8},
    {"Impress Server", 10},
    {"RLP Server", 11},
    {"Resource Location Server", 11},
    {"Merit Dump File", 14},
    {"Extension File", 18},
    {"Forward On/Off", 19},
    {"SrcRte On/Off", 20},
    {"Max DG Assembly", 22},
    {"MTU Timeout", 24},
    {"MTU Plateau", 25},
    {"MTU Interface", 26},
    {"MTU Subnet", 27},
    {"Mask Discovery", 29},
    {"Router Request", 32},
    {"Trailers", 34},
    {"Ethernet", 36},
    {"Keepalive Time", 38},
    {"Keepalive Data", 39},
    {"Vendor Specific", 43},
    {"NETBIOS Name Srv", 44},
    {"NETBIOS Dist Srv", 45},
    {"X Window Font", 48},
    {"X Window Manager", 49},
    {"Address Request", 50},
    {"Requested IP Address", 50},
    {"Address Time", 51},
    {"IP Address Lease Time", 51},
    {"Overload", 52},
    {"DHCP Msg Type", 53},
    {"DHCP Server Id", 54},
    {"Parameter List", 55},
    {"Parameter Request List", 55},
    {"DHCP Max Msg Size", 57},
    {"Renewal Time", 58},
    {"Rebinding Time", 59},
    {"Class Id", 60},
    {"Client Identifier", 61},
    {"NetWare/IP Domain", 62},
    {"NetWare/IP Option", 63},
    {"NIS-Domain-Name", 64},
    {"NIS-Server-Addr", 65},
    {"Server-Name", 66},
    {"Home-Agent-Addrs", 68},
    {"STDA-Server", 76},
    {"Directory Agent", 78},
    {"Service Scope", 79},
    {"Client FQDN", 81},
    {"Relay Agent Information", 82},
    {"BCMCS Controller Domain Name list", 88},
    {"BCMCS Controller IPv4 address option", 89},
    {"Authentication", 90},
    {"UUID/GUID", 97},
    {"User-Auth", 98},
    {"IPv6-Only Preferred", 108},
    {"OPTION_DHCP4O6_S46_SADDR", 109},
    {"Netinfo Address", 112},
    {"Netinfo Tag", 113},
    {"DHCP Captive-Portal", 114},
    {"Captive Portal", 114},
    {"Subnet Selection Option", 118},
    {"SIP Servers DHCP Option", 120},
    {"Classless Static Route Option", 121},
    {"CCC", 122},
    {"GeoConf Option", 123},
    {"V-I Vendor Class", 124},
    {"V-I Vendor-Specific Information", 125},
    {"OPTION_PANA_AGENT", 136},
    {"OPTION_V4_LOST", 137},
    {"OPTION_CAPWAP_AC_V4", 138},
    {"OPTION-IPv4_Address-MoS", 139},
    {"OPTION-IPv4_FQDN-MoS", 140},
    {"SIP UA Configuration Service Domains", 141},
    {"OPTION-IPv4_Address-ANDSF", 142},
    {"OPTION_V4_SZTP_REDIRECT", 143},
    {"OPTION_V4_DOTS_RI", 147},
    {"OPTION_V4_DOTS_ADDRESS", 148},
    {"OPTION_V4_PCP_SERVER", 158},
    {"OPTION_V4_PORTPARAMS", 159},
    {"OPTION_MUD_URL_V4", 161},
    {"OPTION_V4_DNR", 162},
    {"PXELINUX Magic", 208},
    {"OPTION_6RD", 212},
    {"OPTION_V4_ACCESS_DOMAIN", 213},
    {"Subnet Allocation Option", 220},
    {"Virtual Subnet Selection (VSS) Option", 221},
};

// Case and the kind of separator do not make another name.
constexpr char folded(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == ' ' || c == '_' ? '-' : c;
}

bool same_name(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, folded, folded);
}

}  // namespace

std::string_view canonical_option_name(std::string_view other_spelling) noexcept {
  for (const OptionInfo& option : option_table())
    if (same_name(option.name, other_spelling)) return option.name;
  const auto name_in = [&](std::span<const Spelling> spellings) noexcept {
    const auto row = std::ranges::find_if(spellings, [&](const Spelling& spelling) {
      return same_name(spelling.name, other_spelling);
    });
    return row == spellings.end() ? std::string_view() : find_option(OptionCode{row->code})->name;
  };
  const std::string_view name = name_in(dnsmasq_spellings);
  return name.empty() ? name_in(registry_spellings) : name;
}

}  // namespace berth::dhcp
