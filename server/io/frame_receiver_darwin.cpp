#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "server/binder/bpf_darwin.hpp"
#include "server/binder/bpf_record.hpp"
#include "server/io/frame_receiver.hpp"

namespace berth::io {

namespace bpf = binder::bpf;

// As many as fit: what is left in a read has left the device, so that nothing would say it is here.
struct FrameReceiver::Buffers {
  static constexpr std::size_t least_record = 18 + 14;  // a header, and Ethernet's

  std::unique_ptr<std::byte[]> octets =
      std::make_unique_for_overwrite<std::byte[]>(bpf::buffer_size);
  std::array<ReceivedFrame, bpf::buffer_size / least_record> frames{};
};

FrameReceiver::FrameReceiver() : buffers_(std::make_unique<Buffers>()) {}
FrameReceiver::~FrameReceiver() = default;

std::span<const ReceivedFrame> FrameReceiver::receive(int descriptor, int& error) noexcept {
  Buffers& all = *buffers_;
  error = 0;
  std::uint32_t room = 0;  // what the system made of our wish; a read has to be of exactly that
  if (::ioctl(descriptor, bpf::get_buffer_size, &room) != 0) {
    error = errno;
    return {};
  }
  if (room > bpf::buffer_size) {
    error = EMSGSIZE;
    return {};
  }
  const ssize_t size = ::read(descriptor, all.octets.get(), room);
  if (size < 0) {
    if (errno != EAGAIN && errno != EINTR) error = errno;
    return {};
  }
  bpf::Statistics statistics;
  ::ioctl(descriptor, bpf::get_statistics, &statistics);
  binder::BpfRecords records(wire::Bytes(all.octets.get(), static_cast<std::size_t>(size)));
  std::size_t count = 0;
  for (auto record = records.next(); record && count < all.frames.size(); record = records.next())
    all.frames[count++] = {.octets = record->frame,
                           .checksum_open = true,
                           .truncated = record->truncated,
                           .kernel_drops = statistics.dropped};
  if (records.malformed()) error = EBADMSG;
  return std::span(all.frames).first(count);
}

// The interface went: a device is detached from it for good.
bool means_lost(int error) noexcept { return error == ENXIO; }

}  // namespace berth::io
