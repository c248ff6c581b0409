#include "tests/server/binder/model/explorer.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <unordered_set>
#include <utility>
#include <vector>

namespace berth::binder::model {
namespace {

// A state, by the event that led there from another. Millions of these fit where worlds do not.
struct Node {
  std::uint32_t before = 0;
  Event event;
};
using Tree = std::vector<Node>;  // the first is the beginning

std::string path_to(const Tree& tree, std::size_t at) {
  std::string text;
  for (; at != 0; at = tree[at].before) text.insert(0, to_string(tree[at].event) + "; ");
  return text;
}

// The worlds along one path of the tree, made by playing its events. Nodes that are asked for in
// their order share most of their paths: each costs little more than its own event.
class Branch {
 public:
  explicit Branch(const Scenario& scenario) : nodes_{0}, worlds_{World(scenario)} {}

  const World& world_at(const Tree& tree, std::size_t at) {
    path_.clear();
    for (std::size_t node = at; node != 0; node = tree[node].before) path_.push_back(node);
    path_.push_back(0);
    std::ranges::reverse(path_);
    const auto diverges = std::ranges::mismatch(path_, nodes_);
    auto depth = static_cast<std::size_t>(diverges.in1 - path_.begin());
    for (; depth < path_.size(); ++depth) {
      if (worlds_.size() == depth) worlds_.push_back(worlds_.back());
      worlds_[depth] = worlds_[depth - 1];
      worlds_[depth].apply(tree[path_[depth]].event);
    }
    std::swap(nodes_, path_);
    return worlds_[nodes_.size() - 1];
  }

 private:
  std::vector<std::size_t> nodes_;  // by depth, as played
  std::vector<std::size_t> path_;
  std::vector<World> worlds_;  // by depth; those beyond `nodes_` are there to be written over
};

std::string fault_of(const World& world, bool is_new) {
  if (!world.violation().empty()) return world.violation();
  return is_new ? world.probe() : std::string();
}

}  // namespace

Exploration explore(const Scenario& scenario, Bounds bounds) {
  Exploration result;
  Tree tree(1);
  Branch branch(scenario);
  World world(scenario);
  std::unordered_set<std::uint64_t> seen{world.hash()};
  std::size_t first = 0;  // of the deepest level
  while (first != tree.size() && seen.size() < bounds.states && result.depth < bounds.depth) {
    const std::size_t end = tree.size();
    for (std::size_t from = first; from != end; ++from) {
      const World& before = branch.world_at(tree, from);
      for (const Event event : scenario.events) {
        if (!before.is_enabled(event)) continue;
        world = before;
        world.apply(event);
        ++result.transitions;
        const bool is_new = seen.insert(world.hash()).second;
        if (const std::string fault = fault_of(world, is_new); !fault.empty()) {
          result.violation = path_to(tree, from) + to_string(event) + ": " + fault;
          result.states = seen.size();
          return result;
        }
        if (is_new) tree.push_back({static_cast<std::uint32_t>(from), event});
      }
    }
    first = end;
    ++result.depth;
  }
  result.states = seen.size();
  result.fixed_point = first == tree.size();
  return result;
}

Exploration wander(const Scenario& scenario, std::uint64_t seed, std::size_t length) {
  Exploration result;
  std::mt19937_64 random(seed);
  World world(scenario);
  Tree tree(1);
  for (; result.transitions < length; ++result.transitions) {
    const std::vector<Event> events = world.enabled();
    const Event event = events[random() % events.size()];
    world.apply(event);
    tree.push_back({static_cast<std::uint32_t>(tree.size() - 1), event});
    const bool is_last = result.transitions + 1 == length;
    if (const std::string fault = fault_of(world, is_last); !fault.empty()) {
      result.violation =
          "seed " + std::to_string(seed) + ": " + path_to(tree, tree.size() - 1) + ": " + fault;
      break;
    }
  }
  result.states = result.depth = result.transitions;
  return result;
}

}  // namespace berth::binder::model
