// Messages as real clients send them, in tests/golden/dhcp: each *.hex with the *.txt that its line
// and its dump must be, and the ways of breaking them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "protocol/dhcp/client_fqdn.hpp"
#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/relay_agent.hpp"
#include "protocol/dhcp/text.hpp"
#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(BERTH_GOLDEN_DHCP))
    if (entry.path().extension() == ".hex") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Golden : public testing::TestWithParam<std::filesystem::path> {
 protected:
  Octets octets() const { return test::read_hex_file(GetParam().string()); }
};

bool within(wire::Bytes inner, wire::Bytes outer) {
  return inner.empty() || (inner.data() >= outer.data() &&
                           inner.data() + inner.size() <= outer.data() + outer.size());
}

// Every accessor, for whatever parse() let through.
void read_everything(wire::Bytes octets) {
  const auto message = MessageView::parse(octets);
  if (!message) return;
  EXPECT_TRUE(within(message->chaddr(), octets));
  EXPECT_TRUE(within(wire::bytes_of(message->sname()), octets));
  EXPECT_TRUE(within(wire::bytes_of(message->file()), octets));
  for (const OptionView& option : message->options()) {
    EXPECT_TRUE(within(option.value, octets));
    EXPECT_TRUE(message->find(option.code));
    if (option.code == OptionCode::relay_agent_information) {
      if (const auto relay = RelayAgentInformation::parse(option.value)) {
        EXPECT_TRUE(within(relay->circuit_id().value_or(wire::Bytes()), octets));
      }
    }
  }
  Octets scratch(octets.size());
  for (unsigned code = 0; code < 256; ++code) {
    EXPECT_EQ(message->find(OptionCode(code)).has_value(),
              message->collect(OptionCode(code), scratch).has_value())
        << code;
  }
  EXPECT_EQ(to_line(*message).find('\n'), std::string::npos);
  EXPECT_FALSE(to_dump(*message).empty());
}

TEST_P(Golden, ReadsAsItsText) {
  const auto file = octets();
  const auto message = MessageView::parse(file);
  ASSERT_TRUE(message) << name(message.error());
  const auto expected_text =
      test::read_text_file(std::filesystem::path(GetParam()).replace_extension(".txt").string());
  EXPECT_EQ(to_line(*message) + "\n" + to_dump(*message), expected_text);
}

// A message may stop between two options, since some clients leave `end` out, but not within one.
TEST_P(Golden, IsRefusedWhenCutWithinAnOption) {
  const auto file = octets();
  std::vector<bool> may_end_at(file.size() + 1);
  wire::Bytes area = wire::Bytes(file).subspan(field::options);
  OptionStep step = next_option(area);
  may_end_at[field::options] = true;
  for (; step.kind == OptionStep::Kind::option; step = next_option(area)) {
    area = step.rest;
    may_end_at[file.size() - area.size()] = true;
  }
  std::fill(may_end_at.end() - static_cast<std::ptrdiff_t>(area.size()), may_end_at.end(), true);

  for (std::size_t size = 0; size < file.size(); ++size) {
    const Octets cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(MessageView::parse(cut).has_value(), may_end_at[size]) << size;
    read_everything(cut);
  }
}

TEST_P(Golden, SurvivesEveryChangedOctet) {
  const auto file = octets();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const unsigned change : {0x01u, 0x80u, 0xffu}) {
      Octets changed = file;
      changed[at] ^= static_cast<std::byte>(change);
      read_everything(changed);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Messages, Golden, testing::ValuesIn(golden_files()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace berth::dhcp
