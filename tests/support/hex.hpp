// Octets written as text (protocol/wire/hex.hpp), for golden packets. Test code: throws.
#pragma once

#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/wire/hex.hpp"

namespace berth::test {

inline std::vector<std::byte> hex(std::string_view text) {
  auto octets = wire::parse_hex(text);
  if (!octets)
    throw std::invalid_argument("no octets: " + std::string(text.substr(octets.error())));
  return *std::move(octets);
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
