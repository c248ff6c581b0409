#include "tools/berth/expectations.hpp"

#include <algorithm>
#include <utility>

#include "config/place.hpp"
#include "config/suggest.hpp"
#include "config/values.hpp"
#include "tools/berth/expectation_entry.hpp"

namespace berth::tools {
namespace {

using config::Place;
using config::Report;
using config::TreeNode;

class Reader {
 public:
  Reader(const config::Config& plan, Report& report) : plan_(plan), report_(report) {}

  std::vector<Expectation> file(const Place& root) {
    Entry entry(root, report_);
    entry.take("plan");
    const auto list = entry.take("expect");
    entry.report_others("plan expect");
    if (!list) {
      report_.error(root, "there is nothing to expect: `expect:` is missing");
    } else if (list->node.kind() != TreeNode::Kind::list) {
      config::report_kind(*list, report_, "a list");
    } else {
      config::for_each_item(*list, [&](const Place& item) { expectation(item); });
    }
    return std::move(found_);
  }

 private:
  void expectation(const Place& place) {
    if (place.node.kind() != TreeNode::Kind::map)
      return config::report_kind(place, report_, "a map such as {name: worker0.kubenet, A: 7}");
    Entry entry(place, report_);
    if (entry.has("mac")) return lease(entry, place);
    if (entry.has("ptr") || entry.has("name")) return answers(entry, place);
    report_.error(place, "an expectation is about a `mac`, a `name` or a `ptr`");
  }

  void lease(Entry& entry, const Place& place);
  void answers(Entry& entry, const Place& place);
  bool failure(Entry& entry, const AnswerExpectation& about, const Place& place,
               const std::string& subject);
  void records(Entry& entry, const AnswerExpectation& about, const Place& place,
               const std::string& subject);

  std::uint32_t network_of(Entry& entry, const std::optional<net::MacAddress>& mac);
  void add(const Place& place, std::string subject, auto what) {
    found_.push_back({place.node.where(), std::move(subject), std::move(what)});
  }

  const config::Config& plan_;
  Report& report_;
  std::vector<Expectation> found_;
};

// The one that is named, or that has a host with this address, or the first.
std::uint32_t Reader::network_of(Entry& entry, const std::optional<net::MacAddress>& mac) {
  const auto& networks = plan_.networks;
  if (const auto at = entry.take("network")) {
    const auto name = config::text_at(*at, report_, "a network's name");
    const auto found =
        std::ranges::find(networks, name ? *name : std::string_view(), &config::Network::key);
    if (found != networks.end()) return static_cast<std::uint32_t>(found - networks.begin());
    config::Nearest nearest(name ? *name : std::string_view());
    for (const auto& network : networks) nearest.consider(network.key);
    if (name) report_.error(*at, "the plan has no such network", nearest.best());
    return 0;
  }
  const auto has_mac = [&](const config::Host& host) {
    return mac && std::ranges::find(host.macs, *mac) != host.macs.end();
  };
  const auto found = std::ranges::find_if(networks, [&](const config::Network& network) {
    return std::ranges::any_of(network.hosts, has_mac);
  });
  return found == networks.end() ? 0 : static_cast<std::uint32_t>(found - networks.begin());
}

void Reader::lease(Entry& entry, const Place& place) {
  const auto mac = config::mac_at(*entry.take("mac"), report_);
  LeaseExpectation what;
  what.network = network_of(entry, mac);
  const net::Ipv4Prefix& subnet = plan_.networks[what.network].subnet;
  if (const auto at = entry.take("address")) {
    what.refused = config::is_word(*at, "none");
    if (!what.refused) what.address = config::address_at(*at, subnet, report_);
  }
  if (const auto at = entry.take("lease")) what.lease = config::lease_at(*at, report_);
  if (const auto at = entry.take("options"))
    what.options = config::load_options(*at, subnet, report_);
  entry.report_others("mac network address lease options");
  if (what.refused && (what.lease || !what.options.empty()))
    report_.error(place, "who gets no address gets no options either");
  if (!mac) return;
  what.mac = *mac;
  add(place, net::to_string(*mac), std::move(what));
}

void Reader::answers(Entry& entry, const Place& place) {
  const net::Ipv4Prefix& subnet = plan_.networks.front().subnet;
  AnswerExpectation about;
  std::string subject;
  if (const auto at = entry.take("from")) about.asker = config::address_at(*at, subnet, report_);
  if (const auto at = entry.take("ptr")) {
    const auto address = config::address_at(*at, subnet, report_);
    if (!address) return;
    about.qname = dns::Name::reverse(address->value);
    about.qtype = dns::RrType::ptr;
    subject = "ptr " + net::to_string(*address);
    if (const auto name = entry.take("name")) entry.put("PTR", *name);
  } else {
    const auto name = entry.take("name");
    const auto text = config::text_at(*name, report_, "a name");
    if (!text) return;
    const auto qname = dns::Name::parse(*text);
    if (!qname) return report_.error(*name, config::in_quotes(*text) + " is not a domain name");
    about.qname = *qname;
    subject = *text;
  }
  if (!failure(entry, about, place, subject)) records(entry, about, place, subject);
}

// True when the entry says that there is no answer.
bool Reader::failure(Entry& entry, const AnswerExpectation& about, const Place& place,
                     const std::string& subject) {
  using dns::Rcode;
  constexpr std::pair<std::string_view, Rcode> words[] = {
      {"NXDOMAIN", Rcode::nxdomain}, {"REFUSED", Rcode::refused}, {"NODATA", Rcode::noerror}};
  const auto* const row =
      std::ranges::find_if(words, [&](const auto& each) { return entry.has(each.first); });
  if (row == std::end(words)) return false;
  if (entry.take(row->first)->node.kind() != TreeNode::Kind::nothing)
    report_.error(place, std::string(row->first) + " takes no value");
  AnswerExpectation what = about;
  what.rcode = row->second;
  if (const auto at = entry.take("type")) {
    const auto text = config::text_at(*at, report_, "a record type");
    const auto type = text ? dns::parse_type(*text) : std::nullopt;
    if (text && !type) report_.error(*at, config::in_quotes(*text) + " is no record type");
    what.qtype = type.value_or(what.qtype);
  }
  entry.report_others("name ptr from type NXDOMAIN REFUSED NODATA");
  std::string title = subject;
  if (what.qtype != dns::RrType::a && what.qtype != dns::RrType::ptr)
    title.append(1, ' ').append(dns::name(what.qtype));
  add(place, std::move(title), std::move(what));
  return true;
}

void Reader::records(Entry& entry, const AnswerExpectation& about, const Place& place,
                     const std::string& subject) {
  std::size_t count = 0;
  for (const auto& [key, value] : entry.rest()) {
    const auto type = dns::parse_type(key);
    if (!type) {
      report_.error_at(value.node.where(), value,
                       "expected a record type, NXDOMAIN, NODATA or REFUSED");
      continue;
    }
    ++count;
    AnswerExpectation what = about;
    what.qtype = *type;
    what.rdata = rdata_texts(value, *type, plan_.networks.front().subnet, report_);
    const bool is_ptr = subject.starts_with("ptr ");
    add(place, is_ptr ? subject : subject + ' ' + std::string(key), std::move(what));
  }
  if (count == 0 && entry.rest().empty())
    report_.error(place, "nothing is expected: write `A: 7`, NXDOMAIN, NODATA or REFUSED");
}

}  // namespace

std::string plan_named_in(std::string_view text) {
  Report report;
  const auto tree = config::Tree::parse(text, report.errors);
  if (!tree || tree->root().kind() != TreeNode::Kind::map) return {};
  const Place root{tree->root()};
  Entry entry(root, report);
  const auto at = entry.take("plan");
  if (!at || at->node.kind() != TreeNode::Kind::text) return {};
  return std::string(at->node.text());
}

ExpectationFile read_expectations(std::string_view text, const config::Config& plan) {
  ExpectationFile file;
  Report report;
  if (const auto tree = config::Tree::parse(text, report.errors)) {
    const Place root{tree->root()};
    if (tree->root().kind() == TreeNode::Kind::map)
      file.expectations = Reader(plan, report).file(root);
    else
      config::report_kind(root, report, "a map with `plan` and `expect`");
  }
  file.mistake_count = report.errors.count();
  file.mistakes = std::move(report.errors).in_file_order();
  return file;
}

}  // namespace berth::tools
