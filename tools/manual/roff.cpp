#include "tools/manual/roff.hpp"

#include <algorithm>

#include "config/version.hpp"

namespace berth::tools {
namespace {

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return upper;
}

// An argument of a macro.
std::string argument(std::string_view text) { return '"' + roff_text(text) + '"'; }

}  // namespace

std::string roff_text(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char letter : text) {
    // A control line begins with one of these.
    if (at_start && (letter == '.' || letter == '\'')) out += "\\&";
    at_start = letter == '\n';
    switch (letter) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '"': out += "\\(dq"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += letter;
    }
  }
  return out;
}

Roff::Roff(std::string_view name, int section, std::string_view summary) {
  text_ = ".TH " + argument(upper_case(name)) + ' ' + std::to_string(section) + " \"\" " +
          argument("berth " + std::string(version)) + '\n';
  heading("name");
  while (summary.ends_with('.')) summary.remove_suffix(1);
  text_ += roff_text(name) + " \\- " + roff_text(summary) + '\n';
}

Roff& Roff::heading(std::string_view title) {
  text_ += ".SH " + argument(upper_case(title)) + '\n';
  return *this;
}

Roff& Roff::subheading(std::string_view title) {
  text_ += ".SS " + argument(title) + '\n';
  return *this;
}

Roff& Roff::paragraph(std::string_view text) {
  text_ += ".PP\n" + roff_text(text) + '\n';
  return *this;
}

Roff& Roff::item(std::string_view term, std::string_view value, std::string_view text) {
  text_ += ".TP\n\\fB" + roff_text(term) + "\\fR";
  if (!value.empty()) text_ += " \\fI" + roff_text(value) + "\\fR";
  text_ += '\n' + roff_text(text) + '\n';
  return *this;
}

Roff& Roff::example(std::string_view lines) {
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  text_ += ".PP\n.EX\n" + roff_text(lines) + "\n.EE\n";
  return *this;
}

Roff& Roff::usage(std::string_view command, std::string_view arguments) {
  text_ += ".PP\n\\fB" + roff_text(command) + "\\fR";
  if (!arguments.empty()) text_ += " \\fI" + roff_text(arguments) + "\\fR";
  text_ += '\n';
  return *this;
}

}  // namespace berth::tools
