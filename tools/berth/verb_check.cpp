// `berth check`: everything that is wrong with a plan.
#include <boost/json/object.hpp>
#include <ostream>
#include <string>

#include "tools/berth/json.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

// "1 network, 7 hosts, 2 names"
std::string contents(const config::Config& config) {
  std::size_t hosts = 0;
  std::size_t names = 0;
  for (const config::Network& network : config.networks) {
    hosts += network.hosts.size();
    names += network.names.size();
  }
  return counted(config.networks.size(), "network") + ", " + counted(hosts, "host") + ", " +
         counted(names, "name");
}

void print_report(const Plan& plan, const Streams& streams) {
  print_mistakes(plan, streams);
  const std::size_t warnings = plan.loaded.warnings.size();
  const std::string also = warnings == 0 ? "" : ", " + counted(warnings, "warning");
  if (plan.mistake_count() == 0)
    streams.out << plan.name << ": ok: " << contents(*plan.loaded.config) << also << '\n';
  else
    streams.err << plan.name << ": " << counted(plan.mistake_count(), "mistake") << also << '\n';
}

void print_json(const Plan& plan, const Streams& streams) {
  auto mistakes = to_json(plan.loaded.errors, plan.name);
  for (auto& entry : to_json(plan.loaded.not_yet, plan.name)) mistakes.push_back(std::move(entry));
  auto report = envelope("check");
  report["file"] = plan.name;
  report["embedded"] = plan.embedded;
  report["ok"] = plan.mistake_count() == 0;
  report["mistake_count"] = plan.mistake_count();
  report["mistakes"] = std::move(mistakes);
  report["warnings"] = to_json(plan.loaded.warnings, plan.name);
  print_line(streams.out, report);
}

}  // namespace

ExitCode check(const Request& request, const Streams& streams) {
  const Plan plan = read_plan(request.file, request.file_is_given);
  if (request.json)
    print_json(plan, streams);
  else
    print_report(plan, streams);
  return plan.mistake_count() == 0 ? ok : configuration_invalid;
}

}  // namespace berth::tools
