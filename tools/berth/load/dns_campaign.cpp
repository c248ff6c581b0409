#include "tools/berth/load/dns_campaign.hpp"

#include <algorithm>
#include <array>

#include "config/plan_file.hpp"
#include "tools/berth/load/dns_plan.hpp"
#include "tools/berth/load/reach.hpp"
#include "tools/berth/load/replier.hpp"
#include "tools/berth/load/tcp_carrier.hpp"
#include "tools/berth/load/udp_carrier.hpp"

namespace berth::load {
namespace {

constexpr std::uint16_t usual_ports = 16;
constexpr std::uint32_t self_check_at_once = 256;
constexpr Time self_check_duration = std::chrono::seconds(2);
constexpr Time self_check_warm_up = std::chrono::milliseconds(200);

class DnsCampaign final : public Campaign {
 public:
  DnsCampaign(Options options, DnsSettings settings)
      : options_(std::move(options)), settings_(std::move(settings)) {}

  expected<Summary, std::string> run(const Loop& loop, const Extent& extent,
                                     const Hooks& hooks) override {
    DnsSettings settings = settings_;
    settings.loop = loop;
    settings.extent = extent;
    return run(settings, *options_.server, options_.over_tcp, hooks);
  }

  std::size_t clients() const override { return settings_.ports; }
  bool has_target() const override { return options_.server.has_value(); }

  // Over UDP, whatever the test is over.
  expected<Summary, std::string> self_check(const Hooks& hooks) override {
    DnsSettings settings = settings_;
    settings.loop = {.rate = 0, .at_once = self_check_at_once};
    settings.extent = {.duration = self_check_duration, .warm_up = self_check_warm_up};
    for (DnsQuery& query : settings.queries) query.answer.clear();
    const auto here = free_loopback_port();
    if (!here) return unexpected(std::string("no free port of UDP"));
    const Clock clock;
    const UdpPort port{.local = *here, .peer = std::nullopt};
    auto carrier = open_udp(std::span(&port, 1), clock);
    if (!carrier) return unexpected(carrier.error().text());
    const Replier replier(std::move(*carrier), canned_dns);
    return run(settings, *here, false, hooks);
  }

 private:
  expected<Summary, std::string> run(const DnsSettings& settings, const net::Endpoint& server,
                                     bool over_tcp, const Hooks& hooks) const {
    Clock clock;
    DnsWorkload workload(settings);
    const auto carrier = open(settings, server, over_tcp, clock);
    if (!carrier) return unexpected(carrier.error().text());
    Summary summary;
    summary.subject = {.protocol = "dns",
                       .mode = over_tcp ? "tcp" : "udp",
                       .scenario = "query",
                       .target = net::to_string(server.address) + ':' + std::to_string(server.port),
                       .loop = settings.loop,
                       .extent = settings.extent,
                       .seed = settings.seed,
                       .clients = settings.ports};
    const Lane lane{workload, **carrier};
    run_lanes(std::span(&lane, 1), workload.progress(), clock, options_, hooks, summary);
    summary.progress = workload.progress();
    return summary;
  }

  static expected<std::unique_ptr<Carrier>, OpenError> open(const DnsSettings& settings,
                                                            const net::Endpoint& server,
                                                            bool over_tcp, const Clock& clock) {
    if (over_tcp) return open_tcp(server, settings.ports, clock);
    const std::vector<UdpPort> ports(settings.ports, UdpPort{.local = {}, .peer = server});
    return open_udp(ports, clock);
  }

  Options options_;
  DnsSettings settings_;
};

}  // namespace

expected<std::vector<DnsQuery>, std::string> dns_queries(const Options& options,
                                                         const config::Config* plan) {
  if (!options.queries.empty()) {
    const auto file = config::read_file(options.queries);
    if (!file) return unexpected(options.queries + ": " + file.error().message());
    auto queries = parse_queries(*file);
    if (!queries)
      return unexpected(options.queries + ':' + std::to_string(queries.error()) +
                        ": not a name and a type");
    if (queries->empty()) return unexpected(options.queries + ": no queries");
    return std::move(*queries);
  }
  if (plan == nullptr)
    return unexpected(std::string("what shall be asked? --queries FILE or --config FILE"));
  auto queries = queries_of(*plan, options.network);
  if (queries.empty()) return unexpected(std::string("the plan has no names to ask for"));
  return queries;
}

expected<std::unique_ptr<Campaign>, std::string> dns_campaign(const Options& options,
                                                              const config::Config* plan) {
  if (!options.server && !options.self_check) return unexpected(std::string("--server is missing"));
  DnsSettings settings;
  settings.timeout = options.timeout;
  settings.seed = options.seed;
  settings.ports = options.clients != 0 ? static_cast<std::uint16_t>(options.clients) : usual_ports;
  // Neighbours share a system call over UDP; connections shall all be at work.
  settings.in_a_row = options.over_tcp ? 1 : Outbox::capacity;
  if (!options.server && options.queries.empty() && plan == nullptr) {
    settings.queries = {{*dns::Name::parse("self-check.invalid"), dns::RrType::a, {}}};
  } else {
    auto queries = dns_queries(options, plan);
    if (!queries) return unexpected(queries.error());
    settings.queries = std::move(*queries);
  }
  if (options.server && !options.even_default_route)
    if (auto why = why_refused(interface_towards(*options.server)))
      return unexpected(std::move(*why));
  return std::unique_ptr<Campaign>(std::make_unique<DnsCampaign>(options, std::move(settings)));
}

}  // namespace berth::load
