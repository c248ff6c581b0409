// The DHCP sockets and taps of every link: datagrams in by the batch, through dhcp::Responder,
// replies out by the batch, each by the way its request came. Belongs to the datagram thread; only
// the counters may be read from another.
#pragma once

#include <array>
#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dhcp/responder.hpp"
#include "server/io/admission.hpp"
#include "server/io/counters.hpp"
#include "server/io/datagram_batch.hpp"
#include "server/io/dhcp_tap.hpp"
#include "server/io/event_output.hpp"
#include "server/io/frame_receiver.hpp"
#include "server/io/poller.hpp"
#include "server/time.hpp"

namespace berth::io {

// A descriptor that has died while its link stayed.
struct LostSocket {
  net::Ipv4Address address;  // the endpoint's
  binder::Role role{};
};

// Another server was seen; told of each at once, and once a minute while it is.
struct ForeignSight {
  net::Ipv4Address address;  // the endpoint's
  binder::ForeignServer server;
};

class DhcpService {
 public:
  DhcpService(std::shared_ptr<const dhcp::Plan> plan, DhcpCounters& counters, EventOutput& events);

  // Takes a socket of one of the DHCP roles.
  void open(binder::Opened&& opened);
  void close(const binder::Closed& closed);
  // Takes over what changed about a link while its sockets stay: its MAC address, its name, and
  // what we call ourselves on it.
  void follow(const binder::Status& status);
  // Appends the descriptors to wait for.
  void append_descriptors(Descriptors& descriptors) const;
  Reading on_readable(int descriptor, TimePoint now) noexcept;
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept;

  // What the binder should hear of, after on_readable(); none when all has been taken.
  std::optional<LostSocket> next_lost() noexcept;
  std::optional<ForeignSight> next_foreign_sight() noexcept;

  // Returns the plan that was in force, for another thread to destroy.
  std::shared_ptr<const dhcp::Plan> replace_plan(std::shared_ptr<const dhcp::Plan> plan);

 private:
  struct ToldServer {
    binder::ForeignServer server;
    net::MacAddress mac;
    TimePoint at;
  };

  // What a tap shows beside what comes from others.
  struct TapMemory {
    SentReplies sent;
    RequestCopies copies;
  };

  // Of a socket that datagrams are read from.
  struct Intake {
    std::uint32_t kernel_drops = 0;
    Admission admission;
  };

  // The sockets of one of our addresses (binder::Role): some of them, by system and circumstances.
  struct Link {
    net::Ipv4Address address;
    dhcp::NetworkIndex network = dhcp::no_index;
    binder::Link facts;
    InterfaceName name;
    net::Ipv4Address server_id;  // unspecified: as planned
    std::uint16_t port = dhcp::server_port;
    binder::FileDescriptor broadcast;  // what clients without an address send; bound to the device
    binder::FileDescriptor unicast;    // renewals and relays; bound to our address
    binder::FileDescriptor frames;     // to clients that cannot answer ARP, and what Role says
    binder::FileDescriptor tap;        // in place of `broadcast`; then replies leave as frames too
    binder::FileDescriptor guard;      // is only there to be bound
    Intake broadcast_intake;
    Intake unicast_intake;
    std::uint32_t tap_drops = 0;
    std::unique_ptr<TapMemory> tap_memory;  // while `tap` is open
    boost::container::static_vector<ToldServer, 8> foreign_servers;

    binder::FileDescriptor* socket(binder::Role role) noexcept;
    bool has_socket() const noexcept;
    TapIdentity identity() const noexcept { return {address, facts.mac, port}; }
  };

  // Outlives the sockets, which may be opened anew without another word about it.
  struct ServerId {
    net::Ipv4Address address;  // the endpoint's
    net::Ipv4Address id;
  };

  // How a request came, which is how its reply goes.
  struct Arrival {
    bool by_tap = false;
    net::MacAddress sender;  // of the frame, when by tap
  };

  Link& link_at(net::Ipv4Address address);
  Reading read(Link& link, int socket, Intake& intake, TimePoint now) noexcept;
  void admit(const Link& link, int socket, Admission& admission, TimePoint now) noexcept;
  void read_link(Link& link, TimePoint now) noexcept;
  void read_tap(Link& link, TimePoint now) noexcept;
  void discard(int socket) noexcept;
  void on_tap_request(Link& link, const TapRequest& request, std::size_t slot,
                      TimePoint now) noexcept;
  void on_foreign_reply(Link& link, const TapReply& reply, TimePoint now) noexcept;
  bool is_to_be_told(Link& link, const ToldServer& seen) noexcept;
  void on_receive_error(Link& link, binder::Role role, int error, TimePoint now) noexcept;
  static dhcp::Ingress ingress_of(const Link& link, const Datagram& datagram) noexcept;
  void answer(Link& link, const Datagram& datagram, const Arrival& arrival, std::size_t slot,
              TimePoint now) noexcept;
  void send(Link& link, const dhcp::Reply& reply, const Arrival& arrival,
            std::size_t slot) noexcept;
  void send_by_tap(Link& link, const dhcp::Reply& reply, const net::MacAddress& sender,
                   std::size_t slot) noexcept;
  bool add_frame(const Link& link, const net::MacAddress& to, const net::Endpoint& destination,
                 wire::Bytes payload, std::size_t slot) noexcept;
  void probe(Link& link, net::Ipv4Address address) noexcept;
  void flush(Link& link) noexcept;
  void flush(Link& link, Sender& sender, binder::Role role) noexcept;
  void report_notices(TimePoint now) noexcept;
  void report_reply(const Link& link, const dhcp::MessageView& request,
                    const dhcp::Reply& reply) noexcept;
  void report_drop(const Link& link, const dhcp::MessageView& request, dhcp::Drop reason) noexcept;
  void report_malformed(const Link& link, const Datagram& datagram,
                        std::optional<dhcp::ParseError> error) noexcept;

  // The largest frame: of a reply as large as Ethernet's 1,500 octets carry.
  static constexpr std::size_t frame_slot = 1536;

  std::shared_ptr<const dhcp::Plan> plan_;
  dhcp::Responder responder_;
  std::array<std::byte, dhcp::split_option_room> split_options_;
  DhcpCounters& counters_;
  EventOutput& events_;
  std::vector<Link> links_;
  std::vector<ServerId> server_ids_;
  Receiver receiver_;
  Sender unicast_sender_;
  Sender broadcast_sender_;
  Sender frame_sender_;
  FrameReceiver frame_receiver_;
  boost::container::static_vector<LostSocket, 16> lost_;
  boost::container::static_vector<ForeignSight, 16> foreign_sights_;
  std::unique_ptr<std::byte[]> replies_;  // a slot for each datagram of a batch
  std::unique_ptr<std::byte[]> frames_;
};

}  // namespace berth::io
