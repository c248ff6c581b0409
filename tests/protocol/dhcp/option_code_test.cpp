#include "protocol/dhcp/option_code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace berth::dhcp {
namespace {

TEST(OptionTable, FindsEveryRowByCodeAndByName) {
  for (const OptionInfo& row : option_table()) {
    EXPECT_EQ(find_option(OptionCode{row.code}), &row) << row.name;
    EXPECT_EQ(find_option(row.name), &row) << row.name;
  }
}

TEST(OptionTable, FindsNothingElse) {
  std::size_t found = 0;
  for (unsigned code = 0; code < 256; ++code) found += find_option(OptionCode(code)) ? 1u : 0u;
  EXPECT_EQ(found, option_table().size());
  EXPECT_EQ(find_option(OptionCode::pad), nullptr);
  EXPECT_EQ(find_option(OptionCode::end), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
  EXPECT_EQ(find_option("Routers"), nullptr);
}

// IANA's registry as of 2025: the codes that are assigned, tentatively assigned, or in known use.
// The gaps are what it lists as removed or unassigned, and from 224 what is left to private use.
struct Assigned {
  unsigned first;
  unsigned last;
};
const Assigned assigned[] = {
    {1, 83},    {85, 95},   {97, 101},  {108, 109}, {112, 114}, {116, 125},
    {128, 148}, {150, 159}, {161, 162}, {175, 177}, {208, 213}, {220, 221},
};

TEST(OptionTable, HasWhatIanaAssignsAndNothingElse) {
  for (unsigned code = 0; code < 256; ++code) {
    const bool is_assigned = std::ranges::any_of(assigned, [code](const Assigned& range) {
      return range.first <= code && code <= range.last;
    });
    EXPECT_EQ(find_option(OptionCode(code)) != nullptr, is_assigned) << code;
  }
}

struct Row {
  const char* name;
  OptionCode code;
  OptionFormat format;
};

// The options that the program itself speaks of, under the names that people know.
const Row rows[] = {
    {"subnet-mask", OptionCode::subnet_mask, OptionFormat::ipv4},
    {"routers", OptionCode::router, OptionFormat::ipv4_list},
    {"domain-name-servers", OptionCode::domain_name_server, OptionFormat::ipv4_list},
    {"host-name", OptionCode::host_name, OptionFormat::text},
    {"domain-name", OptionCode::domain_name, OptionFormat::text},
    {"interface-mtu", OptionCode::interface_mtu, OptionFormat::u16},
    {"broadcast-address", OptionCode::broadcast_address, OptionFormat::ipv4},
    {"ntp-servers", OptionCode{42}, OptionFormat::ipv4_list},
    {"dhcp-requested-address", OptionCode::requested_ip_address, OptionFormat::ipv4},
    {"dhcp-lease-time", OptionCode::ip_address_lease_time, OptionFormat::duration},
    {"dhcp-message-type", OptionCode::dhcp_message_type, OptionFormat::u8},
    {"dhcp-server-identifier", OptionCode::server_identifier, OptionFormat::ipv4},
    {"dhcp-parameter-request-list", OptionCode::parameter_request_list, OptionFormat::u8_list},
    {"dhcp-max-message-size", OptionCode::maximum_dhcp_message_size, OptionFormat::u16},
    {"vendor-class-identifier", OptionCode::vendor_class_identifier, OptionFormat::text},
    {"dhcp-client-identifier", OptionCode::client_identifier, OptionFormat::binary},
    {"rapid-commit", OptionCode::rapid_commit, OptionFormat::empty},
    {"fqdn", OptionCode::client_fqdn, OptionFormat::client_fqdn},
    {"dhcp-agent-options", OptionCode::relay_agent_information, OptionFormat::relay_agent},
    {"v6-only-preferred", OptionCode::ipv6_only_preferred, OptionFormat::duration},
    {"domain-search", OptionCode::domain_search, OptionFormat::domain_list},
    {"sip-servers", OptionCode{120}, OptionFormat::sip_servers},
    {"vivco-suboptions", OptionCode{124}, OptionFormat::vendor_classes},
    {"vivso-suboptions", OptionCode{125}, OptionFormat::vendor_options},
    {"classless-static-routes", OptionCode::classless_static_routes, OptionFormat::routes},
};

TEST(OptionTable, NamesOptionsAsIscAndKeaDo) {
  for (const Row& row : rows) {
    const OptionInfo* const info = find_option(row.code);
    ASSERT_NE(info, nullptr) << row.name;
    EXPECT_EQ(info->name, row.name);
    EXPECT_EQ(info->format, row.format) << row.name;
  }
}

TEST(OptionTable, KeepsWhatTheServerComputesFromTheConfiguration) {
  for (const OptionInfo& row : option_table()) {
    const bool by_server = row.code == 1 || (row.code >= 50 && row.code <= 61) || row.code == 82;
    EXPECT_EQ(row.set_by_server, by_server) << row.name;
  }
}

struct Spelling {
  const char* other;
  const char* canonical;
};

const Spelling spellings[] = {
    {"netmask", "subnet-mask"},
    {"router", "routers"},
    {"dns-server", "domain-name-servers"},
    {"log-server", "log-servers"},
    {"hostname", "host-name"},
    {"mtu", "interface-mtu"},
    {"broadcast", "broadcast-address"},
    {"ntp-server", "ntp-servers"},
    {"tftp-server", "tftp-server-name"},
    {"bootfile-name", "boot-file-name"},
    {"classless-static-route", "classless-static-routes"},
    {"T1", "dhcp-renewal-time"},
    {"nis+-domain", "nisplus-domain-name"},
    {"Router", "routers"},
    {"Domain Server", "domain-name-servers"},
    {"MTU Interface", "interface-mtu"},
    {"Address Time", "dhcp-lease-time"},
    {"UUID/GUID", "uuid-guid"},
    {"OPTION_V4_LOST", "v4-lost"},
    {"domain-search", "domain-search"},
    {"Domain_Search", "domain-search"},
    {"ROUTERS", "routers"},
    {"", ""},
    {"rooters", ""},
};

TEST(CanonicalOptionName, KnowsOtherServersSpellings) {
  for (const Spelling& c : spellings)
    EXPECT_EQ(canonical_option_name(c.other), c.canonical) << c.other;
}

}  // namespace
}  // namespace berth::dhcp
