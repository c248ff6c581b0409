#include "config/print.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "config/utf8.hpp"
#include "config/values.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/dns/record_text.hpp"

namespace berth::config {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

bool is_plain(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("._/:-").find(letter) != std::string_view::npos;
}

// Text that YAML takes for nothing else, and that is none of our own words.
bool needs_no_quotes(std::string_view text) noexcept {
  if (text.empty() || text.front() == '-' || text.front() == ':' || text.back() == ':')
    return false;
  const std::string word = lower_case(text);
  return word != "null" && word != "none" && std::ranges::all_of(text, is_plain);
}

// A YAML scalar; every control character is escaped. REQUIRES: well-formed UTF-8
std::string scalar(std::string_view text) {
  if (needs_no_quotes(text)) return std::string(text);
  std::string out = "\"";
  for (const char octet : text) {
    if (octet == '"' || octet == '\\') {
      out += '\\';
      out += octet;
    } else if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
      out += "\\x";
      out += digits[static_cast<std::size_t>(octet) >> 4];
      out += digits[static_cast<std::size_t>(octet) & 15];
    } else {
      out += octet;
    }
  }
  return out + '"';
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string joined(const std::vector<std::string>& items, std::string_view separator = ", ") {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

// One item stands alone, several in brackets.
std::string one_or_list(const std::vector<std::string>& items) {
  return items.size() == 1 ? items.front() : '[' + joined(items) + ']';
}

std::string text_of(Seconds duration) {
  const std::uint32_t count = duration.count();
  if (duration == infinite) return "infinite";
  if (count != 0 && count % 86400 == 0) return std::to_string(count / 86400) + 'd';
  if (count != 0 && count % 3600 == 0) return std::to_string(count / 3600) + 'h';
  if (count != 0 && count % 60 == 0) return std::to_string(count / 60) + 'm';
  return std::to_string(count) + 's';
}

std::string text_of(const std::vector<net::Ipv4Address>& addresses) {
  std::vector<std::string> items;
  items.reserve(addresses.size());
  for (const net::Ipv4Address address : addresses) items.push_back(net::to_string(address));
  return one_or_list(items);
}

std::string text_or_none(const std::vector<net::Ipv4Address>& addresses) {
  return addresses.empty() ? "none" : text_of(addresses);
}

std::string text_or_none(const std::vector<net::SocketAddress>& servers,
                         std::uint16_t default_port = dns::dns_port) {
  std::vector<std::string> items;
  items.reserve(servers.size());
  for (const net::SocketAddress& server : servers)
    items.push_back(scalar(net::to_string(server, default_port)));
  return items.empty() ? "none" : one_or_list(items);
}

std::string_view on_or_off(bool value) noexcept { return value ? "on" : "off"; }

// The items of an option in the form in which they are read.
std::vector<std::string> items_of(const Option& option, const dhcp::OptionInfo& info) {
  const std::string_view octets(reinterpret_cast<const char*>(option.value.data()),
                                option.value.size());
  if (info.format == dhcp::OptionFormat::text) {
    if (!is_utf8(octets)) return {};
    return {std::string(octets)};
  }
  std::string text;
  dhcp::append_option_text(text, {option.code, option.value});
  std::vector<std::string> items;
  constexpr std::string_view separator = ", ";
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    items.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  return items;
}

// True when the items are read as exactly this value.
bool reads_back(const std::vector<std::string>& items, const dhcp::OptionInfo& info,
                const Option& option) {
  const std::vector<std::string_view> views(items.begin(), items.end());
  std::vector<std::byte> buffer(option.value.size() + 1);
  const auto size = dhcp::encode_option_value(info, views, nullptr, buffer);
  return size && std::ranges::equal(wire::Bytes(buffer).first(*size), option.value);
}

std::string text_of(const Option& option) {
  const dhcp::OptionInfo* const info = dhcp::find_option(option.code);
  const std::string code = "code-" + std::to_string(static_cast<unsigned>(option.code));
  const std::string name = info != nullptr ? std::string(info->name) : code;
  if (option.suppressed) return name + ": none";
  if (info != nullptr) {
    std::vector<std::string> items = items_of(option, *info);
    if (!items.empty() && reads_back(items, *info, option)) {
      std::ranges::transform(items, items.begin(), scalar);
      return name + ": " + one_or_list(items);
    }
  }
  std::string hexadecimal;
  for (const std::byte octet : option.value) {
    hexadecimal += digits[std::to_integer<std::size_t>(octet >> 4)];
    hexadecimal += digits[std::to_integer<std::size_t>(octet & std::byte{15})];
  }
  return code + ": " + scalar(hexadecimal);
}

std::string text_of(const std::vector<Option>& options) {
  std::vector<std::string> items;
  items.reserve(options.size());
  for (const Option& option : options) items.push_back(text_of(option));
  return '{' + joined(items) + '}';
}

std::string text_of(const Host& host) {
  std::vector<std::string> macs;
  macs.reserve(host.macs.size());
  for (const net::MacAddress& mac : host.macs) macs.push_back(net::to_string(mac));
  std::vector<std::string> items{"mac: " + one_or_list(macs)};
  if (host.address) items.push_back("address: " + net::to_string(*host.address));
  if (!host.aliases.empty()) {
    std::vector<std::string> aliases;
    aliases.reserve(host.aliases.size());
    for (const std::string& alias : host.aliases) aliases.push_back(scalar(alias));
    items.push_back("aliases: [" + joined(aliases) + ']');
  }
  if (host.lease) items.push_back("lease: " + text_of(*host.lease));
  if (!host.options.empty()) items.push_back("options: " + text_of(host.options));
  if (host.boot) {
    std::vector<std::string> boot;
    if (host.boot->server) boot.push_back("server: " + net::to_string(*host.boot->server));
    boot.push_back("file: " + scalar(host.boot->file));
    items.push_back("boot: {" + joined(boot) + '}');
  }
  if (host.ignore) items.emplace_back("ignore: on");
  return scalar(host.name) + ": {" + joined(items) + '}';
}

// A name as it is written below `domain`, or absolute elsewhere.
std::string text_of(const dns::Name& name, const dns::Name& domain) {
  if (name == domain) return "@";
  std::string text = name.to_string();
  if (name.is_at_or_below(domain)) text.resize(text.size() - domain.to_string().size() - 1);
  return text;
}

std::string text_of(const Record& record, const dns::Name& domain) {
  std::string text = text_of(record.owner, domain) + ' ';
  const std::string_view type = dns::name(record.type);
  text += type.empty() ? "TYPE" + std::to_string(static_cast<unsigned>(record.type))
                       : std::string(type);
  text += ' ';
  dns::append_rdata_text(text, record.type, record.rdata);
  return scalar(text);
}

std::string_view text_of(Authoritative authoritative) noexcept {
  switch (authoritative) {
    case Authoritative::reserved: return "reserved";
    case Authoritative::all: return "all";
    case Authoritative::off: return "off";
  }
  return {};
}

std::string_view text_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace: return "trace";
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return {};
}

std::string interface_of(const Network& network) {
  switch (network.attachment) {
    case Network::Attachment::automatic: return "auto";
    case Network::Attachment::named: return scalar(network.interface);
    case Network::Attachment::none: return "none";
  }
  return {};
}

std::string relays_of(const Network& network) {
  std::vector<std::string> items;
  for (const net::Ipv4Prefix& relay : network.relays)
    items.push_back(relay.length == 32 ? net::to_string(relay.address) : net::to_string(relay));
  return '[' + joined(items) + ']';
}

std::string text_of(const RebindProtection& protection) {
  if (!protection.enabled || protection.allow.empty())
    return std::string(on_or_off(protection.enabled));
  std::vector<std::string> domains;
  for (const dns::Name& domain : protection.allow) domains.push_back(scalar(domain.to_string()));
  return "{allow: [" + joined(domains) + "]}";
}

class Printer {
 public:
  std::string print(const Config& config);

 private:
  void line(std::size_t depth, std::string_view text) {
    out_.append(depth * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  void entry(std::size_t depth, std::string_view key, std::string_view value) {
    out_.append(depth * 2, ' ');
    out_ += key;
    out_ += ": ";
    out_ += value;
    out_ += '\n';
  }
  void network(const Network& network);
  void dns(const Dns& dns);
  void entries(const Network& network);

  std::string out_;
};

void Printer::network(const Network& network) {
  line(1, scalar(network.key) + ':');
  entry(2, "subnet", net::to_string(network.subnet));
  entry(2, "address", net::to_string(network.address));
  entry(2, "interface", interface_of(network));
  if (!network.relays.empty()) entry(2, "relays", relays_of(network));
  entry(2, "domain", scalar(network.domain.to_string()));
  entry(2, "lease", text_of(network.lease));
  entry(2, "router", text_or_none(network.routers));
  entry(2, "dns-servers", text_or_none(network.dns_servers));
  entry(2, "server-id", network.server_id ? net::to_string(*network.server_id) : "auto");
  entry(2, "authoritative", text_of(network.authoritative));
  entry(2, "dhcp", on_or_off(network.dhcp));
  entry(2, "dns", on_or_off(network.dns));
  entry(2, "ttl", text_of(network.ttl));
  entries(network);
}

void Printer::entries(const Network& network) {
  if (!network.options.empty()) line(2, "options:");
  for (const Option& option : network.options) line(3, text_of(option));
  if (!network.hosts.empty()) line(2, "hosts:");
  for (const Host& host : network.hosts) line(3, text_of(host));
  if (!network.names.empty()) line(2, "names:");
  for (const NameEntry& name : network.names)
    entry(3, scalar(text_of(name.owner, network.domain)), text_of(name.addresses));
  if (!network.records.empty()) line(2, "records:");
  for (const Record& record : network.records) line(3, "- " + text_of(record, network.domain));
}

void Printer::dns(const Dns& dns) {
  line(0, "dns:");
  entry(1, "upstream", dns.upstream ? text_or_none(*dns.upstream) : "system");
  if (!dns.forward.empty()) line(1, "forward:");
  for (const Forward& forward : dns.forward)
    entry(2, scalar(forward.domain.to_string()), text_or_none(forward.servers));
  entry(1, "cache", dns.cache == 0 ? "off" : std::to_string(dns.cache));
  entry(1, "workers", std::to_string(dns.workers));
  entry(1, "listen", dns.listen.empty() ? "off" : text_or_none(dns.listen, /*default_port=*/0));
  entry(1, "refuse", dns.refuse == Dns::Refuse::answer ? "answer" : "drop");
  entry(1, "rebind-protection", text_of(dns.rebind_protection));
  entry(1, "filter", dns.filter == Dns::Filter::none ? "none" : "aaaa");
  entry(1, "identity", on_or_off(dns.identity));
}

std::string Printer::print(const Config& config) {
  line(0, "networks:");
  for (const Network& each : config.networks) network(each);
  dns(config.dns);
  line(0, "coexist:");
  entry(1, "dns", config.coexist.dns == Coexist::Dns::coexist ? "coexist" : "takeover");
  entry(1, "guard", config.coexist.guard == Coexist::Guard::never ? "never" : "always");
  line(0, "listen:");
  entry(1, "dhcp-port", std::to_string(config.dhcp_port));
  entry(1, "dns-port", std::to_string(config.dns_port));
  line(0, "log:");
  entry(1, "level", text_of(config.log.level));
  entry(1, "format", config.log.format == LogFormat::text ? "text" : "json");
  if (!config.state_dir.empty()) entry(0, "state", scalar(config.state_dir));
  return std::move(out_);
}

}  // namespace

std::string print(const Config& config) { return Printer().print(config); }

}  // namespace berth::config
