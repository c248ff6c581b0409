#include "server/binder/proc_net.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

namespace berth::binder {
namespace {

using net::Ipv4Address;
using Entries = std::vector<PortEntry>;

const std::string udp_header =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode ref pointer drops             \n";

std::string line(const std::string& local, const std::string& state, const std::string& inode) {
  return "  812: " + local + " 00000000:0000 " + state +
         " 00000000:00000000 00:00000000 00000000     0        0 " + inode +
         " 2 00000000d1c9c2f1 0         \n";
}

struct Row {
  std::string name;
  std::string text;
  SocketTable table = SocketTable::udp;
  Entries expected;
};

constexpr auto udp = SocketTable::udp;
constexpr auto tcp = SocketTable::tcp;
const std::string zeros(24, '0');

const Row rows[] = {
    {"Nothing", "", udp, {}},
    {"HeaderAlone", udp_header, udp, {}},
    {"Wildcard", udp_header + line("00000000:0043", "07", "4711"), udp, {{{0}, false, 4711}}},
    {"SpecificAddress",
     udp_header + line("01C8A8C0:0043", "07", "4711"),
     udp,
     {{Ipv4Address::from_octets(192, 168, 200, 1), false, 4711}}},
    {"OtherPort", udp_header + line("00000000:0044", "07", "4711"), udp, {}},
    {"ConnectedUdpHoldsItsPort",
     line("01C8A8C0:0043", "01", "9"),
     udp,
     {{Ipv4Address::from_octets(192, 168, 200, 1), false, 9}}},
    {"ListeningTcp", line("00000000:0043", "0A", "9"), tcp, {{{0}, false, 9}}},
    {"ConnectedTcpIsNoHolder", line("00000000:0043", "01", "9"), tcp, {}},
    {"Ipv6Wildcard", line(zeros + "00000000:0043", "07", "9"), udp, {{{0}, true, 9}}},
    {"Ipv6Mapped",
     line("0000000000000000FFFF000001C8A8C0:0043", "07", "9"),
     udp,
     {{Ipv4Address::from_octets(192, 168, 200, 1), true, 9}}},
    {"Ipv6AddressIsNoHolder", line("000080FE00000000FF000250FE000000:0043", "07", "9"), udp, {}},
    {"Ipv6LoopbackIsNoHolder", line(zeros + "01000000:0043", "07", "9"), udp, {}},
    {"SeveralLines",
     udp_header + line("00000000:0043", "07", "1") + line("00000000:0035", "07", "2") +
         line("0100007F:0043", "07", "3"),
     udp,
     {{{0}, false, 1}, {Ipv4Address::from_octets(127, 0, 0, 1), false, 3}}},
    {"NoHexadecimalAddress", line("0000000G:0043", "07", "9"), udp, {}},
    {"ShortAddress", line("0000000:0043", "07", "9"), udp, {}},
    {"NoInode", line("00000000:0043", "07", "x"), udp, {}},
    {"NoPort", line("00000000", "07", "9"), udp, {}},
};

class ProcNet : public testing::TestWithParam<Row> {};

TEST_P(ProcNet, TellsWhoHasThePort) {
  if (std::endian::native != std::endian::little)
    GTEST_SKIP() << "the rows are a little-endian machine's text";
  const Row& row = GetParam();
  EXPECT_EQ(port_entries(row.text, row.table, 67), row.expected);
}

INSTANTIATE_TEST_SUITE_P(Tables, ProcNet, testing::ValuesIn(rows),
                         [](const auto& test) { return test.param.name; });

TEST(ProcNet, EveryTruncationGivesTheEntryOrNone) {
  const std::string whole = line("01C8A8C0:0043", "07", "4711");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Entries entries = port_entries(whole.substr(0, size), udp, 67);
    ASSERT_LE(entries.size(), 1u);
    if (!entries.empty()) {
      EXPECT_EQ(entries[0].address, Ipv4Address::from_octets(192, 168, 200, 1));
    }
  }
}

struct UnitRow {
  std::string name;
  std::string text;
  std::string unit;
};

const UnitRow units[] = {
    {"Service", "0::/system.slice/dnsmasq.service\n", "dnsmasq.service"},
    {"Template", "0::/system.slice/system-x.slice/x@1.service\n", "x@1.service"},
    {"BelowAService", "0::/system.slice/libvirtd.service/emulator\n", "libvirtd.service"},
    {"Scope", "0::/user.slice/user-0.slice/session-3.scope\n", "session-3.scope"},
    {"Version1", "3:cpu:/\n1:name=systemd:/system.slice/named.service\n0::/\n", "named.service"},
    {"Root", "0::/\n", ""},
    {"Nothing", "", ""},
};

TEST(Comm, IsFitForALog) {
  EXPECT_EQ(process_of_comm("dnsmasq\n"), "dnsmasq");
  EXPECT_EQ(process_of_comm("(sd-pam)"), "(sd-pam)");
  EXPECT_EQ(process_of_comm("a\x1b[2J\xff\xc3\xa9 b\n"), "a?[2J??? b");
  EXPECT_EQ(process_of_comm(""), "");
}

class Cgroup : public testing::TestWithParam<UnitRow> {};

TEST_P(Cgroup, NamesTheUnit) { EXPECT_EQ(unit_of_cgroup(GetParam().text), GetParam().unit); }

INSTANTIATE_TEST_SUITE_P(Texts, Cgroup, testing::ValuesIn(units),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder
