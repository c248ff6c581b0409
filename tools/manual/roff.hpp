// Manual pages in the man(7) macros. A value; owns its text.
#pragma once

#include <string>
#include <string_view>

namespace berth::tools {

// Text that no macro and no escape of roff's takes for its own.
std::string roff_text(std::string_view text);

class Roff {
 public:
  // NAME and all that stands around a page.
  Roff(std::string_view name, int section, std::string_view summary);

  Roff& heading(std::string_view title);
  Roff& subheading(std::string_view title);
  Roff& paragraph(std::string_view text);
  // A term in bold with what follows it in italics, and its explanation.
  Roff& item(std::string_view term, std::string_view value, std::string_view text);
  // Lines as they stand.
  Roff& example(std::string_view lines);
  // A word in bold and words in italics, as in a synopsis.
  Roff& usage(std::string_view command, std::string_view arguments);

  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace berth::tools
