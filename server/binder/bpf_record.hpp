// A read from a BPF device (bpf(4), as macOS fills it): a row of records, each a header and as much
// of a frame as the filter let through. The layout is written down here, so that the walk can be
// tested on any system; it trusts no length. Numbers are in this machine's byte order. Borrows from
// the buffer; nothing allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/wire/cursor.hpp"

namespace berth::binder {

struct BpfRecord {
  wire::Bytes frame;
  bool truncated = false;  // was longer than what the filter lets through

  bool operator==(const BpfRecord& other) const noexcept {
    return wire::equal(frame, other.frame) && truncated == other.truncated;
  }
};

class BpfRecords {
 public:
  explicit BpfRecords(wire::Bytes read) noexcept : rest_(read) {}

  // None at the end, and where a record claims what cannot be: nothing behind it can be found.
  std::optional<BpfRecord> next() noexcept;
  bool malformed() const noexcept { return malformed_; }

 private:
  wire::Bytes rest_;
  bool malformed_ = false;
};

}  // namespace berth::binder
