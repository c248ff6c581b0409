// A forwarder in virtual time, with clients and servers that a script plays. Each line of a script
// is a step; the lines that begin with "> " are what comes of the one before them. What is played
// is written down in the same form, so that a test compares the script with its own transcript.
//
//   ask WAITER NAME TYPE [do] [cd] [ad] [norec] [plain] [tcp] [size=N] [by=N] [upstream] [zones]
//                                       zones: of a responder with rich_plan(), which may know it
//   say QUERY RCODE [aa] [ad] [tc] [ede=N] [bare] [forgery…] [| record]… [| authority: record]…
//   garbage QUERY OCTETS-IN-HEX         behind the query's id
//   unreachable SERVER                  what the system says
//   hang-up QUERY                       a stream fails
//   pass MILLISECONDS                   timers run when they are due
//   servers [SUFFIX=]LIST…              other servers: 0,1 sub.test.=2
//   flush
//   > send SERVER NAME TYPE [do] [cd] [plain]      a query by UDP; they are numbered from 1 on
//   > stream SERVER NAME TYPE [do] [cd] [plain]    and those by TCP with them
//   > close-stream SERVER, > close-slot SERVER
//   > WAITER RCODE [aa] [tc] [ad] [ede=N] [| record]… [| authority: record]…
//
// Forgeries of a response: id, slot, server, query (QR clear), opcode, type, class, name, case,
// empty (no question).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/dns/forwarder.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::test {

// Seeded; as unpredictable as a test needs.
dns::RandomNumbers seeded(std::uint32_t seed);

// Of "0,1 sub.test.=2".
std::shared_ptr<const dns::Forwarding> forwarding(std::string_view servers,
                                                  const dns::ForwardingOptions& options = {});

// The question of that message, for Forwarder::ask().
dns::Forward forward(wire::Bytes query, const dns::Client& client, std::size_t room);

class ForwarderScript {
 public:
  explicit ForwarderScript(std::string_view servers, dns::ForwardingOptions options = {},
                           std::uint32_t seed = 1);

  // The transcript. Throws on a line that it cannot read.
  std::string play(const std::string& script);

  dns::Forwarder& forwarder() noexcept { return forwarder_; }
  TimePoint now() const noexcept { return now_; }

  struct Sent {
    dns::UpstreamIndex server = 0;
    dns::SlotIndex slot = 0;
    std::optional<dns::StreamId> stream;
    std::vector<std::byte> octets;
  };
  const std::vector<Sent>& sent() const noexcept { return sent_; }

 private:
  using Words = std::vector<std::string>;

  void step(const std::string& line);
  void ask(const Words& words);
  std::optional<dns::Reply> ask_zones(wire::Bytes query, const dns::Client& client,
                                      dns::WaiterId id, wire::MutableBytes out);
  void say(const Words& words, const std::vector<std::string>& records);
  void deliver(const Sent& sent, wire::Bytes message);
  void pass(std::chrono::milliseconds time);
  void drain();
  void note(const dns::Reply& reply, const std::string& waiter);
  std::string describe(const Sent& sent) const;

  dns::ForwardingOptions options_;
  std::shared_ptr<const dns::Forwarding> forwarding_;
  dns::Forwarder forwarder_;
  std::optional<dns::Responder> responder_;
  TimePoint now_{std::chrono::hours{1}};
  std::vector<Sent> sent_;
  std::vector<std::string> waiters_;  // names, by their ids
  std::string transcript_;
};

}  // namespace berth::test
