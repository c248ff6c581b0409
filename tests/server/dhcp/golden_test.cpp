// Replies to the octet, beside their dump: a change of what goes over the wire is a visible diff.
// To accept one, run the test with BERTH_REGENERATE=1 in the environment and review the files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "protocol/dhcp/text.hpp"
#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

std::string picture(const Reply& reply) {
  std::string picture = describe(reply) + "\n\n" + to_dump(*MessageView::parse(reply.payload));
  constexpr std::size_t line = 32;
  picture += '\n';
  for (std::size_t at = 0; at < reply.payload.size(); at += line) {
    picture += to_hex(reply.payload.subspan(at, std::min(line, reply.payload.size() - at)));
    picture += '\n';
  }
  return picture;
}

void expect_golden(const std::string& name, const config::Config& config, const Ask& ask) {
  SCOPED_TRACE(name);
  Server server(config);
  const Outcome outcome = server.send(ask);
  ASSERT_TRUE(std::holds_alternative<Reply>(outcome)) << describe(outcome);
  const std::string actual = picture(std::get<Reply>(outcome));
  const std::string path = std::string(BERTH_GOLDEN) + "/dhcp_replies/" + name + ".txt";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs
  if (std::getenv("BERTH_REGENERATE") != nullptr) std::ofstream(path) << actual;
  EXPECT_EQ(actual, test::read_text_file(path));
}

// What udhcpc sends, with the options of systemd-networkd.
Ask client(Ask ask) {
  ask.parameters = hex("0103060c0f1a1c212a77799c");
  ask.options = {{61, hex("ff525252000002000000ab11aabbccdd")},
                 {57, hex("05c0")},
                 {60, text("udhcp 1.36.1")},
                 {12, text("vm")}};
  return ask;
}

TEST(Golden, Dora) {
  expect_golden("offer", configuration(), client({}));
  expect_golden("ack", configuration(),
                client({.type = request, .requested = control0_address, .server = us}));
}

TEST(Golden, Nak) {
  expect_golden("nak", configuration(),
                client({.type = request, .requested = ip(192, 168, 201, 4)}));
}

TEST(Golden, Relayed) {
  Ask ask = client({.client = remote0, .relay_agent = hex("010465746831020652525200ee01")});
  ask.giaddr = ip(10, 9, 0, 2);
  ask.hops = 1;
  expect_golden("relayed_offer", configuration(), ask);
}

TEST(Golden, Overloaded) {
  config::Config config = configuration();
  for (std::uint8_t code = 224; code < 230; ++code)
    config.networks[kubenet].options.push_back(
        {OptionCode{code}, false, Octets(58, std::byte{code})});
  expect_golden("overloaded_offer", config, {});
}

}  // namespace
}  // namespace berth::dhcp::lab
