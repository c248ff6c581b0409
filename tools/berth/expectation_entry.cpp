#include "tools/berth/expectation_entry.hpp"

#include <algorithm>
#include <array>

#include "config/keys.hpp"
#include "config/suggest.hpp"
#include "config/values.hpp"
#include "protocol/dns/record_text.hpp"

namespace berth::tools {

using config::Place;
using config::TreeNode;

Entry::Entry(const Place& place, config::Report& report) : report_(report) {
  config::for_each_entry(place, report, [&](TreeNode name, const Place& value) {
    rest_.emplace_back(name.text(), value);
  });
}

bool Entry::has(std::string_view key) const noexcept {
  return std::ranges::any_of(rest_, [key](const auto& each) { return each.first == key; });
}

std::optional<Place> Entry::take(std::string_view key) {
  const auto found =
      std::ranges::find_if(rest_, [key](const auto& each) { return each.first == key; });
  if (found == rest_.end()) return std::nullopt;
  const Place value = found->second;
  rest_.erase(found);
  return value;
}

void Entry::report_others(std::string_view known) {
  for (const auto& [key, value] : rest_) {
    config::Nearest nearest(key);
    config::for_each_word(known, [&](std::string_view word) { nearest.consider(word); });
    report_.error_at(value.node.where(), value, "there is no such key here", nearest.best());
  }
}

std::vector<std::string> rdata_texts(const Place& place, dns::RrType type,
                                     const net::Ipv4Prefix& subnet, config::Report& report) {
  std::vector<std::string> texts;
  config::for_each_item(place, [&](const Place& item) {
    if (type == dns::RrType::a) {
      const auto address = config::address_at(item, subnet, report);
      if (address) texts.push_back(net::to_string(*address));
      return;
    }
    const auto text = config::text_at(item, report, "a record's data");
    if (!text) return;
    std::array<std::byte, 4096> buffer;
    const std::string head = "x " + std::string(dns::name(type)) + ' ';
    const auto record = dns::parse_record(head + std::string(*text), dns::Name(), buffer);
    if (!record) return report.error(item, config::in_quotes(*text) + ": " + record.error().reason);
    dns::append_rdata_text(texts.emplace_back(), type, record->rdata);
  });
  std::ranges::sort(texts);
  return texts;
}

}  // namespace berth::tools
