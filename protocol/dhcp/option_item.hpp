// What the files that read and print option values share; not installed. Thread-safe: functions of
// their arguments.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// What an item is read with, and what it is read into.
struct OptionItem {
  std::string_view text;
  const net::Ipv4Prefix* subnet;  // null: dotted quads only
  OptionCode code;
  wire::Writer& out;  // behind the items before this one
};

// All of these read one item; null, or the reason why it cannot be. Out of room is the caller's to
// notice.
const char* encode_item(OptionFormat format, const OptionItem& item) noexcept;
const char* encode_sub_option(const OptionItem& item) noexcept;
const char* encode_relay_sub_option(const OptionItem& item) noexcept;
const char* encode_vendor_class(const OptionItem& item) noexcept;
const char* encode_vendor_options(const OptionItem& item) noexcept;
const char* write_hexadecimal(std::string_view text, wire::Writer& out) noexcept;

// All of these append a whole value; false when the octets do not have the format, with what was
// appended left for the caller to take back.
bool append_value(std::string& out, OptionFormat format, wire::Bytes value);
bool append_sub_options(std::string& out, wire::Bytes octets);
bool append_relay_agent(std::string& out, wire::Bytes octets);
bool append_vendor_classes(std::string& out, wire::Bytes octets);
bool append_vendor_options(std::string& out, wire::Bytes octets);

template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;  // 010 is not read as 8
  T number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace berth::dhcp
