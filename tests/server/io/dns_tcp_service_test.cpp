// DNS over TCP on loopback: framing, pipelining, and clients that would keep others out.
#include "server/io/dns_tcp_service.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/default_plan.hpp"
#include "config/load.hpp"

namespace berth::io {
namespace {

using binder::FileDescriptor;

constexpr net::Ipv4Address loopback = net::Ipv4Address::from_octets(127, 0, 0, 1);
constexpr net::Ipv4Address ours = net::Ipv4Address::from_octets(192, 168, 200, 1);

sockaddr_in loopback_port(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(loopback.value);
  address.sin_port = htons(port);
  return address;
}

sockaddr_in6 ipv6_loopback_port(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  return address;
}

struct ByIpv6 {};

// A blocking TCP connection whose reads give up after ten seconds.
class Peer {
 public:
  Peer(std::uint16_t port, ByIpv6) : socket_(::socket(AF_INET6, SOCK_STREAM, 0)) {
    be_patient();
    const sockaddr_in6 address = ipv6_loopback_port(port);
    EXPECT_EQ(
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
        0);
  }
  // From 127.0.0.`host`.
  explicit Peer(std::uint16_t port, std::uint32_t host = 1)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in source = loopback_port(0);
    source.sin_addr.s_addr = htonl(loopback.value - 1 + host);
    EXPECT_EQ(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&source), sizeof(source)),
              0);
    be_patient();
    const sockaddr_in address = loopback_port(port);
    EXPECT_EQ(
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
        0);
  }

  bool send(const std::string& octets) {
    return ::send(socket_.number(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(octets.size());
  }
  void finish_sending() { ::shutdown(socket_.number(), SHUT_WR); }

  // Exactly `size` octets, or fewer when the other side hung up.
  std::string receive(std::size_t size) {
    std::string octets(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const auto count = ::recv(socket_.number(), octets.data() + got, size - got, 0);
      if (count <= 0) break;
      got += static_cast<std::size_t>(count);
    }
    octets.resize(got);
    return octets;
  }
  // One message without its length; empty when the other side hung up.
  std::string receive_message() {
    const std::string length = receive(2);
    if (length.size() != 2) return {};
    return receive(wire::load_u16(wire::bytes_of(length), 0));
  }
  bool hung_up_on() { return receive(1).empty(); }

 private:
  void be_patient() {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  FileDescriptor socket_;
};

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} +
         message;
}

// A query for the address of `qname`, by default control0.kubenet.
std::string query(std::uint16_t id, unsigned char flags = 1,
                  const std::string& qname = std::string("\x08"
                                                         "control0"
                                                         "\x07"
                                                         "kubenet"
                                                         "\0",
                                                         18)) {
  std::string message{static_cast<char>(id >> 8),
                      static_cast<char>(id),
                      static_cast<char>(flags),
                      0,
                      0,
                      1,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0};
  return message + qname + std::string("\0\x01\0\x01", 4);
}

std::string foreign_query(std::uint16_t id, char name) {
  return query(id, 1, std::string{'\1', name, '\1', 'x', '\0'});
}

std::uint16_t id_of(const std::string& message) {
  return message.size() < 2 ? 0 : wire::load_u16(wire::bytes_of(message), 0);
}

class DnsTcpServiceTest : public testing::Test {
 protected:
  void start(TcpLimits limits = {},
             std::shared_ptr<const Upstreams> upstreams = Upstreams::none()) {
    const auto loaded = config::load(config::default_plan());
    ASSERT_TRUE(loaded.config);
    service_ =
        std::make_unique<DnsTcpService>(io_, std::make_shared<const dns::Zones>(*loaded.config),
                                        std::move(upstreams), counters_, nullptr, limits);
    FileDescriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = loopback_port(0);
    socklen_t size = sizeof(address);
    ASSERT_EQ(::bind(listener.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener.number(), 1024), 0);
    ::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    service_->listen({.address = loopback,
                      .role = binder::Role::dns_tcp,
                      .socket = std::move(listener),
                      .link = {.index = 1, .name = {}, .mac = {}},
                      .more = {}});
    listen_by_ipv6();
    thread_ = std::thread([this] { io_.run(); });
  }
  // As on the address that the link of the plan's only network itself has.
  void listen_by_ipv6() {
    FileDescriptor listener(::socket(AF_INET6, SOCK_STREAM, 0));
    sockaddr_in6 address = ipv6_loopback_port(0);
    socklen_t size = sizeof(address);
    ASSERT_EQ(::bind(listener.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener.number(), 1024), 0);
    ::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &size);
    ipv6_port_ = ntohs(address.sin6_port);
    service_->listen({.address = ours,
                      .role = binder::Role::dns_tcp_ipv6,
                      .socket = std::move(listener),
                      .link = {.index = 1, .name = {}, .mac = {}},
                      .more = {}});
  }
  void TearDown() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  // Runs `action` on the service's thread and waits for it.
  template <class Action>
  void on_thread(Action action) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  boost::asio::io_context io_{1};
  DnsCounters counters_;
  std::unique_ptr<DnsTcpService> service_;
  std::thread thread_;
  std::uint16_t port_ = 0;
  std::uint16_t ipv6_port_ = 0;
};

TEST_F(DnsTcpServiceTest, AnswersAQuery) {
  start();
  Peer peer(port_);
  ASSERT_TRUE(peer.send(framed(query(7))));
  const std::string response = peer.receive_message();
  ASSERT_GT(response.size(), 16U);
  EXPECT_EQ(id_of(response), 7);
  EXPECT_EQ(response.substr(response.size() - 4), std::string("\xc0\xa8\xc8\x04"));
}

TEST_F(DnsTcpServiceTest, AnswersPipelinedQueriesEachAndInOrder) {
  start();
  Peer peer(port_);
  std::string queries;
  for (std::uint16_t id = 1; id <= 100; ++id) queries += framed(query(id));
  ASSERT_TRUE(peer.send(queries));
  for (std::uint16_t id = 1; id <= 100; ++id) EXPECT_EQ(id_of(peer.receive_message()), id);
}

TEST_F(DnsTcpServiceTest, AnswersMoreThanItWritesAtOnce) {
  start();
  Peer peer(port_);
  constexpr std::uint16_t count = 3000;  // some 150 KiB of responses
  std::thread sender([&] {
    std::string queries;
    for (std::uint16_t id = 1; id <= count; ++id) queries += framed(query(id));
    EXPECT_TRUE(peer.send(queries));
    peer.finish_sending();
  });
  for (std::uint16_t id = 1; id <= count; ++id) ASSERT_EQ(id_of(peer.receive_message()), id);
  sender.join();
  EXPECT_TRUE(peer.hung_up_on());
}

TEST_F(DnsTcpServiceTest, PutsAMessageTogetherFromSingleOctets) {
  start();
  Peer peer(port_);
  for (const char octet : framed(query(9))) ASSERT_TRUE(peer.send(std::string(1, octet)));
  EXPECT_EQ(id_of(peer.receive_message()), 9);
}

TEST_F(DnsTcpServiceTest, AnswersAClientThatHasClosedItsSide) {
  start();
  Peer peer(port_);
  ASSERT_TRUE(peer.send(framed(query(3))));
  peer.finish_sending();
  EXPECT_EQ(id_of(peer.receive_message()), 3);
  EXPECT_TRUE(peer.hung_up_on());
}

TEST_F(DnsTcpServiceTest, AnswersAMalformedQueryWithFormerrAndGoesOn) {
  start();
  Peer peer(port_);
  ASSERT_TRUE(peer.send(framed(query(5).substr(0, 20)) + framed(query(6))));
  const std::string response = peer.receive_message();
  EXPECT_EQ(id_of(response), 5);
  EXPECT_EQ(response[3] & 15, 1);
  EXPECT_EQ(id_of(peer.receive_message()), 6);
}

TEST_F(DnsTcpServiceTest, HangsUpOnWhatIsNoQuery) {
  start();
  Peer response(port_);
  ASSERT_TRUE(response.send(framed(query(5, 0x81))));
  EXPECT_TRUE(response.hung_up_on());
  Peer fragment(port_);
  ASSERT_TRUE(fragment.send(framed("short")));
  EXPECT_TRUE(fragment.hung_up_on());
}

TEST_F(DnsTcpServiceTest, N15_NewcomerTakesThePlaceOfItsClientsLongestIdleConnection) {
  start({.connections_per_client = 3});
  std::vector<std::unique_ptr<Peer>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<Peer>(port_));
    ASSERT_TRUE(idle.back()->send(framed(query(1))));
    ASSERT_EQ(id_of(idle.back()->receive_message()), 1);
  }
  Peer newcomer(port_);
  ASSERT_TRUE(newcomer.send(framed(query(2))));
  EXPECT_EQ(id_of(newcomer.receive_message()), 2);
  EXPECT_TRUE(idle[0]->hung_up_on());
  EXPECT_EQ(counters_.evicted.value(), 1U);
  ASSERT_TRUE(idle[1]->send(framed(query(4))));
  EXPECT_EQ(id_of(idle[1]->receive_message()), 4) << "the others stay";
}

TEST_F(DnsTcpServiceTest, N15_AThousandSilentConnectionsDoNotDelayTheNextClient) {
  start({.connections = 8, .connections_per_client = 1000});
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 300; ++i) {
    silent.push_back(std::make_unique<Peer>(port_));
    ASSERT_TRUE(silent.back()->send(std::string(1, '\0')));
  }
  Peer newcomer(port_);
  ASSERT_TRUE(newcomer.send(framed(query(2))));
  EXPECT_EQ(id_of(newcomer.receive_message()), 2);
  on_thread([this] { EXPECT_LE(service_->connection_count(), 8U); });
}

// A guest can have many addresses, each with as many connections as one may have.
TEST_F(DnsTcpServiceTest, N15_AFloodFromManyAddressesTakesNoConnectionOfAnother) {
  start({.connections = 32, .connections_per_client = 8});
  Peer waiting(port_);
  Peer busy(port_, 2);
  ASSERT_TRUE(busy.send(framed(query(1))));
  ASSERT_EQ(id_of(busy.receive_message()), 1);
  std::vector<std::unique_ptr<Peer>> flood;
  for (int round = 0; round < 10; ++round) {
    for (std::uint32_t host = 101; host <= 116; ++host) {
      flood.push_back(std::make_unique<Peer>(port_, host));
      ASSERT_TRUE(flood.back()->send(framed(query(2))));
      ASSERT_EQ(id_of(flood.back()->receive_message()), 2);
    }
  }
  on_thread([this] { EXPECT_LE(service_->connection_count(), 32U); });
  ASSERT_TRUE(waiting.send(framed(query(3))));
  EXPECT_EQ(id_of(waiting.receive_message()), 3);
  ASSERT_TRUE(busy.send(framed(query(4))));
  EXPECT_EQ(id_of(busy.receive_message()), 4);
  Peer newcomer(port_, 3);
  ASSERT_TRUE(newcomer.send(framed(query(5))));
  EXPECT_EQ(id_of(newcomer.receive_message()), 5);
}

TEST_F(DnsTcpServiceTest, N15_TricklingOctetsDoNotProlongAMessage) {
  start({.idle = std::chrono::seconds(30), .transfer = std::chrono::seconds(1)});
  Peer peer(port_);
  ASSERT_TRUE(peer.send(std::string("\xff\xff", 2)));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  // An octet goes through as long as the other side listens.
  while (peer.send(std::string(1, 'x')) && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(std::chrono::steady_clock::now(), give_up);
}

TEST_F(DnsTcpServiceTest, N15_AnIdleConnectionIsClosed) {
  start({.idle = std::chrono::seconds(1)});
  Peer peer(port_);
  EXPECT_TRUE(peer.hung_up_on());
  EXPECT_EQ(counters_.expired.value(), 1U);
}

TEST_F(DnsTcpServiceTest, N15_WhoPipelinesAndNeverReadsIsHungUpOn) {
  start({.transfer = std::chrono::seconds(1)});
  Peer greedy(port_);
  std::string queries;
  for (int i = 0; i < 1000; ++i) queries += framed(query(1));
  while (greedy.send(queries)) {
  }
  // The client may see the end before the connection is forgotten, a turn of the loop later.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::size_t left = 1;
  while (left != 0 && std::chrono::steady_clock::now() < give_up) {
    on_thread([&] { left = service_->connection_count(); });
  }
  EXPECT_EQ(left, 0U);
}

class DnsTcpServiceForwards : public DnsTcpServiceTest {
 protected:
  void start_with_upstream(TcpLimits limits) {
    upstream_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address = loopback_port(0);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(upstream_.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(upstream_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::getsockname(upstream_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    const std::string plan =
        "networks: {lab: {subnet: 192.168.200.0/24}}\ndns: {upstream: '127.0.0.1:" +
        std::to_string(ntohs(address.sin_port)) + "'}\n";
    start(limits, UpstreamTable().make(forward_plan(config::load(plan).config.value()), {}));
  }
  // The letter that is asked for.
  char asked() {
    std::string octets(512, '\0');
    socklen_t size = sizeof from_;
    EXPECT_GT(::recvfrom(upstream_.number(), octets.data(), octets.size(), 0,
                         reinterpret_cast<sockaddr*>(&from_), &size),
              14);
    last_ = octets;
    return octets[13];
  }
  // To what was asked last: no such name.
  void answer() {
    std::string octets = last_.substr(0, 21);
    octets[2] = static_cast<char>(0x81);
    octets[3] = static_cast<char>(0x83);
    octets[11] = 0;  // no OPT
    ::sendto(upstream_.number(), octets.data(), octets.size(), 0,
             reinterpret_cast<const sockaddr*>(&from_), sizeof from_);
  }

  FileDescriptor upstream_;
  sockaddr_in from_{};
  std::string last_;
};

TEST_F(DnsTcpServiceForwards, N17_AConnectionIsNotReadWhileManyOfItsQueriesWait) {
  start_with_upstream({.waiting = 2});
  Peer peer(port_);
  ASSERT_TRUE(peer.send(framed(foreign_query(1, 'a')) + framed(foreign_query(2, 'b')) +
                        framed(foreign_query(3, 'c')) + framed(query(4))));
  peer.finish_sending();
  EXPECT_EQ(asked(), 'a');
  EXPECT_EQ(asked(), 'b');
  on_thread([this] { EXPECT_EQ(counters_.received.value(), 2U); });
  answer();
  EXPECT_EQ(id_of(peer.receive_message()), 2);
  EXPECT_EQ(asked(), 'c');
  answer();
  EXPECT_EQ(id_of(peer.receive_message()), 3);
  EXPECT_EQ(id_of(peer.receive_message()), 4);
}

TEST_F(DnsTcpServiceForwards, N17_WhoLeavesMuchUnreadIsHungUpOn) {
  start_with_upstream({.output = 50});
  Peer peer(port_);
  std::string queries;
  for (std::uint16_t id = 1; id <= 5; ++id) queries += framed(foreign_query(id, 'a'));
  ASSERT_TRUE(peer.send(queries));
  EXPECT_EQ(asked(), 'a');
  on_thread([this] { EXPECT_EQ(counters_.waiting.value(), 5U); });
  answer();  // all five, before any may have been read
  EXPECT_LE(peer.receive(5 * 23).size(), 50U);
  on_thread([this] { EXPECT_EQ(counters_.unread.value(), 1U); });
}

TEST_F(DnsTcpServiceForwards, N17_WhoLeavesTheMostUnreadMakesRoomForOthers) {
  start_with_upstream({.output_of_all = 90});
  Peer first(port_);
  Peer second(port_);
  Peer other(port_, 2);
  ASSERT_TRUE(first.send(framed(foreign_query(1, 'a'))));
  EXPECT_EQ(asked(), 'a');
  const auto wait_for_all = [this](std::size_t count) {
    for (std::size_t waiting = 0; waiting < count;)
      on_thread([&] { waiting = counters_.waiting.value(); });
  };
  ASSERT_TRUE(second.send(framed(foreign_query(2, 'a')) + framed(foreign_query(3, 'a'))));
  wait_for_all(3);
  ASSERT_TRUE(other.send(framed(foreign_query(4, 'a')) + framed(foreign_query(5, 'a'))));
  wait_for_all(5);
  answer();
  EXPECT_EQ(id_of(other.receive_message()), 4);
  EXPECT_EQ(id_of(other.receive_message()), 5);
  EXPECT_EQ(id_of(first.receive_message()), 1) << "the largest of that client is enough";
  on_thread([this] { EXPECT_EQ(counters_.unread.value(), 1U); });
}

TEST_F(DnsTcpServiceTest, ClosingAnAddressClosesItsConnections) {
  start();
  Peer peer(port_);
  ASSERT_TRUE(peer.send(framed(query(1))));
  ASSERT_EQ(id_of(peer.receive_message()), 1);
  on_thread([this] { service_->close({loopback, binder::Role::dns_tcp}); });
  EXPECT_TRUE(peer.hung_up_on());
}

TEST_F(DnsTcpServiceTest, AnswersByIpv6OnTheLinkOfANetwork) {
  start();
  Peer peer(ipv6_port_, ByIpv6());
  ASSERT_TRUE(peer.send(framed(query(7))));
  const std::string response = peer.receive_message();
  ASSERT_GT(response.size(), 16U);
  EXPECT_EQ(response.substr(response.size() - 4), std::string("\xc0\xa8\xc8\x04"));
}

TEST_F(DnsTcpServiceTest, ClosingOneProtocolLeavesTheOther) {
  start();
  Peer by_ipv4(port_);
  Peer by_ipv6(ipv6_port_, ByIpv6());
  on_thread([this] { service_->close({ours, binder::Role::dns_tcp_ipv6}); });
  EXPECT_TRUE(by_ipv6.hung_up_on());
  ASSERT_TRUE(by_ipv4.send(framed(query(1))));
  EXPECT_EQ(id_of(by_ipv4.receive_message()), 1);
}

// A guest can have as many of a link's IPv6 addresses as it likes.
TEST_F(DnsTcpServiceTest, N15_AFloodByIpv6TakesNoConnectionOfAnotherByIpv4) {
  start({.connections = 8, .connections_per_client = 8});
  Peer waiting(port_);
  Peer busy(port_, 2);
  ASSERT_TRUE(busy.send(framed(query(1))));
  ASSERT_EQ(id_of(busy.receive_message()), 1);
  std::vector<std::unique_ptr<Peer>> flood;
  for (int i = 0; i < 30; ++i) {
    flood.push_back(std::make_unique<Peer>(ipv6_port_, ByIpv6()));
    ASSERT_TRUE(flood.back()->send(framed(query(2))));
    ASSERT_EQ(id_of(flood.back()->receive_message()), 2) << "the next one is served all the same";
  }
  on_thread([this] { EXPECT_LE(service_->connection_count(), 8U); });
  ASSERT_TRUE(waiting.send(framed(query(3))));
  EXPECT_EQ(id_of(waiting.receive_message()), 3);
  ASSERT_TRUE(busy.send(framed(query(4))));
  EXPECT_EQ(id_of(busy.receive_message()), 4);
}

}  // namespace
}  // namespace berth::io
