// A plan as it is written: the tree with each scalar's own octets, each comment at the entry to
// which it belongs, and the empty lines between entries. What formatting starts from. Internal to
// config/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/expected.hpp"

namespace berth::config {

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

struct Comment {
  std::string_view text;  // from `#` to the last octet that is no space
  bool after_empty_line = false;
};

struct Entry;

struct Written {
  TreeNode::Kind kind = TreeNode::Kind::nothing;
  bool in_brackets = false;     // a list or map in flow style
  std::string_view source;      // of a text, with its quotes
  std::string_view text;        // of a text, what it means
  std::list<Entry> entries;     // of a list or map; a list because others point to them
  std::vector<Comment> behind;  // comments on lines of their own, behind the last entry
};

// A pair of a map, or an item of a list, which has no key.
struct Entry {
  std::vector<Comment> above;
  bool after_empty_line = false;
  std::string_view key;       // what it means
  std::string_view key_text;  // as written
  Written value;
  std::string_view beside;  // the comment at the end of the line
  std::size_t beside_column = 0;
};

struct CommentedPlan {
  std::vector<Comment> head;  // above `---`
  bool has_marker = false;    // `---`
  Entry root;
  std::vector<std::string_view> comments;  // all of them, in the file's order
};

// Borrows from both. REQUIRES: `tree` was parsed from `text` without an error; text has no byte
// order mark. The diagnostic names what of YAML cannot be carried along.
expected<CommentedPlan, Diagnostic> read_commented(const Tree& tree, std::string_view text);

}  // namespace berth::config
