// The DNS UDP sockets: queries in by the batch, through dns::Responder, responses out by the batch
// from the address they were sent to. Belongs to the datagram thread; only the counters may be read
// from another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/dns/responder.hpp"
#include "server/dns/zones.hpp"
#include "server/io/counters.hpp"
#include "server/io/datagram_batch.hpp"
#include "server/io/dns_links.hpp"
#include "server/io/event_output.hpp"
#include "server/time.hpp"

namespace berth::io {

class DnsService {
 public:
  DnsService(std::shared_ptr<const dns::Zones> zones, DnsCounters& counters, EventOutput& events);

  // Takes a socket of the role dns_udp.
  void open(binder::Opened&& opened);
  void close(const binder::Closed& closed);
  // Which interface carries `address` now; 0 for none. Queries that arrive by another are not of
  // its network.
  void set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept {
    links_.set_interface(address, interface);
  }
  void append_descriptors(std::vector<int>& descriptors) const;
  // False when `descriptor` is none of ours.
  bool on_readable(int descriptor, TimePoint now) noexcept;

  std::shared_ptr<const dns::Zones> replace_zones(std::shared_ptr<const dns::Zones> zones) noexcept;

 private:
  struct Listener {
    net::Ipv4Address address;
    binder::FileDescriptor socket;
    std::uint32_t kernel_drops = 0;
  };

  void read(Listener& listener, TimePoint now) noexcept;
  void look_ahead(std::span<const Datagram> datagrams) const noexcept;
  void answer(const Datagram& datagram, std::size_t slot) noexcept;

  DnsLinks links_;
  dns::Responder responder_;
  DnsCounters& counters_;
  EventOutput& events_;
  std::vector<Listener> listeners_;
  Receiver receiver_;
  Sender sender_;
  std::unique_ptr<std::byte[]> replies_;
};

}  // namespace berth::io
