// `berth test`: the expectations of a plan, checked against the server's core.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "config/plan_file.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/dns/text.hpp"
#include "tools/berth/expectations.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/simulation.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

struct Mismatch {
  std::string what;
  std::string expected;
  std::string got;
};

std::string option_name(dhcp::OptionCode code) {
  const dhcp::OptionInfo* const info = dhcp::find_option(code);
  if (info != nullptr) return std::string(info->name);
  return "code-" + std::to_string(static_cast<unsigned>(code));
}

void compare(std::vector<Mismatch>& mismatches, std::string what, std::string expected,
             std::string got) {
  if (expected != got) mismatches.push_back({std::move(what), std::move(expected), std::move(got)});
}

std::vector<Mismatch> judge(const LeaseExpectation& what, Simulation& simulation) {
  std::vector<dhcp::OptionCode> wanted;
  for (const config::Option& option : what.options) wanted.push_back(option.code);
  const SimulatedLease lease = simulation.lease(what.network, what.mac, wanted);
  const std::string got =
      lease.address ? net::to_string(*lease.address) : "none (" + std::string(lease.why_not) + ")";
  if (what.refused)
    return lease.address ? std::vector<Mismatch>{{"address", "none", got}}
                         : std::vector<Mismatch>{};
  if (!lease.address)
    return {{"address", what.address ? net::to_string(*what.address) : "any", got}};

  std::vector<Mismatch> mismatches;
  if (what.address) compare(mismatches, "address", net::to_string(*what.address), got);
  if (what.lease)
    compare(mismatches, "lease", std::to_string(what.lease->count()) + "s",
            lease.seconds ? std::to_string(*lease.seconds) + "s" : "none");
  for (const config::Option& option : what.options) {
    std::string expected = "none";
    if (!option.suppressed) {
      expected.clear();
      dhcp::append_option_text(expected, {option.code, option.value});
    }
    const bool sent = lease.find(option.code) != nullptr;
    compare(mismatches, option_name(option.code), std::move(expected),
            sent ? lease.option_text(option.code) : "none");
  }
  return mismatches;
}

// "192.168.200.7, 192.168.200.8"; NODATA, or the code that stands for it.
std::string describe(dns::Rcode rcode, const std::vector<std::string>& rdata) {
  std::string text;
  if (rcode != dns::Rcode::noerror)
    dns::append_text(text, rcode);
  else if (rdata.empty())
    text = "NODATA";
  else
    for (const std::string& one : rdata) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

std::vector<Mismatch> judge(const AnswerExpectation& what, Simulation& simulation) {
  const SimulatedAnswer answer = simulation.ask(what.qname, what.qtype, what.asker);
  std::vector<Mismatch> mismatches;
  compare(mismatches, "answer", describe(what.rcode, what.rdata),
          answer.answered ? describe(answer.rcode, answer.rdata)
                          : "none (" + std::string(answer.why_not) + ")");
  return mismatches;
}

struct Verdict {
  const Expectation* expectation = nullptr;
  std::vector<Mismatch> mismatches;
};

std::vector<Verdict> judge(const ExpectationFile& file, const config::Config& plan) {
  Simulation simulation(plan);
  std::vector<Verdict> verdicts;
  for (const Expectation& expectation : file.expectations)
    verdicts.push_back(
        {&expectation,
         std::visit([&](const auto& what) { return judge(what, simulation); }, expectation.what)});
  return verdicts;
}

std::size_t count_failed(const std::vector<Verdict>& verdicts) {
  return static_cast<std::size_t>(std::ranges::count_if(
      verdicts, [](const Verdict& verdict) { return !verdict.mismatches.empty(); }));
}

void print_text(const std::string& file, const std::vector<Verdict>& verdicts,
                const Streams& streams) {
  for (const auto& [expectation, mismatches] : verdicts) {
    if (mismatches.empty()) streams.out << "ok      " << expectation->subject << '\n';
    if (mismatches.empty()) continue;
    streams.out << "FAILED  " << expectation->subject << " (line " << expectation->where.line
                << ')';
    const char* separator = ": ";
    for (const Mismatch& mismatch : mismatches) {
      streams.out << separator << mismatch.what << ": expected " << mismatch.expected << ", got "
                  << mismatch.got;
      separator = "; ";
    }
    streams.out << '\n';
  }
  const std::size_t failed = count_failed(verdicts);
  streams.out << file << ": " << counted(verdicts.size(), "expectation") << ", ";
  if (failed == 0)
    streams.out << "all met\n";
  else
    streams.out << failed << " FAILED\n";
}

void print_json(const std::string& file, const Plan& plan, const std::vector<Verdict>& verdicts,
                const Streams& streams) {
  boost::json::array list;
  for (const auto& [expectation, mismatches] : verdicts) {
    boost::json::array differences;
    for (const auto& [what, expected, got] : mismatches)
      differences.push_back({{"what", what}, {"expected", expected}, {"got", got}});
    list.push_back({{"line", expectation->where.line},
                    {"subject", expectation->subject},
                    {"ok", mismatches.empty()},
                    {"mismatches", std::move(differences)}});
  }
  const std::size_t failed = count_failed(verdicts);
  auto report = envelope("test");
  report["file"] = file;
  report["plan"] = plan.name;
  report["ok"] = failed == 0;
  report["passed"] = verdicts.size() - failed;
  report["failed"] = failed;
  report["expectations"] = std::move(list);
  print_line(streams.out, report);
}

// The plan that the command line names, or the file itself, relative to where it is.
Plan plan_for(const Request& request, std::string_view text) {
  const std::string named = plan_named_in(text);
  if (request.file_is_given || named.empty()) return read_plan(request.file, request.file_is_given);
  const auto folder = std::filesystem::path(request.expectations).parent_path();
  return read_plan((folder / named).string(), true);
}

}  // namespace

ExitCode test(const Request& request, const Streams& streams) {
  const std::string& name = request.expectations;
  const auto text = config::read_file(name);
  if (!text) {
    streams.err << name << ": " << text.error().message() << '\n';
    return configuration_invalid;
  }
  const Plan plan = plan_for(request, *text);
  print_mistakes(plan, streams);
  if (plan.mistake_count() != 0) return configuration_invalid;

  const ExpectationFile file = read_expectations(*text, *plan.loaded.config);
  print_diagnostics(file.mistakes, file.mistake_count, "", name, *text, streams);
  if (file.mistake_count != 0) return configuration_invalid;

  const std::vector<Verdict> verdicts = judge(file, *plan.loaded.config);
  if (request.json)
    print_json(name, plan, verdicts, streams);
  else
    print_text(name, verdicts, streams);
  return count_failed(verdicts) == 0 ? ok : failure;
}

}  // namespace berth::tools
