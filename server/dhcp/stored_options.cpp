#include "server/dhcp/stored_options.hpp"

#include <cassert>

namespace berth::dhcp {

StoredOptions::StoredOptions(std::span<const config::Option> options) {
  std::size_t size = 0;
  std::size_t count = 0;
  for (const config::Option& option : options) {
    if (option.suppressed) continue;
    size += 2 + option.value.size();
    ++count;
  }
  assert(count <= 254);
  entries_.reserve(count);
  octets_.reserve(size);
  for (const config::Option& option : options) {
    if (option.suppressed) continue;
    const std::size_t length = option.value.size();
    entries_.push_back({static_cast<std::uint32_t>(octets_.size()),
                        static_cast<std::uint16_t>(length), option.code});
    places_[static_cast<std::uint8_t>(option.code)] = static_cast<std::uint8_t>(entries_.size());
    octets_.push_back(std::byte{static_cast<std::uint8_t>(option.code)});
    octets_.push_back(std::byte{static_cast<std::uint8_t>(length)});
    octets_.insert(octets_.end(), option.value.begin(), option.value.end());
  }
}

}  // namespace berth::dhcp
