#include "config/diagnostic.hpp"

#include <algorithm>
#include <utility>

#include "config/utf8.hpp"

namespace berth::config {
namespace {

constexpr std::size_t max_line_shown = 120;
constexpr std::size_t max_quoted = 64;

bool is_continuation(char octet) noexcept {
  return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}
bool is_control(char octet) noexcept {
  return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
}

// Of U+0080 to U+009F, which begin a terminal's commands as ESC does.
bool is_control(std::string_view character) noexcept {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<unsigned char>(character[1]) < 0xa0;
}

void append_escaped(std::string& out, char octet) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(octet);
  out += "\\x";
  out += digits[value >> 4];
  out += digits[value & 15];
}

// The lines of a text by number, in one pass as long as the numbers do not fall.
class Lines {
 public:
  explicit Lines(std::string_view text) noexcept : text_(text) {}

  std::string_view at(std::uint32_t number) noexcept {
    if (number < current_) {
      current_ = 1;
      begin_ = 0;
    }
    for (; current_ < number; ++current_) {
      const std::size_t end = text_.find('\n', begin_);
      if (end == std::string_view::npos) return {};
      begin_ = end + 1;
    }
    std::string_view line = text_.substr(begin_, text_.find('\n', begin_) - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view text_;
  std::uint32_t current_ = 1;
  std::size_t begin_ = 0;
};

// The line and a caret below octet `column` (from 1). The caret's line repeats the tabs above it,
// so that it stands right whatever their width.
void append_excerpt(std::string& out, std::string_view line, std::size_t column) {
  constexpr std::string_view indent = "    ";
  const std::size_t at = std::min(column - 1, line.size());
  std::size_t first =
      at > max_line_shown / 2 && line.size() > max_line_shown ? at - max_line_shown / 2 : 0;
  while (first > 0 && is_continuation(line[first])) --first;
  std::size_t last = std::min(line.size(), first + max_line_shown);
  while (last < line.size() && is_continuation(line[last])) ++last;

  std::string caret;
  out += indent;
  if (first > 0) {
    out += "…";
    caret += ' ';
  }
  for (std::size_t i = first; i < last;) {
    const std::size_t size = std::max<std::size_t>(utf8_size(line.substr(i)), 1);
    const std::string_view character = line.substr(i, size);
    const bool is_shown =
        character == "\t" ||
        (utf8_size(character) != 0 && !is_control(character[0]) && !is_control(character));
    out += is_shown ? character : "?";
    if (i < at) caret += character == "\t" ? '\t' : ' ';
    i += size;
  }
  if (last < line.size()) out += "…";
  out += '\n';
  out += indent;
  out += caret;
}

struct Palette {
  std::string_view bold;
  std::string_view mark;
  std::string_view reset;
};

void append(std::string& out, const Diagnostic& diagnostic, std::string_view file_name,
            std::string_view line, const Palette& palette) {
  const Location& where = diagnostic.where;
  out += palette.bold;
  out += file_name;
  if (where.line != 0) out += ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
  out += ':';
  out += palette.reset;
  out += ' ';
  if (!diagnostic.path.empty()) out += diagnostic.path + ": ";
  out += diagnostic.message;
  out += '\n';
  if (where.line != 0 && !line.empty()) {
    append_excerpt(out, line, where.column);
    out += palette.mark;
    out += '^';
    out += palette.reset;
    out += '\n';
  }
  if (!diagnostic.suggestion.empty()) out += "    did you mean `" + diagnostic.suggestion + "`?\n";
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  ++count_;
  if (kept_.size() < max_kept) kept_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::in_file_order() && {
  std::ranges::stable_sort(kept_, {}, &Diagnostic::where);
  return std::move(kept_);
}

std::string format(std::span<const Diagnostic> diagnostics, std::string_view file_name,
                   std::string_view text, Colour colour) {
  const Palette palette =
      colour == Colour::always ? Palette{"\x1b[1m", "\x1b[1;31m", "\x1b[0m"} : Palette{};
  Lines lines(text);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics)
    append(out, diagnostic, file_name, lines.at(diagnostic.where.line), palette);
  return out;
}

std::string in_quotes(std::string_view text) {
  std::size_t shown = std::min(text.size(), max_quoted);
  while (shown < text.size() && shown > 0 && is_continuation(text[shown])) --shown;
  std::string out = "`";
  for (const char octet : text.substr(0, shown)) {
    if (is_control(octet))
      append_escaped(out, octet);
    else
      out += octet;
  }
  if (shown < text.size()) out += "…";
  out += '`';
  return out;
}

}  // namespace berth::config
