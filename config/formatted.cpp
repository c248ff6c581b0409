#include "config/formatted.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "config/layout.hpp"
#include "config/role.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/net/mac.hpp"

namespace berth::config {
namespace {

using Kind = TreeNode::Kind;

expected<CommentedPlan, Diagnostic> parse(std::string_view text, std::optional<Tree>& tree) {
  Diagnostics errors;
  tree = Tree::parse(text, errors);
  if (errors.count() != 0) return unexpected(std::move(errors).in_file_order().front());
  return read_commented(*tree, text);
}

std::vector<TreeNode> inside(TreeNode node) {
  std::vector<TreeNode> nodes;
  std::size_t count = node.size();
  if (node.kind() == Kind::map) count *= 2;
  for (std::size_t i = 0; i < count; ++i)
    nodes.push_back(i == 0 ? node.first() : nodes.back().next());
  return nodes;
}

using Pair = std::pair<TreeNode, TreeNode>;

std::vector<Pair> pairs(TreeNode map, const Role& role) {
  const auto nodes = inside(map);
  std::vector<Pair> result;
  for (std::size_t i = 0; i + 1 < nodes.size(); i += 2) result.emplace_back(nodes[i], nodes[i + 1]);
  std::ranges::stable_sort(result, {},
                           [&role](const Pair& pair) { return role.rank(pair.first.text()); });
  return result;
}

bool same(TreeNode left, TreeNode right, const Role& role);

bool same_text(TreeNode left, TreeNode right, const Role& role) {
  if (role.kind == Role::Kind::macs) {
    const auto mac = net::MacAddress::parse(left.text());
    if (mac) return mac == net::MacAddress::parse(right.text());
  }
  return left.text() == right.text() && left.is_quoted() == right.is_quoted();
}

bool same_map(TreeNode left, TreeNode right, const Role& role) {
  return std::ranges::equal(
      pairs(left, role), pairs(right, role), [&role](const Pair& one, const Pair& other) {
        const std::string_view key = one.first.text();
        return key == other.first.text() && same(one.second, other.second, role.inside(key));
      });
}

bool same(TreeNode left, TreeNode right, const Role& role) {
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::nothing: return true;
    case Kind::text: return same_text(left, right, role);
    case Kind::map: return same_map(left, right, role);
    case Kind::list:
      return std::ranges::equal(inside(left), inside(right), [&role](TreeNode one, TreeNode other) {
        return same(one, other, role.of_item());
      });
  }
  return false;
}

std::vector<std::string_view> sorted(std::vector<std::string_view> list) {
  std::ranges::sort(list);
  return list;
}

}  // namespace

expected<std::string, Diagnostic> formatted(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::optional<Tree> before;
  auto written = parse(text, before);
  if (!written) return unexpected(written.error());
  const auto comments = sorted(written->comments);
  std::string result = lay_out(std::move(*written));

  // A formatter that changes a plan is worse than none, so each result is read again.
  std::optional<Tree> after;
  auto again = parse(result, after);
  if (again && same(before->root(), after->root(), {}) && comments == sorted(again->comments) &&
      lay_out(std::move(*again)) == result)
    return result;
  return unexpected(Diagnostic{{}, {}, std::string(formatting_would_change_it), {}});
}

}  // namespace berth::config
