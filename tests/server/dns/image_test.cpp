// What an answer costs, however it is made up: counted in owners that are compared.
#include "server/dns/image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/server/dns/plans.hpp"

namespace berth::dns {
namespace {

using test::named;

constexpr std::array<std::byte, 4> address{};

// Room for the largest answers, in a name of many labels.
class ImageWriterTest : public testing::Test {
 protected:
  ImageWriterTest() : octets_(65'535), builder_(octets_, 0, flag::qr | flag::ra) {
    builder_.question(alias(0).wire(), RrType::a, RrClass::in);
  }

  static Name alias(std::size_t link) {
    std::string text = std::to_string(link) + ".";
    for (int i = 0; i < 100; ++i) text += "a.";
    return named(text + "test.");
  }
  bool add(const Name& owner, RrType type, wire::Bytes rdata) {
    if (!builder_.record(Section::answer, owner.wire(), type, RrClass::in, 60, rdata)) return false;
    ++count_;
    return true;
  }
  void add_aliases(std::size_t links) {
    for (std::size_t i = 0; i < links; ++i) add(alias(i), RrType::cname, alias(i + 1).wire());
  }
  expected<Image, NoImage> write() {
    // What did not fit set TC, which is not these tests'.
    const auto response = MessageView::parse(*builder_.finish());
    return writer_.write(*response, {.qname = alias(0).wire(), .qtype = RrType::a}, {});
  }

  std::vector<std::byte> octets_;
  MessageBuilder builder_;
  std::size_t count_ = 0;
  ImageWriter writer_;
};

// A message of 64 KiB in which each record's owner is another, and most are of no use.
TEST_F(ImageWriterTest, N7_N16_ReadsTheLargestMessages) {
  while (add(count_ % 2 == 0 ? alias(0) : named(std::to_string(count_) + ".test."), RrType::a,
             address)) {
  }
  const auto image = write();
  ASSERT_TRUE(image);
  EXPECT_GT(count_, 2'000u);
  EXPECT_EQ(image->ttls.size(), (count_ + 1) / 2);
  EXPECT_LE(writer_.comparisons(), count_);
}

TEST_F(ImageWriterTest, F16_ComparesAliasesWithWhatMayBeTheirs) {
  add_aliases(max_chain);
  const Name other = named("0." + alias(0).to_string());
  while (add(other, RrType::dname, named(".").wire())) {
  }
  const auto image = write();
  ASSERT_TRUE(image);
  EXPECT_GT(count_, 4'000u);
  EXPECT_EQ(image->ttls.size(), max_chain);
  EXPECT_LE(writer_.comparisons(), 2 * max_chain);
}

TEST_F(ImageWriterTest, F16_ReadsTheAddressesBehindAliasesOnce) {
  add_aliases(max_chain);
  while (builder_.size() < 65'000 && add(alias(max_chain), RrType::a, address)) {
  }
  const auto image = write();
  ASSERT_TRUE(image);
  EXPECT_GT(count_, 3'000u);
  EXPECT_EQ(image->ttls.size(), count_);
  EXPECT_LE(writer_.comparisons(), count_ + max_chain);
}

TEST_F(ImageWriterTest, F16_KeepsARecordThatLeadsToManyAliasesOnce) {
  add(named("test."), RrType::dname, named("example.").wire());
  add_aliases(max_chain);
  const auto image = write();
  ASSERT_TRUE(image);
  EXPECT_EQ(image->ttls.size(), max_chain + 1);
}

// Two labels of the same hash: so have all names that are made of them. At each alias all others
// have to be compared.
TEST_F(ImageWriterTest, F16_GivesUpOnManyNamesOfOneHash) {
  const auto name_of = [](std::size_t number) {
    std::string text;
    for (std::size_t i = 0; i < 10; ++i) text += (number >> i & 1) != 0 ? "lyimzm." : "tpxpcs.";
    return named(text);
  };
  ASSERT_EQ(RecordIndex::hash(name_of(0).wire()), RecordIndex::hash(name_of(1).wire()));
  const auto write = [&](std::size_t links, std::size_t records) {
    MessageBuilder builder(octets_, 0, flag::qr | flag::ra);
    builder.question(name_of(0).wire(), RrType::a, RrClass::in);
    for (std::size_t i = 0; i < links; ++i)
      builder.record(Section::answer, name_of(i).wire(), RrType::cname, RrClass::in, 60,
                     name_of(i + 1).wire());
    for (std::size_t i = links; i < records; ++i)
      builder.record(Section::answer, name_of(i).wire(), RrType::a, RrClass::in, 60, address);
    const auto response = MessageView::parse(*builder.finish());
    return writer_.write(*response, {.qname = name_of(0).wire(), .qtype = RrType::a}, {});
  };
  const auto few = write(2, 100);
  ASSERT_TRUE(few);
  EXPECT_EQ(few->ttls.size(), 3u);
  const auto many = write(max_chain, 300);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error(), NoImage::no_answer);
  EXPECT_LT(writer_.comparisons(), 2 * 300u);
}

}  // namespace
}  // namespace berth::dns
