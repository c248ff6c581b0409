#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "tools/berth/load/datagram_batch.hpp"
#include "tools/berth/load/descriptor.hpp"
#include "tools/berth/load/link_carrier.hpp"
#include "tools/berth/load/link_frames.hpp"
#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

// ARP, and UDP over IPv4 to one port; offsets of Ethernet and IPv4 (RFC 791).
std::array<sock_filter, 12> filter_for(std::uint16_t port) noexcept {
  return {{
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 8, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 6),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 4, 0),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 14 + 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0x40000),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
}

union Address {
  sockaddr any;
  sockaddr_ll link;
};

class LinkCarrier final : public Carrier {
 public:
  LinkCarrier(Descriptor socket, LinkSpec spec, const Clock& clock)
      : socket_(std::move(socket)), frames_(std::move(spec)), batch_(clock) {}

  void send(std::span<const Message> messages) override {
    batch_.send(socket_.number(), frames_.of(messages), DatagramBatch::Destination::of_socket,
                faults_);
    note_loss();
  }

  std::span<const Message> receive() override {
    const auto received = batch_.receive(socket_.number(), faults_);
    note_loss();
    std::size_t kept = 0;
    for (Message& frame : received) {
      std::optional<Message> answer;
      if (frames_.take(frame, answer)) received[kept++] = frame;
      if (answer)
        batch_.send(socket_.number(), std::span(&*answer, 1), DatagramBatch::Destination::of_socket,
                    faults_);
    }
    return received.first(kept);
  }

  void add_descriptors(std::vector<pollfd>& descriptors) const override {
    descriptors.push_back({.fd = socket_.number(), .events = POLLIN, .revents = 0});
  }

  // The kernel forgets what it counted when it is asked.
  const CarrierFaults& faults() override {
    tpacket_stats statistics{};
    socklen_t size = sizeof statistics;
    if (::getsockopt(socket_.number(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
      faults_.kernel_drops += statistics.tp_drops;
    return faults_;
  }

 private:
  // A link that is down may come up again; one that was deleted does not come back.
  void note_loss() noexcept {
    if (faults_.last_error == ENXIO || faults_.last_error == ENODEV) faults_.is_lost = true;
    if (faults_.last_error == ENETDOWN) {
      faults_.is_lost = ::if_nametoindex(frames_.spec().interface.c_str()) == 0;
      faults_.last_error = faults_.is_lost ? ENXIO : ENETDOWN;
    }
  }

  Descriptor socket_;
  LinkFrames frames_;
  DatagramBatch batch_;
  CarrierFaults faults_;
};

}  // namespace

expected<std::unique_ptr<Carrier>, OpenError> open_link(LinkSpec spec, const Clock& clock) {
  const auto failed = [&](const char* what) {
    return unexpected(OpenError{std::string(what) + ' ' + spec.interface, errno});
  };
  const unsigned index = ::if_nametoindex(spec.interface.c_str());
  if (index == 0) return failed("interface");
  // Hears nothing before it has its filter.
  Descriptor socket(::socket(AF_PACKET, SOCK_RAW, 0));
  if (!socket.is_open()) return failed("packet socket on");
  auto program = filter_for(spec.client_port);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  const int on = 1;
  prepare_socket(socket.number());
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    return failed("filter on");
  // Not what we send ourselves, which a packet socket would hear; kernels before 4.20 tell of it.
  ::setsockopt(socket.number(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  // Straight to the driver: a queue in between would only hide what is lost.
  ::setsockopt(socket.number(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  // What is for our clients is for hardware addresses that the interface does not have.
  packet_mreq everything{};
  everything.mr_ifindex = static_cast<int>(index);
  everything.mr_type = PACKET_MR_PROMISC;
  ::setsockopt(socket.number(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everything, sizeof everything);
  Address address{};
  address.link.sll_family = AF_PACKET;
  address.link.sll_protocol = htons(ETH_P_ALL);
  address.link.sll_ifindex = static_cast<int>(index);
  if (::bind(socket.number(), &address.any, sizeof address.link) != 0) return failed("bind to");
  return std::unique_ptr<Carrier>(
      std::make_unique<LinkCarrier>(std::move(socket), std::move(spec), clock));
}

}  // namespace berth::load
