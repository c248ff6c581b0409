// The messages of simulated DHCP clients, and the way that each takes (RFC 2131 4.4): a relay's all
// go to the server; a client's go to everybody until it knows better. Thread-safe: reads only.
#pragma once

#include <optional>

#include "protocol/dhcp/request_builder.hpp"
#include "tools/berth/load/dhcp_client.hpp"
#include "tools/berth/load/dhcp_settings.hpp"
#include "tools/berth/load/outbox.hpp"

namespace berth::load {

class DhcpMessages {
 public:
  // `settings` must outlive it.
  explicit DhcpMessages(const DhcpSettings& settings) noexcept : settings_(settings) {}

  // Adds what a client in this phase says, or nothing where it does not fit.
  // REQUIRES: client.phase != idle; out has room
  void add(std::uint32_t number, const DhcpClient& client, std::uint32_t xid, std::uint16_t secs,
           Outbox& out) const noexcept;
  void add_release(std::uint32_t number, const DhcpClient& client, std::uint32_t xid,
                   Outbox& out) const noexcept;
  void add_decline(std::uint32_t number, const DhcpClient& client, std::uint32_t xid,
                   Outbox& out) const noexcept;

 private:
  enum class Way : std::uint8_t { everybody, server };

  dhcp::Requester requester(std::uint32_t number, std::uint32_t xid,
                            std::uint16_t secs) const noexcept;
  Path path(std::uint32_t number, const DhcpClient& client, Way way,
            net::Ipv4Address source) const noexcept;
  void finish(dhcp::RequestBuilder& builder, std::uint32_t number, bool with_options,
              const Path& path, Outbox& out) const noexcept;

  const DhcpSettings& settings_;
};

}  // namespace berth::load
