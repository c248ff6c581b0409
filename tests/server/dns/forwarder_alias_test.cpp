// Aliases of our zones that lead to names of others: what the zones and the servers say becomes one
// answer. Scripts: forwarder_script.hpp says how they are written; the plan is rich_plan().
#include <gtest/gtest.h>

#include <string>

#include "tests/server/dns/forwarder_table.hpp"

namespace berth::dns {
namespace {

using test::row_name;
using Case = test::ForwarderCase;
class ForwarderAliases : public test::ForwarderTable {};

TEST_P(ForwarderAliases, Plays) { expect_as_written(GetParam()); }

const std::string alias = " | away.kubenet. 60 CNAME www.example.net.";
// Of A, by example.net.
const std::string signature =
    " | www.example.net. 300 RRSIG \\# 33 "
    "000105030000012c00000000000000000001076578616d706c65036e657400c0ff";
const std::string net_soa = " | authority: example.net. 300 SOA a. b. 1 1 1 1 300";

const Case answers[] = {
    {"are_joined_and_the_targets_is_kept",
     "0",
     {},
     "ask a Away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR aa ad | www.example.net. 300 A 192.0.2.1\n"
     "> a NOERROR aa | Away.kubenet. 60 CNAME www.example.net. | www.example.net. 300 A 192.0.2.1\n"
     "pass 100000\n"
     "ask b away.kubenet. A zones ad\n"
     "> b NOERROR aa" +
         alias +
         " | www.example.net. 200 A 192.0.2.1\n"
         "ask c www.example.net. A zones\n"
         "> c NOERROR | www.example.net. 200 A 192.0.2.1\n"},
    {"have_each_alias_of_ours_and_of_others",
     "0",
     {},
     "ask a farther.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 300 CNAME web.example.org. | web.example.org. 60 A "
     "192.0.2.1 | away.kubenet. 300 A 203.0.113.66\n"
     "> a NOERROR aa | farther.kubenet. 60 CNAME away.kubenet." +
         alias +
         " | www.example.net. 300 CNAME web.example.org. | web.example.org. 60 A 192.0.2.1\n"},
    {"are_shared_with_who_asks_for_the_target",
     "0",
     {},
     "ask a www.example.net. A zones\n"
     "> send 0 www.example.net. A\n"
     "ask b away.kubenet. A zones by=1\n"
     "ask c away.kubenet. A zones plain by=2\n"
     "say 1 NOERROR | www.example.net. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.net. 300 A 192.0.2.1\n"
     "> b NOERROR aa" +
         alias + " | www.example.net. 300 A 192.0.2.1\n> c NOERROR aa" + alias +
         " | www.example.net. 300 A 192.0.2.1\n"},
    {"to_do_and_cd_have_the_targets_signatures",
     "0",
     {},
     "ask a away.kubenet. A zones do cd\n"
     "> send 0 www.example.net. A do cd\n"
     "say 1 NOERROR ad | www.example.net. 300 A 192.0.2.1" +
         signature + "\n> a NOERROR aa" + alias + " | www.example.net. 300 A 192.0.2.1" +
         signature + "\n"},
    {"rfc6604_have_the_code_of_the_last_name",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NXDOMAIN" +
         net_soa + "\n> a NXDOMAIN aa" + alias + net_soa +
         "\n"
         "ask b away.kubenet. A zones\n"
         "> b NXDOMAIN aa" +
         alias + net_soa + "\n"},
    {"rfc2308_have_the_targets_soa_for_nodata",
     "0",
     {},
     "ask a away.kubenet. AAAA zones\n"
     "> send 0 www.example.net. AAAA\n"
     "say 1 NOERROR" +
         net_soa + "\n> a NOERROR aa" + alias + net_soa + "\n"},
    {"are_servfail_when_servers_fail",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 SERVFAIL ede=6\n"
     "> a SERVFAIL ede=6\n"
     "ask b away.kubenet. A zones\n"
     "> b SERVFAIL ede=6\n"},
    {"are_servfail_when_no_server_answers",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "pass 3800\n"
     "> send 0 www.example.net. A\n"
     "> send 0 www.example.net. A\n"
     "> send 0 www.example.net. A\n"
     "> a SERVFAIL ede=22\n"},
    {"are_old_ones_when_servers_are_late",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 60 A 192.0.2.1\n"
     "> a NOERROR aa" +
         alias +
         " | www.example.net. 60 A 192.0.2.1\n"
         "pass 60000\n"
         "ask b away.kubenet. A zones\n"
         "> send 0 www.example.net. A\n"
         "pass 1800\n"
         "> send 0 www.example.net. A\n"
         "> send 0 www.example.net. A\n"
         "> send 0 www.example.net. A\n"
         "> b NOERROR aa ede=3" +
         alias + " | www.example.net. 30 A 192.0.2.1\n"},
    {"are_filtered",
     "0",
     {.filter_aaaa = true},
     "ask a away.kubenet. AAAA zones\n"
     "> a NOERROR aa ede=17" +
         alias + "\n"},
    {"F12_are_protected_from_rebinding_by_the_targets_name",
     "0",
     {.rebind_protection = true, .rebind_exceptions = {test::named("kubenet.")}},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 300 A 192.168.200.7 | www.example.net. 300 A 192.0.2.1\n"
     "> a NOERROR aa ede=15" +
         alias + " | www.example.net. 300 A 192.0.2.1\n"},
    {"that_do_not_fit_are_cut",
     "0",
     {},
     "ask a away.kubenet. TXT zones plain\n"
     "> send 0 www.example.net. TXT\n"
     "ask b away.kubenet. TXT zones tcp plain by=1\n"
     "say 1 NOERROR | www.example.net. 300 TXT " +
         std::string(240, 'x') + " " + std::string(240, 'y') + "\n> a NOERROR aa tc" + alias +
         "\n> b NOERROR aa" + alias + " | www.example.net. 300 TXT \"" + std::string(240, 'x') +
         "\" \"" + std::string(240, 'y') +
         "\"\n"
         "ask c away.kubenet. TXT zones plain\n"
         "> c NOERROR aa tc" +
         alias + "\n"},
    {"to_what_does_not_fit_itself_stand_alone",
     "0",
     {},
     "ask a away.kubenet. TXT zones plain\n"
     "> send 0 www.example.net. TXT\n"
     "say 1 NOERROR | www.example.net. 300 TXT small | www.example.net. 300 TXT " +
         std::string(240, 'x') + " " + std::string(240, 'y') + "\n> a NOERROR aa tc" + alias +
         "\n"
         "ask b away.kubenet. TXT zones plain\n"
         "> b NOERROR aa tc" +
         alias + "\n"},
};
INSTANTIATE_TEST_SUITE_P(Answers, ForwarderAliases, testing::ValuesIn(answers), row_name);

const Case orders[] = {
    {"without_rd_they_stand_alone",
     "0",
     {},
     "ask a away.kubenet. A zones norec\n"
     "> a NOERROR aa" +
         alias + "\n"},
    {"without_servers_they_stand_alone",
     "cluster.local.=1",
     {},
     "ask a away.kubenet. A zones\n"
     "> a NOERROR aa" +
         alias + "\n"},
    {"to_a_name_without_servers_they_stand_alone",
     "0 example.net.=",
     {},
     "ask a away.kubenet. A zones\n"
     "> a NOERROR aa" +
         alias + "\n"},
    {"to_a_bare_name_they_stand_alone",
     "0",
     {},
     "ask a bare-away.kubenet. A zones\n"
     "> a NOERROR aa | bare-away.kubenet. 60 CNAME wpad.\n"},
    {"of_a_bare_name_are_followed",
     "0",
     {},
     "ask a away. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 300 A 192.0.2.1\n"
     "> a NOERROR aa | away. 60 CNAME www.example.net. | www.example.net. 300 A 192.0.2.1\n"},
    {"that_are_asked_for_themselves_lead_nowhere",
     "0",
     {},
     "ask a away.kubenet. CNAME zones\n"
     "> a NOERROR aa" +
         alias + "\n"},
    {"lead_to_a_rule_before_a_built_in_zone",
     "0 cluster.local.=1",
     {},
     "ask a cluster.kubenet. A zones\n"
     "> send 1 api.cluster.local. A\n"
     "say 1 NOERROR | api.cluster.local. 5 A 10.32.0.1\n"
     "> a NOERROR aa | cluster.kubenet. 60 CNAME api.cluster.local. | api.cluster.local. 5 A "
     "10.32.0.1\n"},
    {"lead_to_a_delegation_in_our_zone",
     "0 sub.kubenet.=1",
     {},
     "ask a lent.kubenet. A zones\n"
     "> send 1 www.sub.kubenet. A\n"
     "say 1 NOERROR | www.sub.kubenet. 5 A 192.0.2.1\n"
     "> a NOERROR aa | lent.kubenet. 60 CNAME www.sub.kubenet. | www.sub.kubenet. 5 A 192.0.2.1\n"},
    // What servers say of a name of ours is theirs, as with any resolver: it is not looked up
    // again.
    {"that_others_lead_back_to_us_end_where_they_say",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 300 CNAME worker0.kubenet. | worker0.kubenet. 300 A "
     "192.0.2.7\n"
     "> a NOERROR aa" +
         alias +
         " | www.example.net. 300 CNAME worker0.kubenet. | worker0.kubenet. 300 A 192.0.2.7\n"},
    {"F9_in_a_ring_that_others_close_end",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "say 1 NOERROR | www.example.net. 300 CNAME away.kubenet. | away.kubenet. 60 CNAME "
     "www.example.net.\n"
     "> a SERVFAIL ede=22\n"},
    {"are_kept_for_who_waits_while_others_ask",
     "0",
     {},
     "ask a away.kubenet. A zones\n"
     "> send 0 www.example.net. A\n"
     "servers 1\n"
     "> close-slot 0\n"
     "> send 1 www.example.net. A\n"
     "ask b worker0.kubenet. A zones\n"
     "> b NOERROR aa | worker0.kubenet. 60 A 192.168.200.7\n"
     "ask c farther.kubenet. A zones\n"
     "say 2 NOERROR | www.example.net. 300 A 192.0.2.1\n"
     "> a NOERROR aa" +
         alias +
         " | www.example.net. 300 A 192.0.2.1\n"
         "> c NOERROR aa | farther.kubenet. 60 CNAME away.kubenet." +
         alias + " | www.example.net. 300 A 192.0.2.1\n"},
};
INSTANTIATE_TEST_SUITE_P(Orders, ForwarderAliases, testing::ValuesIn(orders), row_name);

}  // namespace
}  // namespace berth::dns
