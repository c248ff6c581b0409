// Every state that events can lead to, breadth first, each once; and long runs along one path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/server/binder/model/world.hpp"

namespace berth::binder::model {

struct Exploration {
  std::size_t states = 0;
  std::size_t transitions = 0;
  std::size_t depth = 0;     // to which all states have been visited
  bool fixed_point = false;  // there are no others
  std::string violation;     // with the events that led to it; empty: none
};

// Where it stops, if there is more.
struct Bounds {
  std::size_t states = SIZE_MAX;
  std::size_t depth = SIZE_MAX;
};

Exploration explore(const Scenario& scenario, Bounds bounds);

// `length` events, drawn from those that are possible.
Exploration wander(const Scenario& scenario, std::uint64_t seed, std::size_t length);

}  // namespace berth::binder::model
