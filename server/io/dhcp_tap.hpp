// What the frames of a tap mean to a DHCP server: requests to answer as if a socket had received
// them, replies of servers that are not this one, and what is nobody's business. Sans-IO; not
// shared between threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "protocol/net/frame.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/frame_filter.hpp"
#include "server/io/frame_receiver.hpp"

namespace berth::io {

// Ours on the link.
struct TapIdentity {
  net::Ipv4Address address;
  net::MacAddress mac;
  std::uint16_t port = 0;
};

struct TapRequest {
  wire::Bytes payload;
  net::Endpoint source;
  net::Ipv4Address destination;
  net::MacAddress sender;       // to whom a unicast reply is handed: the client, or its relay agent
  bool checksum_wrong = false;  // although nobody said that it was left open; it is served anyway
};

// A BOOTREPLY to a client on the link.
struct TapReply {
  net::Ipv4Address server;  // its option 54, else where it came from
  net::MacAddress server_mac;
  bool by_host = false;      // another process of this machine answers
  net::MacAddress client;    // chaddr
  net::Ipv4Address address;  // yiaddr
  wire::Bytes payload;
};

// To another server, of this machine's own client, or of a relay agent to its server.
struct TapUnconcerned {};

// No frame that its filter lets through and that is well formed.
struct TapMalformed {};

using TapSight = std::variant<TapUnconcerned, TapMalformed, TapRequest, TapReply>;

// A UDP checksum is no reason to drop anything: between machines of one host it is often left open.
TapSight look_at(const ReceivedFrame& frame, const TapIdentity& us) noexcept;

// The replies sent last, told from another server's of the same address by what they say: a tap
// shows both.
class SentReplies {
 public:
  void add(wire::Bytes payload) noexcept;
  bool contains(wire::Bytes payload) const noexcept;

 private:
  // As many as a tap's buffer holds: one that is read from there is among them.
  std::array<std::size_t, binder::tap_frames> digests_{};
  std::size_t next_ = 0;
};

// What is sent to our own address comes twice while a tap is open: by the tap, and by the socket,
// which also has what a tap cannot see: fragments, what this host sends itself. Whichever comes
// first is answered.
class RequestCopies {
 public:
  // Whether its copy has come the other way; else this is the first.
  bool is_second(wire::Bytes payload, bool by_tap) noexcept;

 private:
  struct First {
    std::size_t digest = 0;
    bool by_tap = false;
  };

  std::array<First, binder::tap_frames> firsts_{};
  std::size_t next_ = 0;
};

}  // namespace berth::io
