// Octets written as text, for golden packets. Test code: allocates and throws.
//
//   # a comment to the end of the line
//   01 01 06 00      pairs of digits, with or without spaces between them
//   00*64            64 times the octet before the asterisk
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace berth::test {

namespace detail {

// A line without its comment.
inline void append_hex_line(std::vector<std::byte>& octets, std::string_view line) {
  while (!line.empty()) {
    if (std::isspace(static_cast<unsigned char>(line.front())) != 0) {
      line.remove_prefix(1);
      continue;
    }
    std::size_t used = 0;
    if (line.front() == '*' && !octets.empty()) {
      const std::size_t count = std::stoul(std::string(line.substr(1)), &used);
      octets.insert(octets.end(), count - 1, octets.back());
      line.remove_prefix(1 + used);
      continue;
    }
    const unsigned long octet = std::stoul(std::string(line.substr(0, 2)), &used, 16);
    if (used != 2) throw std::invalid_argument("half an octet: " + std::string(line));
    octets.push_back(static_cast<std::byte>(octet));
    line.remove_prefix(2);
  }
}

}  // namespace detail

inline std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> octets;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, size);
    detail::append_hex_line(octets, line.substr(0, line.find('#')));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return octets;
}

inline std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::vector<std::byte> read_hex_file(const std::string& path) {
  return hex(read_text_file(path));
}

}  // namespace berth::test
