// A load of DNS, from its options.
#pragma once

#include "config/config.hpp"
#include "tools/berth/load/campaign.hpp"
#include "tools/berth/load/dns_workload.hpp"

namespace berth::load {

// `plan`: whose names are asked for; null: what the options say. The error is what is wrong with
// the options, beside what their parsing finds. It keeps a copy of them; the loop
// and extent that count come with each run.
expected<std::unique_ptr<Campaign>, std::string> dns_campaign(const Options& options,
                                                              const config::Config* plan);

// The questions alone, for a load of something else that asks them too.
expected<std::vector<DnsQuery>, std::string> dns_queries(const Options& options,
                                                         const config::Config* plan);

}  // namespace berth::load
