#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "server/io/datagram_batch.hpp"
#include "server/io/frame_receiver.hpp"

namespace berth::io {
namespace {

// What an Ethernet frame of 1,500 octets takes, and somewhat more.
constexpr std::size_t slot_size = 2048;
constexpr std::uint16_t vlan_id_bits = 0x0fff;

template <class T>
T control_value(const cmsghdr* control) noexcept {
  T value;
  std::memcpy(&value, CMSG_DATA(control), sizeof value);
  return value;
}

}  // namespace

struct FrameReceiver::Buffers {
  struct Control {
    alignas(cmsghdr)
        std::array<std::byte, CMSG_SPACE(sizeof(tpacket_auxdata)) + CMSG_SPACE(sizeof(int))> octets;
  };

  std::unique_ptr<std::byte[]> octets =
      std::make_unique_for_overwrite<std::byte[]>(slot_size * batch_size);
  std::array<mmsghdr, batch_size> headers{};
  std::array<iovec, batch_size> vectors{};
  std::array<sockaddr_ll, batch_size> sources{};
  std::array<Control, batch_size> controls{};
  std::array<ReceivedFrame, batch_size> frames{};

  Buffers() {
    for (std::size_t i = 0; i < batch_size; ++i) {
      vectors[i] = {&octets[i * slot_size], slot_size};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &sources[i];
      headers[i].msg_hdr.msg_control = &controls[i];
      rearm(headers[i].msg_hdr);
    }
  }

  static void rearm(msghdr& header) noexcept {
    header.msg_namelen = sizeof(sockaddr_ll);
    header.msg_controllen = sizeof(Control);
  }

  // False when the frame had a tag of a VLAN, which the system takes off: that is another link.
  static bool read_control(msghdr& header, ReceivedFrame& frame) noexcept {
    bool untagged = true;
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_level == SOL_PACKET && control->cmsg_type == PACKET_AUXDATA) {
        const auto facts = control_value<tpacket_auxdata>(control);
        frame.checksum_open = (facts.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
        untagged = (facts.tp_status & TP_STATUS_VLAN_VALID) == 0 ||
                   (facts.tp_vlan_tci & vlan_id_bits) == 0;
      } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
        frame.kernel_drops = control_value<std::uint32_t>(control);
      }
    }
    return untagged;
  }
};

FrameReceiver::FrameReceiver() : buffers_(std::make_unique<Buffers>()) {}
FrameReceiver::~FrameReceiver() = default;

std::span<const ReceivedFrame> FrameReceiver::receive(int descriptor, int& error) noexcept {
  Buffers& all = *buffers_;
  error = 0;
  const int count = ::recvmmsg(descriptor, all.headers.data(), batch_size, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) error = errno;
    return {};
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& header = all.headers[i].msg_hdr;
    ReceivedFrame& frame = all.frames[kept];
    frame = {.octets = wire::Bytes(&all.octets[i * slot_size], all.headers[i].msg_len),
             .origin = all.sources[i].sll_pkttype == PACKET_OUTGOING ? FrameOrigin::host
                                                                     : FrameOrigin::link,
             .truncated = (header.msg_flags & MSG_TRUNC) != 0};
    if (Buffers::read_control(header, frame)) ++kept;
    Buffers::rearm(header);
  }
  return std::span(all.frames).first(kept);
}

// A packet socket hears again when its link comes up, and one whose link was deleted is closed.
bool means_lost(int /*error*/) noexcept { return false; }

}  // namespace berth::io
