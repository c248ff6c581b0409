// What is wrong with a file, and how a person is told: place, key path, sentence, the line itself
// with a caret, and what was probably meant. Values; not synchronised.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace berth::config {

struct Diagnostic {
  Location where;
  std::string path;        // "hosts.worker0.address"; empty for the file as a whole
  std::string message;     // printable, without a final dot
  std::string suggestion;  // what was probably meant; empty when nobody knows
};

// Collects diagnostics in whatever order they are found. Counts all of them but keeps a bounded
// number, so that a hostile file cannot fill the memory with its own mistakes.
class Diagnostics {
 public:
  static constexpr std::size_t max_kept = 10'000;

  void add(Diagnostic diagnostic);
  std::size_t count() const noexcept { return count_; }
  // The kept ones by line and column; those of one place in the order of their finding.
  std::vector<Diagnostic> in_file_order() &&;

 private:
  std::vector<Diagnostic> kept_;
  std::size_t count_ = 0;
};

enum class Colour : bool { never, always };

//   berth.yaml:14:9: hosts.worker0.address: 192.168.201.7 lies outside 192.168.200.0/24
//       worker0: {mac: 52:52:52:00:00:04, address: 192.168.201.7}
//                                                  ^
//       did you mean …?
// `text` is the file's content. Takes time linear in the text when the diagnostics are in file
// order. Long lines are cut around the place.
std::string format(std::span<const Diagnostic> diagnostics, std::string_view file_name,
                   std::string_view text, Colour colour = Colour::never);

// The text in backquotes for use in a message: control characters as \xNN, cut when long.
std::string in_quotes(std::string_view text);

}  // namespace berth::config
