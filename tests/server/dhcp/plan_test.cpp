// The plan and its parts: what the responder finds, and what the daemon asks for its logs.
#include "server/dhcp/plan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

TEST(LeaseTable, FindsEachMacAndNoOther) {
  std::vector<LeaseTable::Entry> entries;
  for (std::uint32_t i = 0; i < 5000; ++i)
    entries.push_back(
        {net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, static_cast<std::uint8_t>(i >> 8),
                                      static_cast<std::uint8_t>(i)),
         i, i});
  const LeaseTable table(entries);
  for (const LeaseTable::Entry& entry : entries) {
    ASSERT_EQ(table.find(entry.mac).host, entry.host);
    for (std::size_t octet = 0; octet < 4; ++octet) {
      net::MacAddress other = entry.mac;
      other.octets[octet] ^= std::byte{0x80};
      ASSERT_EQ(table.find(other).host, no_index) << octet;
    }
  }
}

TEST(LeaseTable, OfNobodyFindsNobody) {
  EXPECT_EQ(LeaseTable().find(control0).host, no_index);
  EXPECT_EQ(LeaseTable(std::span<const LeaseTable::Entry>()).find({}).host, no_index);
}

TEST(LeaseTable, KeepsTheFirstOfTwo) {
  const std::array<LeaseTable::Entry, 2> twice{{{control0, 3, 0}, {control0, 4, 0}}};
  EXPECT_EQ(LeaseTable(twice).find(control0).host, 3u);
}

TEST(StoredOptions, FindValuesByTheirCode) {
  const std::vector<config::Option> options = {
      {OptionCode{1}, false, hex("ffffff00")},
      {OptionCode{3}, true, hex("01020304")},
      {OptionCode{80}, false, {}},
      {OptionCode{224}, false, Octets(255, std::byte{1})},
      {OptionCode{254}, false, Octets(256, std::byte{2})},
  };
  const StoredOptions stored(options);
  EXPECT_EQ(stored.size(), 4u);
  EXPECT_EQ(to_hex(stored.at(stored.place_of(OptionCode{1})).encoded), "0104ffffff00");
  EXPECT_EQ(to_hex(stored.at(stored.place_of(OptionCode{1})).value), "ffffff00");
  EXPECT_EQ(stored.place_of(OptionCode{3}), 0) << "suppressed";
  EXPECT_EQ(stored.place_of(OptionCode{2}), 0);
  EXPECT_NE(stored.place_of(OptionCode{80}), 0) << "without a value, but there";
  EXPECT_EQ(to_hex(stored.at(stored.place_of(OptionCode{80})).encoded), "5000");
  EXPECT_EQ(stored.at(stored.place_of(OptionCode{224})).encoded.size(), 257u);
  EXPECT_EQ(stored.at(stored.place_of(OptionCode{254})).encoded.size(), 0u)
      << "in pieces, by the builder";
  EXPECT_EQ(stored.at(stored.place_of(OptionCode{254})).value.size(), 256u);
}

TEST(Plan, NamesNetworksAndHosts) {
  const Plan plan(configuration());
  EXPECT_EQ(plan.networks().size(), 5u);
  EXPECT_EQ(plan.network_key(kubenet), "kubenet");
  EXPECT_EQ(plan.network_key(quiet), "quiet");
  EXPECT_EQ(plan.network_key(no_index), "");
  EXPECT_EQ(plan.host_name(kubenet, 1), "control0");
  EXPECT_EQ(plan.host_name(kubenet, 8), "drifter");
  EXPECT_EQ(plan.host_name(kubenet, 9), "");
  EXPECT_EQ(plan.host_name(kubenet, no_index), "");
  EXPECT_EQ(plan.host_name(no_index, 0), "");
  EXPECT_EQ(plan.network(kubenet).host_count(), 9u);
  EXPECT_EQ(plan.network(kubenet).macs_of(1).size(), 1u);
  EXPECT_EQ(plan.network(kubenet).macs_of(4).size(), 2u);
  EXPECT_EQ(plan.network(kubenet).macs_of(4).back(), worker0_second);
  EXPECT_EQ(plan.network(kubenet).macs_of(8).front(), drifter);
}

TEST(Plan, FindsNetworksByAddress) {
  struct Row {
    net::Ipv4Address address;
    NetworkIndex at;
    NetworkIndex containing;
    NetworkIndex relayed_by;
  };
  const Row rows[] = {
      {us, kubenet, kubenet, no_index},
      {control0_address, no_index, kubenet, no_index},
      {ip(192, 168, 199, 255), no_index, no_index, no_index},
      {ip(192, 168, 201, 0), no_index, no_index, no_index},
      {ip(10, 0, 0, 1), rack, rack, no_index},
      {ip(10, 9, 255, 255), no_index, far, no_index},
      {ip(10, 10, 0, 0), no_index, no_index, no_index},
      {ip(10, 9, 0, 2), no_index, far, far},
      {ip(172, 16, 0, 1), no_index, no_index, rack},
      {ip(0, 0, 0, 0), no_index, no_index, no_index},
      {ip(255, 255, 255, 255), no_index, no_index, no_index},
  };
  const Plan plan(configuration());
  for (const Row& row : rows) {
    SCOPED_TRACE(net::to_string(row.address));
    EXPECT_EQ(plan.network_at(row.address), row.at);
    EXPECT_EQ(plan.network_containing(row.address), row.containing);
    EXPECT_EQ(plan.network_relayed_by(row.address), row.relayed_by);
  }
}

TEST(Plan, FindsTheNetworkThatListsARelayMostSpecifically) {
  config::Config config = configuration();
  config.networks[kubenet].relays = {{ip(172, 16, 0, 0), 12}, {ip(0, 0, 0, 0), 0}};
  config.networks[quiet].relays = {{ip(172, 16, 0, 0), 24}};
  const Plan plan(config);
  EXPECT_EQ(plan.network_relayed_by(ip(172, 16, 0, 1)), rack);
  EXPECT_EQ(plan.network_relayed_by(ip(172, 16, 0, 2)), quiet);
  EXPECT_EQ(plan.network_relayed_by(ip(172, 17, 0, 1)), kubenet);
  EXPECT_EQ(plan.network_relayed_by(ip(8, 8, 8, 8)), kubenet);
}

TEST(Plan, HasASecondIdThatIsNobodysAddress) {
  using Edit = void (*)(config::Network&);
  struct Row {
    const char* about;
    Edit edit;
    std::string second;
  };
  const Row rows[] = {
      {"the highest", [](config::Network&) {}, "192.168.200.254"},
      {"but a host's",
       [](config::Network& network) { network.hosts[1].address = ip(192, 168, 200, 254); },
       "192.168.200.253"},
      {"a router's", [](config::Network& network) { network.routers = {ip(192, 168, 200, 254)}; },
       "192.168.200.253"},
      {"a DNS server's, twice",
       [](config::Network& network) {
         network.routers = {ip(192, 168, 200, 254)};
         network.dns_servers = {ip(192, 168, 200, 253), ip(192, 168, 200, 254)};
       },
       "192.168.200.252"},
      {"a name's",
       [](config::Network& network) {
         network.names = {{{}, {ip(192, 168, 200, 254)}}};
       },
       "192.168.200.253"},
      {"a record's",
       [](config::Network& network) {
         network.records = {{{}, dns::RrType::a, hex("c0a8c8fe")}};
       },
       "192.168.200.253"},
      {"ours", [](config::Network& network) { network.address = ip(192, 168, 200, 254); },
       "192.168.200.253"},
      {"when it is written", [](config::Network& network) { network.server_id = network.address; },
       "-"},
      {"when all are taken",
       [](config::Network& network) {
         network.subnet.length = 30;
         network.routers = {ip(192, 168, 200, 2)};
       },
       "-"},
  };
  for (const Row& row : rows) {
    config::Config config = configuration();
    row.edit(config.networks[kubenet]);
    const Plan plan(config);
    const auto second = plan.network(kubenet).second_id;
    EXPECT_EQ(second ? net::to_string(*second) : "-", row.second) << row.about;
  }
}

TEST(Plan, MayBeEmpty) {
  const Plan plan(config::Config{});
  EXPECT_EQ(plan.network_containing(us), no_index);
  EXPECT_EQ(plan.network_relayed_by(us), no_index);
}

TEST(Plan, SharesWhatHostsHaveInCommon) {
  config::Config config = configuration();
  auto& hosts = config.networks[kubenet].hosts;
  const config::Option ntp{OptionCode{42}, false, hex("c0a8c801")};
  hosts[0].options = {ntp};
  hosts[1].options = {ntp};
  hosts[2].options = {{OptionCode{42}, true, {}}};
  hosts[3].boot = config::Boot{us, "a"};
  hosts[4].boot = config::Boot{us, "a"};
  hosts[5].boot = config::Boot{std::nullopt, "a"};
  hosts[6].lease = std::chrono::hours(1);  // costs no profile
  const Plan plan(config);
  const Network& network = plan.network(kubenet);
  EXPECT_EQ(network.profiles.size(), 5u);
  EXPECT_EQ(network.hosts[0].profile, network.hosts[1].profile);
  EXPECT_EQ(network.hosts[3].profile, network.hosts[4].profile);
  EXPECT_NE(network.hosts[4].profile, network.hosts[5].profile);
  EXPECT_EQ(network.hosts[6].profile, 0u);
  EXPECT_EQ(network.hosts[6].lease, 3600u);
}

TEST(Plan, KeepsTheRootDomainOutOfTheOptions) {
  config::Config config = configuration();
  config.networks[kubenet].domain = dns::Name();
  Server server(config);
  EXPECT_EQ(value(server.reply_to({}), 15), "-");
}

// Slots are never shared, whatever plan follows whatever plan.
TEST(Plan, GivesEachHostASlotOfItsOwn) {
  const auto slots_of = [](const Plan& plan) {
    std::multiset<std::uint32_t> slots;
    for (const Network& network : plan.networks())
      for (HostIndex i = 0; i < network.host_count(); ++i)
        slots.insert(network.hosts[i].slot.number);
    return slots;
  };
  auto plan = std::make_unique<Plan>(configuration());
  for (const std::size_t keep : {9u, 3u, 8u, 0u, 9u}) {
    config::Config config = configuration();
    config.networks[kubenet].hosts.resize(keep);
    auto next = std::make_unique<Plan>(config, plan.get());
    const auto slots = slots_of(*next);
    EXPECT_EQ(slots.size(), std::set(slots.begin(), slots.end()).size());
    EXPECT_LE(slots.empty() ? 0 : *slots.rbegin(), next->bindings().size());
    plan = std::move(next);
  }
}

TEST(Plan, SurvivesAHostWithoutAnAddressThatIsSplit) {
  config::Config config = configuration();
  config.networks[kubenet].hosts[8].macs = {vm(0x70), vm(0x71)};
  const Plan before(config);
  config.networks[kubenet].hosts[8].macs = {vm(0x70)};
  config.networks[kubenet].hosts.push_back(host("other", vm(0x71), std::nullopt));
  const Plan after(config, &before);
  EXPECT_NE(after.network(kubenet).hosts[8].slot.number,
            after.network(kubenet).hosts[9].slot.number);
}

}  // namespace
}  // namespace berth::dhcp::lab
