// What the forwarder keeps and hands on: TTLs, denials, old answers, DNSSEC, sizes. Scripts:
// forwarder_script.hpp says how they are written.
#include <gtest/gtest.h>

#include <string>

#include "tests/server/dns/forwarder_table.hpp"

namespace berth::dns {
namespace {

using test::row_name;
using Case = test::ForwarderCase;
class ForwarderKeeps : public test::ForwarderTable {};

TEST_P(ForwarderKeeps, Plays) { expect_as_written(GetParam()); }

const Case kept[] = {
    {"answers_count_down",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 CNAME web.example.com. | web.example.com. 60 A "
     "192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 CNAME web.example.com. | web.example.com. 60 A 192.0.2.1\n"
     "pass 59999\n"
     "ask b www.example.com. A\n"
     "> b NOERROR | www.example.com. 241 CNAME web.example.com. | web.example.com. 1 A 192.0.2.1\n"
     "pass 1\n"
     "ask c www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"denials_live_by_the_soa",
     "0",
     {},
     "ask a no.example.com. A\n"
     "> send 0 no.example.com. A\n"
     "say 1 NXDOMAIN aa | authority: example.com. 3600 SOA a. b. 1 1 1 1 30\n"
     "> a NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "pass 20000\n"
     "ask b no.example.com. A\n"
     "> b NXDOMAIN | authority: example.com. 10 SOA a. b. 1 1 1 1 30\n"
     "ask c www.example.com. MX\n"
     "> send 0 www.example.com. MX\n"
     "say 2 NOERROR | authority: example.com. 20 SOA a. b. 1 1 1 1 30\n"
     "> c NOERROR | authority: example.com. 20 SOA a. b. 1 1 1 1 30\n"
     "pass 20000\n"
     "ask d www.example.com. MX\n"
     "> send 0 www.example.com. MX\n"},
    {"aliases_that_lead_nowhere_are_denied",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NXDOMAIN | www.example.com. 10 CNAME gone.example.net. | authority: example.net. 300 "
     "SOA a. b. 1 1 1 1 300\n"
     "> a NXDOMAIN | www.example.com. 10 CNAME gone.example.net. | authority: example.net. 300 SOA "
     "a. b. 1 1 1 1 300\n"
     "pass 10000\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"ttls_are_within_bounds",
     "0",
     {.min_ttl = std::chrono::seconds{30}, .max_ttl = std::chrono::seconds{100}},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 100 A 192.0.2.1\n"
     "ask b w.example.com. A\n"
     "> send 0 w.example.com. A\n"
     "say 2 NOERROR | w.example.com. 0 A 192.0.2.1\n"
     "> b NOERROR | w.example.com. 30 A 192.0.2.1\n"},
    {"nothing_is_kept_without_room",
     "0",
     {.cache_entries = 0},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 2 SERVFAIL\n"
     "> b SERVFAIL ede=22\n"
     "ask c www.example.com. A\n"
     "> c SERVFAIL ede=22\n"},
    {"nothing_is_kept_after_a_flush",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "flush\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"},
    {"old_answers_are_given_when_servers_are_late",
     "0",
     {},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "pass 300000\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 1799\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "pass 1\n"
     "> b NOERROR ede=3 | www.example.com. 30 A 192.0.2.1\n"
     "say 2 NOERROR | www.example.com. 300 A 192.0.2.2\n"
     "> close-slot 0\n"
     "ask c www.example.com. A\n"
     "> c NOERROR | www.example.com. 300 A 192.0.2.2\n"},
    {"old_answers_are_given_at_once_after_a_failure_and_renewed",
     "0",
     {},
     "ask a no.example.com. A\n"
     "> send 0 no.example.com. A\n"
     "say 1 NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "> a NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "pass 30000\n"
     "ask b no.example.com. A\n"
     "> send 0 no.example.com. A\n"
     "say 2 SERVFAIL\n"
     "> b NXDOMAIN ede=19 | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "ask c no.example.com. A plain\n"
     "> c NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "pass 5000\n"
     "ask d no.example.com. A\n"
     "> d NXDOMAIN ede=19 | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "> send 0 no.example.com. A\n"
     "say 3 NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"
     "ask e no.example.com. A\n"
     "> e NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"},
    {"old_answers_end",
     "0",
     {.max_stale = std::chrono::seconds{100}},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "pass 400000\n"
     "ask b www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 2 SERVFAIL\n"
     "> b SERVFAIL ede=22\n"},
    {"old_answers_are_given_when_too_much_is_in_flight",
     "0",
     {.pending_per_client = 1},
     "ask a www.example.com. A\n"
     "> send 0 www.example.com. A\n"
     "say 1 NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "> a NOERROR | www.example.com. 300 A 192.0.2.1\n"
     "pass 300000\n"
     "ask b mail.example.com. A\n"
     "> send 0 mail.example.com. A\n"
     "ask c www.example.com. A\n"
     "> c NOERROR ede=3 | www.example.com. 30 A 192.0.2.1\n"},
};
INSTANTIATE_TEST_SUITE_P(Kept, ForwarderKeeps, testing::ValuesIn(kept), row_name);

// Of A, by example.com.
const std::string signature =
    " | www.example.com. 300 RRSIG \\# 33 "
    "000105030000012c00000000000000000001076578616d706c6503636f6d00c0ff";

// Of example.com's, between a. and a.
const std::string proof = " | authority: a.example.com. 30 NSEC \\# 6 016100000140";

const Case dnssec[] = {
    {"signatures_go_to_those_who_ask",
     "0",
     {},
     "ask a www.example.com. A do\n"
     "> send 0 www.example.com. A do\n"
     "say 1 NOERROR ad | www.example.com. 300 A 192.0.2.1" +
         signature +
         "\n"
         "> a NOERROR ad | www.example.com. 300 A 192.0.2.1" +
         signature +
         "\n"
         "ask b www.example.com. A\n"
         "> send 0 www.example.com. A\n"
         "say 2 NOERROR ad | www.example.com. 300 A 192.0.2.1" +
         signature +
         "\n"
         "> b NOERROR | www.example.com. 300 A 192.0.2.1\n"
         "ask c www.example.com. A ad\n"
         "> c NOERROR ad | www.example.com. 300 A 192.0.2.1\n"},
    {"proofs_of_a_denial_go_along",
     "0",
     {},
     "ask a no.example.com. A do\n"
     "> send 0 no.example.com. A do\n"
     "say 1 NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30" +
         proof +
         " | authority: a.example.net. 30 NSEC \\# 6 016100000140"
         " | authority: example.com. 30 NS ns.example.com.\n"
         "> a NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30" +
         proof +
         "\n"
         "ask b no.example.com. A\n"
         "> send 0 no.example.com. A\n"
         "say 2 NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30" +
         proof +
         "\n"
         "> b NXDOMAIN | authority: example.com. 30 SOA a. b. 1 1 1 1 30\n"},
    {"a_dname_comes_with_its_alias",
     "0",
     {},
     "ask a www.old.example. A\n"
     "> send 0 www.old.example. A\n"
     "say 1 NOERROR | old.example. 300 DNAME new.example. | www.old.example. 300 CNAME "
     "www.new.example. | www.new.example. 300 A 192.0.2.1 | other.example. 300 DNAME "
     "evil.example.\n"
     "> a NOERROR | old.example. 300 DNAME new.example. | www.old.example. 300 CNAME "
     "www.new.example. | www.new.example. 300 A 192.0.2.1\n"},
};
INSTANTIATE_TEST_SUITE_P(Dnssec, ForwarderKeeps, testing::ValuesIn(dnssec), row_name);

const Case sizes[] = {
    {"that_do_not_fit_are_asked_by_tcp",
     "0",
     {},
     "ask a www.example.com. TXT\n"
     "> send 0 www.example.com. TXT\n"
     "say 1 NOERROR tc | www.example.com. 300 TXT \"half\"\n"
     "> stream 0 www.example.com. TXT\n"
     "say 2 NOERROR | www.example.com. 300 TXT \"half\" \"whole\"\n"
     "> a NOERROR | www.example.com. 300 TXT \"half\" \"whole\"\n"},
    {"for_the_client_are_cut",
     "0",
     {},
     "ask a www.example.com. A size=512\n"
     "> send 0 www.example.com. A\n"
     "ask b www.example.com. A plain by=1\n"
     "ask c www.example.com. A tcp by=2\n"
     "say 1 NOERROR | www.example.com. 300 TXT \"ignored\"" +
         [] {
           std::string records;
           for (int i = 1; i <= 31; ++i)
             records += " | www.example.com. 300 A 192.0.2." + std::to_string(i);
           return records;
         }() +
         "\n> a NOERROR tc\n> b NOERROR tc\n> c NOERROR" +
         [] {
           std::string records;
           for (int i = 1; i <= 31; ++i)
             records += " | www.example.com. 300 A 192.0.2." + std::to_string(i);
           return records;
         }() +
         "\n"},
};
INSTANTIATE_TEST_SUITE_P(Sizes, ForwarderKeeps, testing::ValuesIn(sizes), row_name);

}  // namespace
}  // namespace berth::dns
