// Options inside options: sub-options, a relay's and a vendor's, read from text and printed.
#include <array>

#include "protocol/dhcp/option_item.hpp"
#include "protocol/dhcp/printable.hpp"
#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {
namespace {

// Calls visit(code, value) for each sub-option; false when they do not fill `octets` exactly, or
// when it says so.
template <class Visit>
bool each_sub_option(wire::Bytes octets, Visit visit) {
  wire::Reader reader(octets);
  while (reader.remaining() > 0) {
    const std::uint8_t code = reader.u8();
    const wire::Bytes value = reader.bytes(reader.u8());
    if (!reader.ok() || !visit(code, value)) return false;
  }
  return true;
}

// The same for the data of each enterprise (RFC 3925).
template <class Visit>
bool each_vendor(wire::Bytes octets, Visit visit) {
  wire::Reader reader(octets);
  while (reader.remaining() > 0) {
    const std::uint32_t enterprise = reader.u32();
    const wire::Bytes data = reader.bytes(reader.u8());
    if (!reader.ok() || !visit(enterprise, data)) return false;
  }
  return true;
}

void append_numbered(std::string& out, std::uint32_t number, wire::Bytes octets) {
  out += std::to_string(number);
  out += '=';
  append_hexadecimal(out, octets);
}

// What is written behind one length octet.
class Counted {
 public:
  wire::Writer& writer() noexcept { return writer_; }

  const char* move_to(wire::Writer& out) const noexcept {
    if (!writer_.ok()) return "is longer than 255 octets";
    out.u8(static_cast<std::uint8_t>(writer_.size()));
    out.bytes(writer_.written());
    return nullptr;
  }

 private:
  std::array<std::byte, 255> buffer_;
  wire::Writer writer_{wire::MutableBytes(buffer_)};
};

const char* encode_counted_hexadecimal(std::string_view digits, wire::Writer& out) noexcept {
  Counted value;
  if (!digits.empty()) {
    if (const char* const reason = write_hexadecimal(digits, value.writer())) return reason;
  }
  return value.move_to(out);
}

constexpr const char* no_enterprise = "does not begin with an enterprise number";

}  // namespace

const char* encode_sub_option(const OptionItem& item) noexcept {
  const std::size_t equals = item.text.find('=');
  if (equals == std::string_view::npos) return write_hexadecimal(item.text, item.out);
  const auto code = parse_number<std::uint8_t>(item.text.substr(0, equals));
  if (!code) return "does not begin with a sub-option code from 0 to 255";
  item.out.u8(*code);
  return encode_counted_hexadecimal(item.text.substr(equals + 1), item.out);
}

const char* encode_relay_sub_option(const OptionItem& item) noexcept {
  const std::size_t equals = item.text.find('=');
  const auto* const info = equals == std::string_view::npos
                               ? nullptr
                               : find_relay_sub_option(item.text.substr(0, equals));
  if (info == nullptr) return encode_sub_option(item);
  Counted value;
  const std::string_view text = item.text.substr(equals + 1);
  if (info->format != OptionFormat::binary || !text.empty()) {
    const OptionItem nested{text, item.subnet, item.code, value.writer()};
    if (const char* const reason = encode_item(info->format, nested)) return reason;
  }
  item.out.u8(static_cast<std::uint8_t>(info->code));
  return value.move_to(item.out);
}

const char* encode_vendor_class(const OptionItem& item) noexcept {
  const std::size_t equals = item.text.find('=');
  if (equals == std::string_view::npos) return write_hexadecimal(item.text, item.out);
  const auto enterprise = parse_number<std::uint32_t>(item.text.substr(0, equals));
  if (!enterprise) return no_enterprise;
  item.out.u32(*enterprise);
  return encode_counted_hexadecimal(item.text.substr(equals + 1), item.out);
}

const char* encode_vendor_options(const OptionItem& item) noexcept {
  std::size_t space = item.text.find(' ');
  if (space == std::string_view::npos) return write_hexadecimal(item.text, item.out);
  const auto enterprise = parse_number<std::uint32_t>(item.text.substr(0, space));
  if (!enterprise) return no_enterprise;
  Counted data;
  while (space != std::string_view::npos) {
    const std::size_t begin = item.text.find_first_not_of(' ', space);
    if (begin == std::string_view::npos) return "ends behind a space";
    space = item.text.find(' ', begin);
    const std::string_view text = item.text.substr(begin, space - begin);
    if (text.find('=') == std::string_view::npos) return "has a sub-option without a '='";
    if (const char* const reason = encode_sub_option({text, item.subnet, item.code, data.writer()}))
      return reason;
  }
  item.out.u32(*enterprise);
  return data.move_to(item.out);
}

bool append_sub_options(std::string& out, wire::Bytes octets) {
  const char* separator = "";
  return each_sub_option(octets, [&](std::uint8_t code, wire::Bytes value) {
    out += separator;
    separator = ", ";
    append_numbered(out, code, value);
    return true;
  });
}

bool append_relay_agent(std::string& out, wire::Bytes octets) {
  const char* separator = "";
  return each_sub_option(octets, [&](std::uint8_t code, wire::Bytes value) {
    out += separator;
    separator = ", ";
    const std::size_t start = out.size();
    if (const auto* const info = find_relay_sub_option(RelaySubOption{code})) {
      out += info->name;
      out += '=';
      if (append_value(out, info->format, value)) return true;
      out.resize(start);
    }
    append_numbered(out, code, value);
    return true;
  });
}

bool append_vendor_classes(std::string& out, wire::Bytes octets) {
  const char* separator = "";
  return each_vendor(octets, [&](std::uint32_t enterprise, wire::Bytes data) {
    out += separator;
    separator = ", ";
    append_numbered(out, enterprise, data);
    return true;
  });
}

bool append_vendor_options(std::string& out, wire::Bytes octets) {
  const char* separator = "";
  return each_vendor(octets, [&](std::uint32_t enterprise, wire::Bytes data) {
    if (data.empty()) return false;
    out += separator;
    separator = ", ";
    out += std::to_string(enterprise);
    return each_sub_option(data, [&](std::uint8_t code, wire::Bytes value) {
      out += ' ';
      append_numbered(out, code, value);
      return true;
    });
  });
}

}  // namespace berth::dhcp
