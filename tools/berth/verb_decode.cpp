// `berth decode`: packets as text or JSON.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "config/plan_file.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/wire/hex.hpp"
#include "tools/berth/capture.hpp"
#include "tools/berth/decode.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

struct Packet {
  std::size_t number = 0;      // in its capture, from 1
  std::optional<double> time;  // of a capture
  Decoded decoded;
};

// What the argument stands for: standard input, a file, or the octets themselves.
expected<std::string, std::string> read_input(const std::string& argument) {
  std::string text;
  if (argument == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else if (auto file = config::read_file(argument)) {
    text = std::move(*file);
  } else if (wire::parse_hex(argument)) {
    text = argument;
  } else {
    return unexpected(argument + ": neither hexadecimal nor a file: " + file.error().message());
  }
  if (text.size() > config::max_file_size)
    return unexpected(argument + ": larger than 16 MiB; cut it first, as by tcpdump -c");
  return text;
}

expected<std::vector<Packet>, std::string> packets_of(const std::string& text,
                                                      const std::string& name) {
  std::vector<Packet> packets;
  if (!is_capture(text)) {
    const auto octets = wire::parse_hex(text);
    if (!octets || octets->empty()) return unexpected(name + ": neither a capture nor hexadecimal");
    packets.push_back({1, std::nullopt, decode(*octets)});
    return packets;
  }
  const auto frames = read_capture(text);
  if (!frames) return unexpected(name + ": " + frames.error());
  for (const CapturedFrame& frame : *frames)
    packets.push_back({packets.size() + 1, frame.time, decode_frame(frame.octets)});
  return packets;
}

bool is_ours(const Packet& packet) noexcept { return packet.decoded.kind != Decoded::Kind::other; }

void print_text(const std::vector<Packet>& packets, const Streams& streams) {
  std::size_t others = 0;
  for (const auto& [number, time, decoded] : packets) {
    const bool is_other = time && decoded.kind == Decoded::Kind::other;
    others += is_other ? 1 : 0;
    if (is_other) continue;
    if (time) streams.out << "--- packet " << number << '\n';
    if (!decoded.path.empty()) streams.out << decoded.path << '\n';
    streams.out << decoded.text;
    if (!decoded.fault.empty())
      streams.out << "not well formed (" << name(decoded.kind) << "): " << decoded.fault << '\n';
  }
  if (others != 0) streams.err << counted(others, "packet") << " of other protocols left out\n";
}

void print_json(const std::vector<Packet>& packets, const Streams& streams) {
  boost::json::array list;
  for (const auto& [number, time, decoded] : packets) {
    boost::json::object entry{{"number", number},     {"time", nullptr},
                              {"path", nullptr},      {"protocol", name(decoded.kind)},
                              {"text", decoded.text}, {"fault", nullptr}};
    if (time) entry["time"] = *time;
    if (!decoded.path.empty()) entry["path"] = decoded.path;
    if (!decoded.fault.empty()) entry["fault"] = decoded.fault;
    list.push_back(std::move(entry));
  }
  auto report = envelope("decode");
  report["packets"] = std::move(list);
  print_line(streams.out, report);
}

}  // namespace

ExitCode decode(const Request& request, const Streams& streams) {
  const auto text = read_input(request.packets);
  const auto packets = text ? packets_of(*text, request.packets)
                            : expected<std::vector<Packet>, std::string>(unexpected(text.error()));
  if (!packets) {
    streams.err << packets.error() << '\n';
    return failure;
  }
  request.json ? print_json(*packets, streams) : print_text(*packets, streams);
  for (const Packet& packet : *packets)
    if (!packet.decoded.fault.empty() && (is_ours(packet) || !packet.time)) return failure;
  return ok;
}

}  // namespace berth::tools
