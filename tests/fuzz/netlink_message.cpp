// Any datagram from rtnetlink parses or does not; what parses is no more than it has room for, and
// says the same twice.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>

#include "server/binder/netlink_linux.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace berth;
  constexpr std::size_t smallest_message = 16;
  constexpr std::size_t news_of_a_message = 2;  // itself, and that its dump was interrupted
  const wire::Bytes datagram = std::as_bytes(std::span(data, size));
  const auto news = binder::netlink::parse(datagram);
  if (!news) return 0;
  if (news->size() > news_of_a_message * (size / smallest_message)) std::abort();
  for (const binder::netlink::News& one : *news) {
    if (const auto* address = std::get_if<binder::netlink::AddressNews>(&one))
      if (address->address.length > 32) std::abort();
    if (const auto* link = std::get_if<binder::netlink::LinkNews>(&one))
      if (link->link.name.size() > size) std::abort();
  }
  if (*binder::netlink::parse(datagram) != *news) std::abort();
  return 0;
}
