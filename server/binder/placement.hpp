// Which link an endpoint belongs to, as a pure function of the plan and of what links there are.
#pragma once

#include <cstdint>
#include <string>

#include "server/binder/endpoint.hpp"
#include "server/binder/link_table.hpp"

namespace berth::binder {

struct Placement {
  enum class Kind : std::uint8_t { absent, refused, here };

  Kind kind = Kind::absent;
  Carrier carrier;  // when here
  std::string why;  // when not: one sentence, and what to do
};

// An interface named in the plan is the only candidate, even when it carries the machine's default
// route. Otherwise the one that carries the address is, unless several do, or it carries the
// default route: a network we were not told to serve. No link makes a loopback, wildcard or group
// address ours.
Placement place(const Wanted& wanted, const LinkTable& links);

}  // namespace berth::binder
