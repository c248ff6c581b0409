#include "tools/berth/load/udp_carrier.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "tools/berth/load/datagram_batch.hpp"
#include "tools/berth/load/descriptor.hpp"
#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

union Address {
  sockaddr any;
  sockaddr_in ipv4;
};

Address address_of(const net::Endpoint& endpoint) noexcept {
  Address address{};
  address.ipv4.sin_family = AF_INET;
  address.ipv4.sin_port = htons(endpoint.port);
  address.ipv4.sin_addr.s_addr = htonl(endpoint.address.value);
  return address;
}

std::string text_of(const net::Endpoint& endpoint) {
  return net::to_string(endpoint.address) + ':' + std::to_string(endpoint.port);
}

class UdpCarrier final : public Carrier {
 public:
  explicit UdpCarrier(const Clock& clock) : batch_(clock) {}

  std::optional<OpenError> add(const UdpPort& port) {
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
    if (!socket.is_open()) return OpenError{"socket", errno};
    prepare_socket(socket.number());
    const Address local = address_of(port.local);
    if (::bind(socket.number(), &local.any, sizeof local.ipv4) != 0)
      return OpenError{"bind " + text_of(port.local), errno};
    if (port.peer) {
      const Address peer = address_of(*port.peer);
      if (::connect(socket.number(), &peer.any, sizeof peer.ipv4) != 0)
        return OpenError{"connect " + text_of(*port.peer), errno};
      destination_ = DatagramBatch::Destination::of_socket;
    }
    sockets_.push_back(std::move(socket));
    return std::nullopt;
  }

  // Neighbours of one port go together; a workload has few ports, or sends to them in order.
  void send(std::span<const Message> messages) override {
    while (!messages.empty()) {
      const std::uint16_t port = messages.front().path.port;
      std::size_t count = 1;
      while (count < messages.size() && messages[count].path.port == port) ++count;
      batch_.send(sockets_[port].number(), messages.first(count), destination_, faults_);
      messages = messages.subspan(count);
    }
  }

  std::span<const Message> receive() override {
    for (std::size_t tried = 0; tried < sockets_.size(); ++tried) {
      const std::size_t port = next_;
      next_ = (next_ + 1) % sockets_.size();
      const auto received = batch_.receive(sockets_[port].number(), faults_);
      for (Message& message : received) message.path.port = static_cast<std::uint16_t>(port);
      if (!received.empty()) return received;
    }
    return {};
  }

  void add_descriptors(std::vector<pollfd>& descriptors) const override {
    for (const Descriptor& socket : sockets_)
      descriptors.push_back({.fd = socket.number(), .events = POLLIN, .revents = 0});
  }

  const CarrierFaults& faults() override {
    faults_.kernel_drops = 0;
    for (const Descriptor& socket : sockets_)
      faults_.kernel_drops += dropped_datagrams(socket.number());
    return faults_;
  }

 private:
  std::vector<Descriptor> sockets_;
  DatagramBatch batch_;
  DatagramBatch::Destination destination_ = DatagramBatch::Destination::from_path;
  CarrierFaults faults_;
  std::size_t next_ = 0;  // the port to look at first
};

}  // namespace

std::string OpenError::text() const { return what + ": " + std::strerror(error); }

expected<std::unique_ptr<Carrier>, OpenError> open_udp(std::span<const UdpPort> ports,
                                                       const Clock& clock) {
  auto carrier = std::make_unique<UdpCarrier>(clock);
  for (const UdpPort& port : ports)
    if (auto error = carrier->add(port)) return unexpected(std::move(*error));
  return std::unique_ptr<Carrier>(std::move(carrier));
}

}  // namespace berth::load
