#include "protocol/dhcp/reply_builder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/dhcp/option_writer.hpp"

namespace berth::dhcp {
namespace {

constexpr std::size_t end_size = 1;
constexpr std::size_t overload_size = 3;
constexpr std::size_t message_type_size = 3;

void store_head(wire::MutableBytes option, OptionCode code, std::size_t value_size) noexcept {
  wire::store_u8(option, 0, static_cast<std::uint8_t>(code));
  wire::store_u8(option, 1, static_cast<std::uint8_t>(value_size));
}

void store_end(wire::MutableBytes out, std::size_t at) noexcept {
  wire::store_u8(out, at, static_cast<std::uint8_t>(OptionCode::end));
}

}  // namespace

std::size_t reply_limit(const MessageView& request) noexcept {
  const auto option = request.find(OptionCode::maximum_dhcp_message_size);
  return reply_limit(request, option ? option->u16() : std::nullopt);
}

ReplyBuilder::ReplyBuilder(wire::MutableBytes out, const MessageView& request,
                           std::optional<MessageType> type, std::size_t limit,
                           wire::Bytes relay_agent_information) noexcept
    : out_(out.first(std::min(out.size(), limit))),
      relay_agent_information_(relay_agent_information),
      is_nak_(type == MessageType::nak) {
  const bool can_overload = type && !is_nak_;
  const std::size_t kept =
      end_size + (can_overload ? overload_size : 0) +
      (relay_agent_information.empty() ? 0 : encoded_option_size(relay_agent_information.size()));
  const std::size_t needed = field::options + (type ? message_type_size : 0) + kept;
  if (out_.size() < std::max(bootp_message_size, needed)) return;
  ok_ = true;

  // RFC 2131 table 3: most of a reply is the request's; the padding to 300 octets is done here.
  wire::copy(request.bytes().first(field::sname), out_);
  // In pieces, because compilers make of one fill an instruction whose start alone costs more.
  constexpr std::array<std::byte, 64> zeros{};
  static_assert((bootp_message_size - field::sname) % zeros.size() == 0);
  for (std::size_t at = field::sname; at < bootp_message_size; at += zeros.size())
    std::memcpy(out_.data() + at, zeros.data(), zeros.size());
  wire::store_u8(out_, field::op, static_cast<std::uint8_t>(Op::bootreply));
  wire::store_u8(out_, field::hops, 0);
  wire::store_u16(out_, field::secs, 0);
  if (type && *type != MessageType::ack) ciaddr(net::Ipv4Address::any());
  yiaddr(net::Ipv4Address::any());
  siaddr(net::Ipv4Address::any());
  wire::store_u32(out_, field::cookie, magic_cookie);

  options_ = {field::options, out_.size() - kept};
  if (can_overload) {
    file_ = {field::file, field::file + field::file_size - end_size};
    sname_ = {field::sname, field::sname + field::sname_size - end_size};
  }
  if (type) option(OptionCode::dhcp_message_type, static_cast<std::uint8_t>(*type));
}

void ReplyBuilder::set_address(std::size_t at, net::Ipv4Address address) noexcept {
  if (ok_) wire::store_u32(out_, at, address.value);
}

ReplyBuilder& ReplyBuilder::ciaddr(net::Ipv4Address address) noexcept {
  set_address(field::ciaddr, address);
  return *this;
}

ReplyBuilder& ReplyBuilder::yiaddr(net::Ipv4Address address) noexcept {
  set_address(field::yiaddr, address);
  return *this;
}

ReplyBuilder& ReplyBuilder::siaddr(net::Ipv4Address address) noexcept {
  set_address(field::siaddr, address);
  return *this;
}

ReplyBuilder& ReplyBuilder::broadcast() noexcept {
  if (ok_)
    wire::store_u16(
        out_, field::flags,
        static_cast<std::uint16_t>(wire::load_u16(out_, field::flags) | broadcast_flag));
  return *this;
}

void ReplyBuilder::set_text(Area& area, std::size_t at, std::size_t size,
                            std::string_view text) noexcept {
  assert(area.end == 0 || area.at == at);
  if (!ok_ || is_nak_) return;
  if (text.size() >= size) {
    ok_ = false;
    return;
  }
  const wire::MutableBytes whole = out_.subspan(at, size);
  wire::copy(wire::bytes_of(text), whole);
  std::ranges::fill(whole.subspan(text.size()), std::byte{0});

  const bool was_for_options = area.end != 0;
  area = {};
  if (was_for_options && file_.end == 0 && sname_.end == 0) options_.end += overload_size;
}

ReplyBuilder& ReplyBuilder::file(std::string_view name) noexcept {
  set_text(file_, field::file, field::file_size, name);
  return *this;
}

ReplyBuilder& ReplyBuilder::sname(std::string_view name) noexcept {
  set_text(sname_, field::sname, field::sname_size, name);
  return *this;
}

// Room in the first area that has it, and empty when none has.
wire::MutableBytes ReplyBuilder::claim(std::size_t size) noexcept {
  for (Area* const area : {&options_, &file_, &sname_}) {
    if (area->end - area->at < size) continue;
    area->at += size;
    return out_.subspan(area->at - size, size);
  }
  return {};
}

// The value's octets of an option that must fit, its code and length written.
wire::MutableBytes ReplyBuilder::claim_value(OptionCode code, std::size_t size) noexcept {
  const wire::MutableBytes room = claim(2 + size);
  if (room.empty()) {
    ok_ = false;
    return {};
  }
  store_head(room, code, size);
  return room.subspan(2);
}

ReplyBuilder& ReplyBuilder::option(OptionCode code, wire::Bytes value) noexcept {
  if (!option_if_room(code, value)) ok_ = false;
  return *this;
}

ReplyBuilder& ReplyBuilder::option(OptionCode code, std::uint8_t value) noexcept {
  const wire::MutableBytes room = claim_value(code, 1);
  if (!room.empty()) wire::store_u8(room, 0, value);
  return *this;
}

ReplyBuilder& ReplyBuilder::option(OptionCode code, std::uint16_t value) noexcept {
  const wire::MutableBytes room = claim_value(code, 2);
  if (!room.empty()) wire::store_u16(room, 0, value);
  return *this;
}

ReplyBuilder& ReplyBuilder::option(OptionCode code, std::uint32_t value) noexcept {
  const wire::MutableBytes room = claim_value(code, 4);
  if (!room.empty()) wire::store_u32(room, 0, value);
  return *this;
}

ReplyBuilder& ReplyBuilder::option(OptionCode code, net::Ipv4Address value) noexcept {
  return option(code, value.value);
}

bool ReplyBuilder::option_if_room(OptionCode code, wire::Bytes value) noexcept {
  const bool in_pieces = value.size() > option_value_size_max;
  const wire::MutableBytes room =
      claim(in_pieces ? encoded_option_size(value.size()) : 2 + value.size());
  if (room.empty()) return false;
  if (in_pieces) {
    wire::Writer writer(room);
    write_option(writer, code, value);
  } else {
    store_head(room, code, value.size());
    wire::copy(value, room.subspan(2));
  }
  return true;
}

expected<wire::Bytes, BuildError> ReplyBuilder::finish() noexcept {
  if (!ok_) return unexpected(BuildError::no_room);
  options_.end = out_.size();  // what follows has its room from the start

  const bool file_overloaded = file_.at > field::file;
  const bool sname_overloaded = sname_.at > field::sname;
  if (file_overloaded) store_end(out_, file_.at);
  if (sname_overloaded) store_end(out_, sname_.at);
  if (file_overloaded || sname_overloaded)
    option(OptionCode::option_overload,
           static_cast<std::uint8_t>((file_overloaded ? 1 : 0) | (sname_overloaded ? 2 : 0)));
  if (!relay_agent_information_.empty())
    option(OptionCode::relay_agent_information, relay_agent_information_);
  store_end(out_, options_.at);
  return out_.first(std::max(options_.at + end_size, bootp_message_size));
}

}  // namespace berth::dhcp
