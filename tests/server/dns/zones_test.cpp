#include "server/dns/zones.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/dns/record_text.hpp"
#include "server/dns/folded_name.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::dns {
namespace {

// The rdata of a name's RRset as text, one string a record.
std::vector<std::string> rdata(const Zones& zones, const std::string& name, RrType type) {
  const auto rrset = Zones::find(zones.match(FoldedName(test::named(name).wire())), type);
  std::vector<std::string> out;
  if (!rrset) return out;
  for (wire::Bytes rest = rrset->records; !rest.empty();) {
    const std::size_t size = wire::load_u16(rest, rendered_head_size - 2);
    append_rdata_text(out.emplace_back(), type, rest.subspan(rendered_head_size, size));
    rest = rest.subspan(rendered_head_size + size);
  }
  EXPECT_EQ(rrset->count, out.size());
  return out;
}

std::uint32_t ttl(const Zones& zones, const std::string& name, RrType type) {
  return wire::load_u32(
      Zones::find(zones.match(FoldedName(test::named(name).wire())), type)->records, 6);
}

std::string serial(const Zones& zones) {
  const std::string soa = rdata(zones, "kubenet.", RrType::soa).at(0);
  const std::size_t mailbox_end = soa.find(' ', soa.find(' ') + 1);
  return soa.substr(mailbox_end + 1, soa.find(' ', mailbox_end + 1) - mailbox_end - 1);
}

using Texts = std::vector<std::string>;

TEST(Zones, SerialChangesWithTheContentAndWithNothingElse) {
  config::Config plan = test::default_plan();
  const std::string before = serial(Zones(plan));
  EXPECT_EQ(serial(Zones(plan)), before);
  std::ranges::reverse(plan.networks[0].hosts);
  EXPECT_EQ(serial(Zones(plan)), before) << "the order of hosts is no content";
  plan.networks[0].hosts[0].address = test::address("192.168.200.99");
  EXPECT_NE(serial(Zones(plan)), before);
}

TEST(Zones, TtlIsTheNetworks) {
  config::Config plan = test::default_plan();
  plan.networks[0].ttl = std::chrono::seconds{7200};
  const Zones zones(plan);
  EXPECT_EQ(ttl(zones, "worker0.kubenet.", RrType::a), 7200u);
  EXPECT_EQ(ttl(zones, "kubenet.", RrType::soa), 7200u);
  plan.networks[0].ttl = config::infinite;
  EXPECT_EQ(ttl(Zones(plan), "worker0.kubenet.", RrType::a), 0x7fffffffu) << "RFC 2181 8";
}

TEST(Zones, WhatTheOperatorWroteReplacesWhatWeCompute) {
  config::Config plan = test::default_plan();
  auto& lab = plan.networks[0];
  test::add_record(lab, "@ NS dns.example.com.");
  test::add_record(lab, "@ SOA dns.example.com. admin.example.com. 7 1 2 3 30");
  test::add_record(lab, "7.200.168.192.in-addr.arpa. PTR special");
  test::add_host(lab, "ns", "192.168.200.53");
  const Zones zones(plan);
  EXPECT_EQ(rdata(zones, "kubenet.", RrType::ns), Texts{"dns.example.com."});
  EXPECT_EQ(rdata(zones, "kubenet.", RrType::soa),
            Texts{"dns.example.com. admin.example.com. 7 1 2 3 30"});
  EXPECT_EQ(rdata(zones, "7.200.168.192.in-addr.arpa.", RrType::ptr), Texts{"special.kubenet."});
  EXPECT_EQ(rdata(zones, "ns.kubenet.", RrType::a), Texts{"192.168.200.53"});

  const auto missing = zones.match(FoldedName(test::named("nobody.kubenet.").wire()));
  ASSERT_EQ(missing.kind, Zones::Match::Kind::no_such_name);
  EXPECT_EQ(wire::load_u32(missing.zone->negative_soa, 4), 30u)
      << "RFC 2308 3: the lesser of TTL and MINIMUM";
}

TEST(Zones, EqualRecordsAreOne) {
  config::Config plan = test::default_plan();
  auto& lab = plan.networks[0];
  test::add_name(lab, "twice", {"192.168.200.40", "192.168.200.40"});
  test::add_record(lab, "worker0 A 192.168.200.7");
  test::add_record(lab, "worker0 A 192.168.200.70");
  const Zones zones(plan);
  EXPECT_EQ(rdata(zones, "twice.kubenet.", RrType::a), Texts{"192.168.200.40"});
  EXPECT_EQ(rdata(zones, "worker0.kubenet.", RrType::a),
            (Texts{"192.168.200.7", "192.168.200.70"}));
}

TEST(Zones, TwoNetworksOfOneDomainHaveOneApexAndTwoServers) {
  const Zones zones(test::rich_plan());
  EXPECT_EQ(rdata(zones, "kubenet.", RrType::soa).size(), 1u);
  EXPECT_EQ(rdata(zones, "kubenet.", RrType::ns), Texts{"ns.kubenet."});
  EXPECT_EQ(rdata(zones, "1.201.168.192.in-addr.arpa.", RrType::ptr), Texts{"ns.kubenet."});
}

TEST(Zones, DomainMayBeOneOfTheBuiltInZones) {
  config::Config plan = test::default_plan();
  plan.networks[0].domain = test::named("home.arpa.");
  const Zones zones(plan);
  EXPECT_EQ(rdata(zones, "worker0.home.arpa.", RrType::a), Texts{"192.168.200.7"});
  EXPECT_EQ(rdata(zones, "home.arpa.", RrType::ns), Texts{"ns.home.arpa."});
}

TEST(Zones, DomainMayLieInAnother) {
  config::Config plan = test::default_plan();
  auto& inner = plan.networks.emplace_back(
      test::network("inner", "192.168.210.0/24", "192.168.210.1", "inner.kubenet."));
  test::add_host(inner, "worker0", "192.168.210.7");
  const Zones zones(plan);
  EXPECT_EQ(rdata(zones, "worker0.inner.kubenet.", RrType::a), Texts{"192.168.210.7"});
  const auto missing = zones.match(FoldedName(test::named("x.inner.kubenet.").wire()));
  EXPECT_TRUE(wire::equal(missing.zone->apex, test::named("inner.kubenet.").wire()));
}

struct SubnetCase {
  std::string name;
  std::string subnet;
  std::string inside;
  std::string outside;
};

// No reverse zone of the table is a built-in one, so that `outside` is nobody's.
const SubnetCase subnet_cases[] = {
    {"of_8", "11.0.0.0/8", "255.1.2.11", "1.1.1.12"},
    {"of_12", "12.16.0.0/12", "9.9.31.12", "9.9.32.12"},
    {"of_16", "12.34.0.0/16", "9.9.34.12", "9.9.35.12"},
    {"of_17", "12.34.128.0/17", "9.255.34.12", "9.127.34.12"},
    {"of_23", "12.34.56.0/23", "9.57.34.12", "9.58.34.12"},
    {"of_24", "12.34.56.0/24", "9.56.34.12", "9.57.34.12"},
    {"of_25", "12.34.56.128/25", "128.56.34.12", "127.56.34.12"},
    {"of_27", "12.34.56.32/27", "63.56.34.12", "64.56.34.12"},
    {"of_30", "12.34.56.8/30", "11.56.34.12", "12.56.34.12"},
};

class ReverseZones : public testing::TestWithParam<SubnetCase> {};

TEST_P(ReverseZones, CoverTheSubnetAndNothingElse) {
  const SubnetCase& c = GetParam();
  config::Config plan;
  const auto subnet = *net::Ipv4Prefix::parse(c.subnet);
  plan.networks.push_back(test::network("n", c.subnet, net::to_string(*subnet.host(1)), "n."));
  const Zones zones(plan);
  const auto match = [&](const std::string& reversed) {
    return zones.match(FoldedName(test::named(reversed + ".in-addr.arpa.").wire())).kind;
  };
  EXPECT_EQ(match(c.inside), Zones::Match::Kind::no_such_name);
  EXPECT_EQ(match(c.outside), Zones::Match::Kind::not_ours);
  const Name ours = Name::reverse(subnet.host(1)->value);
  EXPECT_EQ(rdata(zones, ours.to_string(), RrType::ptr), Texts{"ns.n."});
}

INSTANTIATE_TEST_SUITE_P(Rfc2317, ReverseZones, testing::ValuesIn(subnet_cases),
                         [](const auto& test) { return test.param.name; });

// 65,000 hosts: each found, forward and backward.
TEST(Zones, HoldALargePlan) {
  config::Config plan;
  auto& network =
      plan.networks.emplace_back(test::network("big", "10.0.0.0/15", "10.0.0.1", "big."));
  for (std::uint32_t i = 0; i < 65000; ++i)
    test::add_host(network, "host" + std::to_string(i),
                   net::to_string(net::Ipv4Address{0x0a000100 + i}));
  const Zones zones(plan);
  EXPECT_GE(zones.name_count(), 130000u);
  for (std::uint32_t i = 0; i < 65000; ++i) {
    const std::string name = "host" + std::to_string(i) + ".big.";
    const net::Ipv4Address address{0x0a000100 + i};
    ASSERT_EQ(rdata(zones, name, RrType::a), Texts{net::to_string(address)});
    ASSERT_EQ(rdata(zones, Name::reverse(address.value).to_string(), RrType::ptr), Texts{name});
  }
}

// N16: one name with very many records is linear.
TEST(Zones, N16HoldManyRecordsAtOneName) {
  config::Config plan = test::default_plan();
  config::NameEntry entry{.owner = test::named("many.kubenet."), .addresses = {}};
  for (std::uint32_t i = 0; i < 50000; ++i) entry.addresses.push_back({0x0b000000 + i});
  plan.networks[0].names.push_back(entry);
  EXPECT_EQ(rdata(Zones(plan), "many.kubenet.", RrType::a).size(), 50000u);
}

TEST(FoldedName, FoldsEveryOctetAsRfc4343) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    for (std::size_t before = 0; before < 9; ++before) {
      std::string wire = static_cast<char>(before + 1) + std::string(before, '\x80') +
                         static_cast<char>(octet) + '\0';
      const FoldedName folded(wire::bytes_of(wire));
      const auto expected = octet >= 'A' && octet <= 'Z' ? octet + 0x20 : octet;
      EXPECT_EQ(wire::load_u8(folded.wire(), before + 1), expected);
      EXPECT_EQ(folded.wire().size(), wire.size());
    }
  }
}

TEST(FoldedName, HashesWithoutCase) {
  const FoldedName lower(test::named("worker0.kubenet.").wire());
  const FoldedName upper(test::named("WORKER0.KubeNet.").wire());
  const FoldedName other(test::named("worker1.kubenet.").wire());
  EXPECT_EQ(lower.hash(), upper.hash());
  EXPECT_TRUE(wire::equal(lower.wire(), upper.wire()));
  EXPECT_NE(lower.hash(), other.hash());
  const FoldedName joined(test::named("worker0.").wire().first(8), test::named("kubenet.").wire());
  EXPECT_EQ(joined.hash(), lower.hash());
  EXPECT_EQ(lower.parent().hash(), FoldedName(test::named("kubenet.").wire()).hash());
  EXPECT_TRUE(lower.parent().is_single_label());
  EXPECT_FALSE(lower.is_single_label());
  EXPECT_TRUE(lower.parent().parent().is_root());
  EXPECT_FALSE(lower.parent().parent().is_single_label());
}

}  // namespace
}  // namespace berth::dns
