// The tree itself, and files that are made to hurt.
#include "config/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "config/load.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Tree, HoldsTheFileInItsOrder) {
  Diagnostics errors;
  const auto tree = Tree::parse("a: 1\nb:\n  - x\n  - 'y z'\nc:\nd: {}\n", errors);
  ASSERT_TRUE(tree);
  EXPECT_EQ(errors.count(), 0u);
  const TreeNode root = tree->root();
  ASSERT_EQ(root.kind(), TreeNode::Kind::map);
  ASSERT_EQ(root.size(), 4u);

  const TreeNode a = root.first();
  EXPECT_EQ(a.text(), "a");
  EXPECT_EQ(a.where(), (Location{1, 1}));
  EXPECT_EQ(a.next().text(), "1");
  EXPECT_EQ(a.next().where(), (Location{1, 4}));

  const TreeNode b = a.next().next();
  ASSERT_EQ(b.next().kind(), TreeNode::Kind::list);
  EXPECT_EQ(b.next().size(), 2u);
  const TreeNode x = b.next().first();
  EXPECT_EQ(x.text(), "x");
  EXPECT_FALSE(x.is_quoted());
  EXPECT_EQ(x.next().text(), "y z");
  EXPECT_TRUE(x.next().is_quoted());
  EXPECT_EQ(x.next().where(), (Location{4, 5}));

  const TreeNode c = b.next().next();
  EXPECT_EQ(c.text(), "c");
  EXPECT_EQ(c.next().kind(), TreeNode::Kind::nothing);
  EXPECT_EQ(c.next().where(), (Location{5, 1}));

  const TreeNode d = c.next().next();
  EXPECT_EQ(d.next().kind(), TreeNode::Kind::map);
  EXPECT_EQ(d.next().size(), 0u);
}

TEST(Tree, OfAnEmptyFileIsNothing) {
  Diagnostics errors;
  const auto tree = Tree::parse("", errors);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->root().kind(), TreeNode::Kind::nothing);
}

struct Hostile {
  std::string name;
  std::string text;
  std::string message;
};
std::ostream& operator<<(std::ostream& out, const Hostile& row) { return out << row.name; }

class HostileFile : public testing::TestWithParam<Hostile> {};

TEST_P(HostileFile, IsRefusedWithAReason) {
  const Loaded loaded = load(GetParam().text);
  EXPECT_FALSE(loaded.config);
  const bool is_named = std::ranges::any_of(loaded.errors, [](const Diagnostic& error) {
    return error.where.line > 0 && error.message.find(GetParam().message) != std::string::npos;
  });
  EXPECT_TRUE(is_named) << format(loaded.errors, "file", "");
}

// P1 and P2 of tests/HOSTILE.md among them.
const Hostile hostile_files[] = {
    {"TwentyThousandBrackets", repeated("[", 20'000), "nested too deeply"},
    {"AMillionBrackets", repeated("[", 1'000'000), "nested too deeply"},
    {"TwentyThousandBraces", repeated("{", 20'000), "nested too deeply"},
    {"BracesWithKeys", repeated("{a: ", 900), "nested too deeply"},
    {"TwentyThousandDashes", repeated("- ", 20'000), "nested too deeply"},
    {"TwentyThousandQuestionMarks", repeated("? ", 20'000), "nested too deeply"},
    {"BillionLaughs",
     "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\n"
     "c: &c [*b, *b, *b, *b, *b, *b, *b]\nnetworks: *c\n",
     "anchors"},
    {"Alias", "networks: *nowhere\n", "alias"},
    {"MergeKey", "a: &a {x: 1}\nnetworks:\n  <<: *a\n", "anchors"},
    {"TooLarge", std::string(max_file_size + 1, '#'), "16 MiB"},
    {"Binary",
     "\x7f"
     "ELF\x02\x01\x01",
     "control character"},
    {"TagDirective", "%TAG ! tag:x,2000:\n---\na: !b c\n", "tags"},
};
INSTANTIATE_TEST_SUITE_P(All, HostileFile, testing::ValuesIn(hostile_files),
                         [](const auto& row) { return row.param.name; });

// yaml-cpp would keep all tokens of an open bracket in memory, so it never sees so many.
TEST(HostileFile, IsNotReadBeyondAThousandOpenBrackets) {
  for (const std::string_view bracket : {"[", "{"}) {
    const Loaded loaded = load(repeated(bracket, 1'000'000));
    ASSERT_EQ(loaded.errors.size(), 1u);
    EXPECT_EQ(loaded.errors[0].where, (Location{1, 1001}));
  }
}

// Whatever a file is cut or changed to, load() ends with a configuration or with errors.
void expect_an_end(const std::string& text) {
  const Loaded loaded = load(text);
  EXPECT_EQ(loaded.config.has_value(), loaded.errors.empty());
  EXPECT_EQ(loaded.errors.empty(), loaded.error_count == 0);
}

const std::string sample =
    lab("    domain: \"l\\x61b\"\n    names: {'a b': [1, 2]}\n    options: {mtu: 1500}\n"
        "    records: ['note TXT \"x\"']\n    hosts:\n      a: {mac: [52:52:52:00:00:01], address: "
        "3}\n");

TEST(Load, EndsForEveryTruncation) {
  for (std::size_t size = 0; size <= sample.size(); ++size) expect_an_end(sample.substr(0, size));
}

TEST(Load, EndsForEveryFlippedBit) {
  for (std::size_t at = 0; at < sample.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = sample;
      text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1u << bit));
      expect_an_end(text);
    }
  }
}

}  // namespace
}  // namespace berth::config
