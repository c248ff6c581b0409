#include "server/binder/company.hpp"

#include <algorithm>

namespace berth::binder {

bool matters(const Holder& holder, const Recipe& recipe, const SocketState& socket) noexcept {
  if (holder.ipv6_only.has_value() != socket.spec.link_local.has_value()) return false;
  if (is_on_our_address(holder, socket)) return true;
  if (recipe.sharing == Sharing::after_proxy) return !holder.ipv6;
  if (socket.spec.address.is_unspecified())
    return holder.address.is_limited_broadcast() || socket.failure.has_value();
  return holder.address.is_unspecified();
}

bool holds_our_address(const SocketState& socket) noexcept {
  return !socket.spec.address.is_unspecified() &&
         std::ranges::any_of(socket.holders, [&socket](const Holder& holder) {
           return is_on_our_address(holder, socket);
         });
}

bool bound_beside_others(const Recipe& recipe, const SocketState& socket) noexcept {
  if (recipe.sharing == Sharing::after_proxy) return true;
  return recipe.protocol == Protocol::udp && socket.options.contains(SocketOption::reuse_address);
}

}  // namespace berth::binder
