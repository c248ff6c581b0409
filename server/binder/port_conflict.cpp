#include "server/binder/port_conflict.hpp"

namespace berth::binder {
namespace {

bool is_wildcard(const PortUser& user) noexcept {
  return user.ipv6_only ? user.ipv6_only->is_unspecified() : user.address.is_unspecified();
}

bool same_address(const PortUser& one, const PortUser& other) noexcept {
  return one.ipv6_only == other.ipv6_only && (one.ipv6_only || one.address == other.address);
}

// A socket of IPv6 alone has nothing in common with one of IPv4.
bool overlap(const PortUser& one, const PortUser& other) noexcept {
  if (one.ipv6_only.has_value() != other.ipv6_only.has_value()) return false;
  return is_wildcard(one) || is_wildcard(other) || same_address(one, other);
}

}  // namespace

bool conflicts_on_linux(const PortUser& holder, const PortUser& newcomer) noexcept {
  if (!overlap(holder, newcomer)) return false;
  if (holder.device != 0 && newcomer.device != 0 && holder.device != newcomer.device) return false;
  if (holder.reuse_port && newcomer.reuse_port && holder.uid == newcomer.uid) return false;
  // A listening TCP socket is not shared by SO_REUSEADDR.
  return holder.protocol == Protocol::tcp || !holder.reuse_address || !newcomer.reuse_address;
}

bool conflicts_on_darwin(const PortUser& holder, const PortUser& newcomer) noexcept {
  if (!overlap(holder, newcomer)) return false;
  const bool both_wildcard = is_wildcard(holder) && is_wildcard(newcomer);
  if (newcomer.uid != 0 && newcomer.uid != holder.uid && !holder.reuse_share_uid && !both_wildcard)
    return true;
  if (!newcomer.reuse_address && !newcomer.reuse_port) return true;
  return same_address(holder, newcomer) && !(holder.reuse_port && newcomer.reuse_port);
}

}  // namespace berth::binder
