#include "server/dhcp/outcome.hpp"

#include <array>
#include <cassert>

namespace berth::dhcp {
namespace {

struct DropInfo {
  Drop drop;
  std::string_view name;
  std::string_view explanation;
};

constexpr auto drops = std::to_array<DropInfo>({
    {Drop::not_a_request, "not_a_request",
     "the message is a server's reply that reached the server port"},
    {Drop::unexpected_message_type, "unexpected_message_type",
     "the message type is not one that clients send to a DHCP server"},
    {Drop::unsupported_hardware, "unsupported_hardware",
     "the client's hardware address is not an Ethernet address"},
    {Drop::invalid_chaddr, "invalid_chaddr",
     "the client's hardware address is zero or a group address"},
    {Drop::no_network, "no_network", "no network of the plan is served on this link"},
    {Drop::dhcp_off, "dhcp_off", "the network has `dhcp: off`"},
    {Drop::relay_not_allowed, "relay_not_allowed",
     "the relay agent's address is neither on a link served directly nor listed in `relays`"},
    {Drop::too_many_hops, "too_many_hops", "the message passed more than 16 relay agents"},
    {Drop::unknown_client, "unknown_client",
     "no host of the network has this MAC, and the network has no pool"},
    {Drop::ignored_client, "ignored_client", "the plan says `ignore: true` for this host"},
    {Drop::no_address, "no_address",
     "the host has no address in the plan, and the network has no pool"},
    {Drop::other_server_selected, "other_server_selected",
     "the client chose the offer of another DHCP server"},
    {Drop::not_authoritative, "not_authoritative",
     "the address asked for is not the host's, and `authoritative: off` forbids to say so"},
    {Drop::missing_requested_address, "missing_requested_address",
     "the REQUEST names no address, neither in option 50 nor in ciaddr"},
    {Drop::off_link, "off_link", "the client's address does not belong to the network it asked on"},
    {Drop::declined, "declined", "the client declined its address; it stays reserved for it"},
    {Drop::released, "released", "the client gave its address back; it stays reserved for it"},
    {Drop::not_the_holder, "not_the_holder",
     "the DECLINE or RELEASE does not come from the client that holds the address, or is meant "
     "for another server"},
    {Drop::reply_too_big, "reply_too_big",
     "what the reply must contain does not fit the size the client accepts"},
});
static_assert(drops.size() == drop_count);
static_assert([] {
  for (std::size_t i = 0; i < drops.size(); ++i)
    if (static_cast<std::size_t>(drops[i].drop) != i) return false;
  return true;
}());

const DropInfo& info(Drop drop) noexcept {
  assert(static_cast<std::size_t>(drop) < drops.size());
  return drops[static_cast<std::size_t>(drop)];
}

}  // namespace

std::string_view name(Drop drop) noexcept { return info(drop).name; }
std::string_view explanation(Drop drop) noexcept { return info(drop).explanation; }

}  // namespace berth::dhcp
