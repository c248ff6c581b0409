#include "protocol/capture/capture.hpp"

namespace berth::capture {

std::optional<std::string> read(std::string_view /*file*/,
                                const std::function<void(const Frame&)>& /*visit*/) {
  return "built without libpcap, this program reads no captures";
}

}  // namespace berth::capture
