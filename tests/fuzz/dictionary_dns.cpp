// Record types and classes, in wire form and as text; labels of names that the responder knows.
#include <cstdint>

#include "protocol/dns/types.hpp"
#include "tests/fuzz/dictionary.hpp"

int main() {
  using namespace berth;
  using test::big_endian;
  using test::print_entry;

  test::each_rr_type([](std::uint32_t code, std::string_view text) {
    print_entry(text);
    print_entry(big_endian(code, 2) + big_endian(1, 2));  // and class IN
  });
  for (std::uint32_t code = 0; code < 0x10000; ++code)
    if (!name(dns::RrClass(code)).empty()) print_entry(big_endian(code, 2));
  for (const std::string_view label :
       {"arpa", "bind", "control0", "in-addr", "kubenet", "localhost", "version"})
    print_entry(big_endian(label.size(), 1) + std::string(label));
  print_entry("\xc0\x0c");                                                    // the question's name
  print_entry(big_endian(0x29, 3) + big_endian(1232, 2) + big_endian(0, 6));  // OPT
}
