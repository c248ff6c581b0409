#include "config/layout.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/formatted.hpp"
#include "config/role.hpp"
#include "protocol/net/mac.hpp"

namespace berth::config {
namespace {

using Kind = TreeNode::Kind;

constexpr std::size_t step = 2;  // of indentation
constexpr std::string_view dash = "-";
constexpr std::string_view modeline = "# yaml-language-server:";

bool is_container(const Written& value) noexcept {
  return value.kind == Kind::list || value.kind == Kind::map;
}

bool has_comments(const Entry& entry);
bool has_comments(const Written& value) {
  return !value.behind.empty() ||
         std::ranges::any_of(value.entries, [](const Entry& entry) { return has_comments(entry); });
}
bool has_comments(const Entry& entry) {
  return !entry.above.empty() || !entry.beside.empty() || has_comments(entry.value);
}

// Unquoted text that means the same inside of brackets as outside.
bool is_plain_anywhere(std::string_view text) noexcept {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+@:-";
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos &&
         text.front() != '-' && text.front() != ':' && text.front() != '@' && text.back() != ':';
}

bool is_quoted(std::string_view source) noexcept {
  return source.starts_with('"') || source.starts_with('\'');
}

std::string text_of(const Written& value, const Role& role) {
  if (role.kind == Role::Kind::macs)
    if (const auto mac = net::MacAddress::parse(value.text)) return net::to_string(*mac);
  return std::string(value.source);
}

std::string_view key_of(const Entry& entry, const Role& role) {
  return role.knows(entry.key) ? entry.key : entry.key_text;
}

std::vector<const Entry*> in_order(const Written& value, const Role& role) {
  std::vector<const Entry*> entries;
  entries.reserve(value.entries.size());
  for (const Entry& entry : value.entries) entries.push_back(&entry);
  if (value.kind == Kind::map)
    std::ranges::stable_sort(entries, {},
                             [&role](const Entry* one) { return role.rank(one->key); });
  return entries;
}

// The value as it stands inside of brackets; nothing when it cannot.
std::optional<std::string> in_brackets(const Written& value, const Role& role,
                                       bool was_in_brackets);

// A list or map in brackets, on one line.
std::optional<std::string> bracketed(const Written& value, const Role& role) {
  const bool is_map = value.kind == Kind::map;
  std::string text(is_map ? "{" : "[");
  for (const Entry* const entry : in_order(value, role)) {
    if (has_comments(*entry)) return std::nullopt;
    const Role its = is_map ? role.inside(entry->key) : role.of_item();
    const auto inside = in_brackets(entry->value, its, value.in_brackets);
    if (!inside) return std::nullopt;
    if (text.size() > 1) text += ", ";
    if (is_map) {
      const std::string_view key = key_of(*entry, role);
      if (!value.in_brackets && !is_quoted(key) && !is_plain_anywhere(key)) return std::nullopt;
      text.append(key) += ": ";
    }
    text += *inside;
  }
  return text + (is_map ? '}' : ']');
}

std::optional<std::string> in_brackets(const Written& value, const Role& role,
                                       bool was_in_brackets) {
  if (value.kind == Kind::nothing) return "~";
  if (is_container(value)) {
    if (!value.behind.empty()) return std::nullopt;
    return bracketed(value, role);
  }
  std::string text = text_of(value, role);
  if (!was_in_brackets && !is_quoted(text) && !is_plain_anywhere(text)) return std::nullopt;
  return text;
}

// How a list or map is written that may go into brackets or not: what the operator chose.
enum class Choice : bool { as_written, brackets };

class Layout {
 public:
  std::string lay_out(CommentedPlan plan);

 private:
  // An entry of a block, with its value where that stands on the entry's own line.
  struct Line {
    const Entry* entry = nullptr;
    Role role;        // of the value
    std::string key;  // with the colon; of an item the dash
    std::optional<std::string> value;
  };

  void take_title(Entry& first);
  void block(const Written& value, const Role& role, std::size_t indent, Choice choice,
             bool is_behind_dash);
  std::vector<Line> lines_of(const Written& value, const Role& role, std::size_t indent,
                             Choice choice) const;
  void comments(const std::vector<Comment>& list, std::size_t indent, bool is_start);
  // All up to the key or dash itself. `is_behind_dash`: on the line of the item around it, above
  // which its comments go.
  void above(const Line& line, std::size_t indent, bool is_start, bool is_behind_dash);
  void beside(const Entry& entry);

  std::string out_;
  std::size_t dash_at_ = 0;  // where the last line begins that has a key or a dash of its own
  std::size_t dash_indent_ = 0;
};

std::optional<std::string> on_one_line(const Written& value, const Role& role, Choice choice,
                                       std::size_t room) {
  if (value.kind == Kind::text) return text_of(value, role);
  if (value.kind == Kind::nothing) return std::string();
  if (value.entries.empty()) return value.kind == Kind::map ? "{}" : "[]";
  if (role.is_outline() || has_comments(value)) return std::nullopt;
  if (!value.in_brackets && choice == Choice::as_written) return std::nullopt;
  auto text = bracketed(value, role);
  if (text && text->size() > room) return std::nullopt;
  return text;
}

void write(std::string& out, const std::vector<Comment>& list, std::size_t indent, bool is_start) {
  for (const Comment& comment : list) {
    if (comment.after_empty_line && !is_start) out += '\n';
    is_start = false;
    out.append(indent, ' ').append(comment.text) += '\n';
  }
}

// Hosts in brackets stand in columns.
void align(const std::vector<std::string*>& keys) {
  std::size_t width = 0;
  for (const std::string* key : keys) width = std::max(width, key->size());
  for (std::string* key : keys) key->resize(width, ' ');
}

std::vector<Layout::Line> Layout::lines_of(const Written& value, const Role& role,
                                           std::size_t indent, Choice choice) const {
  std::vector<Line> lines;
  for (const Entry* const entry : in_order(value, role)) {
    const bool is_map = value.kind == Kind::map;
    Line& line = lines.emplace_back();
    line.entry = entry;
    line.role = is_map ? role.inside(entry->key) : role.of_item();
    line.key = is_map ? std::string(key_of(*entry, role)) + ':' : std::string(dash);
    const Role& inside = line.role;
    const std::size_t taken = indent + line.key.size() + 1;
    const Choice its =
        inside.is_host() || inside.kind == Role::Kind::macs ? Choice::brackets : choice;
    line.value = on_one_line(entry->value, inside, its,
                             taken < formatted_width ? formatted_width - taken : 0);
    if (!is_map && entry->value.kind == Kind::nothing) line.value.emplace("~");
  }
  if (role.kind != Role::Kind::names) return lines;
  std::vector<std::string*> group;
  for (Line& line : lines) {
    const bool starts = !line.entry->above.empty() || line.entry->after_empty_line;
    const bool fits = line.value && line.value->starts_with('{');
    if (starts || !fits) align(std::exchange(group, {}));
    if (fits) group.push_back(&line.key);
  }
  align(group);
  return lines;
}

void Layout::comments(const std::vector<Comment>& list, std::size_t indent, bool is_start) {
  write(out_, list, indent, is_start);
}

// The comments above an entry, and those that have no other place once its value is laid out.
std::vector<Comment> comments_above(const Entry& entry, bool is_item_of_lines) {
  std::vector<Comment> list = entry.above;
  if (entry.value.entries.empty())
    list.insert(list.end(), entry.value.behind.begin(), entry.value.behind.end());
  if (is_item_of_lines && !entry.beside.empty()) list.push_back({entry.beside, false});
  return list;
}

void Layout::above(const Line& line, std::size_t indent, bool is_start, bool is_behind_dash) {
  const auto list = comments_above(*line.entry, line.key == dash && !line.value);
  if (is_behind_dash) {
    std::string lines;
    write(lines, list, dash_indent_, true);
    out_.insert(dash_at_, lines);
    dash_at_ += lines.size();
    return;
  }
  comments(list, indent, is_start);
  if (line.entry->after_empty_line && !(is_start && list.empty())) out_ += '\n';
  dash_at_ = out_.size();
  dash_indent_ = indent;
  out_.append(indent, ' ');
}

void Layout::beside(const Entry& entry) {
  if (!entry.beside.empty()) {
    const std::size_t line = out_.rfind('\n') + 1;
    const std::size_t width = out_.size() - line;
    out_.append(entry.beside_column > width ? entry.beside_column - width : step, ' ');
    out_ += entry.beside;
  }
  out_ += '\n';
}

void Layout::block(const Written& value, const Role& role, std::size_t indent, Choice choice,
                   bool is_behind_dash) {
  bool is_start = true;
  for (const Line& line : lines_of(value, role, indent, choice)) {
    above(line, indent, is_start, is_start && is_behind_dash);
    is_start = false;
    const bool is_item = line.key == dash;
    out_ += line.key;
    if (line.value && !line.value->empty()) out_.append(1, ' ').append(*line.value);
    if (line.value || !is_item) beside(*line.entry);
    if (line.value) continue;
    if (is_item) out_ += ' ';
    block(line.entry->value, line.role, indent + step,
          line.role.is_host() ? Choice::brackets : choice, is_item);
  }
  comments(value.behind, indent, false);
}

// What stands above the first entry and is about the file: all down to the last empty line, and the
// line in which editors look for the schema.
void Layout::take_title(Entry& first) {
  auto& list = first.above;
  auto end = list.begin();
  if (first.after_empty_line) {
    end = list.end();
  } else {
    const auto last = std::find_if(list.rbegin(), list.rend(),
                                   [](const Comment& comment) { return comment.after_empty_line; });
    if (last != list.rend()) end = last.base() - 1;
    if (end == list.begin() && !list.empty() && list.front().text.starts_with(modeline)) ++end;
  }
  const bool is_apart = end == list.end() ? first.after_empty_line : end->after_empty_line;
  const std::vector<Comment> title(list.begin(), end);
  list.erase(list.begin(), end);
  comments(title, 0, true);
  if (is_apart && !title.empty()) out_ += '\n';
  (list.empty() ? first.after_empty_line : list.front().after_empty_line) = false;
}

std::string Layout::lay_out(CommentedPlan plan) {
  comments(plan.head, 0, true);
  if (plan.has_marker) out_ += "---\n";
  Entry& root = plan.root;
  if (!is_container(root.value) || root.value.entries.empty()) {
    comments(root.above, 0, true);
    if (root.value.kind != Kind::nothing) {
      out_ += *on_one_line(root.value, {}, Choice::as_written, 0);
      beside(root);
    }
    comments(root.value.behind, 0, true);
    return std::move(out_);
  }
  comments(root.above, 0, true);
  take_title(root.value.entries.front());
  block(root.value, {}, 0, Choice::as_written, false);
  return std::move(out_);
}

}  // namespace

std::string lay_out(CommentedPlan plan) { return Layout().lay_out(std::move(plan)); }

}  // namespace berth::config
