// Any message that parses can be printed, built anew from its parsed form, and says the same then.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "protocol/dns/text.hpp"
#include "tests/protocol/dns/rebuild.hpp"

namespace {

using namespace berth;

void require(bool condition) {
  if (!condition) std::abort();
}

bool has_tsig(const dns::MessageView& message) {
  for (const dns::ResourceRecord& record : message.records(dns::Section::additional))
    if (record.type == dns::RrType::tsig) return true;
  return false;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = dns::MessageView::parse(std::as_bytes(std::span(data, size)));
  if (!message) return 0;
  require(!dns::to_text(*message).empty());

  // The builder puts OPT last, where TSIG would have to be; our server signs nothing.
  if (has_tsig(*message)) return 0;
  // A compressor with a bounded memory may need more room than the sender's did.
  std::vector<std::byte> out(std::size_t{2} << 20);
  const auto built = test::rebuild(*message, out);
  require(built.has_value());
  const auto again = dns::MessageView::parse(*built);
  require(again && test::same(*message, *again));
  return 0;
}
