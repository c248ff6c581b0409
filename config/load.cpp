#include "config/load.hpp"

#include <string>
#include <utility>

#include "config/check.hpp"
#include "config/draft.hpp"
#include "config/section.hpp"
#include "config/values.hpp"
#include "config/yaml_tree.hpp"

namespace berth::config {
namespace {

std::optional<std::uint16_t> port_at(const Place& place, Report& report) {
  const auto number = number_at(place, 1, 0xffff, report);
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

void load_listen(const Place& place, Config& config, Report& report) {
  const Section section(place, "listen", report);
  if (const auto at = section["dhcp-port"])
    config.dhcp_port = port_at(*at, report).value_or(config.dhcp_port);
  if (const auto at = section["dns-port"])
    config.dns_port = port_at(*at, report).value_or(config.dns_port);
}

void load_log(const Place& place, Log& log, Report& report) {
  const Section section(place, "log", report);
  if (const auto at = section["level"])
    if (const auto index = choice_at(*at, section.choices("level"), report))
      log.level = LogLevel{static_cast<std::uint8_t>(*index)};
  if (const auto at = section["format"])
    if (const auto index = choice_at(*at, section.choices("format"), report))
      log.format = LogFormat{static_cast<std::uint8_t>(*index)};
}

void load_state(const Place& place, std::string& state_dir, Report& report) {
  const auto text = text_at(place, report, "a folder");
  if (!text) return;
  if (!text->starts_with('/') || text->find('\0') != std::string_view::npos)
    return report.error(place, in_quotes(*text) + " is not an absolute path");
  state_dir = *text;
}

// The networks, in the file's order. Their places refer to `place`.
std::vector<Draft> load_networks(const Place& place, Report& report) {
  std::vector<Draft> drafts;
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    Draft draft{.place = entry};
    draft.network.key = name.text();
    if (const auto fault = label_fault(name.text()); !fault.empty())
      report.error_at(name.where(), entry,
                      "a network's name, " + in_quotes(name.text()) + ", " + std::string(fault));
    drafts.push_back(std::move(draft));
  });
  for (Draft& draft : drafts) {
    draft.place.is_start = drafts.size() == 1;
    load_network(draft, report);
  }
  return drafts;
}

Config load_file(const Place& root, Report& report) {
  Config config;
  const Section section(root, "", report);
  if (!section.is_readable()) return config;
  if (const auto at = section["dns"]) config.dns = load_dns(*at, report);
  if (const auto at = section["coexist"]) config.coexist = load_coexist(*at, report);
  if (const auto at = section["listen"]) load_listen(*at, config, report);
  if (const auto at = section["http"]) check_http(*at, report);
  if (const auto at = section["log"]) load_log(*at, config.log, report);
  if (const auto at = section["state"]) load_state(*at, config.state_dir, report);

  const auto networks = section["networks"];
  if (!networks || networks->node.size() == 0) {
    report.error(networks ? *networks : root, "there is no network to serve: `networks:` is empty");
    return config;
  }
  std::vector<Draft> drafts = load_networks(*networks, report);
  check(drafts, report);
  for (Draft& draft : drafts) {
    add_default_routes(draft.network);
    config.networks.push_back(std::move(draft.network));
  }
  if (const auto at = section["dns"]) check_dns(*at, config, report);
  return config;
}

}  // namespace

Loaded load(std::string_view text) {
  Loaded loaded;
  Report report;
  if (const auto tree = Tree::parse(text, report.errors)) {
    const Place root{tree->root()};
    Config config = load_file(root, report);
    if (report.errors.count() == 0) loaded.config = std::move(config);
  }
  loaded.error_count = report.errors.count();
  loaded.errors = std::move(report.errors).in_file_order();
  loaded.warnings = std::move(report.warnings).in_file_order();
  loaded.not_yet = std::move(report.not_yet).in_file_order();
  return loaded;
}

}  // namespace berth::config
