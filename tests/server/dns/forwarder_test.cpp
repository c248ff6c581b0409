// What the forwarder does, as scripts: forwarder_script.hpp says how they are written.
#include <gtest/gtest.h>

#include <string>

#include "tests/server/dns/forwarder_table.hpp"

namespace berth::dns {
namespace {

using test::row_name;
using Case = test::ForwarderCase;
class ForwarderPlays : public test::ForwarderTable {};

TEST_P(ForwarderPlays, Plays) { expect_as_written(GetParam()); }

const Case questions[] = {
    {"are_asked_of_a_server_and_kept",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR aa | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "ask b www.example.com. A\n"
     "> b NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"that_are_equal_share_one_query_F3",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "ask b WWW.Example.com. A by=1\n"
     "ask c www.example.com. A plain by=2\n"
     "ask d www.example.com. AAAA\n"
     "> send 0 www.example.com. AAAA\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> b NOERROR | WWW.Example.com. 300 A 192.0.2.1\n"
     "> c NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"with_do_and_cd_are_others",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "ask b www.example.com. A do\n"
     "> send 0 www.example.com. A do\n"
     "ask c www.example.com. A cd\n"
     "> send 0 www.example.com. A cd\n"
     "ask d www.example.com. A do cd\n"
     "> send 0 www.example.com. A do cd\n"},
    {"without_rd_are_answered_from_the_cache_only",
     "0",
     {},
     "ask a www.example.com. A norec\n"
     "> a REFUSED ede=20\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> b NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "ask c www.example.com. A norec\n"
     "> c NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "pass 300000\n"
     "ask d www.example.com. A norec\n"
     "> d REFUSED ede=20\n"},
    {"go_to_the_servers_of_the_longest_suffix",
     "0 test.=1 sub.TEST.=2 nobody.=",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "ask b www.test. A\n"
     "> send 1 www.test. A\n"
     "ask c a.b.Sub.test. A\n"
     "> send 2 a.b.sub.test. A\n"
     "ask d sub.test. MX\n"
     "> send 2 sub.test. MX\n"
     "ask e xsub.test. A\n"
     "> send 1 xsub.test. A\n"
     "ask f www.nobody. A\n"
     "> f REFUSED ede=20\n"},
    {"for_aaaa_are_not_asked_when_that_is_filtered",
     "0",
     {.filter_aaaa = true},
     "ask a www.example.com. AAAA\n"
     "> a NOERROR ede=17\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    // RFC 9460 7.3, 8: of ALPN and hints of both kinds, then of an ipv6hint that is mandatory.
    {"for_services_are_answered_without_hints_at_ipv6_when_that_is_filtered",
     "0",
     {.filter_aaaa = true},
     "ask a www.example.com. HTTPS\n"
     "> send 0 www.example.com. HTTPS\n"
     "say 1 NOERROR | www.example.com. 300 HTTPS \\# 42 "
     "00010377656200000100030268320004"
     "0004c00002010006001020010db8000000000000000000000001"
     " | www.example.com. 300 HTTPS \\# 29 "
     "000100000000020006000600102001"
     "0db8000000000000000000000001\n"
     "> a NOERROR | www.example.com. 300 HTTPS \\# 22 "
     "00010377656200000100030268320004"
     "0004c0000201\n"
     "ask b www.example.com. ANY\n"
     "> send 0 www.example.com. ANY\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.1 | www.example.com. 300 AAAA 2001:db8::1\n"
     "> b NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"of_the_root_and_of_other_types_are_asked",
     "0",
     {},
     "ask a . NS\n"
     "> send 0 . NS\n"
     "ask b example. TYPE65280\n"
     "> send 0 example. TYPE65280\n"},
    {"from_a_server_do_not_make_it_be_asked_again",
     "0 1.test.=1,2",
     {},
     "ask a www.1.test. A\n"
     "> send 1 www.1.test. A\n"
     "ask b www.1.test. A by=9 upstream\n"
     "> send 2 www.1.test. A\n"
     "ask c www.1.test. A by=9 upstream\n"
     "say 2 NOERROR | www.1.test. 60 A 192.0.2.1\n"
     "> a NOERROR | www.1.test. 60 A 192.0.2.1\n"
     "> b NOERROR | www.1.test. 60 A 192.0.2.1\n"
     "> c NOERROR | www.1.test. 60 A 192.0.2.1\n"},
};
INSTANTIATE_TEST_SUITE_P(Questions, ForwarderPlays, testing::ValuesIn(questions), row_name);

const Case servers[] = {
    {"that_is_silent_is_asked_again_and_given_up_F15",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 399\n"
     "pass 1\n"
     "> send 0 www.example.com. A\n"
     "pass 800\n"
     "> send 0 www.example.com. A\n"
     "pass 1600\n"
     "> send 0 www.example.com. A\n"
     "pass 999\n"
     "pass 1\n"
     "> a SERVFAIL ede=22\n"
     "ask b www.example.com. A\n"
     "> b SERVFAIL ede=22\n"},
    {"that_is_silent_is_left_for_the_next",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 400\n"
     "> send 1 www.example.com. A\n"
     "pass 10\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "ask b mail.example.com. A\n"
     "> send 1 mail.example.com. A\n"},
    {"that_is_late_is_heard_all_the_same",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 400\n"
     "> send 1 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.2\n"},
    {"that_says_servfail_is_left_for_the_next",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 SERVFAIL\n"
     "> send 1 www.example.com. A\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"that_says_refused_is_left_for_the_next_F6",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 REFUSED\n"
     "> send 1 www.example.com. A\n"
     "say 2 REFUSED\n"
     "> a SERVFAIL ede=22\n"},
    {"that_refused_is_not_asked_again",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 REFUSED\n"
     "> send 1 www.example.com. A\n"
     "pass 400\n"
     "> send 1 www.example.com. A\n"},
    {"that_says_why_is_quoted",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 SERVFAIL ede=6\n"
     "> a SERVFAIL ede=6\n"
     "ask b www.example.com. A\n"
     "> b SERVFAIL ede=6\n"
     "pass 5000\n"
     "ask c www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"that_does_not_know_edns_is_asked_without",
     "0",
     {},
     "ask a www.example.com. A do\n"
     "> send 0 www.example.com. A do\n"
     "say 1 FORMERR bare\n"
     "> send 0 www.example.com. A plain\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "ask b mail.example.com. A\n"
     "> send 0 mail.example.com. A plain\n"
     "say 3 NOERROR | mail.example.com. 300 A 192.0.2.2\n"
     "> b NOERROR | mail.example.com. 300 A 192.0.2.2\n"
     "pass 900000\n"
     "ask c pop.example.com. A\n"
     "> send 0 pop.example.com. A\n"},
    {"that_repeats_no_question_with_formerr_is_asked_without_edns",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 FORMERR bare empty\n"
     "> send 0 www.example.com. A plain\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"that_says_formerr_without_edns_too_is_left",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 FORMERR\n"
     "> send 0 www.example.com. A plain\n"
     "say 2 FORMERR\n"
     "> a SERVFAIL ede=22\n"},
    {"that_cannot_be_reached_is_left_but_not_for_good_F5",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "unreachable 0\n"
     "> send 1 www.example.com. A\n"
     "unreachable 0\n"
     "unreachable 1\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"that_cannot_be_reached_end_nothing_early_F5",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "unreachable 0\n"
     "pass 3800\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "> a SERVFAIL ede=23\n"},
    {"that_names_others_is_no_resolver_F9",
     "0,1",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | authority: example.com. 300 NS ns.example.com. | additional: ns.example.com. "
     "300 A 192.0.2.53\n"
     "> send 1 www.example.com. A\n"
     "say 2 NOERROR | authority: example.com. 300 NS ns.example.com.\n"
     "> a SERVFAIL ede=22\n"},
    {"that_is_lost_is_probed_and_comes_back",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 3800\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "> a SERVFAIL ede=22\n"
     "pass 1000\n"
     "> send 0 . NS\n"
     "ask b www.example.com. A\n"
     "> b SERVFAIL ede=22\n"
     "say 5 NOERROR | . 300 NS a.root-servers.net.\n"
     "ask c www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"that_is_lost_is_asked_after_the_others",
     "0,1",
     {},
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "pass 400\n"
     "> send 1 1.test. A\n"
     "say 2 NXDOMAIN\n"
     "> a NXDOMAIN\n"
     "ask b 2.test. A\n"
     "> send 1 2.test. A\n"
     "pass 150\n"
     "> send 0 2.test. A\n"
     "say 3 NXDOMAIN\n"
     "> b NXDOMAIN\n"
     "ask c 3.test. A\n"
     "> send 1 3.test. A\n"},
    {"that_were_all_asked_are_asked_again",
     "0,1",
     {},
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "pass 400\n"
     "> send 1 1.test. A\n"
     "pass 400\n"
     "> send 0 1.test. A\n"
     "pass 800\n"
     "> send 1 1.test. A\n"
     "pass 800\n"
     "> send 0 1.test. A\n"
     "pass 1399\n"
     "pass 1\n"
     "> a SERVFAIL ede=22\n"},
};
INSTANTIATE_TEST_SUITE_P(Servers, ForwarderPlays, testing::ValuesIn(servers), row_name);

const Case replaced[] = {
    {"servers_are_asked_what_is_in_flight",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "servers 1\n"
     "> close-slot 0\n"
     "> send 1 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.9\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"servers_that_stay_are_waited_for",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "servers 1 x.=0\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"by_none_ends_what_is_in_flight",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR tc\n"
     "> stream 0 www.example.com. A\n"
     "servers x.=1\n"
     "> close-slot 0\n"
     "> close-stream 0\n"
     "> a SERVFAIL ede=22\n"
     "ask b mail.example.com. A\n"
     "> b REFUSED ede=20\n"},
    {"rules_hold_for_what_is_known",
     "0",
     {},
     "ask a www.test. A\n"
     "> send 0 www.test. A\n"
     "say 1 NOERROR | www.test. 300 A 192.0.2.1\n"
     "> a NOERROR | www.test. 300 A 192.0.2.1\n"
     "servers 0 test.=1\n"
     "ask b www.test. A\n"
     "> send 1 www.test. A\n"
     "say 2 NOERROR | www.test. 300 A 192.0.2.2\n"
     "> b NOERROR | www.test. 300 A 192.0.2.2\n"
     "servers 0,2 test.=1\n"
     "ask c www.test. A\n"
     "> c NOERROR | www.test. 300 A 192.0.2.2\n"
     "servers 0,2 test.=3\n"
     "> close-slot 1\n"
     "ask d www.test. A\n"
     "> send 3 www.test. A\n"},
    {"rules_that_end_leave_nothing_private",
     "0 test.=1",
     {.rebind_protection = true},
     "ask a www.test. A\n"
     "> send 1 www.test. A\n"
     "say 1 NOERROR | www.test. 300 A 10.1.1.1\n"
     "> a NOERROR | www.test. 300 A 10.1.1.1\n"
     "servers 0\n"
     "> close-slot 1\n"
     "ask b www.test. A\n"
     "> send 0 www.test. A\n"},
};
INSTANTIATE_TEST_SUITE_P(Replaced, ForwarderPlays, testing::ValuesIn(replaced), row_name);

// RFC 5452 9: each id and each port is as likely as any other.
TEST(Forwarder, F4DrawsIdsAndSlotsEvenly) {
  constexpr std::size_t count = 16'000;
  ForwardingOptions options{.pending = count, .pending_per_client = count};
  test::ForwarderScript script("0", options);
  std::string asked;
  for (std::size_t i = 0; i < count; ++i) asked += "ask a " + std::to_string(i) + ".test. A\n";
  script.play(asked);
  ASSERT_EQ(script.sent().size(), count);
  std::array<std::size_t, 16> slots{};
  std::array<std::size_t, 16> ids{};
  for (const auto& sent : script.sent()) {
    ++slots.at(sent.slot);
    ++ids.at(wire::load_u16(sent.octets, 0) >> 12);
  }
  // 15 degrees of freedom: one in a thousand exceeds 37.7.
  for (const auto& drawn : {slots, ids}) {
    double chi2 = 0;
    for (const std::size_t seen : drawn) {
      const double off = static_cast<double>(seen) - count / 16.0;
      chi2 += off * off / (count / 16.0);
    }
    EXPECT_LT(chi2, 37.7);
  }
}

TEST(Forwarder, F4ChangesPortsWithUse) {
  test::ForwarderScript script("0", {.slots = 1, .slot_uses = 2});
  const std::string play =
      "ask a 1.test. A\n"
      "> send 0 1.test. A\n"
      "ask b 2.test. A\n"
      "> send 0 2.test. A\n"
      "say 1 NXDOMAIN\n"
      "> a NXDOMAIN\n"
      "say 2 NXDOMAIN\n"
      "> close-slot 0\n"
      "> b NXDOMAIN\n"
      "ask c 3.test. A\n"
      "> send 0 3.test. A\n"
      "pass 61000\n"
      "> send 0 3.test. A\n"
      "> send 0 3.test. A\n"
      "> send 0 3.test. A\n";
  EXPECT_NE(script.play(play).find(play.substr(0, play.find("pass"))), std::string::npos);
}

TEST(Forwarder, HoldsTenThousandQuestionsInFlight) {
  // As many as there may be; whoever comes then is told so, until one of them has its answer.
  const std::size_t count = ForwardingOptions().pending;
  ASSERT_GE(count, 10'000u);
  test::ForwarderScript script("0", {.pending_per_client = count, .slot_uses = 0xffff});
  std::string asked;
  std::string answers;
  for (std::size_t i = 1; i <= count; ++i) {
    asked += "ask a " + std::to_string(i) + ".test. A\n";
    answers += "say " + std::to_string(count + 1 - i) + " NXDOMAIN\n> a NXDOMAIN\n";
  }
  script.play(asked);
  EXPECT_EQ(script.forwarder().pending_count(), count);
  const std::string beyond = "ask b other.test. A by=1\n> b SERVFAIL ede=14\n";
  EXPECT_EQ(script.play(beyond), beyond);
  EXPECT_EQ(script.forwarder().pending_count(), count);
  EXPECT_EQ(script.play(answers), answers);
  EXPECT_EQ(script.forwarder().pending_count(), 0u);
}

TEST(Forwarder, MixesCaseWhereAsked) {
  test::ForwarderScript script("0", {.mixed_case = true});
  script.play("ask a www.a-rather-long-name.example.com. A\n");
  const auto sent = dns::MessageView::parse(script.sent().at(0).octets);
  const std::string qname = sent->question()->qname.to_string();
  EXPECT_NE(qname, "www.a-rather-long-name.example.com.");
  EXPECT_EQ(test::named(qname), test::named("www.a-rather-long-name.example.com."));
}

TEST(ForwardEvent, HaveNamesAndExplanations) {
  for (std::size_t i = 0; i < forward_event_count; ++i) {
    EXPECT_FALSE(name(static_cast<ForwardEvent>(i)).empty()) << i;
    EXPECT_FALSE(explanation(static_cast<ForwardEvent>(i)).empty()) << i;
  }
  EXPECT_TRUE(name(static_cast<ForwardEvent>(forward_event_count)).empty());
}

}  // namespace
}  // namespace berth::dns
