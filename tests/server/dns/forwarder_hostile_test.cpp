// Rows N and F of tests/HOSTILE.md that concern what servers say: forwarder_script.hpp says how the
// scripts are written. Whatever comes, the one who asked gets one answer, and nothing else is kept.
#include <gtest/gtest.h>

#include <string>

#include "tests/server/dns/forwarder_script.hpp"

namespace berth::dns {
namespace {

struct Case {
  std::string name;
  std::string script;
  ForwardingOptions options = {};
};

class ForwarderHostile : public testing::TestWithParam<Case> {};

// Two servers for test., one for the rest.
TEST_P(ForwarderHostile, EndsAsWritten) {
  test::ForwarderScript script("0 test.=0,1", GetParam().options);
  EXPECT_EQ(script.play(GetParam().script), GetParam().script)
      << test::ForwarderScript("0 test.=0,1", GetParam().options).play(GetParam().script);
}

// What is wrong in one way, and what is right after it.
std::string ignored(const std::string& wrong) {
  return "ask a www.example.com. A\n"
         "> send 0 www.example.com. A\n" +
         wrong +
         "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
         "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
         "ask b www.example.com. A\n"
         "> b NOERROR | www.example.com. 300 A 192.0.2.1\n"
         "ask c other.www.example.com. A\n"
         "> send 0 other.www.example.com. A\n";
}

// A response to www.example.com. A whose records are these octets, and so many.
std::string records(const std::string& counts, const std::string& octets) {
  return "garbage 1 8180 0001 " + counts + " 03777777 076578616d706c65 03636f6d 00 0001 0001 " +
         octets + "\n";
}

const std::string bad_answer = " | www.example.com. 300 A 203.0.113.66\n";

const Case forged[] = {
    {"F1_wrong_id", ignored("say 1 NOERROR id" + bad_answer)},
    {"F1_another_socket", ignored("say 1 NOERROR slot" + bad_answer)},
    {"F1_another_server", ignored("say 1 NOERROR server" + bad_answer)},
    {"F2_another_name", ignored("say 1 NOERROR name" + bad_answer)},
    {"F2_another_type", ignored("say 1 NOERROR type" + bad_answer)},
    {"F6_another_class", ignored("say 1 NOERROR class" + bad_answer)},
    {"F6_a_query", ignored("say 1 NOERROR query" + bad_answer)},
    {"F6_another_opcode", ignored("say 1 NOERROR opcode" + bad_answer)},
    {"F6_no_question", ignored("say 1 NOERROR empty" + bad_answer)},
    {"F6_no_octets_behind_the_id", ignored("garbage 1\n")},
    {"F6_half_a_header", ignored("garbage 1 8180 0001\n")},
    {"F6_a_header_alone", ignored("garbage 1 8180 0000 0000 0000 0000\n")},
    {"F6_a_question_cut_short", ignored("garbage 1 8180 0001 0000 0000 0000 0377\n")},
    {"F6_asks_the_next_server_meanwhile",
     "ask a www.test. A\n"
     "> send 0 www.test. A\n"
     "garbage 1 8180 0000 0000 0000 0000\n"
     "> send 1 www.test. A\n"
     "garbage 1 8180 0000 0000 0000 0000\n"
     "say 1 NOERROR | www.test. 300 A 192.0.2.1\n"
     "> a NOERROR | www.test. 300 A 192.0.2.1\n"},
    {"F6_cut_and_empty",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR tc\n"
     "> stream 0 www.example.com. A\n"
     "say 1 NOERROR tc\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> close-stream 0\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"F8_options_of_the_server_go_no_further",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR ede=9 | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"},
    {"late",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 1 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 1 A 192.0.2.1\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.2\n"
     "pass 1000\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"F5_another_case",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR case" +
         bad_answer +
         "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
         "> a NOERROR | www.example.com. 300 A 192.0.2.1\n",
     {.mixed_case = true}},
};
INSTANTIATE_TEST_SUITE_P(Forged, ForwarderHostile, testing::ValuesIn(forged),
                         [](const auto& test) { return test.param.name; });

const Case malformed[] = {
    {"N1_name_over_255",
     ignored(records("0001 0000 0000", "3f" + std::string(126, '6') + "3f" + std::string(126, '6') +
                                           "3f" + std::string(126, '6') + "3f" +
                                           std::string(126, '6') +
                                           "01 66 00 0001 0001 0000012c 0004 c0000201"))},
    {"N3_rdata_shorter_than_its_name",
     ignored(records("0001 0000 0000", "c00c 000f 0001 0000012c 0003 000a c00c"))},
    {"N4_rrsig_shorter_than_its_head",
     ignored(records("0001 0000 0000", "c00c 002e 0001 0000012c 0004 00010502"))},
    {"N5_nsec_window_of_length_0",
     ignored(records("0000 0001 0000", "c00c 002f 0001 0000012c 0004 c00c 0000"))},
    {"N6_pointer_to_itself",
     ignored(records("0001 0000 0000", "c021 0001 0001 0000012c 0004 c0000201"))},
    {"N6_pointer_forward",
     ignored(records("0001 0000 0000", "c030 0001 0001 0000012c 0004 c0000201"))},
    {"N7_counts_that_lie", ignored(records("ffff ffff ffff", ""))},
    {"N10_two_opts",
     ignored(records("0000 0000 0002", "00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000"))},
    {"N10_class_any", ignored(records("0001 0000 0000", "c00c 0001 00ff 0000012c 0004 c0000201"))},
    {"N11_option_past_rdlength",
     ignored(records("0000 0000 0001", "00 0029 04d0 00000000 0004 000f 0009"))},
};
INSTANTIATE_TEST_SUITE_P(Malformed, ForwarderHostile, testing::ValuesIn(malformed),
                         [](const auto& test) { return test.param.name; });

// What may be believed of a server that is asked, and no more.
std::string cut(const std::string& said, const std::string& kept) {
  return "ask a www.evil.test. A\n"
         "> send 0 www.evil.test. A\n"
         "say 1 " +
         said +
         "\n"
         "> a " +
         kept +
         "\n"
         "ask b www.bank.test. A\n"
         "> send 1 www.bank.test. A\n";
}

// One hint each: 192.0.2.1 and 192.168.200.7; fd00::1; what ends too early, and an address that
// does. RFC 9460 2.2: priority 1, the owner itself, key, length, addresses.
const std::string https = " | www.example.com. 300 HTTPS \\# ";
const std::string https_private_ipv4 = https + "15 00010000040008c0000201c0a8c807";
const std::string https_private_ipv6 = https + "23 00010000060010fd000000000000000000000000000001";
const std::string https_unreadable = https + "9 00010000010008c000";
const std::string https_half_an_address = https + "9 00010000040002c000";
const std::string https_public = https + "18 0001000001000302683200040004c0000201";

const Case bailiwick[] = {
    {"F7_another_name_in_the_answer",
     cut("NOERROR | www.evil.test. 300 A 192.0.2.1 | www.bank.test. 300 A 203.0.113.66",
         "NOERROR | www.evil.test. 300 A 192.0.2.1")},
    {"F7_servers_and_addresses_beside_it",
     cut("NOERROR | www.evil.test. 300 A 192.0.2.1 | authority: bank.test. 300 NS ns.evil.test. | "
         "additional: www.bank.test. 300 A 203.0.113.66",
         "NOERROR | www.evil.test. 300 A 192.0.2.1")},
    {"F7_alias_and_its_address",
     cut("NOERROR | www.bank.test. 300 A 203.0.113.66 | www.evil.test. 300 CNAME www.bank.test.",
         "NOERROR | www.evil.test. 300 CNAME www.bank.test. | www.bank.test. 300 A 203.0.113.66")},
    {"F7_soa_of_another_zone",
     cut("NXDOMAIN | authority: bank.test. 300 SOA ns. host. 1 1 1 1 300", "NXDOMAIN")},
    {"F9_aliases_in_a_ring",
     "ask a www.evil.test. A\n"
     "> send 0 www.evil.test. A\n"
     "say 1 NOERROR | www.evil.test. 300 CNAME x.test. | x.test. 300 CNAME www.evil.test.\n"
     "> send 1 www.evil.test. A\n"
     "say 2 NOERROR | www.evil.test. 300 CNAME www.evil.test.\n"
     "> a SERVFAIL ede=22\n"},
    {"N10_two_aliases_and_two_soas",
     cut("NXDOMAIN | www.evil.test. 300 CNAME x.test. | www.evil.test. 300 CNAME y.test. | "
         "authority: test. 300 SOA a. b. 1 1 1 1 300 | authority: test. 300 SOA c. d. 1 1 1 1 300",
         "NXDOMAIN | www.evil.test. 300 CNAME x.test. | authority: test. 300 SOA a. b. 1 1 1 1 "
         "300")},
    {"N2_names_that_need_escapes",
     "ask a \\000\\001\\255\\..test. A\n"
     "> send 0 \\000\\001\\255\\..test. A\n"
     "say 1 NOERROR | \\000\\001\\255\\..test. 300 CNAME \\\\\\000\\\"\\..test. | "
     "\\\\\\000\\\"\\..test. 300 A 192.0.2.1\n"
     "> a NOERROR | \\000\\001\\255\\..test. 300 CNAME \\\\\\000\\\"\\..test. | "
     "\\\\\\000\\\"\\..test. 300 A 192.0.2.1\n"
     "ask b \\000\\001\\255\\..test. A\n"
     "> b NOERROR | \\000\\001\\255\\..test. 300 CNAME \\\\\\000\\\"\\..test. | "
     "\\\\\\000\\\"\\..test. 300 A 192.0.2.1\n"},
    {"F12_addresses_of_private_networks",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.168.200.7 | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR ede=15 | www.example.com. 300 A 192.0.2.1\n"
     "ask b www.example.com. A\n"
     "> b NOERROR ede=15 | www.example.com. 300 A 192.0.2.1\n"
     "ask c six.example.com. AAAA\n"
     "> send 0 six.example.com. AAAA\n"
     "say 2 NOERROR | six.example.com. 300 AAAA ::ffff:10.0.0.1 | six.example.com. 300 AAAA ::1\n"
     "> c NOERROR ede=15\n"
     "ask d nas.home.example. A\n"
     "> send 0 nas.home.example. A\n"
     "say 3 NOERROR | nas.home.example. 300 A 192.168.1.2\n"
     "> d NOERROR | nas.home.example. 300 A 192.168.1.2\n"
     "ask e with.servers.of.its.own.test. A\n"
     "> send 1 with.servers.of.its.own.test. A\n"
     "say 4 NOERROR | with.servers.of.its.own.test. 300 A 10.1.1.1\n"
     "> e NOERROR | with.servers.of.its.own.test. 300 A 10.1.1.1\n",
     {.rebind_protection = true, .rebind_exceptions = {test::named("HOME.example.")}}},
    {"F12_what_is_cut_is_not_authentic",
     "ask a www.example.com. A do\n"
     "> send 0 www.example.com. A do\n"
     "say 1 NOERROR ad | www.example.com. 300 A 192.0.2.1 | www.example.com. 300 A 10.0.0.1\n"
     "> a NOERROR ede=15 | www.example.com. 300 A 192.0.2.1\n"
     "ask b www.example.org. A do\n"
     "> send 0 www.example.org. A do\n"
     "say 2 NOERROR ad | www.example.org. 300 A 192.0.2.1\n"
     "> b NOERROR ad | www.example.org. 300 A 192.0.2.1\n",
     {.rebind_protection = true}},
    {"F12_what_is_cut_is_not_signed",
     "ask a www.example.com. A do\n"
     "> send 0 www.example.com. A do\n"
     "say 1 NOERROR | www.example.com. 300 RRSIG \\# 33 "
     "000105030000012c00000000000000000001076578616d706c65036e657400c0ff | www.example.com. 300 A "
     "192.0.2.1 | www.example.com. 300 A 10.0.0.1\n"
     "> a NOERROR ede=15 | www.example.com. 300 A 192.0.2.1\n",
     {.rebind_protection = true}},
    {"F12_hints_at_private_networks",
     "ask a www.example.com. HTTPS\n"
     "> send 0 www.example.com. HTTPS\n"
     "say 1 NOERROR" +
         https_private_ipv4 + https_private_ipv6 + https_unreadable + https_half_an_address +
         https_public + "\n> a NOERROR ede=15" + https_public +
         "\n"
         "ask b www.example.com. SVCB\n"
         "> send 0 www.example.com. SVCB\n"
         "say 2 NOERROR | www.example.com. 300 SVCB \\# 11 00010000040004c0a8c807\n"
         "> b NOERROR ede=15\n"
         "ask c www.test. HTTPS\n"
         "> send 1 www.test. HTTPS\n"
         "say 3 NOERROR | www.test. 300 HTTPS \\# 11 00010000040004c0a8c807\n"
         "> c NOERROR | www.test. 300 HTTPS \\# 11 00010000040004c0a8c807\n",
     {.rebind_protection = true}},
};
INSTANTIATE_TEST_SUITE_P(Bailiwick, ForwarderHostile, testing::ValuesIn(bailiwick),
                         [](const auto& test) { return test.param.name; });

const Case times[] = {
    {"F13_ttl_0",
     "ask a 0.test. A\n"
     "> send 0 0.test. A\n"
     "say 1 NOERROR | 0.test. 0 A 192.0.2.1\n"
     "> a NOERROR | 0.test. 0 A 192.0.2.1\n"
     "ask b 0.test. A\n"
     "> send 1 0.test. A\n"},
    {"F13_ttl_with_the_top_bit",
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n" +
         records("0001 0000 0000", "c00c 0001 0001 80000000 0004 c0000201") +
         "> a NOERROR | www.example.com. 0 A 192.0.2.1\n"
         "ask b www.example.com. A\n"
         "> send 0 www.example.com. A\n"},
    {"F13_the_largest_ttl",
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "say 1 NOERROR | 1.test. 2147483647 A 192.0.2.1\n"
     "> a NOERROR | 1.test. 86400 A 192.0.2.1\n"
     "pass 86399000\n"
     "ask b 1.test. A\n"
     "> b NOERROR | 1.test. 1 A 192.0.2.1\n"
     "pass 1000\n"
     "ask c 1.test. A\n"
     "> send 1 1.test. A\n"},
    {"F13_denial_without_soa",
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "say 1 NXDOMAIN\n"
     "> a NXDOMAIN\n"
     "ask b 1.test. A\n"
     "> send 1 1.test. A\n"
     "say 2 NOERROR\n"
     "> b NOERROR\n"
     "ask c 1.test. A\n"
     "> send 0 1.test. A\n"},
    {"F13_largest_minimum",
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "say 1 NXDOMAIN | authority: test. 2147483647 SOA a. b. 1 1 1 1 4294967295\n"
     "> a NXDOMAIN | authority: test. 10800 SOA a. b. 1 1 1 1 4294967295\n"
     "pass 10799000\n"
     "ask b 1.test. A\n"
     "> b NXDOMAIN | authority: test. 1 SOA a. b. 1 1 1 1 4294967295\n"
     "pass 1000\n"
     "ask c 1.test. A\n"
     "> send 1 1.test. A\n"},
};
INSTANTIATE_TEST_SUITE_P(Times, ForwarderHostile, testing::ValuesIn(times),
                         [](const auto& test) { return test.param.name; });

const Case much[] = {
    {"F10_one_client_asks_too_much_at_once",
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "ask b 2.test. A\n"
     "> send 0 2.test. A\n"
     "ask c 3.test. A\n"
     "> c SERVFAIL ede=14\n"
     "ask d 2.test. A\n"
     "> d SERVFAIL ede=14\n"
     "ask e 3.test. A by=1\n"
     "> send 0 3.test. A\n"
     "say 1 NXDOMAIN\n"
     "> a NXDOMAIN\n"
     "ask f 4.test. A\n"
     "> send 1 4.test. A\n",
     {.pending_per_client = 2}},
    {"F10_all_ask_too_much_at_once",
     "ask a 1.test. A\n"
     "> send 0 1.test. A\n"
     "ask b 2.test. A by=1\n"
     "> send 0 2.test. A\n"
     "ask c 3.test. A by=2\n"
     "> c SERVFAIL ede=14\n"
     "say 2 NXDOMAIN\n"
     "> b NXDOMAIN\n"
     "ask d 3.test. A by=2\n"
     "> send 1 3.test. A\n",
     {.pending = 2}},
    {"F15_tcp_that_fails",
     "ask a www.test. A\n"
     "> send 0 www.test. A\n"
     "say 1 NOERROR tc\n"
     "> stream 0 www.test. A\n"
     "hang-up 2\n"
     "> send 1 www.test. A\n"
     "say 3 NOERROR tc\n"
     "> stream 1 www.test. A\n"
     "garbage 4 8180 0001\n"
     "> a SERVFAIL ede=22\n"},
    {"F15_tcp_without_an_answer",
     "ask a www.test. A\n"
     "> send 0 www.test. A\n"
     "say 1 NOERROR tc\n"
     "> stream 0 www.test. A\n"
     "pass 1499\n"
     "pass 1\n"
     "> send 1 www.test. A\n"
     "pass 2300\n"
     "> send 1 www.test. A\n"
     "> send 1 www.test. A\n"
     "> close-stream 0\n"
     "> a SERVFAIL ede=22\n"
     "hang-up 2\n"},
};
INSTANTIATE_TEST_SUITE_P(Much, ForwarderHostile, testing::ValuesIn(much),
                         [](const auto& test) { return test.param.name; });

// A question of client `by` that a server wants to be asked by TCP; `sent` is the number of its
// query.
std::string cut(const std::string& name, int by, int sent, const std::string& server = "0") {
  return "ask " + name + " " + name + ". A by=" + std::to_string(by) + "\n> send " + server + " " +
         name + ". A\nsay " + std::to_string(sent) + " NOERROR tc\n";
}
std::string opened(const std::string& name, const std::string& server = "0") {
  return "> stream " + server + " " + name + ". A\n";
}
// The eight streams that one server may have, of two clients.
std::string eight() {
  std::string script;
  for (int i = 0; i < 8; ++i) {
    const std::string name = std::string(1, static_cast<char>('a' + i)) + ".x";
    script += cut(name, i / 4, 1 + 2 * i) + opened(name);
  }
  return script;
}

const Case streams[] = {
    {"F17_a_server_has_half_of_them", eight() + cut("i.x", 2, 17) + cut("k.test", 3, 18, "1") +
                                          opened("k.test", "1") +
                                          "say 2 NOERROR | a.x. 300 A 192.0.2.1\n" + opened("i.x") +
                                          "> a.x NOERROR | a.x. 300 A 192.0.2.1\n"
                                          "say 20 NOERROR | i.x. 300 A 192.0.2.1\n"
                                          "> i.x NOERROR | i.x. 300 A 192.0.2.1\n"},
    {"F17_a_client_has_a_quarter_of_them",
     cut("a.x", 0, 1) + opened("a.x") + cut("b.x", 0, 3) + opened("b.x") + cut("c.x", 0, 5) +
         opened("c.x") + cut("d.x", 0, 7) + opened("d.x") + cut("e.x", 0, 9) + cut("f.x", 1, 10) +
         opened("f.x") + "hang-up 4\n" + opened("e.x") + "> b.x SERVFAIL ede=22\n"},
    {"F17_those_that_are_late_make_room",
     "ask a.x a.x. A\n"
     "> send 0 a.x. A\n"
     "say 1 NOERROR tc\n" +
         opened("a.x") + "pass 1000\n" + cut("b.x", 0, 3) + opened("b.x") + cut("c.x", 0, 5) +
         opened("c.x") + cut("d.x", 0, 7) + opened("d.x") + cut("e.x", 0, 9) +
         "pass 499\n"
         "pass 1\n"
         "> close-stream 0\n" +
         opened("e.x") + "> a.x SERVFAIL ede=22\n"},
};
INSTANTIATE_TEST_SUITE_P(Streams, ForwarderHostile, testing::ValuesIn(streams),
                         [](const auto& test) { return test.param.name; });

TEST(ForwarderStreams, F17_WhoWaitsInVainIsToldAndNothingIsKept) {
  test::ForwarderScript script("0");
  script.play(eight());
  for (int i = 0; i < 17; ++i)
    script.play(cut(std::string(1, static_cast<char>('i' + i)) + ".y", 2 + i / 4, 17 + i));
  const std::string played = script.play("pass 3800\n");
  EXPECT_NE(played.find("> y.y SERVFAIL ede=14\n"), std::string::npos) << played;
  EXPECT_EQ(played.find("> stream 0 y.y."), std::string::npos) << played;
  EXPECT_EQ(script.forwarder().counts()[ForwardEvent::no_stream], 1u);
  const std::string again = script.play("ask again y.y. A by=7\n");
  EXPECT_NE(again.find("> send 0 y.y. A\n"), std::string::npos) << again;
}

}  // namespace
}  // namespace berth::dns
