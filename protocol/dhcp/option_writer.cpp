#include "protocol/dhcp/option_writer.hpp"

#include <algorithm>

namespace berth::dhcp {

void write_option(wire::MutableBytes out, OptionCode code, wire::Bytes value) noexcept {
  assert(out.size() >= encoded_option_size(value.size()));
  do {
    const std::size_t size = std::min(value.size(), option_value_size_max);
    wire::store_u8(out, 0, static_cast<std::uint8_t>(code));
    wire::store_u8(out, 1, static_cast<std::uint8_t>(size));
    wire::copy(value.first(size), out.subspan(2));
    out = out.subspan(2 + size);
    value = value.subspan(size);
  } while (!value.empty());
}

}  // namespace berth::dhcp
