// Plans to build test files from.
#pragma once

#include <string>
#include <string_view>

namespace berth::config {

// A network called lab on 192.168.200.0/24 with `body` below it: the body begins in line 4 and is
// indented by four.
inline std::string lab(std::string_view body) {
  return "networks:\n  lab:\n    subnet: 192.168.200.0/24\n" + std::string(body);
}

// A network on a link, 192.168.200.0/24, and one behind its relays, 10.77.0.0/24, with `body` below
// it: the body begins in line 7 and is indented by four.
inline std::string near_and_far(std::string_view body) {
  return "networks:\n  near:\n    subnet: 192.168.200.0/24\n  far:\n    subnet: 10.77.0.0/24\n"
         "    interface: none\n" +
         std::string(body);
}

// The same as lab() with `entries` as its hosts, which begin in line 5 and are indented by six.
inline std::string lab_with_hosts(std::string_view entries) {
  return lab("    hosts:\n" + std::string(entries));
}

}  // namespace berth::config
