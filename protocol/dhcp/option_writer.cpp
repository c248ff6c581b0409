#include "protocol/dhcp/option_writer.hpp"

#include <algorithm>

namespace berth::dhcp {

void write_option(wire::Writer& out, OptionCode code, wire::Bytes value) noexcept {
  do {
    const std::size_t size = std::min(value.size(), option_value_size_max);
    out.u8(static_cast<std::uint8_t>(code));
    out.u8(static_cast<std::uint8_t>(size));
    out.bytes(value.first(size));
    value = value.subspan(size);
  } while (!value.empty());
}

}  // namespace berth::dhcp
