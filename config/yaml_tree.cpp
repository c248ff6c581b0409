#include "config/yaml_tree.hpp"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <istream>
#include <streambuf>
#include <utility>

#include "config/utf8.hpp"

namespace berth::config {
namespace {

constexpr std::size_t max_depth = 32;

// Open brackets at one place. yaml-cpp keeps every token since the outermost bracket until that one
// is closed, so that a megabyte of brackets would cost it a hundred; no plan comes near.
constexpr std::size_t max_open_brackets = 1000;

constexpr std::string_view tab_message = "a tab; YAML indents with spaces only";

Location location(const YAML::Mark& mark) noexcept {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// What yaml-cpp says, in words for the one who wrote the file.
std::string in_our_words(std::string_view message) {
  struct Row {
    std::string_view theirs;
    std::string_view ours;
  };
  static constexpr std::array<Row, 12> rows{{
      {"illegal tab when looking for indentation", tab_message},
      {"illegal map value", "a `:` where no value can stand; text that holds `: ` needs quotes"},
      {"illegal map key", "a key where none can stand"},
      {"illegal block entry", "a `- ` where no list item can stand"},
      {"illegal flow end", "a closing bracket without an opening one"},
      {"end of map not found", "this line is not indented like those before it"},
      {"end of sequence not found", "this line is not indented like those before it"},
      {"end of map flow not found", "a `{` before this place has no `}`"},
      {"end of sequence flow not found", "a `[` before this place has no `]`"},
      {"unknown token", "text cannot start with this character unless it is in quotes"},
      {"the referenced anchor is not defined", "an alias of something that is not there"},
      {"bad file", "lists and maps are nested too deeply"},
  }};
  const auto* const row = std::ranges::find(rows, message, &Row::theirs);
  return std::string(row == rows.end() ? message : row->ours);
}

// The column of a tab that indents the given line; 0 when there is none. yaml-cpp names whatever
// the tab led it to.
std::uint32_t indenting_tab(std::string_view text, std::uint32_t line) noexcept {
  std::size_t begin = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return 0;
    begin = end + 1;
  }
  const std::size_t tab = text.find_first_not_of(' ', begin);
  return tab != std::string_view::npos && text[tab] == '\t'
             ? static_cast<std::uint32_t>(tab - begin + 1)
             : 0;
}

Diagnostic explained(const YAML::Exception& failure, std::string_view text) {
  Location where = location(failure.mark);
  const std::uint32_t tab = where.line == 0 ? 0 : indenting_tab(text, where.line);
  if (tab != 0) where.column = tab;
  return {where, {}, tab != 0 ? std::string(tab_message) : in_our_words(failure.msg), {}};
}

// A stream over text that somebody else owns.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* const begin = const_cast<char*>(text.data());  // NOLINT: setg() wants it; never written
    setg(begin, begin, begin + text.size());
  }
};

// The place of octet `at`.
Location locate(std::string_view text, std::size_t at) noexcept {
  const std::string_view before = text.substr(0, at);
  const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1);
  const std::size_t begin = before.rfind('\n') + 1;
  return {line, static_cast<std::uint32_t>(at - begin + 1)};
}

// Why the text cannot be given to the parser, at which octet; an empty reason when it can.
struct Refusal {
  std::size_t at = 0;
  std::string_view reason;
};

Refusal screen(std::string_view text) noexcept {
  if (text.size() > max_file_size) return {0, "the file is over 16 MiB"};
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char octet = text[at];
    if (octet == '\r' && !text.substr(at + 1).starts_with('\n'))
      return {at, "a carriage return without a line feed"};
    if (octet == 0x7f ||
        (octet >= 0 && octet < ' ' && octet != '\n' && octet != '\r' && octet != '\t'))
      return {at, "a control character; this is not a text file"};
    if (octet == '[' || octet == '{') ++open;
    if ((octet == ']' || octet == '}') && open > 0) --open;
    if (open > max_open_brackets) return {at, "lists and maps are nested too deeply"};
    const std::size_t size = utf8_size(text.substr(at));
    if (size == 0) return {at, "not UTF-8 text"};
    at += size;
  }
  return {};
}

// True when the quoted text that opens at `at` is closed; yaml-cpp takes the end of the file for a
// quote.
bool is_closed(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return true;
  const char quote = text[at];
  if (quote != '"' && quote != '\'') return true;
  for (++at; at < text.size(); ++at) {
    if (text[at] == quote) {
      if (quote == '"' || !text.substr(at + 1).starts_with('\'')) return true;
      ++at;
    } else if (quote == '"' && text[at] == '\\') {
      ++at;
    }
  }
  return false;
}

}  // namespace

// Turns the parser's events into a tree.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::size_t text_size, Diagnostics& errors) : errors_(errors) {
    tree_.items_.reserve(text_size / 10 + 16);
    tree_.texts_.reserve(text_size);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!tree_.items_.empty())
      throw YAML::ParserException(mark, "a second document; a plan is one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(TreeNode::Kind::nothing, mark, anchor, "?");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "aliases (`*name`) are not used here; write it out");
    add(TreeNode::Kind::nothing, mark, 0, "?");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Tree::Item& item = add(TreeNode::Kind::text, mark, anchor, tag);
    item.text_at = static_cast<std::uint32_t>(tree_.texts_.size());
    item.size = static_cast<std::uint32_t>(value.size());
    item.quoted = tag == "!";
    tree_.texts_ += value;
    last_text_ = static_cast<std::size_t>(mark.pos);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(TreeNode::Kind::list, mark, anchor, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(TreeNode::Kind::map, mark, anchor, tag);
  }
  void OnMapEnd() override { close(); }

  // Where the last text begins, in octets.
  std::size_t last_text() const noexcept { return last_text_; }

  Tree take() && {
    if (tree_.items_.empty()) tree_.items_.push_back({.where = {1, 1}, .end = 1});
    return std::move(tree_);
  }

 private:
  Tree::Item& add(TreeNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                  std::string_view tag) {
    if (anchor != 0) refuse(mark, "anchors (`&name`) are not used here");
    if (tag != "?" && tag != "!" && !tag.empty()) refuse(mark, "tags (`!name`) are not used here");
    Location where = location(mark);
    // Of nothing, yaml-cpp names the next token's place, lines below.
    if (kind == TreeNode::Kind::nothing && is_value()) where = tree_.items_.back().where;
    if (!open_.empty()) ++tree_.items_[open_.back()].size;
    const auto index = static_cast<std::uint32_t>(tree_.items_.size());
    return tree_.items_.emplace_back(Tree::Item{.where = where, .end = index + 1, .kind = kind});
  }
  // True when what comes next is the value of a map's key.
  bool is_value() const noexcept {
    if (open_.empty()) return false;
    const Tree::Item& around = tree_.items_[open_.back()];
    return around.kind == TreeNode::Kind::map && around.size % 2 == 1;
  }
  void open(TreeNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            std::string_view tag) {
    if (open_.size() == max_depth)
      throw YAML::ParserException(mark, "lists and maps are nested too deeply");
    add(kind, mark, anchor, tag);
    open_.push_back(static_cast<std::uint32_t>(tree_.items_.size() - 1));
  }
  void close() {
    Tree::Item& item = tree_.items_[open_.back()];
    item.end = static_cast<std::uint32_t>(tree_.items_.size());
    if (item.kind == TreeNode::Kind::map) item.size /= 2;
    open_.pop_back();
  }
  void refuse(const YAML::Mark& mark, std::string_view why) {
    errors_.add({location(mark), {}, std::string(why), {}});
  }

  Tree tree_;
  std::vector<std::uint32_t> open_;
  std::size_t last_text_ = 0;
  Diagnostics& errors_;
};

std::optional<Tree> Tree::parse(std::string_view text, Diagnostics& errors) noexcept {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (const Refusal refusal = screen(text); !refusal.reason.empty()) {
    errors.add({locate(text, refusal.at), {}, std::string(refusal.reason), {}});
    return std::nullopt;
  }
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    TreeBuilder builder(text.size(), errors);
    while (parser.HandleNextDocument(builder)) {
    }
    if (!is_closed(text, builder.last_text())) {
      errors.add({locate(text, builder.last_text()), {}, "this quote is never closed", {}});
      return std::nullopt;
    }
    return std::move(builder).take();
  } catch (const YAML::Exception& failure) {
    errors.add(explained(failure, text));
  } catch (const std::exception& failure) {
    errors.add({{}, {}, failure.what(), {}});
  }
  return std::nullopt;
}

}  // namespace berth::config
