// Option values as people write and read them, both directions by the option's format. Encoding
// allocates nothing. Thread-safe: functions of their arguments.
//
//   flag                 true, false (also on, off, yes, no, 1, 0)
//   u8 u16 u32 i32       decimal
//   duration             seconds, or a number with s, m, h or d behind it
//   ipv4                 dotted quad, or a host number within the subnet
//   ipv4_pairs           "192.168.201.0 192.168.200.4"
//   routes               "10.0.0.0/16 192.168.200.4"
//   domain_name, _list   "example.com", absolute with or without its last dot
//   sub_options          "1=0a0b", or everything in hexadecimal
//   relay_agent          the same, or a name and its value: "link-selection=192.168.200.0"
//   vendor_classes       an enterprise number and octets: "4491=0a0b", or hexadecimal
//   vendor_options       an enterprise number and sub-options: "4491 1=0a0b 2=", or hexadecimal
//   sip_servers          addresses, or else domain names
//   client_fqdn          flags of RFC 4702 2.1 or "-", and a name: "SE control0.kubenet."
//   binary               hexadecimal, octets optionally separated by colons: "0a:0b", "0a0b"
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "protocol/dhcp/option.hpp"
#include "protocol/dhcp/option_code.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// `item` is the index of the offending item; `reason` reads on after it: "is not an address". Its
// text is static.
struct OptionTextError {
  std::size_t item = 0;
  const char* reason = nullptr;
};

// Writes the value of `option` to the front of `out`, not yet cut into pieces of 255 octets, and
// returns its size. `items` are the entries of a list or the only one of a scalar. Addresses may be
// host numbers when `subnet` is given.
expected<std::size_t, OptionTextError> encode_option_value(const OptionInfo& option,
                                                           std::span<const std::string_view> items,
                                                           const net::Ipv4Prefix* subnet,
                                                           wire::MutableBytes out) noexcept;

// Appends the value in the form that encode_option_value() reads, entries separated by ", ". A
// value that does not have its option's format, and that of an unknown option, is hexadecimal;
// octets of a text that do not print are escaped as "\ddd", so that no value can forge a line.
void append_option_text(std::string& out, const OptionView& option);

}  // namespace berth::dhcp
