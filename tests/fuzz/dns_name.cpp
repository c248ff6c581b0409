// Any name that parses has one meaning: its copies, its text and its wire form all agree. The first
// octet says where in the rest the name stands; the rest is also read as text.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "protocol/dns/name_view.hpp"

namespace {

using namespace berth;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const dns::Name& name) {
  const auto from_wire = dns::Name::from_wire(name.wire());
  require(from_wire && *from_wire == name);
  const auto from_text = dns::Name::parse(name.to_string());
  require(from_text && wire::equal(from_text->wire(), name.wire()));
  require((name <=> *from_text) == 0 && name.is_at_or_below(*from_text));
  if (!name.is_root()) require(name.is_at_or_below(name.parent()));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto octets = std::as_bytes(std::span(data, size)).subspan(1);
  if (const auto view = dns::NameView::parse(octets, data[0])) {
    require(view->size() >= 1 && view->size() <= dns::max_name_size);
    require(view->end() <= octets.size());
    const dns::Name name = view->to_name();
    require(*view == name && name.size() == view->size());
    check(name);
  }
  if (const auto name = dns::Name::parse(wire::text_of(octets))) check(*name);
  if (const auto name = dns::Name::from_wire(octets)) check(*name);
  return 0;
}
