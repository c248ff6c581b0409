#include "tools/berth/capture.hpp"

namespace berth::tools {

expected<std::vector<CapturedFrame>, std::string> read_capture(std::string_view /*file*/) {
  return unexpected(std::string("this berth was built without libpcap and reads no captures"));
}

}  // namespace berth::tools
