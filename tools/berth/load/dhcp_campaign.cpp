#include "tools/berth/load/dhcp_campaign.hpp"

#include <algorithm>
#include <memory>

#include "config/plan_file.hpp"
#include "protocol/dhcp/option_writer.hpp"
#include "tools/berth/load/companion.hpp"
#include "tools/berth/load/dhcp_plan.hpp"
#include "tools/berth/load/dhcp_workload.hpp"
#include "tools/berth/load/dns_campaign.hpp"
#include "tools/berth/load/link_carrier.hpp"
#include "tools/berth/load/reach.hpp"
#include "tools/berth/load/replier.hpp"
#include "tools/berth/load/system.hpp"
#include "tools/berth/load/udp_carrier.hpp"

namespace berth::load {
namespace {

constexpr std::uint32_t usual_clients = 1000;
// Locally administered (IEEE 802), so that no card has one of them.
constexpr auto first_mac = net::MacAddress::from_octets(0x02, 0xbe, 0x57, 0, 0, 0);
constexpr std::uint32_t storm_tries = 5;
constexpr std::uint32_t self_check_at_once = 256;
constexpr Time self_check_duration = std::chrono::seconds(2);
constexpr Time self_check_warm_up = std::chrono::milliseconds(200);

using Carriers = expected<std::unique_ptr<Carrier>, OpenError>;

class DhcpCampaign final : public Campaign {
 public:
  DhcpCampaign(Options options, DhcpSettings settings, std::optional<DnsSettings> questions)
      : options_(std::move(options)),
        settings_(std::move(settings)),
        questions_(std::move(questions)) {}

  expected<Summary, std::string> run(const Loop& loop, const Extent& extent,
                                     const Hooks& hooks) override {
    DhcpSettings settings = settings_;
    settings.loop = loop;
    settings.extent = extent;
    std::optional<DnsSettings> questions = questions_;
    if (questions) questions->extent = {.duration = extent.duration, .warm_up = extent.warm_up};
    return run(settings, options_.interface, questions, hooks);
  }

  std::size_t clients() const override { return settings_.clients.size(); }
  bool has_target() const override { return settings_.is_relayed() || !options_.interface.empty(); }

  // With clients of its own, of whom nothing is expected, in the mode of the test.
  expected<Summary, std::string> self_check(const Hooks& hooks) override {
    DhcpSettings settings = settings_;
    settings.scenario = Scenario::dora;
    settings.clients = *identities(first_mac, static_cast<std::uint32_t>(clients()));
    settings.loop = {
        .rate = 0, .at_once = std::min(self_check_at_once, static_cast<std::uint32_t>(clients()))};
    settings.extent = {.duration = self_check_duration, .warm_up = self_check_warm_up};
    settings.server_id.reset();
    settings.relay_agent_information.clear();
    const std::string link = options_.interface.empty() ? std::string() : loopback_for_frames();
    Clock clock;
    if (!link.empty()) {
      auto carrier =
          open_link({.interface = link, .client_port = dhcp::server_port, .holder = {}}, clock);
      if (!carrier) return unexpected(carrier.error().text());
      const Replier replier(std::move(*carrier), canned_dhcp);
      return run(settings, link, std::nullopt, hooks);
    }
    const auto here = free_loopback_port();
    if (!here) return unexpected(std::string("no free port of UDP"));
    const UdpPort port{.local = *here, .peer = std::nullopt};
    auto carrier = open_udp(std::span(&port, 1), clock);
    if (!carrier) return unexpected(carrier.error().text());
    const Replier replier(std::move(*carrier), canned_dhcp);
    settings.relays = {canned_server};
    settings.relay_port = 0;
    settings.server = *here;
    return run(settings, {}, std::nullopt, hooks);
  }

 private:
  expected<Summary, std::string> run(const DhcpSettings& settings, const std::string& interface,
                                     const std::optional<DnsSettings>& questions,
                                     const Hooks& hooks) const {
    Clock clock;
    DhcpWorkload workload(settings);
    const auto carrier = open(settings, interface, workload, clock);
    if (!carrier) return unexpected(carrier.error().text());
    Summary summary;
    summary.subject = subject(settings, interface);
    std::vector<Lane> lanes{{workload, **carrier}};
    std::optional<DnsWorkload> asking;
    std::optional<Companion> companion;
    std::unique_ptr<Carrier> dns_carrier;
    if (questions) {
      auto opened =
          open_udp(std::vector<UdpPort>(questions->ports, {{}, options_.dns_server}), clock);
      if (!opened) return unexpected(opened.error().text());
      dns_carrier = std::move(*opened);
      companion.emplace(asking.emplace(*questions), workload);
      lanes.push_back({*companion, *dns_carrier});
    }
    run_lanes(lanes, workload.progress(), clock, options_, hooks, summary);
    summary.progress = workload.progress();
    if (asking) {
      summary.progress.tallies[Exchange::query] = asking->progress().tallies[Exchange::query];
      summary.progress.rcodes = asking->progress().rcodes;
    }
    summary.unprepared = workload.unprepared();
    return summary;
  }

  static Carriers open(const DhcpSettings& settings, const std::string& interface,
                       const DhcpWorkload& workload, const Clock& clock) {
    if (!settings.is_relayed())
      return open_link({.interface = interface,
                        .client_port = settings.client_port,
                        .holder = [&workload](auto address) { return workload.holder(address); }},
                       clock);
    std::vector<UdpPort> ports;
    for (const net::Ipv4Address relay : settings.relays)
      ports.push_back({.local = {relay, settings.relay_port}, .peer = std::nullopt});
    return open_udp(ports, clock);
  }

  static Subject subject(const DhcpSettings& settings, const std::string& interface) {
    return {.protocol = "dhcp",
            .mode = settings.is_relayed() ? "relay" : "client",
            .scenario = std::string(name(settings.scenario)),
            .target = settings.is_relayed() ? net::to_string(settings.server.address) + ':' +
                                                  std::to_string(settings.server.port)
                                            : interface,
            .loop = settings.loop,
            .extent = settings.extent,
            .seed = settings.seed,
            .clients = settings.clients.size()};
  }

  Options options_;
  DhcpSettings settings_;
  std::optional<DnsSettings> questions_;  // asked at the same time
};

// "52:54:00:00:00:00+1000", or the name of a file.
expected<std::vector<Identity>, std::string> read_macs(const std::string& text) {
  const std::size_t plus = text.find('+');
  if (const auto first = net::MacAddress::parse(text.substr(0, plus))) {
    std::uint32_t count = usual_clients;
    if (plus != std::string::npos) {
      const std::string number = text.substr(plus + 1);
      if (number.empty() || number.size() > 7 ||
          number.find_first_not_of("0123456789") != std::string::npos)
        return unexpected("--macs " + text + ": what stands behind the + is no number of them");
      count = static_cast<std::uint32_t>(std::stoul(number));
    }
    auto made = identities(*first, count);
    if (!made) return unexpected("--macs " + text + ": there are not so many");
    return std::move(*made);
  }
  const auto file = config::read_file(text);
  if (!file) return unexpected(text + ": " + file.error().message());
  auto found = parse_identities(*file);
  if (!found) return unexpected(text + ':' + std::to_string(found.error()) + ": no MAC address");
  return std::move(*found);
}

std::vector<std::byte> encoded(const Options& options) {
  std::vector<std::byte> area(dhcp::encoded_option_size(options.asked.size()));
  wire::Writer writer(area);
  if (!options.asked.empty())
    dhcp::write_option(writer, dhcp::OptionCode::parameter_request_list, options.asked);
  area.resize(writer.size());
  area.insert(area.end(), options.options.begin(), options.options.end());
  return area;
}

std::optional<std::string> add_clients(const Options& options, const config::Config* plan,
                                       DhcpSettings& settings) {
  if (!options.macs.empty()) {
    auto listed = read_macs(options.macs);
    if (!listed) return listed.error();
    settings.clients = *listed;
  } else if (plan != nullptr) {
    add_hosts(*plan, options.network, options.asked, settings);
    if (settings.clients.empty())
      return "no host of the plan" +
             (options.network.empty() ? std::string() : "'s network " + options.network) +
             " has both a MAC and an address";
  } else {
    const std::uint32_t count = options.clients != 0 ? options.clients : usual_clients;
    settings.clients = *identities(first_mac, count);
  }
  if (options.clients != 0 && options.clients < settings.clients.size())
    settings.clients.resize(options.clients);
  if (settings.clients.empty()) return "there are no clients";
  if (settings.clients.size() > max_clients)
    return "more than " + std::to_string(max_clients) + " clients";
  return std::nullopt;
}

// Where the clients are, and that a load may go there.
std::optional<std::string> place(const Options& options, DhcpSettings& settings) {
  const bool is_relayed = !options.relays.empty();
  if (options.self_check && !options.server && options.interface.empty()) return std::nullopt;
  if (is_relayed == !options.interface.empty())
    return "give --interface, to be clients on a link, or --relay and --server, to be relays";
  if (is_relayed && !options.server) return "--relay needs --server";
  if (is_relayed && options.scenario == Scenario::inform)
    return "the answer to an INFORM goes to the client itself, past a relay: --interface";
  settings.relays = options.relays;
  if (options.server) settings.server = *options.server;
  if (!is_relayed) settings.server.address = net::Ipv4Address::broadcast();
  if (options.even_default_route) return std::nullopt;
  return why_refused(is_relayed ? interface_towards(settings.server) : options.interface);
}

}  // namespace

expected<std::unique_ptr<Campaign>, std::string> dhcp_campaign(const Options& options,
                                                               const config::Config* plan) {
  DhcpSettings settings;
  if (auto wrong = place(options, settings)) return unexpected(std::move(*wrong));
  if (auto wrong = add_clients(options, plan, settings)) return unexpected(std::move(*wrong));
  const bool is_storm = options.scenario == Scenario::reboot;
  settings.scenario = options.scenario;
  settings.seed = options.seed;
  settings.patience = {.first = options.backoff,
                       .tries = options.tries != 0 ? options.tries
                                : is_storm         ? storm_tries
                                                   : 1,
                       .last = options.timeout};
  settings.client_id = options.client_id;
  settings.options = encoded(options);
  settings.relay_agent_information = options.relay_agent_information;
  settings.server_id = options.server_id;
  if (!settings.server_id && options.server && options.relays.empty())
    settings.server_id = options.server->address;
  settings.wants_broadcast = options.wants_broadcast;
  settings.releases = !options.keeps_leases;
  std::optional<DnsSettings> questions;
  if (options.dns_server) {
    auto queries = dns_queries(options, plan);
    if (!queries) return unexpected(queries.error());
    questions.emplace();
    questions->loop.rate = options.dns_rate;
    questions->timeout = options.timeout;
    questions->seed = options.seed;
    questions->queries = std::move(*queries);
  }
  return std::unique_ptr<Campaign>(
      std::make_unique<DhcpCampaign>(options, std::move(settings), std::move(questions)));
}

}  // namespace berth::load
