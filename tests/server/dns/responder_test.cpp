// Who is answered at all, and in what form: header, EDNS, sizes, hostile queries.
#include "server/dns/responder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/dns/text.hpp"
#include "tests/server/dns/plans.hpp"
#include "tests/support/hex.hpp"

namespace berth::dns {
namespace {

using test::Ask;
using test::guest;

struct Answer {
  std::vector<std::byte> octets;
  Outcome outcome = Drop::too_short;

  bool dropped() const { return std::holds_alternative<Drop>(outcome); }
  Drop drop() const { return std::get<Drop>(outcome); }
  MessageView message() const { return *MessageView::parse(octets); }
};

Answer handle(Responder responder, wire::Bytes query, const Client& client,
              std::size_t room = 1232) {
  std::vector<std::byte> out(room + 1, std::byte{0xa5});
  Answer answer;
  answer.outcome = responder.handle(query, client, wire::MutableBytes(out).first(room));
  EXPECT_EQ(out[room], std::byte{0xa5});
  if (const auto* reply = std::get_if<Reply>(&answer.outcome)) {
    EXPECT_EQ(reply->payload.data(), out.data());
    answer.octets.assign(reply->payload.begin(), reply->payload.end());
    const auto parsed = MessageView::parse(answer.octets);
    EXPECT_TRUE(parsed) << "a reply that is no message";
    if (parsed) {
      EXPECT_EQ(parsed->rcode(), reply->rcode);
    }
  }
  return answer;
}

Answer handle(const Ask& ask, const Client& client = guest) {
  return handle(test::responder(test::default_plan()), test::encode(ask), client);
}

const Client stranger{.source = {{0xc6336404}, 4000}};  // 198.51.100.4

struct HeaderCase {
  std::string name;
  std::string hex;
  std::string reply;  // as text; empty for a drop
  Drop drop{};
};

const std::string question = " 076b7562656e657400 0006 0001";  // kubenet. SOA
const std::string formerr =
    ";; opcode: QUERY, status: FORMERR, id: 4660\n;; flags: qr rd; QUERY: 0, "
    "ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0\n";

const std::string opt = " 00 0029 1000 00000000 0000";
const std::string opt_with_do = " 00 0029 1000 00008000 0008 000a 0004 01020304";

// As text, with the OPT of ours.
std::string with_edns(const std::string& text, const std::string& flags = "") {
  const std::string count = "ADDITIONAL: 0\n";
  return text.substr(0, text.size() - count.size()) +
         "ADDITIONAL: 1\n;; EDNS: version 0, flags:" + flags + ", udp: 1232\n";
}

std::string notimp(const std::string& opcode) {
  return ";; opcode: " + opcode +
         ", status: NOTIMP, id: 4660\n;; flags: qr; QUERY: 0, ANSWER: 0, "
         "AUTHORITY: 0, ADDITIONAL: 0\n";
}

const HeaderCase header_cases[] = {
    {"nothing", "", "", Drop::too_short},
    {"N8_eleven_octets", "1234 0100 0001 0000 0000 00", "", Drop::too_short},
    {"N12_a_response", "1234 8100 0001 0000 0000 0000" + question, "", Drop::is_response},
    {"N12_a_response_without_sense", "1234 ffff ffff ffff ffff ffff", "", Drop::is_response},
    {"N12_status", "1234 1000 0000 0000 0000 0000", notimp("STATUS")},
    {"N12_notify", "1234 2000 0001 0000 0000 0000" + question, notimp("NOTIFY")},
    {"N12_update", "1234 2800 0001 0000 0000 0000" + question, notimp("UPDATE")},
    {"N12_opcode_15_with_garbage", "1234 7800 ffff ffff ffff ffff 00", notimp("OPCODE15")},
    {"N10_no_question", "1234 0100 0000 0000 0000 0000", formerr},
    {"N10_two_questions", "1234 0100 0002 0000 0000 0000" + question + question, formerr},
    {"rfc6891_no_question_with_opt", "1234 0100 0000 0000 0000 0001" + opt, with_edns(formerr)},
    {"rfc6891_two_questions_with_opt",
     "1234 0100 0002 0000 0000 0001" + question + question + opt_with_do,
     with_edns(formerr, " do")},
    {"rfc6891_status_with_opt", "1234 1000 0000 0000 0000 0001" + opt, with_edns(notimp("STATUS"))},
    {"rfc6891_notify_with_opt", "1234 2000 0001 0000 0000 0001" + question + opt,
     with_edns(notimp("NOTIFY"))},
    {"rfc6891_opcode_15_with_torn_opt", "1234 7800 0000 0000 0000 0001 00 0029 1000",
     notimp("OPCODE15")},
    {"N7_counts_of_65535", "1234 0100 ffff ffff ffff ffff", formerr},
    {"N6_question_that_points_to_itself", "1234 0100 0001 0000 0000 0000 c00c 0001 0001", formerr},
    {"N8_opt_rdlength_of_0x3a00",
     "1234 0100 0001 0000 0000 0001" + question + " 00 0029 04d0 00000000 3a00", formerr},
    {"N9_no_question_and_two_opts",
     "1234 0100 0000 0000 0000 0002 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000",
     formerr},
    {"N10_two_opts",
     "1234 0100 0001 0000 0000 0002" + question +
         " 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000",
     formerr},
    {"N10_opt_with_an_owner",
     "1234 0100 0001 0000 0000 0001" + question + " c00c 0029 04d0 00000000 0000", formerr},
    {"N11_option_past_rdlength",
     "1234 0100 0001 0000 0000 0001" + question + " 00 0029 04d0 00000000 0005 000a 0002 01",
     formerr},
    {"octet_behind_the_question", "1234 0100 0001 0000 0000 0000" + question + " 00", formerr},
};

class Header : public testing::TestWithParam<HeaderCase> {};

TEST_P(Header, IsAnsweredFromTheHeaderAlone) {
  const HeaderCase& c = GetParam();
  const Answer answer = handle(test::responder(test::default_plan()), test::hex(c.hex), guest);
  ASSERT_EQ(answer.dropped(), c.reply.empty());
  if (answer.dropped()) {
    EXPECT_EQ(name(answer.drop()), name(c.drop));
  } else {
    EXPECT_EQ(to_text(answer.message()), c.reply);
    const std::size_t edns = answer.message().edns() ? Edns::fixed_size : 0;
    EXPECT_EQ(answer.octets.size(), header_size + edns);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc8906, Header, testing::ValuesIn(header_cases),
                         [](const auto& test) { return test.param.name; });

struct AccessCase {
  std::string name;
  std::string source;
  std::uint16_t port = 40000;
  NetworkIndex network = 0;
  bool is_host = false;
  std::optional<Drop> drop = {};
  bool refused = false;
  std::optional<net::Ipv6Address> ipv6 = {};
};

const std::optional<net::Ipv6Address> by_ipv6 = net::Ipv6Address::parse("fe80::7");

const AccessCase access_cases[] = {
    {"guest_in_its_network", "192.168.200.7"},
    {"guest_that_is_not_in_the_plan", "192.168.200.99"},
    {"this_host", "192.168.200.1", 40000, no_network, true},
    {"this_host_by_its_loopback", "127.0.0.1", 40000, no_network, true},
    {"this_host_by_another_address", "198.51.100.4", 40000, no_network, true},
    {"N13_guest_of_another_network_on_the_link", "192.168.201.7", 40000, 0, false, {}, true},
    {"N13_right_address_on_a_link_we_do_not_serve",
     "192.168.200.7",
     40000,
     no_network,
     false,
     {},
     true},
    {"N13_right_address_on_the_link_of_another_network",
     "192.168.200.7",
     40000,
     1,
     false,
     {},
     true},
    {"N13_stranger", "198.51.100.4", 40000, no_network, false, {}, true},
    {"network_without_dns", "172.16.9.9", 40000, 4, false, {}, true},
    {"network_that_is_gone", "192.168.200.7", 40000, 99, false, {}, true},
    {"N12_loopback_on_a_link", "127.0.0.1", 40000, 0, false, Drop::bad_source},
    {"N12_our_address_on_a_link", "192.168.200.1", 40000, 0, false, Drop::bad_source},
    {"N12_port_0", "192.168.200.7", 0, 0, false, Drop::bad_source},
    {"N12_our_own_socket", "192.168.200.1", 53, no_network, true, Drop::own_query},
    {"N12_port_53_of_another", "192.168.200.7", 53},
    {"unspecified", "0.0.0.0", 40000, 0, false, Drop::bad_source},
    {"limited_broadcast", "255.255.255.255", 40000, 0, false, Drop::bad_source},
    {"broadcast_of_the_subnet", "192.168.200.255", 40000, 0, false, Drop::bad_source},
    {"multicast", "224.0.0.1", 40000, 0, false, Drop::bad_source},
    {"end_of_multicast", "239.255.255.255", 40000, 0, false, Drop::bad_source},
    {"of_this_network", "0.1.2.3", 40000, 0, false, Drop::bad_source},
    {"of_240_to_255", "240.0.0.1", 40000, no_network, false, Drop::bad_source},
    {"of_the_last_block", "255.255.255.254", 40000, no_network, false, Drop::bad_source},
    {"first_above_this_network", "1.0.0.0", 40000, no_network, false, {}, true},
    {"last_below_multicast", "223.255.255.255", 40000, no_network, false, {}, true},
    {"by_ipv6_on_a_link_we_serve", "0.0.0.0", 40000, 0, false, {}, false, by_ipv6},
    {"by_ipv6_on_a_link_of_no_network", "0.0.0.0", 40000, no_network, false, {}, true, by_ipv6},
    {"by_ipv6_in_a_network_without_dns", "0.0.0.0", 40000, 4, false, {}, true, by_ipv6},
    {"by_ipv6_from_port_53", "0.0.0.0", 53, 0, false, {}, false, by_ipv6},
    {"N12_by_ipv6_from_port_0", "0.0.0.0", 0, 0, false, Drop::bad_source, false, by_ipv6},
};

class Access : public testing::TestWithParam<AccessCase> {
 protected:
  Client client() const {
    const AccessCase& c = GetParam();
    return {.source = {test::address(c.source), c.port},
            .network = c.network,
            .is_host = c.is_host,
            .ipv6 = c.ipv6};
  }
  std::vector<std::byte> query_ = test::encode({.qname = "worker0.kubenet.", .edns = Edns{}});
};

TEST_P(Access, IsByLinkAndAddress) {
  const AccessCase& c = GetParam();
  const Answer answer = handle(test::responder(test::rich_plan()), query_, client());
  ASSERT_EQ(answer.dropped(), c.drop.has_value());
  if (answer.dropped()) {
    EXPECT_EQ(name(answer.drop()), name(*c.drop));
    return;
  }
  const MessageView message = answer.message();
  EXPECT_EQ(message.rcode(), c.refused ? Rcode::refused : Rcode::noerror);
  EXPECT_EQ(message.records(Section::answer).size(), c.refused ? 0u : 1u);
  EXPECT_TRUE(message.question());
}

TEST_P(Access, IsSilentWhereTheConfigurationSaysDrop) {
  const AccessCase& c = GetParam();
  config::Config plan = test::rich_plan();
  plan.dns.refuse = config::Dns::Refuse::drop;
  const Answer answer = handle(test::responder(plan), query_, client());
  ASSERT_EQ(answer.dropped(), c.drop.has_value() || c.refused);
  if (answer.dropped()) {
    EXPECT_EQ(name(answer.drop()), name(c.drop.value_or(Drop::not_a_client)));
  }
}

INSTANTIATE_TEST_SUITE_P(Dns, Access, testing::ValuesIn(access_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Responder, SaysWhyItRefuses) {
  const auto reason = [](const Answer& answer) {
    const MessageView message = answer.message();
    EXPECT_EQ(message.rcode(), Rcode::refused);
    std::optional<std::uint16_t> code;
    const auto edns = message.edns();
    for (const EdnsOption& option : edns->options) {
      EXPECT_EQ(option.code, EdnsOptionCode::extended_error);
      EXPECT_EQ(option.data.size(), 2u);
      code = wire::load_u16(option.data, 0);
    }
    return code;
  };
  const auto cookie = test::hex("000a 0008 0102030405060708");
  const Edns edns{.options = EdnsOptions(cookie)};
  EXPECT_EQ(reason(handle({.qname = "example.com.", .edns = edns})), 20);
  EXPECT_EQ(reason(handle({.qname = "worker0.kubenet.", .edns = edns}, stranger)), 18);
  EXPECT_EQ(reason(handle({.qname = "worker0.kubenet.", .edns = Edns{}}, stranger)), std::nullopt)
      << "no room for it";
  EXPECT_FALSE(handle({.qname = "example.com."}).message().edns());
}

// N14: whoever's source was forged gets no more octets than were spent on it.
TEST(Responder, N14SendsNoRefusalLargerThanItsQuery) {
  const auto options = test::hex("000a 0008 0102030405060708 fde9 0005 0102030405");
  for (const std::size_t used : {std::size_t{0}, std::size_t{12}, std::size_t{21}}) {
    const Edns edns{.udp_size = 4096, .options = EdnsOptions(wire::Bytes(options).first(used))};
    for (const std::optional<Edns>& sent : {std::optional<Edns>(), std::optional(edns)}) {
      for (const RrType qtype :
           {RrType::any, RrType::a, RrType::txt, RrType::dnskey, RrType::axfr, RrType::opt}) {
        for (const char* qname :
             {".", "kubenet.", "worker0.kubenet.", "nobody.kubenet.", "wpad."}) {
          const Ask ask{.qname = qname, .qtype = qtype, .edns = sent};
          const auto query = test::encode(ask);
          const Answer answer = handle(ask, stranger);
          EXPECT_EQ(name(answer.message().rcode()), name(Rcode::refused));
          EXPECT_LE(answer.octets.size(), query.size()) << qname;
          EXPECT_EQ(answer.message().records(Section::authority).size(), 0u);
        }
      }
    }
  }
}

struct FormCase {
  std::string name;
  Ask ask;
  Rcode rcode = Rcode::noerror;
  std::string flags = "qr aa rd";
};

const FormCase form_cases[] = {
    {"rd_is_echoed", {.qname = "worker0.kubenet.", .flags = flag::rd}},
    {"rd_is_not_made_up", {.qname = "worker0.kubenet.", .flags = 0}, Rcode::noerror, "qr aa"},
    {"cd_is_echoed",
     {.qname = "worker0.kubenet.", .flags = flag::rd | flag::cd},
     Rcode::noerror,
     "qr aa rd cd"},
    {"rfc8906_ad_is_not_echoed", {.qname = "worker0.kubenet.", .flags = flag::rd | flag::ad}},
    {"rfc8906_z_is_not_echoed", {.qname = "worker0.kubenet.", .flags = flag::rd | 0x0040}},
    {"other_flags_are_not_echoed",
     {.qname = "worker0.kubenet.",
      .flags = flag::rd | flag::aa | flag::tc | flag::ra | flag::rcode_mask}},
    {"class_chaos_is_refused",
     {.qname = "version.bind.", .qtype = RrType::txt, .qclass = RrClass::ch},
     Rcode::refused,
     "qr rd"},
    {"class_any_is_refused",
     {.qname = "worker0.kubenet.", .qclass = RrClass::any},
     Rcode::refused,
     "qr rd"},
    {"N14_opt_is_no_question",
     {.qname = "worker0.kubenet.", .qtype = RrType::opt},
     Rcode::formerr,
     "qr rd"},
    {"tsig_is_no_question",
     {.qname = "worker0.kubenet.", .qtype = RrType::tsig},
     Rcode::formerr,
     "qr rd"},
    {"type_0_is_no_question",
     {.qname = "worker0.kubenet.", .qtype = RrType{}},
     Rcode::formerr,
     "qr rd"},
    {"N11_edns_version_1",
     {.qname = "worker0.kubenet.", .edns = Edns{.version = 1}},
     Rcode::badvers,
     "qr rd"},
    {"N11_edns_version_100",
     {.qname = "worker0.kubenet.", .edns = Edns{.version = 100}},
     Rcode::badvers,
     "qr rd"},
};

class Form : public testing::TestWithParam<FormCase> {};

TEST_P(Form, OfTheReply) {
  const FormCase& c = GetParam();
  const Answer answer = handle(c.ask);
  ASSERT_FALSE(answer.dropped());
  EXPECT_EQ(name(answer.message().rcode()), name(c.rcode));
  const std::string text = to_text(answer.message());
  EXPECT_NE(text.find(";; flags: " + c.flags + ";"), std::string::npos) << text;
  EXPECT_EQ(wire::load_u16(answer.octets, field::flags) & 0x0040, 0) << "Z is zero";
  EXPECT_EQ(answer.message().header().id(), c.ask.id);
  ASSERT_TRUE(answer.message().question());
  EXPECT_EQ(answer.message().question()->qtype, c.ask.qtype);
  EXPECT_EQ(answer.message().question()->qclass, c.ask.qclass);
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, Form, testing::ValuesIn(form_cases),
                         [](const auto& test) { return test.param.name; });

// Every kind of reply to a query with OPT carries one (RFC 6891 7).
TEST(Responder, AnswersEdnsWithEdns) {
  const std::vector<std::byte> options = test::hex("000a 0008 0102030405060708 ffff 0000");
  for (const std::string qname :
       {"worker0.kubenet.", "nobody.kubenet.", "kubenet.", "example.com.", "wpad.", "worker0."}) {
    for (const RrType qtype : {RrType::a, RrType::aaaa, RrType::ns, RrType::axfr}) {
      for (const bool dnssec_ok : {false, true}) {
        const Edns edns{.udp_size = 4096, .dnssec_ok = dnssec_ok, .options = EdnsOptions(options)};
        const Answer answer = handle({.qname = qname, .qtype = qtype, .edns = edns});
        const auto reply = answer.message().edns();
        ASSERT_TRUE(reply) << qname;
        EXPECT_EQ(reply->udp_size, 1232);
        EXPECT_EQ(reply->version, 0);
        EXPECT_EQ(reply->dnssec_ok, dnssec_ok) << "RFC 3225 3";
        for (const ResourceRecord& record : answer.message().records(Section::additional)) {
          if (record.type == RrType::opt) {
            EXPECT_EQ(record.ttl & 0xffff7fff, 0u) << "the other flags are zero";
          }
        }
        for (const EdnsOption& option : reply->options)
          EXPECT_EQ(option.code, EdnsOptionCode::extended_error) << "unknown options stay behind";

        const Answer plain = handle({.qname = qname, .qtype = qtype});
        EXPECT_FALSE(plain.message().edns()) << qname;
      }
    }
  }
}

struct SizeCase {
  std::string name;
  Transport transport;
  std::optional<std::uint16_t> udp_size;
  std::size_t room;
  std::size_t limit;
};

const SizeCase size_cases[] = {
    {"udp_without_edns", Transport::udp, {}, 4096, 512},
    {"N11_udp_size_0", Transport::udp, 0, 4096, 512},
    {"N11_udp_size_511", Transport::udp, 511, 4096, 512},
    {"udp_size_700", Transport::udp, 700, 4096, 700},
    {"udp_size_1232", Transport::udp, 1232, 4096, 1232},
    {"N14_udp_size_4096", Transport::udp, 4096, 4096, 1232},
    {"N11_udp_size_65535", Transport::udp, 65535, 4096, 1232},
    {"little_room", Transport::udp, 1232, 600, 600},
    {"tcp", Transport::tcp, {}, 4096, 4096},
    {"tcp_with_edns", Transport::tcp, 512, 4096, 4096},
};

class Size : public testing::TestWithParam<SizeCase> {};

constexpr std::uint32_t most_addresses = 240;

std::string name_of_many(std::uint32_t count) {
  return "many" + std::to_string(1000 + count) + ".kubenet.";
}

// RRsets of 1 to 240 addresses.
std::shared_ptr<const Zones> many_addresses() {
  config::Config plan = test::default_plan();
  for (std::uint32_t count = 1; count <= most_addresses; ++count) {
    config::NameEntry entry{.owner = test::named(name_of_many(count)), .addresses = {}};
    for (std::uint32_t i = 0; i < count; ++i) entry.addresses.push_back({0x0a010101 + i});
    plan.networks[0].names.push_back(std::move(entry));
  }
  return std::make_shared<const Zones>(plan);
}

// Whole below the limit, cut with TC above.
TEST_P(Size, IsNeverMoreThanTheClientTakes) {
  const SizeCase& c = GetParam();
  static const auto zones = many_addresses();
  std::size_t cut = 0;
  for (std::uint32_t count = 1; count <= most_addresses; ++count) {
    Ask ask{.qname = name_of_many(count)};
    if (c.udp_size) ask.edns = Edns{.udp_size = *c.udp_size};
    Client client = guest;
    client.transport = c.transport;
    const auto query = test::encode(ask);
    const Answer answer = handle(Responder(zones), query, client, c.room);
    ASSERT_LE(answer.octets.size(), c.limit);
    const std::size_t full = query.size() + std::size_t{16} * count;
    const MessageView message = answer.message();
    EXPECT_EQ(message.header().has(flag::tc), full > c.limit) << count;
    EXPECT_EQ(message.edns().has_value(), ask.edns.has_value());
    if (full <= c.limit) {
      EXPECT_EQ(answer.octets.size(), full);
      EXPECT_EQ(message.records(Section::answer).size(), count);
    } else {
      EXPECT_GT(message.records(Section::answer).size(), 0u) << "what fits is there";
      EXPECT_GT(answer.octets.size() + 16, c.limit) << "and no more would";
      ++cut;
    }
  }
  EXPECT_LT(cut, most_addresses);
  EXPECT_EQ(cut == 0, c.transport == Transport::tcp);
}

INSTANTIATE_TEST_SUITE_P(Rfc6891, Size, testing::ValuesIn(size_cases),
                         [](const auto& test) { return test.param.name; });

// RFC 2181 9: what goes along is left out first, each RRset whole, and that is no truncation.
TEST(Responder, LeavesOutAddressesBesideTheAnswerThatDoNotFit) {
  config::Config plan = test::default_plan();
  constexpr std::size_t servers = 10;
  constexpr std::size_t addresses = 3;
  for (std::size_t i = 0; i < servers; ++i) {
    const std::string server = "server" + std::to_string(i);
    test::add_record(plan.networks[0], "_x._tcp SRV 0 0 1 " + server);
    test::add_name(plan.networks[0], server, {"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  }
  const Responder responder = test::responder(plan);
  std::size_t least = servers;
  for (std::uint16_t size = 512; size <= 1232; ++size) {
    const Answer answer = handle(
        responder,
        test::encode(
            {.qname = "_x._tcp.kubenet.", .qtype = RrType::srv, .edns = Edns{.udp_size = size}}),
        guest);
    const MessageView message = answer.message();
    EXPECT_FALSE(message.header().has(flag::tc)) << size;
    EXPECT_EQ(message.records(Section::answer).size(), servers) << size;
    const std::size_t beside = message.records(Section::additional).size() - 1;  // OPT
    EXPECT_EQ(beside % addresses, 0u) << size;
    least = std::min(least, beside / addresses);
    if (size == 1232) {
      EXPECT_EQ(beside, servers * addresses);
    }
  }
  EXPECT_LT(least, servers);
}

TEST(Responder, CutsANegativeAnswerWhoseSoaDoesNotFit) {
  const std::string label(63, 'a');
  config::Config plan = test::default_plan();
  plan.networks[0].domain =
      test::named(label + "." + label + "." + label + "." + std::string(40, 'b') + ".");
  const std::string domain = plan.networks[0].domain.to_string();
  const Answer answer =
      handle(test::responder(plan), test::encode({.qname = "x." + domain, .edns = Edns{}}), guest);
  EXPECT_EQ(answer.message().rcode(), Rcode::nxdomain);
  EXPECT_TRUE(answer.message().edns());
  const Answer small =
      handle(test::responder(plan),
             test::encode({.qname = "x." + domain, .edns = Edns{.udp_size = 512}}), guest);
  EXPECT_TRUE(small.message().header().has(flag::tc));
  EXPECT_LE(small.octets.size(), 512u);
  EXPECT_FALSE(answer.message().header().has(flag::tc));
}

TEST(Responder, AnswersTheLongestNames) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b') + ".";
  for (const std::string& qname : {longest, "a." + std::string(61, 'b') + ".kubenet."}) {
    const Answer answer = handle({.qname = qname, .edns = Edns{.udp_size = 512}});
    ASSERT_FALSE(answer.dropped());
    EXPECT_EQ(answer.message().question()->qname.to_string(), qname);
  }
  std::string many = "kubenet.";
  for (int i = 0; i < 120; ++i) many.insert(0, "a.");
  EXPECT_EQ(handle({.qname = many}).message().rcode(), Rcode::nxdomain);
}

// N1: an owner whose labels end in a pointer to the root takes an octet more than its name has.
TEST(Responder, N1ReadsWhatStandsBehindTheLongestCompressedName) {
  const auto ask = [](std::size_t last_label) {
    // gateway.kubenet, whose root stands at 0x1c
    auto query =
        test::hex("1234 0100 0001 0000 0000 0001 07 67617465776179 07 6b7562656e6574 00 0001 0001");
    for (const std::size_t length :
         {std::size_t{63}, std::size_t{63}, std::size_t{63}, last_label}) {
      query.push_back(static_cast<std::byte>(length));
      query.insert(query.end(), length, std::byte{'a'});
    }
    const auto rest = test::hex("c01c 0001 0001 00000000 0004 c0a8c801");
    query.insert(query.end(), rest.begin(), rest.end());
    return handle(test::responder(test::default_plan()), query, guest).message().rcode();
  };
  for (const std::size_t last_label : {std::size_t{59}, std::size_t{60}, std::size_t{61}})
    EXPECT_EQ(name(ask(last_label)), name(Rcode::noerror)) << last_label;
  EXPECT_EQ(name(ask(62)), name(Rcode::formerr));
}

// N2: a name of octets that all need escapes comes back octet by octet.
TEST(Responder, N2EchoesNamesThatNeedEscapes) {
  std::string wire;
  for (int labels = 0; labels < 3; ++labels) wire += '\77' + std::string(63, '\7');
  wire += '\75' + std::string(61, '\xff') + '\0';
  std::vector<std::byte> query = test::hex("1234 0100 0001 0000 0000 0000");
  const auto name = wire::bytes_of(wire);
  query.insert(query.end(), name.begin(), name.end());
  const auto type_and_class = test::hex("0001 0001");
  query.insert(query.end(), type_and_class.begin(), type_and_class.end());
  const Answer answer = handle(test::responder(test::default_plan()), query, guest);
  ASSERT_FALSE(answer.dropped());
  ASSERT_EQ(answer.octets.size(), query.size());
  EXPECT_TRUE(wire::equal(wire::Bytes(answer.octets).subspan(4), wire::Bytes(query).subspan(4)));
}

// Every truncation and flip of a query: a drop, or a well-formed reply to the same id.
TEST(Responder, StandsEveryTruncationAndFlip) {
  const auto query = test::encode({.qname = "registry.kubenet.", .edns = Edns{.dnssec_ok = true}});
  const Responder responder = test::responder(test::rich_plan());
  std::size_t replies = 0;
  const auto check = [&](wire::Bytes octets) {
    responder.prefetch(Responder::is_about(octets));
    const Answer answer = handle(responder, octets, guest);
    if (answer.dropped()) return;
    ++replies;
    ASSERT_TRUE(MessageView::parse(answer.octets));
    EXPECT_EQ(wire::load_u16(answer.octets, 0), wire::load_u16(octets, 0));
    EXPECT_TRUE(answer.message().header().is_response());
  };
  for (std::size_t size = 0; size < query.size(); ++size) check(wire::Bytes(query).first(size));
  for (std::size_t at = 0; at < query.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto flipped = query;
      flipped[at] ^= std::byte(1u << bit);
      check(flipped);
    }
  }
  EXPECT_GT(replies, query.size());
}

TEST(Responder, ReplacesItsZonesBetweenTwoQueries) {
  Responder responder = test::responder(test::default_plan());
  config::Config changed = test::default_plan();
  changed.networks[0].hosts[4].address = test::address("192.168.200.77");
  const auto before = responder.replace_zones(std::make_shared<const Zones>(changed));
  EXPECT_EQ(before.use_count(), 1);
  const Answer answer = handle(responder, test::encode({.qname = "worker0.kubenet."}), guest);
  std::string line;
  for (const ResourceRecord& record : answer.message().records(Section::answer))
    append_text(line, record);
  EXPECT_EQ(line, "worker0.kubenet. 60 IN A 192.168.200.77");
}

TEST(Drop, HasANameAndASentence) {
  for (std::size_t i = 0; i < drop_count; ++i) {
    EXPECT_FALSE(name(static_cast<Drop>(i)).empty()) << i;
    EXPECT_FALSE(explanation(static_cast<Drop>(i)).empty()) << i;
  }
  EXPECT_TRUE(name(static_cast<Drop>(drop_count)).empty());
}

}  // namespace
}  // namespace berth::dns
