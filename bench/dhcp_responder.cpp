// What one message costs in process, from the octets that arrived to the octets to send, with 7
// hosts and with 65,000 in random order. The counter "allocations" must be 0; "copy_and_hash" is a
// copy and a hash of a message of the same size, as a measure of the machine.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "protocol/dhcp/request_builder.hpp"
#include "server/dhcp/responder.hpp"
#include "tests/support/allocations.hpp"

namespace berth::dhcp {
namespace {

constexpr net::Ipv4Address first_host{0x0a000010};
constexpr net::Ipv4Address our_address{0x0a000001};

net::MacAddress mac_of(std::uint32_t number) {
  return net::MacAddress::from_octets(0x52, 0x52, 0x52, static_cast<std::uint8_t>(number >> 16),
                                      static_cast<std::uint8_t>(number >> 8),
                                      static_cast<std::uint8_t>(number));
}
net::Ipv4Address address_of(std::uint32_t number) { return {first_host.value + number}; }

std::shared_ptr<const Plan> plan_of(std::uint32_t hosts) {
  config::Config config;
  config::Network& network = config.networks.emplace_back();
  network.key = "kubenet";
  network.subnet = {{0x0a000000}, 8};
  network.address = our_address;
  network.domain = *dns::Name::parse("kubenet");
  network.routers = {our_address};
  network.dns_servers = {our_address};
  for (std::uint32_t i = 0; i < hosts; ++i) {
    config::Host& host = network.hosts.emplace_back();
    host.name = "worker";
    host.name += std::to_string(i);
    host.macs = {mac_of(i)};
    host.address = address_of(i);
  }
  return std::make_shared<const Plan>(config);
}

// What udhcpc and dhclient ask for, between them.
constexpr std::array<std::uint8_t, 9> parameters{1, 28, 3, 15, 6, 119, 12, 121, 42};

std::vector<std::byte> message(MessageType type, std::uint32_t host) {
  std::vector<std::byte> octets(512);
  const Requester who{
      .chaddr = mac_of(host), .xid = host, .secs = 0, .flags = 0, .hops = 0, .giaddr = {}};
  RequestBuilder builder =
      type == MessageType::discover
          ? RequestBuilder::discover(octets, who)
          : RequestBuilder::request_selecting(octets, who, address_of(host), our_address);
  std::array<std::byte, 7> client_identifier{std::byte{1}};
  std::copy_n(who.chaddr.octets.begin(), 6, client_identifier.begin() + 1);
  builder.option(OptionCode::client_identifier, client_identifier)
      .option(OptionCode::maximum_dhcp_message_size, std::uint16_t{1472})
      .option(OptionCode::parameter_request_list, std::as_bytes(std::span(parameters)))
      .option(OptionCode::vendor_class_identifier, wire::bytes_of("udhcp 1.36.1"))
      .option(OptionCode::host_name, wire::bytes_of("worker0"));
  octets.resize(builder.finish()->size());
  return octets;
}

// Datagrams as a socket's buffers hold them: few, in the cache, and written well before they are
// read.
class Datagrams {
  static constexpr std::size_t slot_count = 32;

 public:
  Datagrams(MessageType type, std::uint32_t hosts)
      : many_(hosts > slot_count), order_(std::max(hosts, 4096u)) {
    for (std::size_t i = 0; i < order_.size(); ++i)
      order_[i] = static_cast<std::uint32_t>(i) % hosts;
    std::shuffle(order_.begin(), order_.end(), std::mt19937(1));
    slots_.fill(message(type, 0));
    const auto view = MessageView::parse(slots_[0]);
    client_identifier_ = offset_of(*view->find(OptionCode::client_identifier));
    if (const auto requested = view->find(OptionCode::requested_ip_address))
      requested_ = offset_of(*requested);
    for (std::size_t i = 0; i < slots_.size(); ++i) write_next();
  }

  // The next client's, while another one is written. A few clients' are all there from the start.
  const std::vector<std::byte>& next() {
    if (many_)
      write_next();
    else
      ++next_;
    return slots_[next_ % slots_.size()];
  }

 private:
  std::size_t offset_of(const OptionView& option) const {
    return static_cast<std::size_t>(option.value.data() - slots_[0].data());
  }
  void write_next() {
    std::vector<std::byte>& slot = slots_[++next_ % slots_.size() ^ slots_.size() / 2];
    const std::uint32_t host = order_[at_];
    if (++at_ == order_.size()) at_ = 0;
    const net::MacAddress mac = mac_of(host);
    std::memcpy(slot.data() + field::chaddr, mac.octets.data(), 6);
    std::memcpy(slot.data() + client_identifier_ + 1, mac.octets.data(), 6);
    if (requested_ != 0) wire::store_u32(slot, requested_, address_of(host).value);
  }

  bool many_;
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
  std::array<std::vector<std::byte>, slot_count> slots_;
  std::size_t next_ = 0;
  std::size_t client_identifier_ = 0;
  std::size_t requested_ = 0;
};

constexpr std::size_t batch_size = 16;

// Batch by batch, as the datagrams come from a socket.
void exchange(benchmark::State& state, MessageType type) {
  const auto hosts = static_cast<std::uint32_t>(state.range(0));
  Responder responder(plan_of(hosts));
  Datagrams datagrams(type, hosts);
  const Ingress ingress{0, {net::Ipv4Address::any(), client_port}, net::Ipv4Address::broadcast()};
  std::array<std::byte, split_option_room> split_options{};
  std::array<std::byte, 1472> out{};
  TimePoint now{};
  std::size_t replies = 0;
  const test::AllocationCount allocations;
  while (state.KeepRunningBatch(batch_size)) {
    std::array<const std::vector<std::byte>*, batch_size> batch;
    for (auto& datagram : batch) {
      datagram = &datagrams.next();
      responder.prefetch(*datagram, ingress);
    }
    for (const auto* datagram : batch) {
      now += std::chrono::milliseconds(1);
      const Request request(*datagram, split_options);
      const Outcome outcome = responder.handle(request, ingress, now, out);
      replies += std::holds_alternative<Reply>(outcome);
      benchmark::DoNotOptimize(out.data());
    }
    while (responder.next_notice()) {
    }
  }
  state.counters["allocations"] = static_cast<double>(allocations.value());
  if (replies != static_cast<std::size_t>(state.iterations())) state.SkipWithError("not answered");
}

void discover_to_offer(benchmark::State& state) { exchange(state, MessageType::discover); }
BENCHMARK(discover_to_offer)->Arg(7)->Arg(65000);

void request_to_ack(benchmark::State& state) { exchange(state, MessageType::request); }
BENCHMARK(request_to_ack)->Arg(7)->Arg(65000);

void baseline_copy_and_hash(benchmark::State& state) {
  const std::vector<std::byte> from = message(MessageType::discover, 0);
  std::vector<char> to(from.size());
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(from.data());
    std::memcpy(to.data(), from.data(), to.size());
    benchmark::DoNotOptimize(std::hash<std::string_view>{}({to.data(), to.size()}));
  }
}
BENCHMARK(baseline_copy_and_hash);

}  // namespace
}  // namespace berth::dhcp
