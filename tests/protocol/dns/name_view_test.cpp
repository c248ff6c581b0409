// Compressed names, the hostile ones by the shapes of RFC 9267 and NAME:WRECK.
#include "protocol/dns/name_view.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace berth::dns {
namespace {

const std::string header(header_size, '\0');

std::string pointer(std::size_t target) {
  return {static_cast<char>(0xc0 | target >> 8), static_cast<char>(target & 0xff)};
}

std::string label(std::size_t length) {
  return static_cast<char>(length) + std::string(length, 'a');
}

// Pointers at 14, 16 and so on, each to the one before; the first to the root label at 12.
std::string pointer_chain(std::size_t count) {
  std::string octets = header + std::string("\0\0", 2);
  for (std::size_t i = 0; i < count; ++i) octets += pointer(i == 0 ? 12 : 12 + 2 * i);
  return octets;
}

struct Good {
  std::string text;
  std::size_t wire_size;
};

struct Case {
  std::string name;
  std::string message;
  std::size_t at;
  expected<Good, NameError> result;
};

const std::string root(1, '\0');
const std::string kubenet = header + "\7kubenet" + root;  // at 12, 9 octets
const std::string long_label(63, 'a');

const Case cases[] = {
    {"the_root", header + root, 12, Good{".", 1}},
    {"uncompressed", kubenet, 12, Good{"kubenet.", 9}},
    {"ends_in_a_pointer", kubenet + "\2ns" + pointer(12), 21, Good{"ns.kubenet.", 5}},
    {"is_a_pointer", kubenet + pointer(12), 21, Good{"kubenet.", 2}},
    {"pointer_to_a_pointer", kubenet + "\2ns" + pointer(12) + pointer(21), 26,
     Good{"ns.kubenet.", 2}},
    {"pointer_into_the_middle_of_a_name", header + "\2ns\7kubenet" + root + pointer(15), 24,
     Good{"kubenet.", 2}},
    {"of_255_octets", header + label(63) + label(63) + label(63) + label(61) + root, 12,
     Good{long_label + "." + long_label + "." + long_label + "." + std::string(61, 'a') + ".",
          255}},
    {"of_255_octets_that_take_256",
     header + root + label(63) + label(63) + label(63) + label(61) + pointer(12), 13,
     Good{long_label + "." + long_label + "." + long_label + "." + std::string(61, 'a') + ".",
          256}},
    {"of_254_octets_that_take_255",
     header + root + label(63) + label(63) + label(63) + label(60) + pointer(12), 13,
     Good{long_label + "." + long_label + "." + long_label + "." + std::string(60, 'a') + ".",
          255}},
    {"of_127_pointers", pointer_chain(127), 14 + 2 * 126, Good{".", 2}},

    {"N6_pointer_to_itself", header + pointer(12), 12, unexpected(NameError::bad_pointer)},
    {"N6_pointer_to_its_own_label", header + "\1a" + pointer(12), 12,
     unexpected(NameError::bad_pointer)},
    {"N6_pointer_into_its_own_octets", header + "\2ab" + pointer(13), 12,
     unexpected(NameError::bad_pointer)},
    {"N6_forward_pointer", header + pointer(14) + "\1a" + root, 12,
     unexpected(NameError::bad_pointer)},
    {"N6_cycle_of_two", header + pointer(14) + pointer(12), 14, unexpected(NameError::bad_pointer)},
    {"N6_cycle_of_three", header + pointer(16) + pointer(12) + pointer(14), 16,
     unexpected(NameError::bad_pointer)},
    {"N6_forward_again_behind_a_pointer", header + "\1a" + pointer(17) + root + pointer(12), 17,
     unexpected(NameError::bad_pointer)},
    {"N6_pointer_past_the_end", header + "\xc3\xff", 12, unexpected(NameError::bad_pointer)},
    {"N6_pointer_into_the_header", header + pointer(11), 12, unexpected(NameError::bad_pointer)},
    {"N6_pointer_to_the_very_front", header + pointer(0), 12, unexpected(NameError::bad_pointer)},
    {"N6_chain_of_128_pointers", pointer_chain(128), 14 + 2 * 127,
     unexpected(NameError::bad_pointer)},
    {"N6_label_type_01", header + "\100" + root, 12, unexpected(NameError::bad_label)},
    {"N6_label_type_10", header + "\200" + root, 12, unexpected(NameError::bad_label)},
    {"N6_label_past_the_end", header + "\5abc", 12, unexpected(NameError::truncated)},
    {"N6_no_root_label", header + "\3abc", 12, unexpected(NameError::truncated)},
    {"N6_pointer_cut_in_half", header + "\1a\300", 12, unexpected(NameError::truncated)},
    {"N6_starts_at_the_end", header, 12, unexpected(NameError::truncated)},
    {"N6_starts_behind_the_end", header, 13, unexpected(NameError::truncated)},
    {"N1_of_256_octets", header + label(63) + label(63) + label(63) + label(62) + root, 12,
     unexpected(NameError::too_long)},
    {"N1_of_256_octets_by_a_pointer_to_the_root",
     header + root + label(63) + label(63) + label(63) + label(62) + pointer(12), 13,
     unexpected(NameError::too_long)},
    {"N1_of_256_octets_by_a_pointer",
     header + label(63) + label(63) + label(63) + root + label(62) + pointer(12), 12 + 193,
     unexpected(NameError::too_long)},
};

class NameViewTable : public testing::TestWithParam<Case> {};

TEST_P(NameViewTable, Parses) {
  const Case& c = GetParam();
  const auto view = NameView::parse(wire::bytes_of(c.message), c.at);
  ASSERT_EQ(view.has_value(), c.result.has_value());
  if (!view) {
    EXPECT_EQ(view.error(), c.result.error());
    return;
  }
  EXPECT_EQ(view->to_string(), c.result->text);
  EXPECT_EQ(view->offset(), c.at);
  EXPECT_EQ(view->wire_size(), c.result->wire_size);
  EXPECT_EQ(view->end(), c.at + c.result->wire_size);
  EXPECT_EQ(view->size(), view->to_name().size());
  EXPECT_EQ(view->is_root(), c.result->text == ".");
  if (!view->is_compressed()) {
    EXPECT_TRUE(wire::equal(view->wire(), view->to_name().wire()));
  }

  std::array<std::byte, max_name_size + 1> out;
  out.fill(std::byte{0xa5});
  const auto copied = view->copy_to(out);
  EXPECT_TRUE(wire::equal(copied, view->to_name().wire()));
  EXPECT_EQ(out[copied.size()], std::byte{0xa5});
}

INSTANTIATE_TEST_SUITE_P(Rfc9267, NameViewTable, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(NameView, EveryTruncationIsRefused) {
  const std::string whole = kubenet + "\2ns" + pointer(12);
  for (std::size_t size = 21; size < whole.size(); ++size)
    EXPECT_FALSE(NameView::parse(wire::bytes_of(whole).first(size), 21)) << size;
  for (std::size_t size = 12; size < kubenet.size(); ++size)
    EXPECT_FALSE(NameView::parse(wire::bytes_of(kubenet).first(size), 12)) << size;
}

TEST(NameView, ComparesWhateverTheCompression) {
  const std::string message = kubenet + "\7KUBENET" + root + pointer(12) + "\2ns" + pointer(12);
  const auto at = [&](std::size_t offset) {
    return *NameView::parse(wire::bytes_of(message), offset);
  };
  EXPECT_EQ(at(12), at(21));
  EXPECT_EQ(at(12), at(30));
  EXPECT_NE(at(12), at(32));
  EXPECT_EQ(at(32), *Name::parse("NS.kubenet."));
  EXPECT_NE(at(32), *Name::parse("nt.kubenet."));
}

}  // namespace
}  // namespace berth::dns
