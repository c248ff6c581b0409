#include "server/dhcp/option_template.hpp"

#include <cassert>
#include <cstring>

namespace berth::dhcp {

void OptionTemplate::option(OptionCode code, std::uint32_t value) noexcept {
  std::array<std::byte, 4> octets;
  wire::store_u32(octets, 0, value);
  option_if_room(code, octets);
}

bool OptionTemplate::option_if_room(OptionCode code, wire::Bytes value) noexcept {
  const std::size_t size = 2 + value.size();
  if (value.size() > 255 || octets_.size() - size_ < size) ok_ = false;
  if (!ok_) return false;
  wire::store_u8(octets_, size_, static_cast<std::uint8_t>(code));
  wire::store_u8(octets_, size_ + 1, static_cast<std::uint8_t>(value.size()));
  wire::copy(value, wire::MutableBytes(octets_).subspan(size_ + 2));
  size_ += size;
  return true;
}

bool OptionTemplate::encoded_options_if_room(wire::Bytes encoded) noexcept {
  if (octets_.size() - size_ < encoded.size()) ok_ = false;
  if (!ok_) return false;
  wire::copy(encoded, wire::MutableBytes(octets_).subspan(size_));
  size_ += encoded.size();
  return true;
}

void OptionTemplate::host_name() noexcept {
  assert(!has_host_name());
  host_name_at_ = size_;
}

wire::Bytes OptionTemplate::before_host_name() const noexcept {
  return wire::Bytes(octets_).first(has_host_name() ? host_name_at_ : size_);
}

wire::Bytes OptionTemplate::after_host_name() const noexcept {
  if (!has_host_name()) return {};
  return wire::Bytes(octets_).first(size_).subspan(host_name_at_);
}

void OptionTemplates::clear() noexcept {
  for (Entry& entry : entries_) entry.profile = nullptr;
}

// Request lists of different systems differ in their number of options or among the first of them,
// and lease times in a few low bits.
OptionTemplates::Entry& OptionTemplates::entry_of(const Kind& kind) noexcept {
  assert(kind.profile != nullptr && kind.parameters.size() <= parameters_max);
  std::uint64_t front = 0;
  if (kind.parameters.size() >= sizeof front)
    std::memcpy(&front, kind.parameters.data(), sizeof front);
  const std::uint64_t mixed = (front ^ kind.parameters.size() ^ kind.lease) * 0x9e3779b97f4a7c15u;
  return entries_[mixed >> 60];
}

bool OptionTemplates::Entry::is(const Kind& kind) const noexcept {
  return profile == kind.profile && server_identifier == kind.server_identifier &&
         lease == kind.lease && parameters_size == kind.parameters.size() &&
         wire::equal(wire::Bytes(parameters).first(parameters_size), kind.parameters);
}

void OptionTemplates::Entry::become(const Kind& kind) noexcept {
  profile = kind.profile;
  server_identifier = kind.server_identifier;
  lease = kind.lease;
  parameters_size = kind.parameters.size();
  wire::copy(kind.parameters, parameters);
  options = {};
}

}  // namespace berth::dhcp
