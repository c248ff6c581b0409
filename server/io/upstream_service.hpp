// Foreign names, for one thread that answers DNS: a dns::Forwarder with the sockets and connections
// that it asks for, all behind one descriptor. Whoever owns it polls that, keeps its deadline, and
// delivers the answers to those that wait. One thread at a time; only the counters may be read from
// another. Nothing allocates after construction but what a Forwarder does, once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "server/dns/forwarder.hpp"
#include "server/io/counters.hpp"
#include "server/io/readiness.hpp"
#include "server/io/upstream_sockets.hpp"
#include "server/io/upstream_streams.hpp"
#include "server/io/upstreams.hpp"

namespace berth::io {

class UpstreamService {
 public:
  // What a client waits for; its octets are valid during the call. Must not come back here.
  using Deliver = std::function<void(const dns::Answer&)>;
  // That a server answers no more, or again.
  using Notify = std::function<void(std::string_view server, bool answers)>;

  // Throws std::system_error when the process is out of descriptors.
  UpstreamService(std::shared_ptr<const Upstreams> upstreams, ForwardCounters& counters,
                  Deliver deliver, Notify notify);
  ~UpstreamService();
  UpstreamService(const UpstreamService&) = delete;
  UpstreamService& operator=(const UpstreamService&) = delete;

  // As Forwarder::ask(): a reply in `out`, or none: `waiter` is delivered an answer later, or has
  // been already.
  std::optional<dns::Reply> ask(const dns::Forward& question, const dns::Client& client,
                                dns::WaiterId waiter, TimePoint now,
                                wire::MutableBytes out) noexcept;

  // Readable when there is something to do; always the same.
  int descriptor() const noexcept { return readiness_.descriptor(); }
  // Reads a bounded number of datagrams and pieces of messages: a flood from outside must not keep
  // those waiting who ask for names of ours. What is left makes the descriptor readable again.
  void on_readable(TimePoint now) noexcept;
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept { return forwarder_.next_deadline(); }
  // What has been counted becomes visible to others.
  void publish_counts() noexcept;

  const std::shared_ptr<const Upstreams>& upstreams() const noexcept { return upstreams_; }
  // Those before are handed back, so that a thread with time may destroy them.
  std::shared_ptr<const Upstreams> replace_upstreams(std::shared_ptr<const Upstreams> upstreams,
                                                     TimePoint now) noexcept;

 private:
  // Datagrams read from one socket, and sockets looked at, in one turn.
  static constexpr std::size_t datagrams_per_socket = 4;
  static constexpr std::size_t sockets_per_turn = 32;

  void on_datagrams(UpstreamSockets::Place place, TimePoint now) noexcept;
  void on_stream(std::uint32_t tag, TimePoint now) noexcept;
  void act(TimePoint now) noexcept;
  void take(const dns::SendDatagram& action, TimePoint now) noexcept;
  void take(const dns::SendStream& action, TimePoint now) noexcept;
  void take(const dns::CloseStream& action, TimePoint) noexcept { streams_.close(action.stream); }
  void take(const dns::CloseSlot& action, TimePoint) noexcept {
    sockets_.close({action.server, action.slot});
  }
  // Counted first: who has its answer finds it in the counts.
  void take(const dns::Answer& action, TimePoint) noexcept {
    publish_counts();
    deliver_(action);
  }
  void notice_changes() noexcept;
  const net::SocketAddress* server(dns::UpstreamIndex index) const noexcept;

  std::shared_ptr<const Upstreams> upstreams_;
  ForwardCounters& counters_;
  Deliver deliver_;
  Notify notify_;
  dns::Forwarder forwarder_;
  Readiness readiness_;
  UpstreamSockets sockets_;
  UpstreamStreams streams_;
  std::vector<bool> answers_;  // of each server, as was notified last
  std::uint64_t changes_ = 0;
};

}  // namespace berth::io
