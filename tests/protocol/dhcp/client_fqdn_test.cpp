#include "protocol/dhcp/client_fqdn.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;

struct Case {
  const char* what;
  const char* value;
  std::optional<std::string> name;
  bool is_absolute = false;
};

const Case cases[] = {
    {"a qualified name", "05 00 00 02 76 6d 03 6c 61 62 00", "vm.lab", true},
    {"a partial name", "05 00 00 02 76 6d", "vm"},
    {"no name", "05 00 00", ""},
    {"the root", "05 00 00 00", "", true},
    {"ASCII", "00 00 00 76 6d", "vm"},
    {"ASCII with a domain", "00 00 00 76 6d 2e 6c 61 62", "vm.lab"},
    {"ASCII with a trailing dot", "00 00 00 76 6d 2e", "vm", true},
    {"ASCII with a trailing NUL", "00 00 00 76 6d 00", "vm"},
    {"ASCII without a name", "00 00 00", ""},
    {"upper case is kept", "04 00 00 02 56 4d", "VM"},
    {"an underscore", "04 00 00 02 5f 61", "_a"},
    {"nothing", "", std::nullopt},
    {"flags alone", "05", std::nullopt},
    {"one RCODE", "05 00", std::nullopt},
    {"a label past the value", "04 00 00 03 76 6d", std::nullopt},
    {"a label of 64 octets", "04 00 00 40 61*64", std::nullopt},
    {"a compression pointer", "04 00 00 c0 00", std::nullopt},
    {"a pointer behind a label", "04 00 00 01 61 c0 00", std::nullopt},
    {"an extended label type", "04 00 00 41 61", std::nullopt},
    {"octets behind the root label", "04 00 00 01 61 00 01", std::nullopt},
    {"a dot within a label", "04 00 00 03 61 2e 62", std::nullopt},
    {"a line break", "04 00 00 02 61 0a", std::nullopt},
    {"a NUL within a label", "04 00 00 03 61 00 62", std::nullopt},
    {"a space in ASCII", "00 00 00 61 20 62", std::nullopt},
    {"an empty label in ASCII", "00 00 00 61 2e 2e 62", std::nullopt},
    {"shell characters", "00 00 00 24 28 72 29", std::nullopt},
    {"UTF-8", "04 00 00 02 c3 a9", std::nullopt},
};

TEST(ClientFqdn, ReadsAHostsNameAndNothingElse) {
  for (const Case& c : cases) {
    const auto fqdn = ClientFqdn::parse(hex(c.value));
    ASSERT_EQ(fqdn.has_value(), c.name.has_value()) << c.what;
    if (!fqdn) continue;
    EXPECT_EQ(fqdn->name(), *c.name) << c.what;
    EXPECT_EQ(fqdn->is_absolute(), c.is_absolute) << c.what;
  }
}

TEST(ClientFqdn, RefusesANameOfMoreThan255Octets) {
  Octets value = hex("04 00 00");
  for (int label = 0; label < 3; ++label) {
    const Octets octets = hex("3f 61*63");
    value.insert(value.end(), octets.begin(), octets.end());
  }
  for (const auto& [last, fits] : {std::pair{61, true}, std::pair{62, false}}) {
    Octets whole = value;
    whole.push_back(static_cast<std::byte>(last));
    whole.insert(whole.end(), static_cast<std::size_t>(last), std::byte{'b'});
    whole.push_back(std::byte{0});
    EXPECT_EQ(ClientFqdn::parse(whole).has_value(), fits) << last;
  }
}

TEST(ClientFqdn, ReadsItsFlags) {
  for (unsigned flags = 0; flags < 256; ++flags) {
    const Octets value = {static_cast<std::byte>(flags), std::byte{0}, std::byte{0}};
    const auto fqdn = ClientFqdn::parse(value);
    ASSERT_TRUE(fqdn) << flags;
    EXPECT_EQ(fqdn->overridden(), (flags & 2) != 0) << flags;
    EXPECT_EQ(fqdn->wire_encoding(), (flags & 4) != 0) << flags;
    EXPECT_EQ(fqdn->no_updates(), (flags & 8) != 0) << flags;
    // RFC 4702 2.1: S must be zero when N is one.
    EXPECT_EQ(fqdn->server_updates(), (flags & 9) == 1) << flags;
  }
}

struct Answer {
  const char* what;
  const char* request;
  bool server_updates;
  const char* value;
};

// RFC 4702 section 4.
const Answer answers[] = {
    {"asked to, and does", "05 00 00 01 61", true, "05 ff ff 02 76 6d 03 6c 61 62 00"},
    {"not asked to, and does", "04 00 00 01 61", true, "07 ff ff 02 76 6d 03 6c 61 62 00"},
    {"asked to, and does not", "05 00 00 01 61", false, "06 ff ff 02 76 6d 03 6c 61 62 00"},
    {"not asked to, and does not", "04 00 00 01 61", false, "04 ff ff 02 76 6d 03 6c 61 62 00"},
    {"asked for none", "0c 00 00 01 61", false, "0c ff ff 02 76 6d 03 6c 61 62 00"},
    {"asked for none, and does", "0c 00 00 01 61", true, "07 ff ff 02 76 6d 03 6c 61 62 00"},
    {"in ASCII", "01 00 00 61", true, "01 ff ff 76 6d 2e 6c 61 62"},
};

TEST(BuildClientFqdnReply, AnswersInTheClientsEncoding) {
  for (const Answer& c : answers) {
    const auto request = ClientFqdn::parse(hex(c.request));
    ASSERT_TRUE(request) << c.what;
    for (const char* const host : {"vm.lab", "vm.lab."}) {
      std::array<std::byte, client_fqdn_size_max> out;
      out.fill(std::byte{0xa5});
      const auto value = build_client_fqdn_reply(*request, c.server_updates, host, out);
      ASSERT_TRUE(value) << c.what;
      EXPECT_EQ(Octets(value->begin(), value->end()), hex(c.value)) << c.what;
    }
  }
}

TEST(BuildClientFqdnReply, NeedsRoomAndAName) {
  const auto request = ClientFqdn::parse(hex("05 00 00"));
  ASSERT_TRUE(request);
  for (std::size_t size = 0; size <= 11; ++size) {
    Octets out(size);
    EXPECT_EQ(build_client_fqdn_reply(*request, true, "vm.lab", out).has_value(), size == 11)
        << size;
  }
  std::array<std::byte, client_fqdn_size_max> out;
  EXPECT_FALSE(build_client_fqdn_reply(*request, true, "", out));
  EXPECT_FALSE(build_client_fqdn_reply(*request, true, "a b", out));
}

}  // namespace
}  // namespace berth::dhcp
