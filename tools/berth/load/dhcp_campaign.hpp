// A load of DHCP, from its options.
#pragma once

#include "config/config.hpp"
#include "tools/berth/load/campaign.hpp"

namespace berth::load {

// `plan`: whose hosts take part; null: those that the options say. The error is what is wrong with
// the options, beside what their parsing finds. It keeps a copy of them; the loop
// and extent that count come with each run.
expected<std::unique_ptr<Campaign>, std::string> dhcp_campaign(const Options& options,
                                                               const config::Config* plan);

}  // namespace berth::load
