// What explorations are about, on each system.
#pragma once

#include <vector>

#include "tests/server/binder/model/sockets.hpp"
#include "tests/server/binder/model/world.hpp"

namespace berth::binder::model {

inline const std::vector<Socket> dns_on_our_address{udp(ours, 53, {.reuse_address = true}),
                                                    tcp(ours, 53, {.reuse_address = true})};
inline const std::vector<Socket> dns_on_loopback{udp(loopback, 53), tcp(loopback, 53)};
inline const std::vector<Socket> dns_everywhere{udp(everywhere, 53, {.reuse_address = true}),
                                                tcp(everywhere, 53, {.reuse_address = true})};

inline const std::vector<Socket> dns_on_link_local{
    on_ipv6(udp(everywhere, 53, {.reuse_address = true}), link_local),
    on_ipv6(tcp(everywhere, 53, {.reuse_address = true}), link_local)};

// DNS beside mDNSResponder, and beside one more.
Scenario mac_dns();
Scenario mac_dns_beside(const std::vector<Socket>& rival);
// DHCP, bootpd and a client that has a reservation.
Scenario mac_dhcp();
// With the guard, which is tried again each five seconds, for ever: no lease times here.
Scenario mac_guard();
// All that can happen on a Mac. Where it ends is not asked: what holds our address may stay.
Scenario mac_all();

// Beside holders of our address and of the wildcard, some of whom share.
Scenario linux_dns();
Scenario linux_dhcp();
// DNS on two sockets, which anyone of our user may join.
Scenario linux_workers();

}  // namespace berth::binder::model
