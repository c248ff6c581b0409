// Once each of what a test of packets needs beside what README shows: printing, building, DNS.
#include <gtest/gtest.h>

#include <array>
#include <protocol/dhcp/message_view.hpp>
#include <protocol/dhcp/reply_builder.hpp>
#include <protocol/dhcp/request_builder.hpp>
#include <protocol/dhcp/text.hpp>
#include <protocol/dns/message_builder.hpp>
#include <protocol/dns/message_view.hpp>
#include <protocol/dns/name.hpp>
#include <protocol/dns/text.hpp>
#include <protocol/wire/hex.hpp>

using namespace berth;
using dhcp::OptionCode;

TEST(Discover, IsPrinted) {
  const auto octets = wire::parse_hex(
      "01010600 3903f326 00*20 525252000001 00*202 63825363 350101 0c08636f6e74726f6c30 ff");
  ASSERT_TRUE(octets);
  const auto message = dhcp::MessageView::parse(*octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(dhcp::to_line(*message),
            "DHCPDISCOVER xid=0x3903f326 chaddr=52:52:52:00:00:01 host-name=\"control0\"");
}

TEST(Offer, CarriesTheAddress) {
  std::array<std::byte, 548> of_client;
  const auto discover = dhcp::RequestBuilder::discover(of_client, {.xid = 7}).finish();
  ASSERT_TRUE(discover);
  const auto asked = dhcp::MessageView::parse(*discover);
  ASSERT_TRUE(asked);

  std::array<std::byte, 548> of_server;
  dhcp::ReplyBuilder builder(of_server, *asked, dhcp::MessageType::offer, 548);
  builder.yiaddr(*net::Ipv4Address::parse("192.168.200.4"))
      .option(OptionCode::ip_address_lease_time, std::uint32_t{3600});
  const auto offer = builder.finish();
  ASSERT_TRUE(offer);
  const auto message = dhcp::MessageView::parse(*offer);
  ASSERT_TRUE(message);
  EXPECT_EQ(net::to_string(message->yiaddr()), "192.168.200.4");
  EXPECT_EQ(message->find(OptionCode::ip_address_lease_time)->u32(), 3600u);
}

TEST(Answer, HoldsTheQuestion) {
  std::array<std::byte, 512> out;
  dns::MessageBuilder builder(out, 1, dns::flag::qr | dns::flag::aa);
  const auto qname = dns::Name::parse("control0.kubenet.");
  builder.question(qname->wire(), dns::RrType::a, dns::RrClass::in);
  constexpr std::array address = {std::byte{192}, std::byte{168}, std::byte{200}, std::byte{4}};
  EXPECT_TRUE(builder.record(dns::Section::answer, qname->wire(), dns::RrType::a, dns::RrClass::in,
                             60, address));
  const auto octets = builder.finish();
  ASSERT_TRUE(octets);
  const auto message = dns::MessageView::parse(*octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->question()->qname, *qname);
  EXPECT_NE(dns::to_text(*message).find("control0.kubenet. 60 IN A 192.168.200.4\n"),
            std::string::npos);
}
