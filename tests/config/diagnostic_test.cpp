// What a person sees of a mistake.
#include "config/diagnostic.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

std::string shown(const Diagnostic& diagnostic, std::string_view text,
                  Colour colour = Colour::never) {
  return format({&diagnostic, 1}, "f.yaml", text, colour);
}

TEST(Format, ShowsPlaceLineCaretAndSuggestion) {
  const std::string text =
      lab_with_hosts("      worker0: {mac: 52:52:52:00:00:04, address: 192.168.201.7}\n");
  EXPECT_EQ(format(load(text).errors, "berth.yaml", text),
            "berth.yaml:5:50: hosts.worker0.address: 192.168.201.7 lies outside 192.168.200.0/24\n"
            "          worker0: {mac: 52:52:52:00:00:04, address: 192.168.201.7}\n"
            "                                                     ^\n");
  EXPECT_EQ(shown({{2, 1}, "gateway", "there is no such key", "address"}, "a: 1\ngateway: 1\n"),
            "f.yaml:2:1: gateway: there is no such key\n"
            "    gateway: 1\n"
            "    ^\n"
            "    did you mean `address`?\n");
}

TEST(Format, LeavesOutWhatThereIsNot) {
  EXPECT_EQ(shown({{}, "", "too large", ""}, "a"), "f.yaml: too large\n");
  EXPECT_EQ(shown({{9, 1}, "", "behind the end", ""}, "a\n"), "f.yaml:9:1: behind the end\n");
}

TEST(Format, PutsTheCaretBelowTheCharacterWhateverPrecedesIt) {
  EXPECT_EQ(shown({{1, 4}, "", "x", ""}, "\t\xc3\xa4z\r\n"),
            "f.yaml:1:4: x\n    \t\xc3\xa4z\n    \t ^\n");
  EXPECT_EQ(shown({{1, 99}, "", "x", ""}, "ab\n"), "f.yaml:1:99: x\n    ab\n      ^\n");
  EXPECT_EQ(shown({{1, 2}, "", "x", ""}, "\x1b[1m\n"), "f.yaml:1:2: x\n    ?[1m\n     ^\n");
}

TEST(Format, ShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(shown({{1, 3}, "", "x", ""}, "\x9b\xc2z\xff\n"), "f.yaml:1:3: x\n    ??z?\n      ^\n");
  EXPECT_EQ(shown({{1, 3}, "", "x", ""}, "\xc2\x9bz\n"), "f.yaml:1:3: x\n    ?z\n     ^\n");
}

TEST(Format, CutsLongLinesAroundThePlace) {
  const std::string text = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  EXPECT_EQ(shown({{1, 1001}, "", "x", ""}, text),
            "f.yaml:1:1001: x\n    …" + std::string(60, 'a') + 'X' + std::string(59, 'b') +
                "…\n     " + std::string(60, ' ') + "^\n");
}

TEST(Format, UsesColourOnlyWhenAsked) {
  const Diagnostic diagnostic{{1, 1}, "a", "x", ""};
  EXPECT_EQ(shown(diagnostic, "a").find('\x1b'), std::string::npos);
  EXPECT_EQ(shown(diagnostic, "a", Colour::always),
            "\x1b[1mf.yaml:1:1:\x1b[0m a: x\n    a\n    \x1b[1;31m^\x1b[0m\n");
}

TEST(Format, FindsLinesInAnyOrder) {
  const std::vector<Diagnostic> diagnostics{{{3, 1}, "", "x", ""}, {{1, 1}, "", "y", ""}};
  EXPECT_EQ(format(diagnostics, "f", "a\nb\nc"),
            "f:3:1: x\n    c\n    ^\nf:1:1: y\n    a\n    ^\n");
}

TEST(InQuotes, IsPrintableAndShort) {
  EXPECT_EQ(in_quotes("a b"), "`a b`");
  EXPECT_EQ(in_quotes("a\x1b[0m\n"), "`a\\x1b[0m\\x0a`");
  EXPECT_EQ(in_quotes(std::string(65, 'a')), '`' + std::string(64, 'a') + "…`");
  EXPECT_EQ(in_quotes(std::string(63, 'a') + "\xc3\xa4"), '`' + std::string(63, 'a') + "…`");
}

}  // namespace
}  // namespace berth::config
