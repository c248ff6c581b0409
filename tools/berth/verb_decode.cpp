// `berth decode`: packets as text or JSON, each printed before the next is read, so that memory
// does not depend on how many there are.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "config/plan_file.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/capture/capture.hpp"
#include "protocol/wire/hex.hpp"
#include "tools/berth/decode.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/packet_json.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

struct Packet {
  std::size_t number = 0;      // in its capture, from 1
  std::optional<double> time;  // of a capture
  Decoded decoded;
};

// Whoever gives one packet wants to know what it is.
bool is_omitted(const Packet& packet) noexcept {
  return packet.time && packet.decoded.omission != Decoded::Omission::none;
}

// Where packets are printed. Counts what it leaves out, and notices what is not well formed.
class Printer {
 public:
  Printer(const Streams& streams, bool json) : streams_(streams), json_(json) {}

  void begin() {
    if (!json_) return;
    head_ = boost::json::serialize(envelope("decode"));
    head_.pop_back();
    streams_.out << head_ << ",\"packets\":[";
  }
  void print(const Packet& packet) {
    if (!packet.decoded.fault.empty() && !is_omitted(packet)) all_well_ = false;
    if (json_)
      print_json(packet);
    else
      print_text(packet);
  }
  // `fault`: why the capture was not read to its end.
  void end(const std::optional<std::string>& fault) {
    if (json_)
      streams_.out << "],\"fault\":" << (fault ? boost::json::serialize(*fault) : "null") << "}\n";
    if (others_ != 0)
      streams_.err << counted(others_, "packet") << " of other protocols left out\n";
    if (cut_ != 0)
      streams_.err << counted(cut_, "packet") << " cut short by the capture left out\n";
  }
  bool all_well() const noexcept { return all_well_; }

 private:
  void print_text(const Packet& packet);
  void print_json(const Packet& packet);

  const Streams& streams_;
  bool json_;
  std::string head_;
  bool all_well_ = true;
  std::size_t printed_ = 0;
  std::size_t others_ = 0;
  std::size_t cut_ = 0;
};

void Printer::print_text(const Packet& packet) {
  const auto& [number, time, decoded] = packet;
  if (is_omitted(packet)) {
    ++(decoded.omission == Decoded::Omission::cut ? cut_ : others_);
    return;
  }
  if (time) streams_.out << "--- packet " << number << '\n';
  std::string head = decoded.path;
  if (decoded.transport == "tcp") head += " tcp";
  for (const std::uint16_t vlan : decoded.vlans)
    head += (head.empty() ? "vlan " : " vlan ") + std::to_string(vlan);
  if (!head.empty()) streams_.out << head << '\n';
  if (!decoded.note.empty()) streams_.out << "note: " << decoded.note << '\n';
  streams_.out << decoded.text;
  if (!decoded.fault.empty())
    streams_.out << "not well formed (" << name(decoded.kind) << "): " << decoded.fault << '\n';
}

void Printer::print_json(const Packet& packet) {
  const auto& [number, time, decoded] = packet;
  boost::json::object entry{
      {"number", number},
      {"time", nullptr},
      {"vlans", boost::json::array(decoded.vlans.begin(), decoded.vlans.end())},
      {"transport", text_or_null(decoded.transport)},
      {"path", text_or_null(decoded.path)},
      {"protocol", name(decoded.kind)},
      {"text", decoded.text},
      {"note", text_or_null(decoded.note)},
      {"fault", text_or_null(decoded.fault)},
      {"message", message_json(decoded)}};
  if (time) entry["time"] = *time;
  if (printed_++ != 0) streams_.out << ',';
  streams_.out << boost::json::serialize(entry);
}

// What the argument stands for: standard input, a file, or the octets themselves.
expected<std::string, std::string> read_input(const std::string& argument) {
  const bool is_standard_input = argument == "-";
  auto file = is_standard_input ? config::read_stream(stdin) : config::read_file(argument);
  std::string text;
  if (file) {
    text = std::move(*file);
  } else if (is_standard_input) {
    return unexpected("standard input: " + file.error().message());
  } else if (wire::parse_hex(argument)) {
    text = argument;
  } else {
    return unexpected(argument + ": neither hexadecimal nor a file: " + file.error().message());
  }
  if (text.size() > config::max_file_size)
    return unexpected(argument + ": larger than 16 MiB; cut it first, as by tcpdump -c");
  return text;
}

ExitCode decode_hexadecimal(const Request& request, const std::string& text,
                            const Streams& streams) {
  const auto octets = wire::parse_hex(text);
  if (!octets || octets->empty()) {
    streams.err << request.packets << ": neither a capture nor hexadecimal\n";
    return failure;
  }
  Printer printer(streams, request.json);
  printer.begin();
  for (Decoded& decoded : decode(*octets)) printer.print({1, std::nullopt, std::move(decoded)});
  printer.end(std::nullopt);
  return printer.all_well() ? ok : failure;
}

ExitCode decode_capture(const Request& request, const std::string& text, const Streams& streams) {
  Printer printer(streams, request.json);
  Decoder decoder;
  std::size_t number = 0;
  printer.begin();
  const auto fault = capture::read(text, [&](const capture::Frame& frame) {
    ++number;
    for (Decoded& decoded : decoder.packet(frame.link, frame.octets, frame.original_size))
      printer.print({number, frame.time, std::move(decoded)});
  });
  printer.end(fault);
  if (fault) streams.err << request.packets << ": " << *fault << '\n';
  return printer.all_well() && !fault ? ok : failure;
}

}  // namespace

ExitCode decode(const Request& request, const Streams& streams) {
  const auto text = read_input(request.packets);
  if (!text) {
    streams.err << text.error() << '\n';
    return failure;
  }
  return capture::is_capture(*text) ? decode_capture(request, *text, streams)
                                    : decode_hexadecimal(request, *text, streams);
}

}  // namespace berth::tools
