// `berth load`: the load, the line that tells how it goes, and the report.
#include <unistd.h>

#include <fstream>
#include <ostream>

#include "config/version.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/load/dhcp_campaign.hpp"
#include "tools/berth/load/dns_campaign.hpp"
#include "tools/berth/load/report.hpp"
#include "tools/berth/load/server_process.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

// Where nothing was said: gentle, or for a storm everybody at once and each of them once.
void set_defaults(load::Options& options, std::size_t clients) {
  if (options.rate > 0 || options.at_once > 0 || options.find_max) return;
  const bool is_storm =
      options.protocol == load::Protocol::dhcp && options.scenario == load::Scenario::reboot;
  if (!is_storm) {
    options.rate = 100;
    return;
  }
  options.at_once = static_cast<std::uint32_t>(clients);
  if (options.extent.count == 0 && options.extent.duration == load::Time{})
    options.extent.count = clients;
}

void set_ports(load::Options& options) {
  const std::uint16_t usual =
      options.protocol == load::Protocol::dns ? dns::dns_port : dhcp::server_port;
  if (options.server && options.server->port == 0) options.server->port = usual;
  if (options.dns_server && options.dns_server->port == 0) options.dns_server->port = dns::dns_port;
}

// A server that nobody named is found where it is on this machine, to tell what it spends.
void find_server(load::Options& options) {
  if (!options.server_pids.empty() || !options.server) return;
  const auto transport = options.over_tcp ? load::Transport::tcp : load::Transport::udp;
  options.server_pids = load::processes_at(*options.server, transport);
}

bool write_html(const std::string& name, const load::Summary& summary, const Streams& streams) {
  std::ofstream file(name, std::ios::binary);
  file << load::html_report(summary);
  file.close();
  if (!file) streams.err << "berth: cannot write " << name << '\n';
  return !file.fail();
}

ExitCode report(const load::Summary& summary, const Request& request, const Streams& streams) {
  if (request.json) {
    auto object = envelope("load");
    object["version"] = berth::version;
    for (auto& [key, value] : load::json_report(summary)) object[key] = std::move(value);
    print_line(streams.out, object);
  } else {
    streams.out << load::text_report(summary);
  }
  if (!request.load.html.empty() && !write_html(request.load.html, summary, streams))
    return failure;
  return summary.is_ok() ? ok : failure;
}

}  // namespace

ExitCode load(const Request& request, const Streams& streams) {
  const auto refuse = [&](const std::string& why, ExitCode code) {
    streams.err << "berth: " << why << '\n';
    return code;
  };
  std::optional<Plan> plan;
  if (request.file_is_given) {
    plan = read_plan(request.file, true);
    if (plan->loaded.error_count != 0) {
      print_mistakes(*plan, streams);
      return configuration_invalid;
    }
  }
  const config::Config* const config = plan ? &*plan->loaded.config : nullptr;
  load::Options options = request.load;
  set_ports(options);
  find_server(options);
  const auto made = options.protocol == load::Protocol::dns ? load::dns_campaign(options, config)
                                                            : load::dhcp_campaign(options, config);
  if (!made) return refuse(made.error(), usage);
  load::Campaign& campaign = **made;
  set_defaults(options, campaign.clients());

  load::Interruptions interruptions;
  const bool is_watched = ::isatty(STDERR_FILENO) == 1;
  const load::Campaign::Hooks hooks{.interruptions = interruptions,
                                    .progress = [&](const std::string& line) {
                                      if (is_watched)
                                        streams.err << "\r\033[K  " << line << std::flush;
                                    }};
  const auto summary = load::run(campaign, options, hooks);
  if (is_watched) streams.err << "\r\033[K" << std::flush;
  if (!summary) return refuse(summary.error(), failure);
  return report(*summary, request, streams);
}

}  // namespace berth::tools
