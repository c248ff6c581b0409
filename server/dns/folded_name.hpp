// A name as a key for lookups: in lower case (RFC 4343), with its hash, both made in one pass of
// eight octets at a time. The hash is for this process only: it depends on the byte order. The keys
// of the tables are the operator's, so that nobody can choose them to collide. A value.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

class FoldedName {
 public:
  // REQUIRES: an uncompressed name of at most 255 octets
  explicit FoldedName(wire::Bytes name) noexcept : size_(static_cast<std::uint8_t>(name.size())) {
    assert(!name.empty() && name.size() <= max_name_size);
    fold(name.data());
  }

  // `label`, with its length in front, below `domain`.
  // REQUIRES: together at most 255 octets
  FoldedName(wire::Bytes label, wire::Bytes domain) noexcept
      : size_(static_cast<std::uint8_t>(label.size() + domain.size())) {
    assert(label.size() + domain.size() <= max_name_size);
    wire::copy(label, octets_);
    wire::copy(domain, wire::MutableBytes(octets_).subspan(label.size()));
    fold(octets_.data());
  }

  wire::Bytes wire() const noexcept { return wire::Bytes(octets_).first(size_); }
  std::uint64_t hash() const noexcept { return hash_; }
  bool is_root() const noexcept { return size_ == 1; }
  bool is_single_label() const noexcept {
    return !is_root() && std::size_t{2} + wire::load_u8(octets_, 0) == size_;
  }
  // REQUIRES: !is_root()
  FoldedName parent() const noexcept {
    return FoldedName(wire().subspan(1u + wire::load_u8(octets_, 0)));
  }

 private:
  static constexpr std::size_t word = sizeof(std::uint64_t);

  // Sets bit 5 of every octet in A to Z: of those whose low seven bits lie there and whose top bit
  // is clear.
  static constexpr std::uint64_t fold(std::uint64_t octets) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101;
    const std::uint64_t low = octets & (each * 0x7f);
    const std::uint64_t from_a = low + each * (0x80 - 'A');
    const std::uint64_t behind_z = low + each * (0x80 - 'Z' - 1);
    return octets | ((from_a & ~behind_z & ~octets & (each * 0x80)) >> 2);
  }

  static constexpr std::uint64_t mix(std::uint64_t hash) noexcept {
    hash *= 0x9e3779b97f4a7c15;
    return hash ^ (hash >> 32);
  }

  // From `name`, which may be octets_ itself. The last word overlaps the one before it, so that
  // nothing is read or written beyond the name: folding twice is folding once.
  void fold(const std::byte* name) noexcept {
    std::uint64_t hash = size_;
    if (size_ < word) {
      hash = mix(hash ^ fold_word(name, 0, size_));
    } else {
      for (std::size_t at = 0; at + word < size_; at += word)
        hash = mix(hash ^ fold_word(name, at, word));
      hash = mix(hash ^ fold_word(name, size_ - word, word));
    }
    hash_ = mix(hash);
  }

  std::uint64_t fold_word(const std::byte* name, std::size_t at, std::size_t count) noexcept {
    std::uint64_t octets = 0;
    std::memcpy(&octets, name + at, count);
    octets = fold(octets);
    std::memcpy(octets_.data() + at, &octets, count);
    return octets;
  }

  std::array<std::byte, max_name_size> octets_;  // the first size_ count
  std::uint64_t hash_ = 0;
  std::uint8_t size_;
};

}  // namespace berth::dns
