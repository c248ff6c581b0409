// Who answers (the order of README's "Names"), where others are asked too; and what is kept of
// their answers, without a forwarder around it.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "server/dns/cache.hpp"
#include "server/dns/image.hpp"
#include "tests/server/dns/forwarder_script.hpp"
#include "tests/support/hex.hpp"

namespace berth::dns {
namespace {

struct OrderCase {
  std::string name;
  std::string qname;
  RrType qtype;
  std::string servers;
  // none: it is for others
  std::optional<Rcode> rcode;
};

class Order : public testing::TestWithParam<OrderCase> {};

TEST_P(Order, IsHostsZonesRulesBuiltInOthers) {
  const OrderCase& row = GetParam();
  Responder responder(std::make_shared<const Zones>(test::rich_plan()),
                      test::forwarding(row.servers));
  const auto query = test::encode({.qname = row.qname, .qtype = row.qtype});
  std::array<std::byte, 1232> out;
  const Outcome outcome = responder.handle(query, test::guest, out);
  if (!row.rcode) {
    ASSERT_TRUE(std::holds_alternative<Forward>(outcome));
    EXPECT_EQ(std::get<Forward>(outcome).question.qname.to_string(), row.qname);
    return;
  }
  ASSERT_TRUE(std::holds_alternative<Reply>(outcome));
  EXPECT_EQ(std::get<Reply>(outcome).rcode, *row.rcode);
  const auto reply = MessageView::parse(std::get<Reply>(outcome).payload);
  EXPECT_TRUE(reply->header().has(flag::ra));
}

constexpr auto a = RrType::a;
constexpr auto ptr = RrType::ptr;
const OrderCase orders[] = {
    {"host", "worker0.kubenet.", a, "0 kubenet.=1 worker0.kubenet.=1", Rcode::noerror},
    {"name_of_another_zone", "api.lab.example.com.", a, "0 example.com.=1", Rcode::noerror},
    {"beside_a_name_of_another_zone", "www.lab.example.com.", a, "0", {}},
    {"record_by_wildcard", "x.apps.kubenet.", a, "0 apps.kubenet.=1", Rcode::noerror},
    {"missing_in_our_zone", "nobody.kubenet.", a, "0 kubenet.=1", Rcode::nxdomain},
    {"delegated_in_our_zone", "www.sub.kubenet.", a, "0 SUB.kubenet.=1", {}},
    {"delegated_name_itself", "sub.kubenet.", a, "0 sub.kubenet.=1", {}},
    {"beside_the_delegated", "www.sib.kubenet.", a, "0 sub.kubenet.=1", Rcode::nxdomain},
    {"empty_non_terminal_that_is_delegated",
     "deep.apps.kubenet.",
     RrType::mx,
     "0 deep.apps.kubenet.=1",
     {}},
    {"host_by_bare_name", "worker0.", a, "0 worker0.=1", Rcode::noerror},
    {"address_of_a_bare_name", "wpad.", a, "0 wpad.=1", Rcode::noerror},
    {"ipv6_address_of_a_bare_name", "wpad.", RrType::aaaa, "0", Rcode::noerror},
    {"other_type_of_a_bare_name", "com.", RrType::ds, "0", {}},
    {"root", ".", RrType::ns, "0", {}},
    {"address_of_ours", "7.200.168.192.in-addr.arpa.", ptr, "0 168.192.in-addr.arpa.=1",
     Rcode::noerror},
    {"address_of_ours_without_a_name", "99.200.168.192.in-addr.arpa.", ptr,
     "0 168.192.in-addr.arpa.=1", Rcode::nxdomain},
    {"address_beside_ours", "7.202.168.192.in-addr.arpa.", ptr, "0 168.192.in-addr.arpa.=1", {}},
    {"private_address_without_a_rule", "7.202.168.192.in-addr.arpa.", ptr, "0", Rcode::nxdomain},
    {"built_in_zone_with_a_rule", "1.2.3.10.in-addr.arpa.", ptr, "0 10.in-addr.arpa.=1", {}},
    {"address_of_a_subnet_in_a_zone_with_a_rule", "9.17.5.10.in-addr.arpa.", ptr,
     "0 10.in-addr.arpa.=1", Rcode::noerror},
    {"public_address_beside_a_subnet_of_ours",
     "1.113.0.203.in-addr.arpa.",
     ptr,
     "0 113.0.203.in-addr.arpa.=1",
     {}},
    {"reserved_domain", "www.invalid.", a, "0", Rcode::nxdomain},
    {"reserved_domain_with_a_rule", "www.home.arpa.", a, "0 home.arpa.=1", {}},
    {"localhost", "localhost.", a, "0", Rcode::noerror},
    {"everything_else", "www.example.com.", a, "0", {}},
    {"everything_else_without_servers", "www.example.com.", a, "cluster.local.=1", Rcode::refused},
    {"rule_without_servers", "www.example.com.", a, "0 example.com.=", Rcode::refused},
    {"rule_alone", "x.cluster.local.", a, "cluster.local.=1", {}},
};
INSTANTIATE_TEST_SUITE_P(Dns, Order, testing::ValuesIn(orders),
                         [](const auto& test) { return test.param.name; });

TEST(Responder, OffersNoRecursionWithoutServersOrToStrangers) {
  const auto zones = std::make_shared<const Zones>(test::rich_plan());
  const auto query = test::encode({.qname = "worker0.kubenet."});
  std::array<std::byte, 1232> out;
  const auto has_ra = [&](Responder responder, const Client& client) {
    const Outcome outcome = responder.handle(query, client, out);
    return MessageView::parse(std::get<Reply>(outcome).payload)->header().has(flag::ra);
  };
  EXPECT_FALSE(has_ra(Responder(zones), test::guest));
  EXPECT_FALSE(has_ra(Responder(zones, test::forwarding("")), test::guest));
  EXPECT_TRUE(has_ra(Responder(zones, test::forwarding("0")), test::guest));
  Client stranger = test::guest;
  stranger.source.address = test::address("203.0.113.1");
  EXPECT_FALSE(has_ra(Responder(zones, test::forwarding("0")), stranger));
}

// The vectors of the paper's appendix: key 00 to 0f, message 00, 01, 02…
TEST(SipHash, GivesThePapersValues) {
  const HashSecret secret{.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908};
  std::array<std::byte, 15> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::byte>(i);
  EXPECT_EQ(SipHash::of({}, secret), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(SipHash::of(octets, secret), 0xa129ca6149be45e5u);
}

struct AddressCase {
  std::string name;
  std::string address;
  bool is_private;
};

class PrivateAddress : public testing::TestWithParam<AddressCase> {};

TEST_P(PrivateAddress, IsOfNetworksThatAreNotTheInternets) {
  const bool is_ipv6 = GetParam().address.find(':') != std::string::npos;
  std::array<std::byte, 32> rdata;
  const auto record =
      parse_record(std::string("x. ").append(is_ipv6 ? "AAAA " : "A ").append(GetParam().address),
                   Name(), rdata);
  ASSERT_TRUE(record);
  EXPECT_EQ(is_private_address(record->type, record->rdata), GetParam().is_private);
}

const AddressCase addresses[] = {
    {"ten", "10.255.255.255", true},
    {"below_172_16", "172.15.255.255", false},
    {"first_of_172_16", "172.16.0.0", true},
    {"last_of_172_16", "172.31.255.255", true},
    {"above_172_16", "172.32.0.0", false},
    {"home", "192.168.1.1", true},
    {"beside_home", "192.169.1.1", false},
    {"loopback", "127.0.0.1", true},
    {"link", "169.254.1.1", true},
    {"first_of_carriers", "100.64.0.0", true},
    {"last_of_carriers", "100.127.255.255", true},
    {"above_carriers", "100.128.0.0", false},
    {"nothing", "0.0.0.0", true},
    {"public_address", "192.0.2.1", false},
    {"ipv6_unspecified", "::", true},
    {"ipv6_loopback", "::1", true},
    {"ipv6_two", "::2", false},
    {"ipv6_local", "fd00::1", true},
    {"ipv6_local_below", "fc00::1", true},
    {"ipv6_link", "fe80::1", true},
    {"ipv6_above_link", "fec0::1", false},
    {"ipv6_mapped_private", "::ffff:192.168.1.1", true},
    {"ipv6_mapped_public", "::ffff:192.0.2.1", false},
    {"ipv6_public", "2001:db8::1", false},
};
INSTANTIATE_TEST_SUITE_P(Rebinding, PrivateAddress, testing::ValuesIn(addresses),
                         [](const auto& test) { return test.param.name; });

// An image of so many octets of TXT at a name.
class CacheTest : public testing::Test {
 protected:
  static constexpr TimePoint now{std::chrono::hours{1}};
  static constexpr HashSecret secret{1, 2};

  static QuestionKey key_of(const FoldedName& name) {
    return QuestionKey::of(name, RrType::txt, false, false, secret);
  }
  Image image_of(const std::string& qname, std::size_t size) {
    octets_.assign(65'535, std::byte{0});
    MessageBuilder builder(octets_, 0, flag::qr);
    builder.question(test::named(qname).wire(), RrType::txt, RrClass::in);
    std::vector<std::byte> rdata;
    while (size > 0) {
      const std::size_t text = std::min<std::size_t>(size, 255);
      rdata.push_back(static_cast<std::byte>(text));
      rdata.insert(rdata.end(), text, static_cast<std::byte>(text));
      size -= text;
    }
    builder.record(Section::answer, test::named(qname).wire(), RrType::txt, RrClass::in, 100,
                   rdata);
    const auto written = *builder.finish();
    ttls_ = {static_cast<std::uint16_t>(written.size() - rdata.size() - 6)};
    return {.octets = written, .ttls = ttls_, .ttl = std::chrono::seconds{100}};
  }
  bool store(Cache& cache, const std::string& qname, std::size_t size) {
    const FoldedName name(test::named(qname).wire());
    return cache.store(key_of(name), image_of(qname, size), {}, std::chrono::seconds{0}, now);
  }
  static bool has(Cache& cache, const std::string& qname) {
    const FoldedName name(test::named(qname).wire());
    const Cache::Entry* const entry = cache.find(key_of(name));
    return entry != nullptr && cache.is_fresh(*entry, now);
  }

  std::vector<std::byte> octets_;
  std::vector<std::uint16_t> ttls_;
};

// RFC 1035 4.1.4: whatever an image's size, its octets and TTLs come back.
TEST_F(CacheTest, KeepsImagesOfEverySize) {
  Cache cache(100, std::size_t{8} << 20);
  std::vector<std::byte> out(65'535);
  for (std::size_t size = 1; size < 60'000; size += size < 800 ? 1 : 4'999) {
    ASSERT_TRUE(store(cache, "x.test.", size)) << size;
    const FoldedName name(test::named("x.test.").wire());
    const Cache::Entry* const entry = cache.find(key_of(name));
    ASSERT_NE(entry, nullptr);
    Image image = image_of("x.test.", size);
    ASSERT_EQ(entry->size(), image.octets.size());
    Cache::copy(*entry, now + std::chrono::seconds{40}, out);
    EXPECT_EQ(wire::load_u32(out, ttls_.at(0)), 60u) << size;
    wire::store_u32(out, ttls_.at(0), 100);
    EXPECT_TRUE(wire::equal(wire::Bytes(out).first(entry->size()), image.octets)) << size;
  }
  cache.clear();
  EXPECT_EQ(cache.octets(), 0u);
}

TEST_F(CacheTest, N16_F14_StaysWithinItsOctets) {
  constexpr std::size_t octets = 100'000;
  Cache cache(10'000, octets);
  EXPECT_FALSE(store(cache, "large.test.", 20'000));
  EXPECT_FALSE(has(cache, "large.test."));
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(store(cache, std::to_string(i) + ".test.", static_cast<std::size_t>(i) * 7 + 1));
    EXPECT_LE(cache.octets(), octets);
    EXPECT_TRUE(has(cache, std::to_string(i) + ".test."));
  }
  // What takes no block has to make room of those that do.
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(store(cache, std::to_string(i) + ".small.test.", 10));
    EXPECT_LE(cache.octets(), octets);
  }
  EXPECT_GT(cache.evicted(), 900u);
}

TEST_F(CacheTest, SparesWhatWasAskedFor) {
  Cache cache(64, std::size_t{1} << 20);
  for (int i = 0; i < 64; ++i) store(cache, std::to_string(i) + ".test.", 10);
  EXPECT_TRUE(has(cache, "0.test."));
  store(cache, "new.test.", 10);
  EXPECT_EQ(cache.size(), 64u);
  EXPECT_TRUE(has(cache, "0.test."));
  EXPECT_FALSE(has(cache, "1.test."));
}

TEST_F(CacheTest, ShrinksToNewLimits) {
  Cache cache(1'000, std::size_t{1} << 20);
  for (int i = 0; i < 1'000; ++i) store(cache, std::to_string(i) + ".test.", 10);
  EXPECT_EQ(cache.size(), 1'000u);
  cache.limit(100, std::size_t{1} << 20);
  store(cache, "new.test.", 10);
  EXPECT_EQ(cache.size(), 100u);
}

}  // namespace
}  // namespace berth::dns
