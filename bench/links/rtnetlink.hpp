// Makes and deletes links and addresses in the calling thread's network namespace by rtnetlink(7):
// starting ip(8) takes longer than what is measured here. Errors are std::system_error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::bench {

class Rtnetlink {
 public:
  // Stays with the namespace in which it is made.
  Rtnetlink();

  void add_bridge(const std::string& name, const net::MacAddress& mac);
  // A cable: one end here, the other, `far`, in that namespace.
  void add_cable(const std::string& near, const std::string& far, const net::MacAddress& far_mac,
                 int far_namespace);
  void plug_into(std::uint32_t port, std::uint32_t bridge);
  void set_up(std::uint32_t link);
  // Whether it lets frames through. Its flags say so too early: "unknown" counts as running there.
  bool is_operating(std::uint32_t link);
  void remove_link(std::uint32_t link);
  void add_address(std::uint32_t link, const net::Ipv4Prefix& address);

 private:
  class Request;

  // Returns the kernel's answer to it.
  wire::Bytes exchange(Request& request, const char* what);
  // For what is answered by an acknowledgement.
  void perform(Request& request, const char* what);

  binder::FileDescriptor socket_;
  std::uint32_t sequence_ = 0;
  std::array<std::byte, 16384> answer_;
};

}  // namespace berth::bench
