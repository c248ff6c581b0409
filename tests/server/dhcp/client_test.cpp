// A client and the server in virtual time, the client's messages built as a client builds them:
// RFC 2131 figure 5, from INIT through RENEWING and REBINDING to expiry.
#include <gtest/gtest.h>

#include "protocol/dhcp/request_builder.hpp"
#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr bool by_unicast = true;

class Client {
 public:
  enum class State : std::uint8_t { init, selecting, bound, renewing, rebinding };

  explicit Client(Server& server) : server_(server) {}

  // Lets time pass as RFC 2131 4.4.5 says.
  void advance(std::chrono::seconds by) {
    const TimePoint until = server_.now + by;
    while (state != State::init && deadline() <= until) {
      server_.now = deadline();
      on_deadline();
    }
    server_.now = until;
  }

  void start() {
    state = State::selecting;
    auto builder = RequestBuilder::discover(buffer_, who());
    const auto offer = exchange(builder, !by_unicast);
    if (!offer) return;
    auto taking = RequestBuilder::request_selecting(buffer_, who(), *offer);
    take(exchange(taking, !by_unicast));
  }
  void reboot() {
    auto builder = RequestBuilder::request_init_reboot(buffer_, who(), address);
    take(exchange(builder, !by_unicast));
  }
  void release() {
    auto builder = RequestBuilder::release(buffer_, who(), address, server_id);
    exchange(builder, by_unicast);
    state = State::init;
  }

  State state = State::init;
  net::Ipv4Address address;
  net::Ipv4Address server_id;
  bool server_reachable = true;
  int acks = 0;
  int naks = 0;
  std::string last_outcome;

 private:
  Requester who() {
    return {.chaddr = control0, .xid = ++xid_, .secs = 0, .flags = 0, .hops = 0, .giaddr = {}};
  }

  std::optional<MessageView> exchange(RequestBuilder& builder, bool unicast) {
    const auto message = builder.finish();
    EXPECT_TRUE(message);
    if (!server_reachable) return std::nullopt;
    const bool has_address = state == State::renewing || state == State::rebinding || unicast;
    const Ask how{.source = has_address ? address : net::Ipv4Address{},
                  .destination = unicast ? server_id : broadcast};
    const Outcome outcome = server_.send(how, Octets(message->begin(), message->end()));
    last_outcome = describe(outcome);
    const auto* reply = std::get_if<Reply>(&outcome);
    if (reply == nullptr) return std::nullopt;
    const auto answer = MessageView::parse(reply->payload);
    EXPECT_EQ(answer->xid(), xid_);
    EXPECT_EQ(to_hex(answer->chaddr()), to_hex(control0.octets));
    return *answer;
  }

  void take(const std::optional<MessageView>& answer) {
    if (!answer) return;
    if (answer->type() == MessageType::nak) {
      ++naks;
      state = State::init;
      return;
    }
    ++acks;
    state = State::bound;
    address = answer->yiaddr();
    server_id = *answer->find(OptionCode::server_identifier)->ipv4();
    const auto after = [&](OptionCode code) {
      return server_.now + seconds(*answer->find(code)->u32());
    };
    t1_ = after(OptionCode::renewal_time);
    t2_ = after(OptionCode::rebinding_time);
    expiry_ = after(OptionCode::ip_address_lease_time);
  }

  TimePoint deadline() const {
    switch (state) {
      case State::bound: return t1_;
      case State::renewing: return t2_;
      default: return expiry_;
    }
  }
  void on_deadline() {
    if (state == State::bound) {
      state = State::renewing;
      auto builder = RequestBuilder::request_renewing(buffer_, who(), address);
      take(exchange(builder, by_unicast));
    } else if (state == State::renewing) {
      state = State::rebinding;
      auto builder = RequestBuilder::request_rebinding(buffer_, who(), address);
      take(exchange(builder, !by_unicast));
    } else {
      state = State::init;
    }
  }

  Server& server_;
  std::array<std::byte, 576> buffer_{};
  std::uint32_t xid_ = 100;
  TimePoint t1_, t2_, expiry_;
};

TEST(Client, GetsItsAddressAndKeepsItForDays) {
  Server server;
  Client client(server);
  client.start();
  EXPECT_EQ(client.state, Client::State::bound);
  EXPECT_EQ(client.address, control0_address);
  client.advance(hours(72));
  EXPECT_EQ(client.state, Client::State::bound);
  EXPECT_EQ(client.acks, 1 + 12) << "a renewal every six hours";
  EXPECT_EQ(client.last_outcome, "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68");
}

TEST(Client, RebindsWhenTheServerDidNotHearItsRenewal) {
  Server server;
  Client client(server);
  client.start();
  client.server_reachable = false;
  client.advance(hours(7));
  EXPECT_EQ(client.state, Client::State::renewing);
  client.server_reachable = true;
  client.advance(hours(4));
  EXPECT_EQ(client.state, Client::State::bound) << "T2 is at 10.5 hours";
  EXPECT_EQ(client.acks, 2);
}

TEST(Client, LosesItsLeaseAndGetsTheSameAddressAgain) {
  Server server;
  Client client(server);
  client.start();
  client.server_reachable = false;
  client.advance(hours(12));
  EXPECT_EQ(client.state, Client::State::init);
  client.server_reachable = true;
  client.start();
  EXPECT_EQ(client.state, Client::State::bound);
  EXPECT_EQ(client.address, control0_address);
}

TEST(Client, RebootsIntoTheSameAddress) {
  Server server;
  Client client(server);
  client.start();
  client.advance(minutes(5));
  client.reboot();
  EXPECT_EQ(client.state, Client::State::bound);
  EXPECT_EQ(client.acks, 2);
}

TEST(Client, IsMovedWhenThePlanMovesIt) {
  Server server;
  Client client(server);
  client.start();
  config::Config config = configuration();
  config.networks[kubenet].hosts[1].address = ip(192, 168, 200, 44);
  server.reload(config);
  client.advance(hours(6));
  EXPECT_EQ(client.naks, 1);
  EXPECT_EQ(client.state, Client::State::init);
  client.start();
  EXPECT_EQ(net::to_string(client.address), "192.168.200.44");
}

TEST(Client, ReleasesItsAddress) {
  Server server;
  Client client(server);
  client.start();
  client.release();
  EXPECT_EQ(client.last_outcome, "released");
  EXPECT_EQ(server.responder.binding(kubenet, 1).state, Binding::State::released);
  client.start();
  EXPECT_EQ(client.address, control0_address);
}

}  // namespace
}  // namespace berth::dhcp::lab
