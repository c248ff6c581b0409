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

TEST(OptionTable, HasTheCodesInUse) {
  EXPECT_GE(option_table().size(), 148u);
  for (const unsigned code :
       {1u, 43u, 81u, 82u, 108u, 114u, 119u, 121u, 124u, 125u, 150u, 175u, 213u, 221u})
    EXPECT_NE(find_option(OptionCode(code)), nullptr) << code;
}

struct Row {
  OptionCode code;
  const char* name;
  OptionFormat format;
};

// The options that the program itself speaks of, under the names that people know.
const Row rows[] = {
    {OptionCode::subnet_mask, "subnet-mask", OptionFormat::ipv4},
    {OptionCode::router, "routers", OptionFormat::ipv4_list},
    {OptionCode::domain_name_server, "domain-name-servers", OptionFormat::ipv4_list},
    {OptionCode::host_name, "host-name", OptionFormat::text},
    {OptionCode::domain_name, "domain-name", OptionFormat::text},
    {OptionCode::interface_mtu, "interface-mtu", OptionFormat::u16},
    {OptionCode::broadcast_address, "broadcast-address", OptionFormat::ipv4},
    {OptionCode{42}, "ntp-servers", OptionFormat::ipv4_list},
    {OptionCode::requested_ip_address, "dhcp-requested-address", OptionFormat::ipv4},
    {OptionCode::ip_address_lease_time, "dhcp-lease-time", OptionFormat::duration},
    {OptionCode::dhcp_message_type, "dhcp-message-type", OptionFormat::u8},
    {OptionCode::server_identifier, "dhcp-server-identifier", OptionFormat::ipv4},
    {OptionCode::parameter_request_list, "dhcp-parameter-request-list", OptionFormat::u8_list},
    {OptionCode::maximum_dhcp_message_size, "dhcp-max-message-size", OptionFormat::u16},
    {OptionCode::vendor_class_identifier, "vendor-class-identifier", OptionFormat::text},
    {OptionCode::client_identifier, "dhcp-client-identifier", OptionFormat::binary},
    {OptionCode::rapid_commit, "rapid-commit", OptionFormat::empty},
    {OptionCode::client_fqdn, "fqdn", OptionFormat::client_fqdn},
    {OptionCode::relay_agent_information, "dhcp-agent-options", OptionFormat::sub_options},
    {OptionCode::ipv6_only_preferred, "v6-only-preferred", OptionFormat::duration},
    {OptionCode::domain_search, "domain-search", OptionFormat::domain_list},
    {OptionCode::classless_static_routes, "classless-static-routes", OptionFormat::routes},
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
