// What the builders wrote reads back as it was, within the limit and the buffer. The input is a
// script: a limit, what the request says, then options for both builders.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "protocol/dhcp/reply_builder.hpp"
#include "protocol/dhcp/request_builder.hpp"

namespace {

using namespace berth;
using dhcp::OptionCode;
using Octets = std::vector<std::byte>;
using Options = std::map<std::uint8_t, Octets>;

void require(bool invariant) {
  if (!invariant) std::abort();
}

// Values over 255 octets come back whole only when their format may be joined.
constexpr std::uint8_t first_private_code = 224;

// One of 30 private codes, each at most once, so that no two values run together.
struct ScriptedOption {
  std::uint8_t code = 0;
  Octets value;
};
ScriptedOption next_option(wire::Reader& script) {
  const auto code = static_cast<std::uint8_t>(first_private_code + script.u8() % 30);
  const std::size_t size = script.u16() % 600;
  return {code, Octets(size, std::byte{script.u8()})};
}

void require_options(const dhcp::MessageView& message, const Options& options) {
  Octets scratch(message.bytes().size());
  for (const auto& [code, value] : options) {
    const auto found = message.collect(OptionCode{code}, scratch);
    require(found && wire::equal(*found, value));
  }
  for (const dhcp::OptionView& option : message.options()) {
    const auto code = static_cast<std::uint8_t>(option.code);
    require(code < first_private_code || options.contains(code));
  }
}

// The request, and what option 82 it carries.
struct Request {
  Octets octets;
  Octets relay;
};

Request build_request(wire::Reader& script) {
  Octets out(script.u16() % 2000, std::byte{0xa5});
  const dhcp::Requester who = {
      .chaddr = {}, .xid = script.u32(), .flags = script.u16(), .giaddr = {script.u32()}};
  const net::Ipv4Address address{script.u32()};
  dhcp::RequestBuilder builder = script.u8() % 2 == 0
                                     ? dhcp::RequestBuilder::request_renewing(out, who, address)
                                     : dhcp::RequestBuilder::bootp(out, who);
  Request request;
  request.relay.assign(script.u16() % 300, std::byte{script.u8()});
  builder.relay_agent_information(request.relay);
  Options options;
  for (std::uint8_t count = script.u8() % 8; count > 0; --count) {
    const ScriptedOption option = next_option(script);
    if (!options.emplace(option.code, option.value).second) continue;
    builder.option(OptionCode{option.code}, option.value);
  }
  const auto octets = builder.finish();
  if (!octets) return {};
  require(octets->size() <= out.size() && octets->size() >= dhcp::bootp_message_size);
  const auto message = dhcp::MessageView::parse(*octets);
  require(message && message->xid() == who.xid && message->giaddr() == who.giaddr);
  require_options(*message, options);
  request.octets.assign(octets->begin(), octets->end());
  return request;
}

void add_options(dhcp::ReplyBuilder& builder, wire::Reader& script, Options& options) {
  for (std::uint8_t count = script.u8() % 12; count > 0; --count) {
    const ScriptedOption option = next_option(script);
    if (options.contains(option.code)) continue;
    const OptionCode code{option.code};
    if (script.u8() % 3 == 0) {
      builder.option(code, option.value);
      options.emplace(option.code, option.value);
    } else if (builder.option_if_room(code, option.value)) {
      options.emplace(option.code, option.value);
    }
  }
}

void check_reply(wire::Bytes reply, const dhcp::MessageView& request,
                 std::optional<dhcp::MessageType> type, const Request& source,
                 const Options& options) {
  const auto message = dhcp::MessageView::parse(reply);
  require(message && message->op() == dhcp::Op::bootreply && message->type() == type);
  require(message->xid() == request.xid() && message->giaddr() == request.giaddr());
  require_options(*message, options);

  Octets scratch(reply.size());
  const auto relay = message->collect(OptionCode::relay_agent_information, scratch);
  require(relay.has_value() == !source.relay.empty());
  require(!relay || wire::equal(*relay, source.relay));
  if (!relay) return;
  OptionCode last{};
  wire::Bytes area = reply.subspan(dhcp::field::options);
  for (auto step = dhcp::next_option(area); step.kind == dhcp::OptionStep::Kind::option;
       step = dhcp::next_option(step.rest))
    last = step.option.code;
  require(last == OptionCode::relay_agent_information);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::Reader script(std::as_bytes(std::span(data, size)));
  const Request source = build_request(script);
  if (source.octets.empty()) return 0;
  const auto request = dhcp::MessageView::parse(source.octets);

  constexpr std::array<std::optional<dhcp::MessageType>, 4> types = {
      dhcp::MessageType::offer, dhcp::MessageType::ack, dhcp::MessageType::nak, std::nullopt};
  const auto type = types[script.u8() % types.size()];
  const std::size_t limit = script.u16() % 2000;
  const std::size_t room = script.u16() % 2000;
  Octets out(2000, std::byte{0xa5});
  dhcp::ReplyBuilder builder(wire::MutableBytes(out).first(room), *request, type, limit,
                             source.relay);
  const std::uint8_t fields = script.u8();
  if ((fields & 1) != 0) builder.file("pxelinux.0");
  if ((fields & 2) != 0) builder.sname("server");
  builder.yiaddr({script.u32()}).siaddr({script.u32()});
  Options options;
  add_options(builder, script, options);

  const auto reply = builder.finish();
  const std::size_t bound = std::min(limit, room);
  for (std::size_t at = bound; at < out.size(); ++at) require(out[at] == std::byte{0xa5});
  if (!reply) return 0;
  require(reply->size() <= bound && reply->size() >= dhcp::bootp_message_size);
  check_reply(*reply, *request, type, source, options);
  return 0;
}
