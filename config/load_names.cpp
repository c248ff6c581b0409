// The entries of `names:` and `records:`.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "config/draft.hpp"
#include "config/values.hpp"
#include "protocol/dns/record_text.hpp"

namespace berth::config {
namespace {

constexpr std::string_view blanks = " \t";

// A record in wire form: the longest that fits a message of 64 KiB would never be of use.
constexpr std::size_t max_rdata = 4096;

std::string_view next_word(std::string_view line, std::size_t& at) noexcept {
  at = std::min(line.find_first_not_of(blanks, at), line.size());
  const std::size_t begin = at;
  at = std::min(line.find_first_of(blanks, at), line.size());
  return line.substr(begin, at - begin);
}

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

// Where the last word of `owner [ttl] [IN] A 11` begins, when it is a host number; the line's size
// otherwise.
std::size_t find_host_number(std::string_view line) noexcept {
  std::size_t at = 0;
  next_word(line, at);
  std::string_view type = next_word(line, at);
  while (!type.empty() && (is_digit(type.front()) || lower_case(type) == "in"))
    type = next_word(line, at);
  if (lower_case(type) != "a") return line.size();
  const std::string_view word = next_word(line, at);
  if (word.empty() || !std::ranges::all_of(word, is_digit)) return line.size();
  return static_cast<std::size_t>(word.data() - line.data());
}

// RFC 4343 lower case. Octets that count a label's letters are below those of letters.
dns::Name folded(const dns::Name& name) noexcept {
  std::array<std::byte, dns::max_name_size> wire;
  const auto octets = name.wire();
  std::ranges::transform(octets, wire.begin(), [](std::byte octet) {
    return octet >= std::byte{'A'} && octet <= std::byte{'Z'} ? octet | std::byte{0x20} : octet;
  });
  return *dns::Name::from_wire(wire::Bytes(wire).first(octets.size()));
}

class RecordLoader {
 public:
  RecordLoader(const Place& place, const Network& network, Report& report)
      : place_(place), network_(network), report_(report) {}

  std::optional<Record> load();

 private:
  std::optional<std::string> with_address(std::string_view line);
  bool is_ours_to_hold(const dns::ParsedRecord& record, std::string_view line);
  void error(std::size_t column, std::string message);

  const Place& place_;
  const Network& network_;
  Report& report_;
};

void RecordLoader::error(std::size_t column, std::string message) {
  Location where = place_.node.where();
  where.column += static_cast<std::uint32_t>(column + (place_.node.is_quoted() ? 1 : 0));
  report_.error_at(where, place_, std::move(message));
}

// An address may be a host number here as everywhere: the line with the dotted quad in its place.
std::optional<std::string> RecordLoader::with_address(std::string_view line) {
  const std::size_t at = find_host_number(line);
  if (at == line.size()) return std::string(line);
  std::size_t end = at;
  const std::string_view number = next_word(line, end);
  const auto address = net::parse_host_address(number, network_.subnet);
  if (!address) {
    error(at,
          "host number " + in_quotes(number) + " lies outside " + net::to_string(network_.subnet));
    return std::nullopt;
  }
  return std::string(line.substr(0, at)) + net::to_string(*address) + std::string(line.substr(end));
}

bool RecordLoader::is_ours_to_hold(const dns::ParsedRecord& record, std::string_view line) {
  const std::size_t owner = std::min(line.find_first_not_of(blanks), line.size());
  switch (record.type) {
    case dns::RrType::soa:
    case dns::RrType::ns:
      error(owner, "SOA and NS records are made for each network; this version delegates no zones");
      return false;
    case dns::RrType::dname: error(owner, "DNAME records are not supported"); return false;
    default: break;
  }
  if (record.owner.is_root()) {
    error(owner, "the root is not ours");
    return false;
  }
  if (record.has_ttl) {
    error(owner, "the time to live is the network's `ttl`; leave it out here");
    return false;
  }
  return true;
}

std::optional<Record> RecordLoader::load() {
  const auto text = text_at(place_, report_, "a line such as 'note TXT \"hello\"'");
  if (!text) return std::nullopt;
  const auto line = with_address(*text);
  if (!line) return std::nullopt;
  std::array<std::byte, max_rdata> buffer;
  const auto record = dns::parse_record(*line, network_.domain, buffer);
  if (!record) {
    error(record.error().column, record.error().reason);
    return std::nullopt;
  }
  if (!is_ours_to_hold(*record, *line)) return std::nullopt;
  return Record{folded(record->owner), record->type, {record->rdata.begin(), record->rdata.end()}};
}

}  // namespace

void load_names(const Place& place, Draft& draft, Report& report) {
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    if (name.text().starts_with("*."))
      return report.error_at(name.where(), entry,
                             "a wildcard belongs under `records`, as in '*.apps A 11'");
    const auto owner = name_of(name.text(), draft.network.domain, name.where(), entry, report);
    auto addresses = addresses_at(entry, draft.network.subnet, report);
    if (entry.node.kind() == TreeNode::Kind::list && entry.node.size() == 0)
      report.error(entry, "the list is empty");
    if (!owner) return;
    if (owner->is_root()) return report.error_at(name.where(), entry, "the root is not ours");
    draft.network.names.push_back({*owner, std::move(addresses)});
    draft.names.push_back(name);
  });
}

void load_records(const Place& place, Draft& draft, Report& report) {
  if (place.node.kind() == TreeNode::Kind::nothing) return;
  for_each_item(place, [&](const Place& item) {
    auto record = RecordLoader(item, draft.network, report).load();
    if (!record) return;
    draft.network.records.push_back(std::move(*record));
    draft.records.push_back({item.node, item.index});
  });
}

}  // namespace berth::config
