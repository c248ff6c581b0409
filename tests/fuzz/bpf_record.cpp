// Any read from a BPF device is walked within its bounds, and each frame of it is parsed.
#include "server/binder/bpf_record.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

#include "protocol/net/frame.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace berth;
  const wire::Bytes read = std::as_bytes(std::span(data, size));
  binder::BpfRecords records(read);
  std::size_t octets = 0;
  while (const auto record = records.next()) {
    octets += 18 + record->frame.size();
    if (octets > size) std::abort();
    const auto udp = net::parse_udp_frame(record->frame, net::Checksums::ignore);
    if (udp && udp->payload.size() + net::udp_frame_overhead > record->frame.size()) std::abort();
  }
  if (records.next()) std::abort();
  return 0;
}
