// Any text gives a configuration or errors, never both nor neither; what is printed of the
// configuration loads to an equal one, and so does the formatted text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/formatted.hpp"
#include "config/load.hpp"
#include "config/print.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT: name
  using namespace berth::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Loaded loaded = load(text);
  require(loaded.config.has_value() == loaded.errors.empty());
  require(loaded.error_count >= loaded.errors.size());
  require(!loaded.errors.empty() == !format(loaded.errors, "file", text).empty());
  const auto once = formatted(text);
  require(once || once.error().message != formatting_would_change_it);
  if (once) {
    const Loaded same = load(*once);
    require(same.config == loaded.config && same.error_count == loaded.error_count);
    require(*formatted(*once) == *once);
  }
  // A host without an address needs a pool, which is not printed yet.
  if (!loaded.config || !loaded.not_yet.empty()) return 0;
  const Loaded again = load(print(*loaded.config));
  require(again.config && *again.config == *loaded.config && again.not_yet.empty());
  return 0;
}
