#include "tests/support/allocations.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/protocol/dns/rebuild.hpp"
#include "tests/support/hex.hpp"

namespace berth::dns {
namespace {

TEST(DnsCodec, AllocatesNothing) {
  const auto octets = test::read_hex_file(BERTH_GOLDEN_DNS "/every_type.hex");
  std::array<std::byte, 4096> out;
  const test::AllocationCount allocations;
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  const auto built = test::rebuild(*message, out);
  const auto name = Name::parse("worker0.kubenet.");
  EXPECT_EQ(allocations.value(), 0u);
  EXPECT_TRUE(built);
  EXPECT_TRUE(name);
}

}  // namespace
}  // namespace berth::dns
