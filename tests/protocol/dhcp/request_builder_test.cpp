#include "protocol/dhcp/request_builder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;

constexpr Requester who = {.chaddr = net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 1),
                           .xid = 0x3903f326,
                           .secs = 7,
                           .flags = broadcast_flag,
                           .hops = 1,
                           .giaddr = {0x0a090001}};
constexpr net::Ipv4Address address{0xc0a8c804};
constexpr net::Ipv4Address server{0xc0a8c801};

// RFC 2131 table 5: which act fills ciaddr, and which options it must carry.
struct Act {
  const char* what;
  RequestBuilder (*build)(wire::MutableBytes out);
  std::optional<MessageType> type;
  bool has_ciaddr;
  bool has_requested_address;
  bool has_server_identifier;
};

using B = RequestBuilder;
const Act acts[] = {
    {"DISCOVER", [](wire::MutableBytes o) { return B::discover(o, who); }, MessageType::discover,
     false, false, false},
    {"SELECTING",
     [](wire::MutableBytes o) { return B::request_selecting(o, who, address, server); },
     MessageType::request, false, true, true},
    {"INIT-REBOOT", [](wire::MutableBytes o) { return B::request_init_reboot(o, who, address); },
     MessageType::request, false, true, false},
    {"RENEWING", [](wire::MutableBytes o) { return B::request_renewing(o, who, address); },
     MessageType::request, true, false, false},
    {"REBINDING", [](wire::MutableBytes o) { return B::request_rebinding(o, who, address); },
     MessageType::request, true, false, false},
    {"DECLINE", [](wire::MutableBytes o) { return B::decline(o, who, address, server); },
     MessageType::decline, false, true, true},
    {"RELEASE", [](wire::MutableBytes o) { return B::release(o, who, address, server); },
     MessageType::release, true, false, true},
    {"INFORM", [](wire::MutableBytes o) { return B::inform(o, who, address); }, MessageType::inform,
     true, false, false},
    {"BOOTP", [](wire::MutableBytes o) { return B::bootp(o, who); }, std::nullopt, false, false,
     false},
};

TEST(RequestBuilder, FillsWhatTable5Demands) {
  for (const Act& c : acts) {
    std::array<std::byte, 600> out;
    out.fill(std::byte{0xa5});
    const auto octets = c.build(out).finish();
    ASSERT_TRUE(octets) << c.what;
    EXPECT_EQ(octets->size(), 300u) << c.what;
    const auto message = MessageView::parse(*octets);
    ASSERT_TRUE(message) << c.what;
    EXPECT_EQ(message->op(), Op::bootrequest) << c.what;
    EXPECT_EQ(message->htype(), 1) << c.what;
    EXPECT_EQ(message->hops(), 1) << c.what;
    EXPECT_EQ(message->xid(), who.xid) << c.what;
    EXPECT_EQ(message->secs(), 7) << c.what;
    EXPECT_EQ(message->flags(), broadcast_flag) << c.what;
    EXPECT_EQ(message->giaddr(), who.giaddr) << c.what;
    EXPECT_TRUE(message->yiaddr().is_unspecified()) << c.what;
    EXPECT_TRUE(message->siaddr().is_unspecified()) << c.what;
    EXPECT_TRUE(wire::equal(message->chaddr(), who.chaddr.octets)) << c.what;
    EXPECT_EQ(message->sname(), "") << c.what;
    EXPECT_EQ(message->file(), "") << c.what;
    EXPECT_EQ(message->type(), c.type) << c.what;
    EXPECT_EQ(message->ciaddr(), c.has_ciaddr ? address : net::Ipv4Address::any()) << c.what;

    const auto requested = message->find(OptionCode::requested_ip_address);
    EXPECT_EQ(requested.has_value(), c.has_requested_address) << c.what;
    if (requested) {
      EXPECT_EQ(requested->ipv4(), address) << c.what;
    }
    const auto identifier = message->find(OptionCode::server_identifier);
    EXPECT_EQ(identifier.has_value(), c.has_server_identifier) << c.what;
    if (identifier) {
      EXPECT_EQ(identifier->ipv4(), server) << c.what;
    }
  }
}

TEST(RequestBuilder, TakesAddressAndServerFromAnOffer) {
  Octets offer = message_with("35 01 02 36 04 c0 a8 c8 01 ff");
  put(offer, field::yiaddr, hex("c0 a8 c8 04"));
  std::array<std::byte, 300> out;
  const auto octets =
      RequestBuilder::request_selecting(out, who, *MessageView::parse(offer)).finish();
  ASSERT_TRUE(octets);
  const auto message = MessageView::parse(*octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->find(OptionCode::requested_ip_address)->ipv4(), address);
  EXPECT_EQ(message->find(OptionCode::server_identifier)->ipv4(), server);
}

TEST(RequestBuilder, IsPoisonedByAnOfferWithoutAServer) {
  for (const char* const options : {"35 01 02 ff", "35 01 02 36 03 c0 a8 c8 ff"}) {
    const Octets offer = message_with(options);
    std::array<std::byte, 300> out;
    EXPECT_FALSE(RequestBuilder::request_selecting(out, who, *MessageView::parse(offer)).finish())
        << options;
  }
}

TEST(RequestBuilder, AppendsOptionsInOrderAndOption82Last) {
  const Octets relay = hex("01 01 61");
  std::array<std::byte, 600> out;
  RequestBuilder builder = RequestBuilder::discover(out, who);
  builder.relay_agent_information(relay)
      .option(OptionCode::maximum_dhcp_message_size, std::uint16_t{1500})
      .option(OptionCode::ip_address_lease_time, std::uint32_t{3600})
      .option(OptionCode::host_name, wire::bytes_of("control0"))
      .option(OptionCode::domain_search, Octets(256));
  const auto octets = builder.finish();
  ASSERT_TRUE(octets);
  EXPECT_TRUE(wire::equal(octets->subspan(field::options), hex(R"(
      35 01 01  39 02 05 dc  33 04 00 00 0e 10  0c 08 63 6f 6e 74 72 6f 6c 30
      77 ff 00*255  77 01 00  52 03 01 01 61  ff)")));
}

TEST(RequestBuilder, FitsOrFailsForEveryBuffer) {
  for (std::size_t size = 0; size <= 340; ++size) {
    Octets out(size, std::byte{0xa5});
    RequestBuilder builder = RequestBuilder::discover(out, who);
    builder.option(OptionCode::host_name, Octets(60));
    const auto octets = builder.finish();
    EXPECT_EQ(octets.has_value(), size >= 240 + 3 + 62 + 1) << size;
  }
}

}  // namespace
}  // namespace berth::dhcp
