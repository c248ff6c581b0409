#include "server/dhcp/option_template.hpp"

#include <cassert>

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

void OptionTemplates::Entry::become(const Kind& kind) noexcept {
  profile = kind.profile;
  server_identifier = kind.server_identifier;
  lease = kind.lease;
  parameters_size = kind.parameters.size();
  wire::copy(kind.parameters, parameters);
  options = {};
}

}  // namespace berth::dhcp
