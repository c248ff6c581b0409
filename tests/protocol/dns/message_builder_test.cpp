#include "protocol/dns/message_builder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/dns/text.hpp"
#include "tests/support/hex.hpp"

namespace berth::dns {
namespace {

const Name host = *Name::parse("worker0.kubenet.");
const Name alias = *Name::parse("registry.kubenet.");
const std::array address = {std::byte{192}, std::byte{0}, std::byte{2}, std::byte{7}};

std::string text_of(wire::Bytes message) {
  const auto parsed = MessageView::parse(message);
  return parsed ? to_text(*parsed) : std::string(name(parsed.error()));
}

// A reply with a record in every section and OPT.
expected<wire::Bytes, BuildError> build(wire::MutableBytes out) {
  MessageBuilder builder(out, 7, flag::qr | flag::aa);
  builder.edns({.dnssec_ok = true});
  builder.question(alias.wire(), RrType::a, RrClass::in);
  builder.record(Section::answer, alias.wire(), RrType::cname, RrClass::in, 60, host.wire());
  builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60, address);
  builder.record(Section::authority, host.parent().wire(), RrType::ns, RrClass::in, 60,
                 host.wire());
  builder.record(Section::additional, host.wire(), RrType::a, RrClass::in, 60, address);
  return builder.finish();
}

// 12 header, 22 question, 22 CNAME, 16 A, 14 NS (owner and rdata are pointers), 16 A, 11 OPT
constexpr std::size_t whole_size = 12 + 22 + 22 + 16 + 14 + 16 + 11;

TEST(MessageBuilder, CompressesOwnersAndRdata) {
  std::array<std::byte, 512> out;
  out.fill(std::byte{0xa5});
  const auto message = build(out);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), whole_size);
  EXPECT_EQ(out[whole_size], std::byte{0xa5});
  EXPECT_EQ(text_of(*message),
            ";; opcode: QUERY, status: NOERROR, id: 7\n"
            ";; flags: qr aa; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 2\n"
            ";; EDNS: version 0, flags: do, udp: 1232\n"
            ";; QUESTION\n;registry.kubenet. IN A\n"
            ";; ANSWER\n"
            "registry.kubenet. 60 IN CNAME worker0.kubenet.\n"
            "worker0.kubenet. 60 IN A 192.0.2.7\n"
            ";; AUTHORITY\nkubenet. 60 IN NS worker0.kubenet.\n"
            ";; ADDITIONAL\nworker0.kubenet. 60 IN A 192.0.2.7\n");
}

TEST(MessageBuilder, KeepsWithinEverySize) {
  const std::size_t least = 12 + 22 + 11;
  std::size_t truncated = 0;
  for (std::size_t size = 0; size <= whole_size; ++size) {
    std::array<std::byte, whole_size + 1> out;
    out.fill(std::byte{0xa5});
    const auto message = build(wire::MutableBytes(out).first(size));
    ASSERT_EQ(message.has_value(), size >= least) << size;
    EXPECT_EQ(out[size], std::byte{0xa5}) << size;
    if (!message) {
      EXPECT_EQ(message.error(), BuildError::no_room);
      continue;
    }
    EXPECT_LE(message->size(), size);
    const auto parsed = MessageView::parse(*message);
    ASSERT_TRUE(parsed) << size << ": " << name(parsed.error());
    EXPECT_TRUE(parsed->edns()) << "OPT has its room from the start";
    // Only the additional record may be left out silently.
    EXPECT_EQ(parsed->header().has(flag::tc), size < whole_size - 16) << size;
    truncated += parsed->header().has(flag::tc) ? 1u : 0u;
  }
  EXPECT_GT(truncated, 0u);
}

TEST(MessageBuilder, KeepsCase) {
  std::array<std::byte, 512> out;
  MessageBuilder builder(out, 0, 0);
  builder.question(Name::parse("Worker0.KubeNet.")->wire(), RrType::a, RrClass::in);
  builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60, address);
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  const std::string text = text_of(*message);
  EXPECT_NE(text.find(";Worker0.KubeNet. IN A"), std::string::npos) << text;
  EXPECT_NE(text.find("\nworker0.kubenet. 60"), std::string::npos) << text;
}

TEST(MessageBuilder, ForgetsTheNamesOfARecordItTookBack) {
  // The CNAME does not fit, so that nothing may point to the target it spelt out.
  std::array<std::byte, 12 + 5 + 25> out;
  MessageBuilder builder(out, 0, 0);
  builder.question(Name().wire(), RrType::a, RrClass::in);
  const std::size_t before = builder.size();
  EXPECT_FALSE(builder.record(Section::additional, Name().wire(), RrType::cname, RrClass::in, 60,
                              host.wire()));
  EXPECT_EQ(builder.size(), before);
  EXPECT_FALSE(builder.truncated()) << "an additional record is no loss";
  EXPECT_TRUE(builder.record(Section::additional, host.parent().wire(), RrType{65280}, RrClass::in,
                             60, wire::Bytes(address).first(2)));
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  EXPECT_NE(text_of(*message).find("\nkubenet. 60 IN TYPE65280 \\# 2 c000\n"), std::string::npos);
}

TEST(MessageBuilder, WritesNothingBehindATruncation) {
  std::array<std::byte, 12 + 5 + 20> out;
  MessageBuilder builder(out, 0, flag::qr);
  builder.question(Name().wire(), RrType::a, RrClass::in);
  EXPECT_FALSE(builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60, address));
  EXPECT_TRUE(builder.truncated());
  EXPECT_FALSE(builder.record(Section::answer, Name().wire(), RrType::a, RrClass::in, 60, address));
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), 12u + 5u);
  EXPECT_TRUE(MessageView::parse(*message)->header().has(flag::tc));
}

TEST(MessageBuilder, CompressesNoNameInRdataOfNewerTypes) {
  // RFC 3597 4: SRV's target, though the question spells it.
  std::array<std::byte, 512> out;
  MessageBuilder builder(out, 0, 0);
  builder.question(host.wire(), RrType::srv, RrClass::in);
  std::vector<std::byte> rdata(6);
  rdata.insert(rdata.end(), host.wire().begin(), host.wire().end());
  builder.record(Section::answer, host.wire(), RrType::srv, RrClass::in, 60, rdata);
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), 12u + host.size() + 4 + 2 + 10 + 6 + host.size());
}

TEST(MessageBuilder, SplitsTheRcodeOverHeaderAndOpt) {
  std::array<std::byte, 512> out;
  MessageBuilder builder(out, 0, flag::qr);
  builder.edns({});
  builder.rcode(Rcode::nxdomain);
  builder.rcode(Rcode::badvers);
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  EXPECT_EQ(MessageView::parse(*message)->rcode(), Rcode::badvers);
  EXPECT_EQ(MessageView::parse(*message)->header().rcode(), Rcode::noerror);
}

TEST(MessageBuilder, RefusesRdataThatIsNotOfItsType) {
  std::array<std::byte, 512> out;
  MessageBuilder builder(out, 0, 0);
  EXPECT_FALSE(builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60,
                              wire::Bytes(address).first(3)));
  const auto message = builder.finish();
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error(), BuildError::bad_rdata);
}

TEST(MessageBuilder, NeverPointsBeyondTheReachOfAPointer) {
  std::vector<std::byte> out(40000, std::byte{0xa5});
  MessageBuilder builder(out, 0, 0);
  const std::vector<std::byte> filler(17000);
  builder.record(Section::answer, Name().wire(), RrType{65280}, RrClass::in, 60, filler);
  builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60, address);
  builder.record(Section::answer, host.wire(), RrType::a, RrClass::in, 60, address);
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  EXPECT_NE(text_of(*message).find("worker0.kubenet. 60 IN A 192.0.2.7\nworker0.kubenet. 60 IN A"),
            std::string::npos);
}

TEST(MessageBuilder, CompressesMoreNamesThanItRemembers) {
  std::vector<std::byte> out(65535, std::byte{0xa5});
  MessageBuilder builder(out, 0, 0);
  for (int i = 0; i < 200; ++i) {
    const auto owner = Name::parse("host" + std::to_string(i) + ".kubenet.");
    ASSERT_TRUE(
        builder.record(Section::answer, owner->wire(), RrType::a, RrClass::in, 60, address));
  }
  const auto message = builder.finish();
  ASSERT_TRUE(message);
  const auto parsed = MessageView::parse(*message);
  ASSERT_TRUE(parsed);
  int i = 0;
  for (const ResourceRecord& record : parsed->records(Section::answer))
    EXPECT_EQ(record.owner.to_string(), "host" + std::to_string(i++) + ".kubenet.");
  EXPECT_EQ(i, 200);
}

}  // namespace
}  // namespace berth::dns
