// Which owners are, are above and are below a name: whatever their case, however they are written.
#include "server/dns/record_index.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/dns/message_builder.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::dns {
namespace {

using test::named;

struct OwnerCase {
  std::string name;
  std::string owner;
  std::string sought;
  bool owned = false;
  bool above = false;
  bool below = false;  // or at it
};

class Owner : public testing::TestWithParam<OwnerCase> {};

TEST_P(Owner, IsComparedWithTheNameSought) {
  const OwnerCase& c = GetParam();
  // Spelled out and with pointers, of the case given and of another.
  for (const char* question :
       {".", "www.example.test.", "a.b.example.test.", "WWW.EXAMPLE.TEST."}) {
    std::array<std::byte, 1232> octets;
    MessageBuilder builder(octets, 0, flag::qr);
    builder.question(named(question).wire(), RrType::ns, RrClass::in);
    for (const Section section : {Section::answer, Section::authority})
      for (const RrClass rr_class : {RrClass::ch, RrClass::in})
        builder.record(section, named(c.owner).wire(), RrType::ns, rr_class, 60, named(".").wire());
    const auto response = MessageView::parse(*builder.finish());
    ASSERT_TRUE(response);
    RecordIndex index;
    index.read(*response);
    index.seek(named(c.sought));
    ASSERT_EQ(index.answers().size(), 1u);
    ASSERT_EQ(index.authorities().size(), 1u);
    for (const IndexedRecord& record : {index.answers().front(), index.authorities().front()}) {
      EXPECT_EQ(index.is_owned_by_sought(record), c.owned) << question;
      EXPECT_EQ(index.is_above_sought(record), c.above) << question;
      EXPECT_EQ(index.is_at_or_above_sought(record), c.owned || c.above) << question;
      EXPECT_EQ(index.is_at_or_below(record, named(c.sought)), c.below) << question;
      EXPECT_EQ(index.record(record).owner.to_name(), named(c.owner));
      EXPECT_EQ(index.record(record).rr_class, RrClass::in);
    }
  }
}

const OwnerCase owners[] = {
    {"the_same", "www.example.test.", "www.example.test.", true, false, true},
    {"of_another_case", "wWw.eXample.TEST.", "www.example.test.", true, false, true},
    {"the_root", ".", ".", true, false, true},
    {"the_parent", "Example.test.", "www.example.test.", false, true, false},
    {"the_root_above", ".", "www.example.test.", false, true, false},
    {"below", "a.b.Example.test.", "example.test.", false, false, true},
    {"below_the_root", "test.", ".", false, false, true},
    {"a_sibling", "xxx.example.test.", "www.example.test.", false, false, false},
    {"another_of_its_length", "www.examples.tes.", "www.example.test.", false, false, false},
    // The octets of test. are the last ones of it, but no label begins there.
    {"the_end_of_a_label", "test.", "a\\004test.", false, false, false},
    {"whose_label_ends_so", "a\\004test.", "test.", false, false, false},
    {"whose_label_ends_alike", "myexample.test.", "example.test.", false, false, false},
};
INSTANTIATE_TEST_SUITE_P(Rfc4343, Owner, testing::ValuesIn(owners),
                         [](const auto& test) { return test.param.name; });

// The first is compared, those that point to the same name are not.
TEST(RecordIndex, ComparesWhatIsWrittenAlikeOnce) {
  std::array<std::byte, 1232> octets;
  MessageBuilder builder(octets, 0, flag::qr);
  builder.question(named("www.test.").wire(), RrType::a, RrClass::in);
  const std::array<std::byte, 4> address{};
  for (int i = 0; i < 10; ++i)
    builder.record(Section::answer, named("www.test.").wire(), RrType::a, RrClass::in, 60, address);
  const auto response = MessageView::parse(*builder.finish());
  RecordIndex index;
  index.read(*response);
  index.seek(named("www.test."));
  for (const IndexedRecord& record : index.answers()) EXPECT_TRUE(index.is_owned_by_sought(record));
  EXPECT_EQ(index.comparisons(), 1u);
  index.seek(named("www.tesT."));
  EXPECT_TRUE(index.is_owned_by_sought(index.answers().front()));
  EXPECT_EQ(index.comparisons(), 2u);
}

}  // namespace
}  // namespace berth::dns
