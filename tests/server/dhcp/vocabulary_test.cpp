// The small functions around the responder: names of outcomes, destinations, digests, and what is
// read from a request.
#include <gtest/gtest.h>

#include <set>

#include "server/dhcp/client_id.hpp"
#include "server/dhcp/destination.hpp"
#include "server/dhcp/request.hpp"
#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;
using Via = Destination::Via;

TEST(Drop, HasANameAndASentenceEach) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < drop_count; ++i) {
    const Drop drop{static_cast<std::uint8_t>(i)};
    names.insert(name(drop));
    EXPECT_FALSE(name(drop).empty());
    EXPECT_GT(explanation(drop).size(), 20u);
  }
  EXPECT_EQ(names.size(), drop_count);
  EXPECT_EQ(name(Drop::reply_too_big), "reply_too_big");
}

// RFC 2131 4.1, each sentence against those that come before it.
TEST(Destination, IsWhatSection41Says) {
  struct Row {
    const char* name;
    Ask ask;
    std::optional<MessageType> reply;
    Via via;
    net::Ipv4Address yiaddr;
    net::Endpoint endpoint;
  };
  const net::Ipv4Address relay = ip(10, 9, 0, 2);
  const net::Ipv4Address yours = control0_address;
  const Row rows[] = {
      {"giaddr: the relay's server port",
       {.ciaddr = yours, .giaddr = relay, .flags = 0x8000},
       ack,
       Via::relay,
       yours,
       {relay, 67}},
      {"a relayed NAK too", {.type = request, .giaddr = relay}, nak, Via::relay, {}, {relay, 67}},
      {"NAK: everybody, whatever ciaddr says",
       {.type = request, .ciaddr = yours},
       nak,
       Via::broadcast,
       {},
       {broadcast, 68}},
      {"ciaddr, when it is what the reply confirms",
       {.type = request, .ciaddr = yours, .flags = 0x8000},
       ack,
       Via::unicast,
       yours,
       {yours, 68}},
      {"another ciaddr is no destination",
       {.type = request, .ciaddr = us},
       ack,
       Via::link,
       yours,
       {yours, 68}},
      {"the broadcast bit", {.flags = 0x8000}, offer, Via::broadcast, yours, {broadcast, 68}},
      {"the other bits mean nothing", {.flags = 0x7fff}, offer, Via::link, yours, {yours, 68}},
      {"else a frame to chaddr", {}, offer, Via::link, yours, {yours, 68}},
      {"BOOTP likewise", {.type = {}}, std::nullopt, Via::link, yours, {yours, 68}},
      {"INFORM: ciaddr",
       {.type = inform, .ciaddr = yours, .flags = 0x8000},
       ack,
       Via::unicast,
       {},
       {yours, 68}},
      {"INFORM: also when relayed",
       {.type = inform, .ciaddr = yours, .giaddr = relay},
       ack,
       Via::unicast,
       {},
       {yours, 68}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Octets datagram = encode(row.ask);
    const auto message = MessageView::parse(datagram);
    ASSERT_TRUE(message);
    const Destination destination = destination_of(*message, row.reply, row.yiaddr);
    EXPECT_EQ(destination.via, row.via);
    EXPECT_EQ(destination.endpoint, row.endpoint);
    EXPECT_EQ(destination.mac, row.via == Via::link ? control0 : net::MacAddress{});
  }
}

TEST(Digest, TellsIdentifiersApart) {
  std::set<std::uint64_t> digests;
  std::size_t count = 0;
  for (std::size_t size = 0; size < 40; ++size) {
    const Octets zeros(size);
    digests.insert(digest_of(zeros));
    ++count;
    for (std::size_t at = 0; at < size; ++at) {
      Octets one = zeros;
      one[at] = std::byte{1};
      digests.insert(digest_of(one));
      ++count;
    }
  }
  EXPECT_EQ(digests.size(), count);
  EXPECT_FALSE(digests.contains(0));
}

class RequestTest : public testing::Test {
 protected:
  Request read(const Ask& ask) {
    datagram_ = encode(ask);
    return Request(datagram_, scratch_);
  }

 private:
  Octets datagram_;
  std::array<std::byte, split_option_room> scratch_{};
};

TEST_F(RequestTest, HoldsWhatTheOptionsSay) {
  const Request request = read({.requested = control0_address,
                                .server = us,
                                .parameters = hex("0103"),
                                .options = {{57, hex("05dc")},
                                            {61, hex("01aabb")},
                                            {81, hex("040000")},
                                            {97, Octets(17, std::byte{9})},
                                            {118, hex("0a000000")}},
                                .relay_agent = hex("05040a0000000b040a000009"),
                                .giaddr = ip(10, 9, 0, 2)});
  EXPECT_EQ(request.chaddr(), control0);
  EXPECT_EQ(request.requested_address(), control0_address);
  EXPECT_EQ(request.server_identifier(), us);
  EXPECT_EQ(request.maximum_message_size(), 1500);
  EXPECT_EQ(to_hex(request.parameters()), "0103");
  EXPECT_EQ(to_hex(request.client_identifier()), "01aabb");
  EXPECT_EQ(to_hex(request.client_fqdn()), "040000");
  EXPECT_EQ(to_hex(request.machine_identifier()), to_hex(Octets(17, std::byte{9})));
  EXPECT_EQ(request.subnet_selection(), ip(10, 0, 0, 0));
  EXPECT_EQ(request.link_selection(), ip(10, 0, 0, 0));
  EXPECT_EQ(request.server_identifier_override(), ip(10, 0, 0, 9));
  EXPECT_EQ(to_hex(request.relay_agent_information()), "05040a0000000b040a000009");
}

TEST_F(RequestTest, IsEmptyWithoutOptions) {
  const Request request = read({});
  EXPECT_FALSE(request.requested_address() || request.server_identifier() ||
               request.maximum_message_size() || request.subnet_selection() ||
               request.link_selection() || request.server_identifier_override());
  EXPECT_TRUE(request.parameters().empty() && request.client_identifier().empty() &&
              request.client_fqdn().empty() && request.machine_identifier().empty() &&
              request.relay_agent_information().empty());
}

TEST_F(RequestTest, JoinsWhatIsSplit) {
  const Octets many(200, std::byte{7});
  const Request request = read({.options = {{61, many},
                                            {55, hex("01")},
                                            {97, Octets(8)},
                                            {61, many},
                                            {55, hex("03")},
                                            {97, Octets(9)}}});
  EXPECT_EQ(to_hex(request.parameters()), "0103");
  EXPECT_EQ(request.client_identifier().size(), 400u);
  EXPECT_EQ(to_hex(request.machine_identifier()), to_hex(Octets(17)));
}

// RFC 2132 9.14, RFC 4578 2.3. Echoing them could leave no room for the reply.
TEST_F(RequestTest, IgnoresIdentifiersOfWrongLength) {
  for (const std::size_t size : {0u, 1u}) {
    EXPECT_TRUE(read({.options = {{61, Octets(size)}}}).client_identifier().empty());
  }
  for (const std::size_t size : {0u, 1u, 16u, 18u, 200u}) {
    EXPECT_TRUE(read({.options = {{97, Octets(size)}}}).machine_identifier().empty());
  }
}

TEST_F(RequestTest, IgnoresWhatIsSplitIntoTooMany) {
  std::vector<RawOption> pieces(10, {61, Octets(250, std::byte{7})});
  pieces.push_back({55, hex("01")});
  pieces.push_back({55, hex("03")});
  const Request request = read({.options = pieces});
  EXPECT_TRUE(request.client_identifier().empty());
  EXPECT_EQ(to_hex(request.parameters()), "0103");
}

}  // namespace
}  // namespace berth::dhcp::lab
