// DNS messages out of TCP segments: whole, in pieces, repeated, missing.
#include "protocol/dns/tcp_messages.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::dns {
namespace {

using net::tcp_flag::fin;
using net::tcp_flag::syn;

net::Packet segment(std::uint32_t sequence, std::string_view payload, std::uint8_t flags = 0,
                    std::uint16_t port = 40000) {
  net::Packet packet;
  packet.kind = net::Packet::Kind::tcp;
  packet.source = {0xc0a8c804};
  packet.destination = {0xc0a8c801};
  packet.source_port = port;
  packet.destination_port = 53;
  packet.sequence = sequence;
  packet.tcp_flags = flags;
  packet.payload = wire::bytes_of(payload);
  return packet;
}

std::string texts(const TcpMessages::Segment& taken) {
  std::string out;
  for (const auto& message : taken.messages) {
    if (!out.empty()) out += ' ';
    out.append(wire::text_of(message.octets)) += '/' + std::to_string(message.segments);
  }
  if (taken.is_behind_missing) out += " missing";
  if (taken.unfinished != 0)
    out += " " + std::to_string(taken.unfinished) + "of" + std::to_string(taken.unfinished_size);
  return out;
}

struct Step {
  net::Packet packet;
  std::string brings;
};
struct Row {
  std::string name;
  std::vector<Step> steps;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

using namespace std::string_view_literals;

class TcpMessagesTable : public testing::TestWithParam<Row> {};

TEST_P(TcpMessagesTable, Brings) {
  TcpMessages streams;
  for (const Step& step : GetParam().steps)
    EXPECT_EQ(texts(streams.take(step.packet)), step.brings);
}

const Row rows[] = {
    {"OneEach", {{segment(9, "", syn), ""}, {segment(10, "\0\3abc"sv), "abc/1"}}},
    {"SeveralInOne", {{segment(0, "\0\1a\0\2bc\0\0"sv), "a/1 bc/1 /1"}}},
    {"OverSegments",
     {{segment(0, "\0"sv), " 1of0"},
      {segment(1, "\4a"sv), " 3of4"},
      {segment(3, "bcd\0\1e"sv), "abcd/3 e/1"},
      {segment(9, "\0\1f"sv), "f/1"}}},
    {"BeginsInOneAndEndsInTheNext",
     {{segment(0, "\0\1a\0\2b"sv), "a/1 3of2"}, {segment(6, "c"sv), "bc/2"}}},
    {"Repeated",
     {{segment(0, "\0\3a"sv), " 3of3"},
      {segment(0, "\0\3a"sv), " 3of3"},
      {segment(1, "\3abc"sv), "abc/2"},
      {segment(0, "\0\3abc"sv), ""}}},
    {"Missing", {{segment(0, "\0\5ab"sv), " 4of5"}, {segment(7, "\0\1z"sv), "z/1 missing"}}},
    {"SequenceWraps",
     {{segment(0xfffffffe, "", syn), ""},
      {segment(0xffffffff, "\0\2"sv), " 2of2"},
      {segment(1, "ab"), "ab/2"}}},
    {"ConnectionsApart",
     {{segment(0, "\0\2a"sv), " 3of2"},
      {segment(0, "\0\1z"sv, 0, 40001), "z/1"},
      {segment(3, "b"), "ab/2"}}},
    {"ANewConnectionForgets",
     {{segment(0, "\0\2a"sv), " 3of2"},
      {segment(70, "", syn), ""},
      {segment(71, "\0\1b"sv), "b/1"}}},
    {"AfterTheEndItBeginsAnew",
     {{segment(0, "\0\2a"sv, fin), " 3of2"}, {segment(900, "\0\1b"sv), "b/1"}}},
    {"KeepAlive",
     {{segment(10, "\0\1a"sv), "a/1"}, {segment(12, "a"), ""}, {segment(13, "\0\1b"sv), "b/1"}}},
};
INSTANTIATE_TEST_SUITE_P(All, TcpMessagesTable, testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

// However a stream is cut, the same messages come out.
TEST(TcpMessages, DoNotDependOnWhereSegmentsAreCut) {
  const std::string stream("\0\3abc\0\0\0\2de\0\1f"sv);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      TcpMessages streams;
      std::string got;
      std::size_t at = 0;
      for (const std::size_t end : {first, second, stream.size()}) {
        const auto taken = streams.take(
            segment(static_cast<std::uint32_t>(at), std::string_view(stream).substr(at, end - at)));
        for (const auto& message : taken.messages) got.append(wire::text_of(message.octets)) += '.';
        at = end;
      }
      EXPECT_EQ(got, "abc..de.f.") << first << ' ' << second;
    }
  }
}

}  // namespace
}  // namespace berth::dns
