// Asks other servers what our zones do not answer, and keeps what they say for the next who asks.
// It opens nothing, logs nothing and reads no clock: questions, datagrams and time come in, actions
// go out through next_action(). Memory for all that may be in flight, and for the cache, is taken
// with the first that needs it; nothing allocates from then on, until replace_forwarding() allows
// more. One thread at a time; each thread that answers has one of its own.
//
// Whoever owns it keeps, for each server, up to `slots` UDP sockets, each bound to a random port
// and connected to the server: the socket of a slot is opened with the first SendDatagram for it,
// and closed when CloseSlot says so. After each input, take actions until there are none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "protocol/wire/cursor.hpp"
#include "server/dns/forward_event.hpp"
#include "server/dns/forwarding.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/random_numbers.hpp"
#include "server/time.hpp"

namespace berth::dns {

// Who waits for an answer: whatever tells the owner where to send it.
enum class WaiterId : std::uint64_t {};

// A query by TCP, of which each has one message to send and one to receive.
enum class StreamId : std::uint64_t {};

// Octets are valid until the next call of anything but next_deadline().
struct SendDatagram {
  UpstreamIndex server = 0;
  SlotIndex slot = 0;
  wire::Bytes octets;
};
// Over a connection to the server, new or kept; without the length in front (RFC 1035 4.2.2). At
// most max_streams are open at a time. Answered by on_stream_message() or on_stream_failed().
struct SendStream {
  UpstreamIndex server = 0;
  StreamId stream{};
  wire::Bytes octets;
};
// Nobody waits for that stream's message any more.
struct CloseStream {
  UpstreamIndex server = 0;
  StreamId stream{};
};
// The slot's next socket is to have another port. Also when its server is forgotten.
struct CloseSlot {
  UpstreamIndex server = 0;
  SlotIndex slot = 0;
};
// To the client that waits.
struct Answer {
  WaiterId waiter{};
  Reply reply;  // without qname: the query is gone
};
using ForwardAction = std::variant<SendDatagram, SendStream, CloseStream, CloseSlot, Answer>;

class Forwarder {
 public:
  Forwarder(std::shared_ptr<const Forwarding> forwarding, RandomNumbers random);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Answers from what is known, or for want of room; none: `waiter` gets an Answer, and exactly
  // one, within client_timeout.
  // REQUIRES: question.limit <= out.size(); out.size() >= 512
  std::optional<Reply> ask(const Forward& question, const Client& client, WaiterId waiter,
                           TimePoint now, wire::MutableBytes out) noexcept;

  void on_datagram(UpstreamIndex server, SlotIndex slot, wire::Bytes datagram,
                   TimePoint now) noexcept;
  // The system says that what was sent from there did not arrive, or could not be sent. Anybody can
  // forge the first (ICMP): so nothing ends by it, but others are asked at once.
  void on_unreachable(UpstreamIndex server, TimePoint now) noexcept;
  void on_stream_message(StreamId stream, wire::Bytes message, TimePoint now) noexcept;
  void on_stream_failed(StreamId stream, TimePoint now) noexcept;

  // Asks again, asks others, gives up, and looks how servers are.
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept;

  std::optional<ForwardAction> next_action() noexcept;

  // From now on these servers. Questions in flight to others are asked of the new ones; the cache
  // stays, unless other things are to be cut from answers. The other Forwarding is handed back, so
  // that a thread with time may destroy it.
  std::shared_ptr<const Forwarding> replace_forwarding(std::shared_ptr<const Forwarding> forwarding,
                                                       TimePoint now) noexcept;
  // Everything that was kept is forgotten.
  void flush() noexcept;

  // How a server is, for reports.
  struct ServerState {
    bool answers = true;
    std::optional<std::chrono::milliseconds> latency;  // smoothed; none: not yet measured
    std::uint32_t pending = 0;
  };
  ServerState server_state(UpstreamIndex server) const noexcept;
  const ForwardCounts& counts() const noexcept;
  std::size_t pending_count() const noexcept;  // questions in flight
  std::size_t cache_size() const noexcept;     // entries
  std::size_t cache_octets() const noexcept;

  // An answer comes within it, be it SERVFAIL.
  static constexpr std::chrono::milliseconds client_timeout{3800};

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::dns
