// Files as systems write them, and as nobody should.
#include "server/io/resolv_conf.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::io {
namespace {

struct Row {
  const char* name;
  std::string text;
  std::vector<std::string> servers;
};

const Row rows[] = {
    {"Empty", "", {}},
    {"Usual",
     "# by NetworkManager\nsearch lab.example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n",
     {"192.0.2.1", "192.0.2.2"}},
    {"SystemdResolved",
     "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n",
     {"127.0.0.53"}},
    {"Ipv6",
     "nameserver 2001:db8::1\nnameserver fe80::1%eth0\nnameserver fe80::2\nnameserver ::\n",
     {"2001:db8::1", "fe80::1%eth0"}},
    {"Loopback", "nameserver 0.0.0.0\n", {"127.0.0.1"}},
    {"Twice", "nameserver 192.0.2.1\nnameserver 192.0.2.1\n", {"192.0.2.1"}},
    {"NoLineEnd", "nameserver 192.0.2.1", {"192.0.2.1"}},
    {"WindowsLineEnds",
     "nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n",
     {"192.0.2.1", "192.0.2.2"}},
    {"Tabs", "nameserver\t 192.0.2.1\t \n", {"192.0.2.1"}},
    {"Comments",
     "nameserver 192.0.2.1#the first\nnameserver 192.0.2.2 ; x\n;nameserver 192.0.2.3\n"
     "# nameserver 192.0.2.4\n",
     {"192.0.2.1", "192.0.2.2"}},
    {"OnlyAtTheStartOfALine", " nameserver 192.0.2.1\nnameservers 192.0.2.1\n", {}},
    {"OtherWords", "nameserver\nnameserver \nnameserver192.0.2.1\nnameserver dns.example\n", {}},
    {"NoPorts", "nameserver 192.0.2.1:54\nnameserver [2001:db8::1]:54\n", {}},
    {"NoAddresses", "nameserver 192.0.2.256\nnameserver 224.0.0.251\nnameserver ff02::fb\n", {}},
    {"Zeros", std::string("nameserver 192.0.2.1\0\nnameserver 192.0.2.2\n", 44), {"192.0.2.2"}},
    {"LongLine",
     "nameserver " + std::string(100'000, '1') + "\nnameserver 192.0.2.1\n",
     {"192.0.2.1"}},
    {"Many",
     "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n"
     "nameserver 192.0.2.5\nnameserver 192.0.2.6\nnameserver 192.0.2.7\nnameserver 192.0.2.8\n"
     "nameserver 192.0.2.9\n",
     {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7",
      "192.0.2.8"}},
};

TEST(ResolvConf, NamesTheHostsResolvers) {
  for (const Row& row : rows) {
    std::vector<std::string> servers;
    for (const net::SocketAddress& server : parse_resolv_conf(row.text))
      servers.push_back(net::to_string(server, 53));
    EXPECT_EQ(servers, row.servers) << row.name;
  }
}

TEST(ResolvConf, EndsForEveryTruncation) {
  for (const Row& row : rows) {
    if (row.text.size() > 1000) continue;
    for (std::size_t size = 0; size <= row.text.size(); ++size)
      EXPECT_LE(parse_resolv_conf(row.text.substr(0, size)).size(), max_host_resolvers);
  }
}

}  // namespace
}  // namespace berth::io
