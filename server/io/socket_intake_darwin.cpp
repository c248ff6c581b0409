#include "server/io/socket_intake.hpp"

namespace berth::io {

// No socket of DHCP is read there but for what relay agents send: frames are, by BPF.
Share buffer_fill(int) noexcept { return 0; }
bool admit_discovers(int, Share) noexcept { return false; }

}  // namespace berth::io
