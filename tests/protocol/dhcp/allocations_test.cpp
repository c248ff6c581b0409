// The codec's part of the datagram path allocates nothing.
#include "tests/support/allocations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "protocol/dhcp/client_fqdn.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/relay_agent.hpp"
#include "protocol/dhcp/reply_builder.hpp"
#include "protocol/net/frame.hpp"
#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

TEST(AllocationCount, Counts) {
  const test::AllocationCount count;
  const auto one = std::make_unique<int>(1);
  const auto two = std::make_unique<std::array<char, 100>>();
  EXPECT_EQ(count.value(), 2u);
}

TEST(Codec, AllocatesNothing) {
  const Octets request_octets = message_with(
      "35 01 01 0c 01 61 0c 01 62 51 05 05 00 00 01 61 52 04 01 02 61 62 39 02 05 dc ff");
  std::array<std::byte, 1500> out;
  std::array<std::byte, 1600> frame_out;
  std::array<std::byte, 300> scratch;
  const std::array<std::string_view, 2> domains = {"kubenet", "lab.kubenet"};

  const test::AllocationCount count;
  const auto request = MessageView::parse(request_octets);
  ASSERT_TRUE(request);
  const auto relay = RelayAgentInformation::parse(
      request->collect(OptionCode::relay_agent_information, scratch).value_or(wire::Bytes()));
  const auto fqdn = ClientFqdn::parse(request->find(OptionCode::client_fqdn)->value);
  ASSERT_TRUE(relay && fqdn);
  const auto answer = build_client_fqdn_reply(*fqdn, true, "vm.kubenet", scratch);
  ReplyBuilder reply(out, *request, MessageType::offer, reply_limit(*request), relay->value());
  reply.option(OptionCode::client_fqdn, *answer);
  const auto search =
      encode_option_value(*find_option(OptionCode::domain_search), domains, nullptr, scratch);
  reply.option_if_room(OptionCode::domain_search, wire::Bytes(scratch).first(*search));
  const auto payload = reply.finish();
  ASSERT_TRUE(payload);
  const auto frame = net::build_udp_frame({{}, {}, {}, {}, *payload}, frame_out);
  ASSERT_TRUE(frame);
  ASSERT_TRUE(net::parse_udp_frame(*frame, net::Checksums::verify));
  EXPECT_EQ(count.value(), 0u);
}

}  // namespace
}  // namespace berth::dhcp
