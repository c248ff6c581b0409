// The DNS UDP sockets: queries in by the batch, through dns::Responder, responses out by the batch
// from the address they were sent to; those to foreign names when other servers have answered.
// Belongs to one thread; only the counters may be read from another.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/dns/responder.hpp"
#include "server/dns/zones.hpp"
#include "server/io/counters.hpp"
#include "server/io/datagram_batch.hpp"
#include "server/io/dns_links.hpp"
#include "server/io/event_output.hpp"
#include "server/io/poller.hpp"
#include "server/io/upstream_service.hpp"
#include "server/io/waiting_clients.hpp"
#include "server/time.hpp"

namespace berth::io {

class DnsService {
 public:
  // Throws std::system_error when the process is out of descriptors.
  DnsService(std::shared_ptr<const dns::Zones> zones, std::shared_ptr<const Upstreams> upstreams,
             DnsCounters& counters, EventOutput& events);
  DnsService(const DnsService&) = delete;
  DnsService& operator=(const DnsService&) = delete;

  // Takes a socket of the role dns_udp or dns_udp_ipv6.
  void open(binder::Opened&& opened);
  void close(const binder::Closed& closed);
  // A socket of `dns.listen`: this machine and the clients of the networks are answered there.
  void open_plain(const net::SocketAddress& address, binder::FileDescriptor socket);
  void close_plain(const net::SocketAddress& address);
  // Which interface carries `address` now; 0 for none. Queries that arrive by another are not of
  // its network.
  void set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept {
    links_.set_interface(address, interface);
  }
  void append_descriptors(Descriptors& descriptors) const;
  Reading on_readable(int descriptor, TimePoint now) noexcept;
  // True once after a read that added to what append_descriptors() gives: who never asks for a
  // foreign name pays for no descriptor of them.
  bool has_new_descriptors() noexcept;

  // What other servers did not answer in time.
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept { return upstreams_.next_deadline(); }

  std::shared_ptr<const dns::Zones> replace_zones(std::shared_ptr<const dns::Zones> zones) noexcept;
  void replace_upstreams(std::shared_ptr<const Upstreams> upstreams, TimePoint now) noexcept;

 private:
  struct Listener {
    net::Ipv4Address address;
    binder::Role role{};
    std::optional<net::SocketAddress> plain;  // instead of both
    std::uint32_t id = 0;
    binder::FileDescriptor socket;
    std::uint32_t kernel_drops = 0;
  };

  Reading read(Listener& listener, TimePoint now) noexcept;
  void look_ahead(std::span<const Datagram> datagrams) const noexcept;
  dns::Client client_of(const Listener& listener, const Datagram& datagram) const noexcept;
  void answer(const Listener& listener, const Datagram& datagram, std::size_t slot,
              TimePoint now) noexcept;
  // What is known of it already; none: its client waits.
  std::optional<dns::Reply> forward(const dns::Forward& question, const Listener& listener,
                                    const Datagram& datagram, dns::Client client, TimePoint now,
                                    wire::MutableBytes out) noexcept;
  void deliver(const dns::Answer& answer) noexcept;

  DnsLinks links_;
  dns::Responder responder_;
  DnsCounters& counters_;
  EventOutput& events_;
  std::vector<Listener> listeners_;
  std::uint32_t last_listener_ = 0;
  Receiver receiver_;
  Sender sender_;
  std::unique_ptr<std::byte[]> replies_;
  WaitingClients waiting_;
  Sender late_sender_;  // of answers that were waited for
  UpstreamService upstreams_;
  bool forwards_ = false;  // or has done so
  bool has_new_descriptors_ = false;
};

}  // namespace berth::io
