// What many replies have in common, kept: the same octets as composing each of them anew.
#include "server/dhcp/option_template.hpp"

#include <gtest/gtest.h>

#include <random>

#include "server/dhcp/reply.hpp"
#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

Octets counting(std::size_t size) {
  Octets octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(i + 1);
  return octets;
}

TEST(OptionTemplate, HoldsOptionsOfEverySize) {
  for (std::size_t size = 0; size <= 200; ++size) {
    SCOPED_TRACE(size);
    const Octets value = counting(size);
    Octets encoded{std::byte{224}, static_cast<std::byte>(size)};
    encoded.insert(encoded.end(), value.begin(), value.end());

    OptionTemplate options;
    options.option(OptionCode{1}, us);
    EXPECT_TRUE(options.option_if_room(OptionCode{224}, value));
    options.host_name();
    EXPECT_TRUE(options.encoded_options_if_room(encoded));
    EXPECT_TRUE(options.ok());
    ASSERT_TRUE(options.has_host_name());
    EXPECT_EQ(to_hex(options.before_host_name()), "0104c0a8c801" + to_hex(encoded));
    EXPECT_EQ(to_hex(options.after_host_name()), to_hex(encoded));
  }
}

TEST(OptionTemplate, HasAllBeforeTheNameWhenThereIsNone) {
  OptionTemplate options;
  options.option(OptionCode{51}, 7u);
  EXPECT_FALSE(options.has_host_name());
  EXPECT_EQ(to_hex(options.before_host_name()), "330400000007");
  EXPECT_TRUE(options.after_host_name().empty());
}

TEST(OptionTemplate, IsNotOkOnceSomethingDidNotFit) {
  OptionTemplate too_long;
  EXPECT_FALSE(too_long.option_if_room(OptionCode{224}, Octets(256)));
  EXPECT_FALSE(too_long.ok());
  for (const std::size_t size : {1u, 4u, 100u, 255u}) {
    SCOPED_TRACE(size);
    OptionTemplate full;
    std::size_t held = 0;
    while (full.option_if_room(OptionCode{224}, Octets(size))) held += 2 + size;
    EXPECT_FALSE(full.ok());
    EXPECT_EQ(full.before_host_name().size(), held);
    EXPECT_FALSE(full.encoded_options_if_room(hex("5000"))) << "and stays so";
  }
}

TEST(OptionTemplates, AreFilledOncePerKind) {
  const Profile profiles[2] = {{.options = StoredOptions({})}, {.options = StoredOptions({})}};
  const Octets list = counting(9);
  const Octets other_list = counting(OptionTemplates::parameters_max);
  const OptionTemplates::Kind kinds[] = {
      {&profiles[0], us, 60, list},           {&profiles[1], us, 60, list},
      {&profiles[0], other_server, 60, list}, {&profiles[0], us, 61, list},
      {&profiles[0], us, 60, other_list},     {&profiles[0], us, 60, {}},
  };
  OptionTemplates templates;
  std::uint32_t filled = 0;
  const auto ask = [&](const OptionTemplates::Kind& kind) {
    const OptionTemplate& options =
        templates.of(kind, [&](OptionTemplate& empty) { empty.option(OptionCode{1}, ++filled); });
    return to_hex(options.before_host_name());
  };
  for (const auto& kind : kinds) {
    const std::string first = ask(kind);
    EXPECT_EQ(first, "01040000000" + std::to_string(filled)) << "of another kind than all before";
    EXPECT_EQ(ask(kind), first);
  }
  EXPECT_EQ(filled, std::size(kinds));
  ask(kinds[0]);
  const std::uint32_t before = filled;
  templates.clear();
  ask(kinds[0]);
  EXPECT_EQ(filled, before + 1);
}

// A plan in which hosts differ in all that a template depends on.
config::Config varied_plan() {
  config::Config config = configuration();
  config::Network& network = config.networks[kubenet];
  const auto add = [](std::vector<config::Option>& options, std::uint8_t code, std::size_t size) {
    options.push_back({OptionCode{code}, false, counting(size)});
  };
  add(network.options, 42, 8);
  add(network.options, 119, 40);
  network.hosts[1].lease = config::Seconds(3600);
  add(network.hosts[2].options, 12, 5);
  network.hosts[3].options.push_back({OptionCode::host_name, true, {}});
  add(network.hosts[4].options, 224, 300);
  add(network.hosts[5].options, 43, 200);
  add(network.hosts[5].options, 225, 200);
  network.hosts[6].boot = config::Boot{.server = us, .file = "pxelinux.0"};
  return config;
}

Ask random_ask(std::mt19937& random) {
  const auto below = [&random](std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
  };
  constexpr std::uint8_t usual[] = {1, 3, 6, 12, 15, 28, 42, 43, 119, 121, 224, 225};
  Ask ask{.client = vm(static_cast<std::uint8_t>(below(7)))};
  if (below(4) == 0) ask.type = MessageType::request;
  const std::uint32_t count = below(8) == 0 ? below(100) : below(10);
  for (std::uint32_t i = 0; i < count; ++i)
    ask.parameters.push_back(std::byte{usual[below(std::size(usual))]});
  if (below(2) == 0) ask.options.push_back({57, counting(2)});
  if (below(2) == 0) ask.options.push_back({61, counting(2 + below(60))});
  if (below(8) == 0) ask.options.push_back({97, counting(17)});
  if (below(4) == 0) ask.options.push_back({81, hex("000000686579")});
  if (ask.options.size() > 0 && ask.options[0].code == 57)
    wire::store_u16(ask.options[0].value, 0, static_cast<std::uint16_t>(500 + below(500)));
  return ask;
}

TEST(OptionTemplates, MakeTheReplyThatIsComposedWithoutThem) {
  const Plan plan(varied_plan());
  const Network& network = plan.network(kubenet);
  OptionTemplates templates;
  std::mt19937 random(1);
  std::size_t replies = 0;
  for (int round = 0; round < 20000; ++round) {
    const Octets datagram = encode(random_ask(random));
    std::array<std::byte, split_option_room> scratch;
    const Request request(datagram, scratch);
    ASSERT_FALSE(request.error());
    const HostIndex host = network.leases.find(request.chaddr()).host;
    ASSERT_NE(host, no_index);
    const auto type =
        request.message().type() == MessageType::request ? MessageType::ack : MessageType::offer;
    const Answer answer{type, request, network, &network.hosts[host], network.server_id};

    Octets anew(300 + random() % 700, std::byte{0xa5});
    Octets kept(anew.size(), std::byte{0x5a});
    const auto expected = compose(answer, anew);
    const auto reply = compose(answer, templates, kept);
    ASSERT_EQ(reply.has_value(), expected.has_value());
    if (!reply) continue;
    ASSERT_EQ(to_hex(*reply), to_hex(*expected)) << to_hex(datagram);
    ++replies;
  }
  EXPECT_GT(replies, 15000u);
}

TEST(OptionTemplates, AreThoseOfThePlanInForce) {
  Server server;
  const Ask ask{.parameters = hex("0103060c0f")};
  EXPECT_EQ(value(server.reply_to(ask), 15), to_hex(text("kubenet")));
  config::Config config = configuration();
  config.networks[kubenet].domain = *dns::Name::parse("elsewhere");
  server.reload(config);
  EXPECT_EQ(value(server.reply_to(ask), 15), to_hex(text("elsewhere")));
}

}  // namespace
}  // namespace berth::dhcp::lab
