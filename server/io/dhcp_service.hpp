// The DHCP sockets of every link: datagrams in by the batch, through dhcp::Responder, replies out
// by the batch. Belongs to the datagram thread; only the counters may be read from another.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dhcp/responder.hpp"
#include "server/io/counters.hpp"
#include "server/io/datagram_batch.hpp"
#include "server/io/event_output.hpp"
#include "server/time.hpp"

namespace berth::io {

class DhcpService {
 public:
  DhcpService(std::shared_ptr<const dhcp::Plan> plan, DhcpCounters& counters, EventOutput& events);

  // Takes a socket of one of the DHCP roles.
  void open(binder::Opened&& opened);
  void close(const binder::Closed& closed);
  // Takes over what changed about a link while its sockets stay: its MAC address, its name.
  void follow(const binder::Status& status);
  // Appends the descriptors to wait for.
  void append_descriptors(std::vector<int>& descriptors) const;
  // False when `descriptor` is none of ours.
  bool on_readable(int descriptor, TimePoint now) noexcept;
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept { return responder_.next_deadline(); }

  // Returns the plan that was in force, for another thread to destroy.
  std::shared_ptr<const dhcp::Plan> replace_plan(std::shared_ptr<const dhcp::Plan> plan);

 private:
  // The three sockets of one of our addresses (binder::Role).
  struct Link {
    net::Ipv4Address address;
    dhcp::NetworkIndex network = dhcp::no_index;
    binder::Link facts;
    InterfaceName name;
    std::uint16_t port = dhcp::server_port;
    binder::FileDescriptor broadcast;  // what clients without an address send; bound to the device
    binder::FileDescriptor unicast;    // renewals and relays; bound to our address
    binder::FileDescriptor frames;     // to clients that cannot answer ARP, and ARP itself
    std::uint32_t broadcast_drops = 0;
    std::uint32_t unicast_drops = 0;
  };

  Link& link_at(net::Ipv4Address address);
  void read(Link& link, int socket, std::uint32_t& kernel_drops, TimePoint now) noexcept;
  void read_arp(Link& link, TimePoint now) noexcept;
  static dhcp::Ingress ingress_of(const Link& link, const Datagram& datagram) noexcept;
  void answer(Link& link, const Datagram& datagram, std::size_t slot, TimePoint now) noexcept;
  void send(Link& link, const dhcp::Reply& reply, std::size_t slot) noexcept;
  void probe(Link& link, net::Ipv4Address address) noexcept;
  void flush(Link& link) noexcept;
  void flush(Link& link, Sender& sender, const binder::FileDescriptor& socket) noexcept;
  void report_notices(TimePoint now) noexcept;
  void report_reply(const Link& link, const dhcp::MessageView& request,
                    const dhcp::Reply& reply) noexcept;
  void report_drop(const Link& link, const dhcp::MessageView& request, dhcp::Drop reason) noexcept;
  void report_malformed(const Link& link, const Datagram& datagram,
                        std::optional<dhcp::ParseError> error) noexcept;

  std::shared_ptr<const dhcp::Plan> plan_;
  dhcp::Responder responder_;
  std::array<std::byte, dhcp::split_option_room> split_options_;
  DhcpCounters& counters_;
  EventOutput& events_;
  std::vector<Link> links_;
  Receiver receiver_;
  Sender unicast_sender_;
  Sender broadcast_sender_;
  Sender frame_sender_;
  std::unique_ptr<std::byte[]> replies_;  // a slot for each datagram of a batch
  std::unique_ptr<std::byte[]> frames_;
};

}  // namespace berth::io
