#include "server/dhcp/lease_table.hpp"

namespace berth::dhcp {

LeaseTable::LeaseTable(std::span<const Entry> entries) {
  hosts_.reserve(entries.size());
  for (const Entry& entry : entries)
    hosts_.try_emplace(key_of(entry.mac), Found{entry.host, entry.slot});
}

}  // namespace berth::dhcp
