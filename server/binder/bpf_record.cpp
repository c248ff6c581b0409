#include "server/binder/bpf_record.hpp"

#include <algorithm>
#include <cstring>

namespace berth::binder {
namespace {

// bpf_hdr: a time of two 32-bit numbers, the captured and the whole length, the header's own.
namespace at {
constexpr std::size_t captured = 8;
constexpr std::size_t whole = 12;
constexpr std::size_t header = 16;  // u16
}  // namespace at
// Less than sizeof(bpf_hdr) by its padding: the kernel chooses the header's length so that what
// follows the Ethernet header is aligned.
constexpr std::size_t least_header = 18;
constexpr std::size_t alignment = 4;

template <class T>
T load(wire::Bytes bytes, std::size_t offset) noexcept {
  T value{};
  std::memcpy(&value, bytes.subspan(offset, sizeof(T)).data(), sizeof(T));
  return value;
}

}  // namespace

std::optional<BpfRecord> BpfRecords::next() noexcept {
  if (rest_.empty()) return std::nullopt;
  malformed_ = true;
  if (rest_.size() < least_header) return std::nullopt;
  const std::size_t header = load<std::uint16_t>(rest_, at::header);
  const std::size_t captured = load<std::uint32_t>(rest_, at::captured);
  if (header < least_header || header > rest_.size() || captured > rest_.size() - header)
    return std::nullopt;
  malformed_ = false;
  const BpfRecord record{rest_.subspan(header, captured),
                         load<std::uint32_t>(rest_, at::whole) > captured};
  // The last one is not padded.
  const std::size_t padded = (header + captured + alignment - 1) & ~(alignment - 1);
  rest_ = rest_.subspan(std::min(padded, rest_.size()));
  return record;
}

}  // namespace berth::binder
