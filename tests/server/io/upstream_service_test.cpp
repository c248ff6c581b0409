// A server that is asked, on loopback sockets: what reaches it, and what of its answers arrives.
#include "server/io/upstream_service.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "server/dns/responder.hpp"
#include "server/io/host.hpp"

namespace berth::io {
namespace {

using binder::FileDescriptor;

// A query for a.example's address, with RD.
const std::string query(
    "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01"
    "a\x07"
    "example\x00\x00\x01\x00\x01",
    27);

class UpstreamServiceTest : public testing::Test {
 protected:
  UpstreamServiceTest() {
    udp = FileDescriptor(::socket(AF_INET, SOCK_DGRAM, 0));
    tcp = FileDescriptor(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* const any = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(::bind(tcp.number(), any, size), 0);
    EXPECT_EQ(::listen(tcp.number(), 8), 0);
    ::getsockname(tcp.number(), any, &size);
    EXPECT_EQ(::bind(udp.number(), any, size), 0);
    const std::string plan =
        "networks: {lab: {subnet: 192.168.200.0/24}}\ndns: {upstream: '127.0.0.1:" +
        std::to_string(ntohs(name.sin_port)) + "'}\n";
    const auto config = config::load(plan).config.value();
    upstreams = UpstreamTable().make(forward_plan(config), {});
    responder = std::make_unique<dns::Responder>(std::make_shared<const dns::Zones>(config),
                                                 upstreams->forwarding);
    service = std::make_unique<UpstreamService>(
        upstreams, counters,
        [this](const dns::Answer& answer) {
          answers.push_back(answer.reply.rcode);
          payload.assign(reinterpret_cast<const char*>(answer.reply.payload.data()),
                         answer.reply.payload.size());
        },
        [this](std::string_view server, bool alive) {
          changes.push_back(std::string(server.substr(0, 10)) + (alive ? " back" : " lost"));
        });
  }

  std::optional<dns::Reply> ask(TimePoint time) {
    const dns::Client client{.source = {net::Ipv4Address::from_octets(127, 0, 0, 1), 4000},
                             .is_host = true};
    const dns::Outcome outcome = responder->handle(wire::bytes_of(query), client, out);
    const auto* const question = std::get_if<dns::Forward>(&outcome);
    EXPECT_NE(question, nullptr);
    return service->ask(*question, client, dns::WaiterId{7}, time, out);
  }
  // Lets the service read until it has delivered an answer, or nothing comes.
  void turn(TimePoint time) {
    while (answers.empty() && is_readable(service->descriptor())) service->on_readable(time);
    service->publish_counts();
  }
  static bool is_readable(int descriptor) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, 1000) == 1;
  }
  std::uint64_t count(dns::ForwardEvent event) const {
    return counters.events[static_cast<std::size_t>(event)].value();
  }
  // The query, and who sent it.
  std::string received() {
    std::string octets(4096, '\0');
    socklen_t size = sizeof from;
    const auto got = ::recvfrom(udp.number(), octets.data(), octets.size(), 0,
                                reinterpret_cast<sockaddr*>(&from), &size);
    octets.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return octets;
  }
  void send(const std::string& octets) {
    ::sendto(udp.number(), octets.data(), octets.size(), 0,
             reinterpret_cast<const sockaddr*>(&from), sizeof from);
  }
  // What a server would say to it: one address, or TC and none.
  static std::string answer_to(const std::string& asked, bool is_cut) {
    std::size_t end = 12;
    while (asked[end] != 0) end += std::size_t{1} + static_cast<unsigned char>(asked[end]);
    end += 5;
    std::string octets = std::string(12, '\0') + asked.substr(12, end - 12);
    octets[0] = asked[0];
    octets[1] = asked[1];
    octets[2] = static_cast<char>(is_cut ? 0x83 : 0x81);
    octets[3] = static_cast<char>(0x80);
    octets[5] = 1;
    if (is_cut) return octets;
    octets[7] = 1;
    return octets +
           std::string("\xc0\x0c\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\xcb\x00\x71\x07", 16);
  }

  FileDescriptor udp, tcp;
  sockaddr_in from{};
  std::shared_ptr<const Upstreams> upstreams;
  std::unique_ptr<dns::Responder> responder;
  ForwardCounters counters;
  std::vector<dns::Rcode> answers;
  std::string payload;
  std::vector<std::string> changes;
  std::array<std::byte, 1232> out{};
  std::unique_ptr<UpstreamService> service;
};

TEST_F(UpstreamServiceTest, AsksByUdpAndAnswersFromTheCacheThen) {
  const TimePoint time = now();
  EXPECT_FALSE(ask(time));
  send(answer_to(received(), /*is_cut=*/false));
  turn(time);
  EXPECT_EQ(answers, std::vector{dns::Rcode::noerror});
  EXPECT_EQ(payload.substr(0, 2), query.substr(0, 2));
  EXPECT_NE(payload.find("\xcb\x00\x71\x07"), 0u);
  const auto known = ask(time);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->rcode, dns::Rcode::noerror);
  EXPECT_EQ(count(dns::ForwardEvent::sent), 1u);
}

TEST_F(UpstreamServiceTest, AsksFromAHighPort) {
  EXPECT_FALSE(ask(now()));
  received();
  EXPECT_GE(ntohs(from.sin_port), 16'384);
}

TEST_F(UpstreamServiceTest, AsksByTcpWhatIsCut) {
  const TimePoint time = now();
  EXPECT_FALSE(ask(time));
  send(answer_to(received(), /*is_cut=*/true));
  ASSERT_TRUE(is_readable(service->descriptor()));
  service->on_readable(time);
  const FileDescriptor connection(::accept(tcp.number(), nullptr, nullptr));
  ASSERT_TRUE(is_readable(service->descriptor()));
  service->on_readable(time);
  std::string asked(4096, '\0');
  const auto got = ::recv(connection.number(), asked.data(), asked.size(), 0);
  ASSERT_GT(got, 14);
  asked = asked.substr(2, static_cast<std::size_t>(got) - 2);
  const std::string whole = answer_to(asked, /*is_cut=*/false);
  const std::string framed{'\0', static_cast<char>(whole.size())};
  for (const std::string& piece :
       {framed.substr(0, 1), framed.substr(1) + whole.substr(0, 9), whole.substr(9)}) {
    EXPECT_TRUE(answers.empty());
    ::send(connection.number(), piece.data(), piece.size(), 0);
    ASSERT_TRUE(is_readable(service->descriptor()));
    for (int i = 0; i < 2; ++i) service->on_readable(time);
  }
  EXPECT_EQ(answers, std::vector{dns::Rcode::noerror});
}

TEST_F(UpstreamServiceTest, NoticesThatNobodyIsThere) {
  udp = FileDescriptor();
  tcp = FileDescriptor();
  TimePoint time = now();
  EXPECT_FALSE(ask(time));
  ASSERT_TRUE(is_readable(service->descriptor()));
  service->on_readable(time);
  while (answers.empty()) {
    const auto next = service->next_deadline();
    ASSERT_TRUE(next);
    time = *next;
    service->on_timer(time);
  }
  service->publish_counts();
  EXPECT_EQ(answers, std::vector{dns::Rcode::servfail});
  EXPECT_GT(count(dns::ForwardEvent::unreachable), 0u);
}

TEST_F(UpstreamServiceTest, NoticesThatAConnectionIsRefused) {
  const TimePoint time = now();
  tcp = FileDescriptor();
  EXPECT_FALSE(ask(time));
  send(answer_to(received(), /*is_cut=*/true));
  for (int i = 0; i < 2 && is_readable(service->descriptor()); ++i) service->on_readable(time);
  service->publish_counts();
  EXPECT_EQ(count(dns::ForwardEvent::stream_failed), 1u);
}

}  // namespace
}  // namespace berth::io
