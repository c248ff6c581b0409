// Any read from a routing socket parses or does not; what parses is no more than it has room for,
// and says the same twice.
#include "server/binder/route_message.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace berth;
  const wire::Bytes messages = std::as_bytes(std::span(data, size));
  const auto news = binder::route::parse(messages);
  if (!news) return 0;
  if (news->size() > size / 14) std::abort();
  for (const binder::route::News& one : *news)
    if (const auto* address = std::get_if<binder::route::AddressNews>(&one))
      if (address->address.length > 32) std::abort();
  if (*binder::route::parse(messages) != *news) std::abort();
  return 0;
}
