// A YAML file as a compact tree: nodes in one vector in the order of the file, texts in one arena,
// both given back as a whole. Only the part of YAML that a configuration needs: one document of
// maps, lists and texts. Anchors, aliases and tags are mistakes, and every scalar stays the text it
// is written as (YAML 1.1 would read an all-digit MAC as a number to the base 60).
// yaml_tree.cpp is the only file that knows yaml-cpp, and the one that catches its exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostic.hpp"

namespace berth::config {

inline constexpr std::size_t max_file_size = std::size_t{16} * 1024 * 1024;

class Tree;

// A node of a tree that outlives it. A value of two words; copy it.
class TreeNode {
 public:
  enum class Kind : std::uint8_t { nothing, text, list, map };

  TreeNode(const Tree& tree, std::uint32_t index) noexcept : tree_(&tree), index_(index) {}

  Kind kind() const noexcept;
  // Of a key without a value: the key's.
  Location where() const noexcept;
  // REQUIRES: kind() == text
  std::string_view text() const noexcept;
  bool is_quoted() const noexcept;
  // Of a list its items, of a map its pairs.
  std::size_t size() const noexcept;

  // The first node inside a list or map, and the one that follows this one there. A map's keys and
  // values take turns. REQUIRES: there is one.
  TreeNode first() const noexcept { return {*tree_, index_ + 1}; }
  TreeNode next() const noexcept;

 private:
  const Tree* tree_;
  std::uint32_t index_;
};

class Tree {
 public:
  // Nothing when the text is not YAML or not within the limits; the errors say why. A tree may come
  // with errors too. Never throws.
  static std::optional<Tree> parse(std::string_view text, Diagnostics& errors) noexcept;

  TreeNode root() const noexcept { return {*this, 0}; }

 private:
  friend class TreeNode;
  friend class TreeBuilder;

  struct Item {
    Location where;
    std::uint32_t text_at = 0;  // into texts_
    std::uint32_t size = 0;     // of the text; of the list or map
    std::uint32_t end = 0;      // the index behind the last node inside
    TreeNode::Kind kind = TreeNode::Kind::nothing;
    bool quoted = false;
  };

  std::vector<Item> items_;
  std::string texts_;
};

inline TreeNode::Kind TreeNode::kind() const noexcept { return tree_->items_[index_].kind; }
inline Location TreeNode::where() const noexcept { return tree_->items_[index_].where; }
inline bool TreeNode::is_quoted() const noexcept { return tree_->items_[index_].quoted; }
inline std::size_t TreeNode::size() const noexcept { return tree_->items_[index_].size; }
inline TreeNode TreeNode::next() const noexcept { return {*tree_, tree_->items_[index_].end}; }
inline std::string_view TreeNode::text() const noexcept {
  const Tree::Item& item = tree_->items_[index_];
  return std::string_view(tree_->texts_).substr(item.text_at, item.size);
}

}  // namespace berth::config
