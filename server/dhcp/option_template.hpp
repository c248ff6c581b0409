// What the replies to many clients have in common, composed once: the clients of a lab run a few
// systems, and each system asks for the same options in the same order. A template is the encoded
// options of one request list, profile and lease time, with a gap where the host's name goes.
//
// Not shared between threads. Nothing allocates.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/network.hpp"

namespace berth::dhcp {

// Takes options as a ReplyBuilder does, but knows no overload and no limit but its own.
class OptionTemplate {
 public:
  void option(OptionCode code, net::Ipv4Address value) noexcept { option(code, value.value); }
  void option(OptionCode code, std::uint32_t value) noexcept;
  bool option_if_room(OptionCode code, wire::Bytes value) noexcept;
  bool encoded_options_if_room(wire::Bytes encoded) noexcept;
  // The gap: option 12 goes here, whatever the host's name is.
  void host_name() noexcept;

  // False once an option was too long for one piece (RFC 3396), or there was no room for it. Such
  // replies are composed one by one.
  bool ok() const noexcept { return ok_; }
  bool has_host_name() const noexcept { return host_name_at_ != no_host_name; }
  // All of it, when there is no gap.
  wire::Bytes before_host_name() const noexcept;
  wire::Bytes after_host_name() const noexcept;

 private:
  static constexpr std::size_t no_host_name = SIZE_MAX;

  std::array<std::byte, 512> octets_;  // the first size_ count
  std::size_t size_ = 0;
  std::size_t host_name_at_ = no_host_name;
  bool ok_ = true;
};

// The templates in use. A small array on which kinds of clients may displace each other: a miss
// costs the composing, as much as every reply would without.
class OptionTemplates {
 public:
  // All that decides what a template says, within one plan.
  struct Kind {
    const Profile* profile = nullptr;
    net::Ipv4Address server_identifier;
    std::uint32_t lease = 0;
    wire::Bytes parameters;  // option 55; at most parameters_max octets
  };
  static constexpr std::size_t parameters_max = 64;

  // The template of that kind; `fill(OptionTemplate&)` puts the options in when there is none.
  // Valid until the next call.
  template <class Fill>
  const OptionTemplate& of(const Kind& kind, Fill&& fill) noexcept {
    Entry& entry = entry_of(kind);
    if (!entry.is(kind)) {
      entry.become(kind);
      fill(entry.options);
    }
    return entry.options;
  }

  // REQUIRED before another plan's profiles are asked for.
  void clear() noexcept;

 private:
  struct Entry {
    bool is(const Kind& kind) const noexcept {
      return profile == kind.profile && server_identifier == kind.server_identifier &&
             lease == kind.lease && parameters_size == kind.parameters.size() &&
             wire::equal(wire::Bytes(parameters).first(parameters_size), kind.parameters);
    }
    void become(const Kind& kind) noexcept;

    const Profile* profile = nullptr;  // null: unused
    net::Ipv4Address server_identifier;
    std::uint32_t lease = 0;
    std::size_t parameters_size = 0;
    std::array<std::byte, parameters_max> parameters{};
    OptionTemplate options;
  };

  // Request lists of different systems differ in their number of options or among the first of
  // them, and lease times in a few low bits.
  Entry& entry_of(const Kind& kind) noexcept {
    assert(kind.profile != nullptr && kind.parameters.size() <= parameters_max);
    std::uint64_t front = 0;
    if (kind.parameters.size() >= sizeof front)
      std::memcpy(&front, kind.parameters.data(), sizeof front);
    const std::uint64_t mixed = (front ^ kind.parameters.size() ^ kind.lease) * 0x9e3779b97f4a7c15u;
    return entries_[mixed >> 60];
  }

  std::array<Entry, 16> entries_;
};

}  // namespace berth::dhcp
