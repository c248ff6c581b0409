// The canonical form of a plan: what moves, what stays, and that nothing is lost.
#include "config/formatted.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "config/load.hpp"

namespace berth::config {
namespace {

struct Row {
  std::string name;
  std::string given;
  std::string expected;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Formatted : public testing::TestWithParam<Row> {};

TEST_P(Formatted, Is) {
  const auto once = formatted(GetParam().given);
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ(*once, GetParam().expected);
  EXPECT_EQ(*formatted(*once), *once);
}

const std::string wide_alias = "an-alias-that-fills-a-third-of-a-line";

const Row rows[] = {
    {"Empty", "", ""},
    {"OnlyComments", "\n# a\n\n\n  # b \n", "# a\n\n# b\n"},
    {"OnlyAText", "plan # x\n", "plan # x\n"},
    {"ByteOrderMarkAndCarriageReturns", "\xef\xbb\xbf# a\r\nlog: {level: info}\r\n",
     "# a\nlog: {level: info}\n"},
    {"NoFinalLineFeed", "state: /x", "state: /x\n"},
    {"Indentation", "log:\n     level: info\n     format: json\n",
     "log:\n  level: info\n  format: json\n"},
    {"SpacesAndEmptyLines",
     "\n\nlog :   {level : info,format:   json  }   \n\n\n\nstate:    /x\n\n",
     "log: {level: info, format: json}\n\nstate: /x\n"},
    {"KeysInTheOrderOfTheTable", "state: /x\nlog: {format: json, level: info}\nnetworks: {}\n",
     "networks: {}\nlog: {level: info, format: json}\nstate: /x\n"},
    {"KeysOfTheTableNeedNoQuotes", "\"log\": {'level': 'info'}\n", "log: {level: 'info'}\n"},
    {"UnknownKeysComeLastAsTheyStand", "zeta: 1\n'state': /x\n'alpha': 2\nstate: /y\n",
     "state: /x\nstate: /y\nzeta: 1\n'alpha': 2\n"},
    {"NamesKeepTheirOrder", "networks:\n  b: {subnet: 10.0.0.0/8}\n  a:\n    names: {z: 1, b: 2}\n",
     "networks:\n  b:\n    subnet: 10.0.0.0/8\n  a:\n    names: {z: 1, b: 2}\n"},
    {"HostsStandInColumns",
     "networks:\n a:\n  hosts:\n   gateway:\n    address: 3\n    mac: [52-52-52-0-0-A]\n"
     "   b: {mac: '52:52:52:00:00:01'}\n\n   c: {ignore: on}\n   # d\n   d: {}\n",
     "networks:\n  a:\n    hosts:\n      gateway: {mac: [52:52:52:00:00:0a], address: 3}\n"
     "      b:       {mac: 52:52:52:00:00:01}\n\n      c: {ignore: on}\n      # d\n      d: {}\n"},
    {"LongHostsTakeLines",
     "networks:\n  a:\n    hosts:\n      b: {aliases: [" + wide_alias + ", " + wide_alias +
         "], mac: 52:52:52:00:00:01}\n",
     "networks:\n  a:\n    hosts:\n      b:\n        mac: 52:52:52:00:00:01\n        aliases: [" +
         wide_alias + ", " + wide_alias + "]\n"},
    {"CommentedHostsTakeLines",
     "networks:\n  a:\n    hosts:\n      b: {mac: 52:52:52:00:00:01, # its first\n"
     "          # where it is\n          address: 3\n          # no alias\n          } # end\n",
     "networks:\n  a:\n    hosts:\n      b:    # end\n"
     "        mac: 52:52:52:00:00:01    # its first\n"
     "        # where it is\n        address: 3\n        # no alias\n"},
    {"TextsThatBracketsWouldChangeStayOutside",
     "networks:\n  a:\n    hosts:\n      b:\n        boot:\n          file: x,y\n",
     "networks:\n  a:\n    hosts:\n      b:\n        boot:\n          file: x,y\n"},
    {"ListsStayAsTheyAreWritten",
     "networks:\n  a:\n    router: [ 1,2 ]\n    records:\n    - a A 1\n    -   b A 2\n",
     "networks:\n  a:\n    router: [1, 2]\n    records:\n      - a A 1\n      - b A 2\n"},
    {"BracketsOverLinesAreClosedUp", "dns: {\n  upstream: [1.1.1.1,\n    9.9.9.9] }\n",
     "dns: {upstream: [1.1.1.1, 9.9.9.9]}\n"},
    {"NothingIsSaidOnce",
     "dns: ~\nlog: {level: null, format: }\nstate:\nx: [~, ~]\ny:\n  - \n  - ~\n",
     "dns:\nlog: {level: ~, format: ~}\nstate:\nx: [~, ~]\ny:\n  - ~\n  - ~\n"},
    {"JsonIsAPlanToo", "{\"log\": {\"level\": \"info\"}, \"networks\": {\"a\": {\"ttl\": \"1s\"}}}",
     "networks:\n  \"a\":\n    ttl: \"1s\"\nlog: {level: \"info\"}\n"},
    {"TheMarkerStays", "# above\n---\n# below\nstate: /x\n", "# above\n---\n# below\nstate: /x\n"},

    // Comments.
    {"CommentsGoWithTheEntryBelow", "# s\nstate: /x\n# n 1\n# n 2\nnetworks: {}\n",
     "# n 1\n# n 2\nnetworks: {}\n# s\nstate: /x\n"},
    {"CommentsBesideStay",
     "state:   /x      # far\nhttp: off # near\nlog: # of the section\n    {}\n",
     "http: off # near\nlog: {}  # of the section\nstate: /x        # far\n"},
    {"ACommentThatIsPushedKeepsItsDistance",
     "networks:\n  a:\n    hosts:\n      b: {mac: 52-52-52-0-0-1} # x\n",
     "networks:\n  a:\n    hosts:\n      b: {mac: 52:52:52:00:00:01}  # x\n"},
    {"TheFilesTitleStays", "# title\n\n# s\nstate: /x\nnetworks: {}\n",
     "# title\n\nnetworks: {}\n# s\nstate: /x\n"},
    {"TheModelineStays", "# yaml-language-server: $schema=s.json\nstate: /x\nnetworks: {}\n",
     "# yaml-language-server: $schema=s.json\nnetworks: {}\nstate: /x\n"},
    {"CommentsBehindASectionStayInIt",
     "networks:\n  a:\n    names:\n      b: 3\n      # c: 4\n\n    # of a\n  # of the networks\n# "
     "of "
     "the file\n",
     "networks:\n  a:\n    names:\n      b: 3\n      # c: 4\n\n    # of a\n  # of the networks\n# "
     "of "
     "the file\n"},
    {"CommentsBehindASectionMoveWithIt", "log:\n  level: info\n  # format\n# n\nnetworks: {}\n",
     "# n\nnetworks: {}\nlog:\n  level: info\n  # format\n"},
    {"CommentsThatStandTooFarLeftGoToTheEntryBelow",
     "networks:\n  a:\n    names:\n      b: 3\n# c: 4\n      d: 5\n",
     "networks:\n  a:\n    names:\n      b: 3\n      # c: 4\n      d: 5\n"},
    {"CommentsBetweenKeyAndValueGoAbove", "state: # a\n  # b\n  /x # c\n",
     "# b\n# c\nstate: /x  # a\n"},
    {"CommentsOfAListAtItsKeysColumnAreTheNextKeys",
     "networks:\n  a:\n    records:\n    # first\n    - a A 1\n    # of ttl\n    ttl: 1s\n",
     "networks:\n  a:\n    # of ttl\n    ttl: 1s\n    records:\n      # first\n      - a A 1\n"},
    {"CommentsOfListsOfMaps",
     "x:\n- # a\n  b: 1 # b\n  # behind b\n# c\n- c: 2\n-\n  # d\n  - - 1\n",
     "x:\n  # a\n  - b: 1  # b\n    # behind b\n  # c\n  - c: 2\n  # d\n  - - - 1\n"},
    {"CommentsInNestedLists", "x:\n - [ # a\n  [ 1, # b\n  2]] # c\n",
     "x:\n  # c\n  # a\n  - - - 1  # b\n      - 2\n"},
    {"CommentsInEmptyBrackets", "dns: { # none\n  # at all\n  }\n", "# none\n# at all\ndns: {}\n"},
    {"CommentsBehindTheLastBracket", "{state: /x} # a\n# b\n", "state: /x\n# a\n# b\n"},
    {"CommentsThatAreNone", "state: '/x # y'\nhttp: a#b\n", "http: a#b\nstate: '/x # y'\n"},
};
INSTANTIATE_TEST_SUITE_P(All, Formatted, testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

struct Refusal {
  std::string name;
  std::string given;
  Location where;
  std::string message;
};
std::ostream& operator<<(std::ostream& out, const Refusal& row) { return out << row.name; }

class NotFormatted : public testing::TestWithParam<Refusal> {};

TEST_P(NotFormatted, IsSaidWhereAndWhy) {
  const auto result = formatted(GetParam().given);
  ASSERT_FALSE(result) << *result;
  EXPECT_EQ(result.error().where, GetParam().where);
  EXPECT_NE(result.error().message.find(GetParam().message), std::string::npos)
      << result.error().message;
}

const Refusal refusals[] = {
    {"NoYaml", "a: [1\n", {2, 1}, "a `[` before this place has no `]`"},
    {"Anchors", "a: &b 1\n", {1, 4}, "anchors"},
    {"Tags", "a: !b 1\n", {1, 4}, "tags"},
    {"TagsWithoutAName", "a: ! 1\n", {1, 4}, "tags"},
    {"LiteralBlocks", "a: |\n  # no comment\n  b\n", {1, 4}, "several lines"},
    {"FoldedBlocks", "a:\n  >-\n  b\n", {2, 3}, "several lines"},
    {"PlainTextOverLines", "a: b\n  c\n", {1, 4}, "several lines"},
    {"QuotedTextOverLines", "a: 'b\n  c'\n", {1, 4}, "several lines"},
    {"ExplicitKeys", "? a\n: b\n", {1, 1}, "`?`"},
    {"KeysThatAreNoWords", "? [a]\n: b\n", {1, 1}, "no single word"},
    {"PairsInLists", "a: [b: c]\n", {1, 5}, "without braces"},
    {"Directives", "%YAML 1.2\n---\na: 1\n", {1, 1}, "directive"},
    {"TextsThatOnlyBracketsMake", "log: {level: -, format: 1}", {1, 14}, "needs quotes"},
    {"AByteOrderMarkInside", "\n\xef\xbb\xbf", {2, 1}, "byte order mark"},
    {"EndOfDocument", "a: 1\n...\n", {2, 1}, "end of a document"},
};
INSTANTIATE_TEST_SUITE_P(All, NotFormatted, testing::ValuesIn(refusals),
                         [](const auto& row) { return row.param.name; });

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of every plan in the tree that loads.
TEST(FormattedPlan, SaysTheSame) {
  std::size_t count = 0;
  for (const char* folder : {BERTH_CONFIG_FOLDER, BERTH_CORPUS}) {
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().extension() != ".yaml") continue;
      const std::string text = read(file.path());
      const Loaded before = load(text);
      if (!before.config) continue;
      ++count;
      const auto once = formatted(text);
      ASSERT_TRUE(once) << file.path() << once.error().message;
      const Loaded after = load(*once);
      ASSERT_TRUE(after.config) << file.path() << *once;
      EXPECT_EQ(*after.config, *before.config) << file.path();
      EXPECT_EQ(after.not_yet.size(), before.not_yet.size()) << file.path();
      EXPECT_EQ(*formatted(*once), *once) << file.path();
    }
  }
  EXPECT_GT(count, 4u);
}

TEST(FormattedPlan, IsHowTheShippedOnesAreWritten) {
  for (const char* name : {"/berth.yaml", "/default.yaml"}) {
    const std::string text = read(std::string(BERTH_CONFIG_FOLDER) + name);
    EXPECT_EQ(*formatted(text), text);
  }
}

// Wherever a comment is put into a plan, it is there afterwards.
TEST(FormattedPlan, KeepsACommentAtTheEndOfAnyLine) {
  const std::string text = read(std::string(BERTH_CORPUS) + "/everything.yaml");
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    for (const std::string comment : {" # here", "\n# here", "\n\n            # here\n"}) {
      const auto once = formatted(std::string(text).insert(at, comment));
      ASSERT_TRUE(once) << once.error().message;
      EXPECT_NE(once->find("# here"), std::string::npos);
    }
  }
}

// What is cut off anywhere is refused, or formatted for good.
TEST(FormattedPlan, IsNeverFoundToSaySomethingElse) {
  const std::string text = read(std::string(BERTH_CORPUS) + "/everything.yaml");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto once = formatted(std::string_view(text).substr(0, size));
    EXPECT_TRUE(once || once.error().message != formatting_would_change_it) << size;
  }
}

}  // namespace
}  // namespace berth::config
