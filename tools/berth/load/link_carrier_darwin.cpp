// bpf(4). A cross compiler has no <net/bpf.h>: what is used of it is written down here, values of
// the kernel's ABI.
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioccom.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "protocol/net/ethertype.hpp"
#include "tools/berth/load/descriptor.hpp"
#include "tools/berth/load/link_carrier.hpp"
#include "tools/berth/load/link_frames.hpp"

namespace berth::load {
namespace {

struct Instruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0;  // instructions to skip
  std::uint8_t if_false = 0;
  std::uint32_t operand = 0;
};

struct Program {
  std::uint32_t length = 0;
  const Instruction* instructions = nullptr;
};

struct Statistics {
  std::uint32_t received = 0;
  std::uint32_t dropped = 0;
};

// struct ifreq, of which only the name is read.
struct InterfaceRequest {
  char name[IF_NAMESIZE] = {};  // NOLINT(modernize-avoid-c-arrays): the kernel's layout
  char rest[16] = {};           // NOLINT(modernize-avoid-c-arrays)
};

constexpr unsigned long set_buffer_size = _IOWR('B', 102, std::uint32_t);
constexpr unsigned long set_filter = _IOW('B', 103, Program);
constexpr unsigned long set_promiscuous = _IO('B', 105);
constexpr unsigned long set_interface = _IOW('B', 108, InterfaceRequest);
constexpr unsigned long get_statistics = _IOR('B', 111, Statistics);
constexpr unsigned long set_immediate = _IOW('B', 112, std::uint32_t);
constexpr unsigned long set_header_complete = _IOW('B', 117, std::uint32_t);
constexpr unsigned long set_see_sent = _IOW('B', 119, std::uint32_t);
static_assert(set_interface == 0x8020426c && set_immediate == 0x80044270 &&
              set_header_complete == 0x80044275 && set_filter == 0x80104267);

// A read has to be of exactly the kernel's buffer size.
constexpr std::uint32_t buffer_size = 1 << 19;

// ARP, and UDP over IPv4 to one port; offsets of Ethernet and IPv4 (RFC 791).
std::array<Instruction, 12> filter_for(std::uint16_t port) noexcept {
  constexpr std::uint16_t load_octet = 0x30;
  constexpr std::uint16_t load_half = 0x28;
  constexpr std::uint16_t load_half_indexed = 0x48;
  constexpr std::uint16_t load_header_size = 0xb1;
  constexpr std::uint16_t jump_if_equal = 0x15;
  constexpr std::uint16_t jump_if_any_bit = 0x45;
  constexpr std::uint16_t accept = 0x06;
  return {{
      {load_half, 0, 0, 12},
      {jump_if_equal, 8, 0, net::ethertype_arp},
      {jump_if_equal, 0, 8, net::ethertype_ipv4},
      {load_octet, 0, 0, 14 + 9},
      {jump_if_equal, 0, 6, 17},
      {load_half, 0, 0, 14 + 6},
      {jump_if_any_bit, 4, 0, 0x3fff},
      {load_header_size, 0, 0, 14},
      {load_half_indexed, 0, 0, 14 + 2},
      {jump_if_equal, 0, 1, port},
      {accept, 0, 0, 0x40000},
      {accept, 0, 0, 0},
  }};
}

// What stands before each frame of a read: a time, two lengths, and the header's own.
struct RecordHeader {
  std::uint32_t seconds = 0;
  std::uint32_t microseconds = 0;
  std::uint32_t captured = 0;
  std::uint32_t whole = 0;
  std::uint16_t size = 0;
};
constexpr std::size_t least_header = 18;  // without its padding
constexpr std::size_t record_alignment = 4;

class LinkCarrier final : public Carrier {
 public:
  LinkCarrier(Descriptor device, LinkSpec spec, const Clock& clock)
      : device_(std::move(device)),
        frames_(std::move(spec)),
        clock_(clock),
        buffer_(std::make_unique<std::byte[]>(buffer_size)) {}

  void send(std::span<const Message> messages) override {
    for (const Message& frame : frames_.of(messages)) write(frame.octets);
  }

  // As many frames as a batch holds; the rest of a read waits for the next call.
  std::span<const Message> receive() override {
    if (rest_.empty()) read();
    std::size_t kept = 0;
    while (kept < messages_.size()) {
      auto frame = next();
      if (!frame) break;
      std::optional<Message> answer;
      if (frames_.take(*frame, answer)) messages_[kept++] = *frame;
      if (answer) write(answer->octets);
    }
    return std::span(messages_).first(kept);
  }

  void add_descriptors(std::vector<pollfd>& descriptors) const override {
    descriptors.push_back({.fd = device_.number(), .events = POLLIN, .revents = 0});
  }

  const CarrierFaults& faults() override {
    Statistics statistics;
    if (::ioctl(device_.number(), get_statistics, &statistics) == 0)
      faults_.kernel_drops = statistics.dropped;
    return faults_;
  }

 private:
  void write(wire::Bytes frame) {
    if (::write(device_.number(), frame.data(), frame.size()) >= 0) return;
    ++faults_.send_errors;
    note(errno);
  }

  void read() {
    const ssize_t size = ::read(device_.number(), buffer_.get(), buffer_size);
    if (size >= 0) {
      rest_ = wire::Bytes(buffer_.get(), static_cast<std::size_t>(size));
    } else if (errno != EAGAIN && errno != EINTR) {
      ++faults_.receive_errors;
      note(errno);
    }
  }

  // The interface went: a device is detached from it for good.
  void note(int error) noexcept {
    faults_.last_error = error;
    if (error == ENXIO) faults_.is_lost = true;
  }

  // None at the end, and where a record claims what cannot be.
  std::optional<Message> next() noexcept {
    RecordHeader header;
    if (rest_.size() < least_header) return drop_rest();
    std::memcpy(&header, rest_.data(), least_header);
    const std::size_t begin = header.size;
    if (begin < least_header || begin > rest_.size() || header.captured > rest_.size() - begin)
      return drop_rest();
    const Time now = clock_.now();
    const Time stamp = clock_.of_wall_clock(std::chrono::seconds(header.seconds) +
                                            std::chrono::microseconds(header.microseconds));
    const Message frame{rest_.subspan(begin, header.captured), {}, std::min(stamp, now)};
    const std::size_t taken =
        (begin + header.captured + record_alignment - 1) & ~(record_alignment - 1);
    rest_ = rest_.subspan(std::min(taken, rest_.size()));
    return frame;
  }

  std::nullopt_t drop_rest() noexcept {
    rest_ = {};
    return std::nullopt;
  }

  Descriptor device_;
  LinkFrames frames_;
  const Clock& clock_;
  std::unique_ptr<std::byte[]> buffer_;
  wire::Bytes rest_;  // of the last read
  std::array<Message, Outbox::capacity> messages_{};
  CarrierFaults faults_;
};

// The first device that nobody else has open; the system makes another when all are taken.
Descriptor open_bpf() {
  constexpr int devices = 256;
  for (int number = 0; number < devices; ++number) {
    const std::string path = "/dev/bpf" + std::to_string(number);
    Descriptor device(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (device.is_open() || errno != EBUSY) return device;
  }
  return {};
}

bool request(int device, unsigned long what, std::uint32_t value) noexcept {
  return ::ioctl(device, what, &value) == 0;
}

}  // namespace

expected<std::unique_ptr<Carrier>, OpenError> open_link(LinkSpec spec, const Clock& clock) {
  const auto failed = [&](const char* what) {
    return unexpected(OpenError{std::string(what) + ' ' + spec.interface, errno});
  };
  if (::if_nametoindex(spec.interface.c_str()) == 0) return failed("interface");
  Descriptor device = open_bpf();
  if (!device.is_open()) return failed("BPF device for");
  InterfaceRequest interface;
  spec.interface.copy(interface.name, sizeof interface.name - 1);
  const auto instructions = filter_for(spec.client_port);
  const Program program{static_cast<std::uint32_t>(instructions.size()), instructions.data()};
  const int number = device.number();
  // What is for our clients is for hardware addresses that the interface does not have.
  if (!request(number, set_buffer_size, buffer_size) ||
      ::ioctl(number, set_interface, &interface) != 0 || !request(number, set_immediate, 1) ||
      !request(number, set_header_complete, 1) || !request(number, set_see_sent, 0) ||
      ::ioctl(number, set_filter, &program) != 0 || ::ioctl(number, set_promiscuous, nullptr) != 0)
    return failed("BPF device on");
  return std::unique_ptr<Carrier>(
      std::make_unique<LinkCarrier>(std::move(device), std::move(spec), clock));
}

}  // namespace berth::load
