// How every endpoint would stand if berthd were started now: the policy itself, played with what is
// known of the machine in the machine's place. Sans-IO: nothing is opened.
#pragma once

#include <span>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/binder/endpoint_state.hpp"
#include "server/binder/holders.hpp"
#include "server/binder/link_table.hpp"
#include "server/binder/system.hpp"

namespace berth::binder {

// `reports` has one for each port and protocol that is wanted. A holder whose options are not known
// is taken for one that does not share.
std::vector<EndpointState> forecast(const System& system, std::vector<Wanted> wanted,
                                    const LinkTable& links, std::span<const HolderReport> reports);

}  // namespace berth::binder
