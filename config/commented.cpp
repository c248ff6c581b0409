#include "config/commented.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace berth::config {
namespace {

using Kind = TreeNode::Kind;

constexpr std::string_view several_lines =
    "text over several lines cannot be formatted; put it on one line, in quotes";

// How YAML writes nothing, apart from not at all.
constexpr std::array<std::string_view, 4> words_for_nothing{"~", "null", "Null", "NULL"};

// Walks tree and text side by side. The tree says what is where; all that stands between its texts
// is punctuation and comments.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
      lines_.push_back(at);
      at = text.find('\n', at);
      if (at != std::string_view::npos) ++at;
    }
  }

  expected<CommentedPlan, Diagnostic> read(TreeNode root) {
    read_value(root, plan_.root, 0);
    skip_to(text_.size());
    Entry& all = plan_.root;
    // The outermost brackets are left away, and with them the line on which this stood.
    if (!all.value.entries.empty() && !all.beside.empty())
      all.value.behind.push_back({std::exchange(all.beside, {}), false});
    all.value.behind.insert(all.value.behind.end(), pending_.begin(), pending_.end());
    if (fault_) return unexpected(std::move(*fault_));
    return std::move(plan_);
  }

 private:
  // A block list or map whose end is behind us, with the column of its entries.
  struct Closed {
    Written* value = nullptr;
    std::size_t column = 0;
  };

  std::size_t offset(Location where) const noexcept {
    return lines_[where.line - 1] + where.column - 1;
  }
  Location locate(std::size_t at) const noexcept {
    const auto line = std::ranges::upper_bound(lines_, at) - 1;
    return {static_cast<std::uint32_t>(line - lines_.begin() + 1),
            static_cast<std::uint32_t>(at - *line + 1)};
  }
  std::size_t column(std::size_t at) const noexcept {
    return at - *(std::ranges::upper_bound(lines_, at) - 1);
  }
  void refuse(std::size_t at, std::string_view why) {
    if (!fault_) fault_ = Diagnostic{locate(at), {}, std::string(why), {}};
  }

  // `least_column`: what lies further left is not within the value.
  void read_value(TreeNode node, Entry& holder, std::size_t least_column);
  void read_text(TreeNode node, Entry& holder);
  void read_entries(TreeNode node, Written& value, std::size_t inner_column);
  void begin(Entry& entry, std::size_t at);
  std::string_view scalar_at(TreeNode node);

  void skip_to(std::size_t end);
  void close_bracket();
  void step();
  void take_comment();
  void take_beside(Entry& entry, std::string_view comment, std::size_t column);
  void take_marker();

  std::string_view text_;
  std::vector<std::size_t> lines_;  // where each begins
  CommentedPlan plan_;
  std::optional<Diagnostic> fault_;

  std::size_t at_ = 0;            // up to here all is taken
  std::size_t empty_lines_ = 0;   // line feeds since the last token or comment
  bool is_behind_dash_ = false;   // of an item that has not begun
  Entry* beside_ = nullptr;       // whose a comment on this line is
  std::vector<Closed> closed_;    // since the last token, the innermost first
  std::size_t level_ = 0;         // the one that a further comment may belong to
  std::vector<Comment> pending_;  // comments of the entry to come
};

// Comments between a key and its value go above both.
void raise(std::vector<Comment>& pending, Entry& entry) {
  entry.above.insert(entry.above.end(), pending.begin(), pending.end());
  pending.clear();
}

void Reader::read_value(TreeNode node, Entry& holder, std::size_t least_column) {
  Written& value = holder.value;
  value.kind = node.kind();
  if (value.kind == Kind::nothing || fault_) return;
  if (value.kind == Kind::text) return read_text(node, holder);
  const std::size_t begin = offset(node.where());
  value.in_brackets = text_[begin] == '[' || text_[begin] == '{';
  if (!value.in_brackets) {
    // Items of a list may stand in the column of its key; comments there are the next key's.
    read_entries(node, value, column(begin) + 1);
    closed_.push_back({&value, std::max(column(begin), least_column)});
    return;
  }
  skip_to(begin);
  raise(pending_, holder);
  at_ = begin + 1;
  empty_lines_ = 0;
  beside_ = nullptr;
  read_entries(node, value, 0);
  close_bracket();
  value.behind = std::exchange(pending_, {});
  beside_ = &holder;
}

void Reader::read_text(TreeNode node, Entry& holder) {
  const std::size_t begin = offset(node.where());
  skip_to(begin);
  raise(pending_, holder);
  holder.value.text = node.text();
  holder.value.source = scalar_at(node);
  at_ = begin + holder.value.source.size();
  empty_lines_ = 0;
  beside_ = &holder;
}

void Reader::read_entries(TreeNode node, Written& value, std::size_t inner_column) {
  if (node.size() == 0) return;
  TreeNode next = node.first();
  for (std::size_t i = 0; i < node.size() && !fault_; ++i) {
    if (i != 0) next = next.next();
    Entry& entry = value.entries.emplace_back();
    if (node.kind() == Kind::map) {
      if (next.kind() != Kind::text) return refuse(at_, "a key that is no single word");
      begin(entry, offset(next.where()));
      entry.key = next.text();
      entry.key_text = scalar_at(next);
      at_ += entry.key_text.size();
      next = next.next();
    } else if (next.kind() != Kind::nothing) {
      begin(entry, offset(next.where()));
    }
    const bool is_bare = next.kind() == Kind::list || next.kind() == Kind::map;
    if (value.in_brackets && is_bare) {
      const char first = text_[offset(next.where())];
      if (first != '[' && first != '{') return refuse(at_, "a map without braces inside brackets");
    }
    read_value(next, entry, inner_column);
  }
}

// What stands before `at` is the last entry's and this one's.
void Reader::begin(Entry& entry, std::size_t at) {
  skip_to(at);
  entry.above = std::exchange(pending_, {});
  entry.after_empty_line = empty_lines_ > 1;
  closed_.clear();
  level_ = 0;
  is_behind_dash_ = false;
  empty_lines_ = 0;
  beside_ = &entry;
}

std::string_view Reader::scalar_at(TreeNode node) {
  const std::size_t begin = offset(node.where());
  const std::string_view rest = text_.substr(begin);
  const char first = rest.empty() ? '\n' : rest.front();
  std::size_t size = node.text().size();
  if (first == '"' || first == '\'') {
    for (size = 1; size < rest.size(); ++size) {
      if (first == '"' && rest[size] == '\\') {
        ++size;
      } else if (rest[size] == first) {
        if (first == '"' || !rest.substr(size + 1).starts_with('\'')) break;
        ++size;
      }
    }
    ++size;
  } else if (node.text() == "-" || node.text() == "?") {
    refuse(begin, "this needs quotes outside of brackets");
  } else if (rest.starts_with(byte_order_mark)) {
    refuse(begin, "a byte order mark stands at the begin of a file only");
  } else if (first == '|' || first == '>' || !rest.starts_with(node.text())) {
    refuse(begin, first == '!' ? "tags (`!`) are not used here" : several_lines);
  }
  const std::string_view source = rest.substr(0, size);
  if (source.find('\n') != std::string_view::npos) refuse(begin, several_lines);
  return source;
}

void Reader::skip_to(std::size_t end) {
  while (at_ < end && !fault_) step();
}

void Reader::close_bracket() {
  while (at_ < text_.size() && !fault_ && text_[at_] != ']' && text_[at_] != '}') step();
  ++at_;
  empty_lines_ = 0;
}

// One octet or one comment of what stands between two tokens.
void Reader::step() {
  const std::string_view rest = text_.substr(at_);
  switch (rest.front()) {
    case '\n':
      if (!is_behind_dash_) ++empty_lines_;
      beside_ = nullptr;
      break;
    case ' ':
    case '\t':
    case '\r':
    case ',':
    case ':': break;
    case '#': return take_comment();
    case '-':
      if (rest.starts_with("---")) return take_marker();
      level_ = closed_.size();
      is_behind_dash_ = true;
      break;
    case '.':
      if (rest.starts_with("..."))
        return refuse(at_, "the end of a document (`...`) is not used here");
      return refuse(at_, "this cannot be formatted");
    case '?': return refuse(at_, "a key behind a `?` cannot be formatted");
    case '%': return refuse(at_, "a directive (`%`) is not used here");
    default: {
      const auto* const word = std::ranges::find_if(
          words_for_nothing, [rest](std::string_view one) { return rest.starts_with(one); });
      if (word == words_for_nothing.end()) return refuse(at_, "this cannot be formatted");
      at_ += word->size();
      empty_lines_ = 0;
      return;
    }
  }
  ++at_;
}

void Reader::take_comment() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find('\n', begin), text_.size());
  std::string_view comment = text_.substr(begin, at_ - begin);
  comment = comment.substr(0, comment.find_last_not_of(" \t\r") + 1);
  plan_.comments.push_back(comment);
  if (beside_ != nullptr) return take_beside(*beside_, comment, column(begin));
  while (level_ < closed_.size() && column(begin) < closed_[level_].column) ++level_;
  auto& lines = level_ < closed_.size() ? closed_[level_].value->behind : pending_;
  lines.push_back({comment, empty_lines_ > 1});
  empty_lines_ = 0;
}

// There is room for one; a value on another line than its key may have brought a second.
void Reader::take_beside(Entry& entry, std::string_view comment, std::size_t column) {
  empty_lines_ = 0;
  if (!entry.beside.empty()) {
    entry.above.push_back({comment, false});
    return;
  }
  entry.beside = comment;
  entry.beside_column = column;
}

void Reader::take_marker() {
  plan_.has_marker = true;
  plan_.head = std::exchange(pending_, {});
  at_ += 3;
  empty_lines_ = 0;
}

}  // namespace

expected<CommentedPlan, Diagnostic> read_commented(const Tree& tree, std::string_view text) {
  return Reader(text).read(tree.root());
}

}  // namespace berth::config
