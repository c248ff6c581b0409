#include "server/io/event_log.hpp"

#include <string>
#include <system_error>
#include <vector>

#include "protocol/net/mac.hpp"

namespace berth::io {
namespace {

using net::to_string;

std::string hex(std::uint32_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x00000000";
  for (std::size_t i = text.size(); i > 2; number >>= 4) text[--i] = digits[number & 15];
  return text;
}

std::string_view type_name(std::optional<dhcp::MessageType> type) {
  return type ? dhcp::name(*type) : "BOOTP";
}

std::string_view via_name(dhcp::Destination::Via via) {
  using Via = dhcp::Destination::Via;
  switch (via) {
    case Via::relay: return "relay";
    case Via::unicast: return "unicast";
    case Via::broadcast: return "broadcast";
    case Via::link: return "link";
  }
  return "";
}

std::string type_text(dns::RrType type) {
  const std::string_view name = dns::name(type);
  return name.empty() ? "TYPE" + std::to_string(static_cast<unsigned>(type)) : std::string(name);
}

std::string rcode_text(dns::Rcode rcode) {
  const std::string_view name = dns::name(rcode);
  return name.empty() ? std::to_string(static_cast<unsigned>(rcode)) : std::string(name);
}

template <class DnsEvent>
std::string source_of(const DnsEvent& event) {
  return event.ipv6 ? to_string(*event.ipv6) : to_string(event.source.address);
}

LogEvent reply_event(std::optional<dhcp::MessageType> type) {
  if (!type) return LogEvent::dhcp_bootp;
  switch (*type) {
    case dhcp::MessageType::offer: return LogEvent::dhcp_offer;
    case dhcp::MessageType::nak: return LogEvent::dhcp_nak;
    default: return LogEvent::dhcp_ack;
  }
}

LogEvent notice_event(dhcp::Notice::Kind kind) {
  switch (kind) {
    case dhcp::Notice::Kind::first_lease: return LogEvent::dhcp_lease;
    case dhcp::Notice::Kind::refused: return LogEvent::dhcp_refused;
    case dhcp::Notice::Kind::shared_client_id: return LogEvent::dhcp_clone;
    case dhcp::Notice::Kind::foreign_server: return LogEvent::dhcp_foreign_server;
    case dhcp::Notice::Kind::unknown_client: return LogEvent::dhcp_unknown_client;
    default: return LogEvent::dhcp_declined;
  }
}

LogEvent state_event(binder::State state) {
  switch (state) {
    case binder::State::waiting:
    case binder::State::grace: break;
    case binder::State::refused: return LogEvent::endpoint_refused;
    case binder::State::conflict: return LogEvent::endpoint_conflict;
    case binder::State::bound: return LogEvent::endpoint_bound;
  }
  return LogEvent::endpoint_waiting;
}

// One overload for each kind of event.
struct EventWriter {
  Log& log;

  void operator()(const DhcpReplied& event) const {
    log.write(reply_event(event.type), {{"iface", event.interface},
                                        {"host", event.host},
                                        {"chaddr", to_string(event.mac)},
                                        {"address", to_string(event.address)},
                                        {"via", via_name(event.via)},
                                        {"xid", hex(event.xid)}});
  }

  void operator()(const DhcpDropped& event) const {
    log.write(LogEvent::dhcp_drop, {{"iface", event.interface},
                                    {"type", type_name(event.type)},
                                    {"chaddr", to_string(event.mac)},
                                    {"xid", hex(event.xid)},
                                    {"reason", dhcp::name(event.reason)},
                                    {"why", dhcp::explanation(event.reason)}});
  }

  void operator()(const DhcpMalformed& event) const {
    const LogEvent kind = event.error ? LogEvent::dhcp_malformed : LogEvent::dhcp_oversized;
    log.write(kind, {{"iface", event.interface},
                     {"source", to_string(event.source.address)},
                     {"reason", event.error ? dhcp::name(*event.error) : "oversized"}});
  }

  void operator()(const DhcpNoticed& event) const {
    const dhcp::Notice& notice = event.notice;
    const std::string address = to_string(notice.address);
    const std::string mac = to_string(notice.mac);
    const std::string other =
        notice.other_mac == net::MacAddress{} ? "" : to_string(notice.other_mac);
    const LogEvent kind = notice_event(notice.kind);
    switch (notice.kind) {
      case dhcp::Notice::Kind::first_lease:
        log.write(kind, {{"iface", event.interface},
                         {"host", event.host},
                         {"chaddr", mac},
                         {"address", address}});
        break;
      case dhcp::Notice::Kind::refused:
        log.write(kind, {{"iface", event.interface},
                         {"host", event.host},
                         {"chaddr", mac},
                         {"asked", address}});
        break;
      case dhcp::Notice::Kind::shared_client_id:
        log.write(
            kind,
            {{"iface", event.interface}, {"host", event.host}, {"chaddr", mac}, {"other", other}});
        break;
      case dhcp::Notice::Kind::foreign_server:
        log.write(kind, {{"iface", event.interface},
                         {"server", to_string(notice.server)},
                         {"hwaddr", other},
                         {"chaddr", mac},
                         {"address", address}});
        break;
      case dhcp::Notice::Kind::unknown_client:
        log.write(kind, {{"iface", event.interface},
                         {"chaddr", mac},
                         {"why", "no host of the plan has this MAC address"}});
        break;
      case dhcp::Notice::Kind::address_in_use:
      case dhcp::Notice::Kind::address_declined: {
        const bool was_asked = notice.kind == dhcp::Notice::Kind::address_in_use;
        const std::string_view nobody = was_asked ? "nobody answers ARP" : "not looked for";
        log.write(kind, {{"iface", event.interface},
                         {"host", event.host},
                         {"chaddr", mac},
                         {"address", address},
                         {"holder", other.empty() ? nobody : other}});
        break;
      }
    }
  }

  void operator()(const DnsAnswered& event) const {
    log.write(LogEvent::dns_answer, {{"source", source_of(event)},
                                     {"qname", event.qname.to_string()},
                                     {"qtype", type_text(event.qtype)},
                                     {"rcode", rcode_text(event.rcode)},
                                     {"transport", event.tcp ? "tcp" : "udp"}});
  }

  void operator()(const DnsDropped& event) const {
    log.write(LogEvent::dns_drop, {{"source", source_of(event)},
                                   {"reason", dns::name(event.reason)},
                                   {"transport", event.tcp ? "tcp" : "udp"}});
  }

  void operator()(const DnsOversized& event) const {
    log.write(LogEvent::dns_oversized, {{"source", source_of(event)}, {"reason", "oversized"}});
  }

  void operator()(const UpstreamChanged& event) const {
    log.write(event.answers ? LogEvent::upstream_back : LogEvent::upstream_lost,
              {{"server", event.server}});
  }

  void operator()(const SocketFailed& event) const {
    log.write(event.sending ? LogEvent::send_failed : LogEvent::receive_failed,
              {{"address", to_string(event.address)},
               {"count", event.count},
               {"error", std::generic_category().message(event.error)}});
  }

  void operator()(const LinkNewsMalformed& event) const {
    log.write(LogEvent::links_malformed, {{"reason", event.reason}, {"count", event.count}});
  }

  void operator()(const DhcpOverloaded& event) const {
    log.write(LogEvent::dhcp_overload,
              {{"address", to_string(event.address)}, {"count", event.count}});
  }

  void operator()(const NoticesHeldBack& event) const {
    log.write(LogEvent::notices_held_back,
              {{"event", log_events()[static_cast<std::size_t>(notice_event(event.kind))].name},
               {"count", event.count}});
  }
};

// Collects "key=value" pairs of counters, leaving out what is zero.
class CounterLine {
 public:
  CounterLine(Log& log, std::string_view group) : log_(log) { fields_.push_back({"group", group}); }
  CounterLine(const CounterLine&) = delete;
  CounterLine& operator=(const CounterLine&) = delete;
  ~CounterLine() {
    if (fields_.size() > 1) log_.write(LogEvent::stats, fields_);
  }

  void always(std::string_view key, std::uint64_t value) { fields_.push_back({key, value}); }
  void unless_zero(std::string_view key, const Counter& counter) {
    if (counter.value() != 0) always(key, counter.value());
  }

 private:
  Log& log_;
  std::vector<LogField> fields_;
};

template <std::size_t Size>
std::uint64_t total(const std::array<Counter, Size>& counters) {
  std::uint64_t sum = 0;
  for (const Counter& counter : counters) sum += counter.value();
  return sum;
}

void write_types(Log& log, std::string_view group,
                 const std::array<Counter, DhcpCounters::type_count>& counters) {
  CounterLine line(log, group);
  line.unless_zero("BOOTP", counters[0]);
  for (std::size_t type = 1; type + 1 < counters.size(); ++type) {
    line.unless_zero(dhcp::name(dhcp::MessageType{static_cast<std::uint8_t>(type)}),
                     counters[type]);
  }
  line.unless_zero("other", counters.back());
}

}  // namespace

void write(Log& log, const Event& event) { std::visit(EventWriter{log}, event); }

void write(Log& log, const binder::Status& status) {
  const std::string address = to_string(status.address);
  const std::string pid = status.holder ? std::to_string(status.holder->pid) : "";
  std::vector<LogField> fields{
      {"service", name(status.service)},
      {"address", address},
      {"serving", status.serving ? "yes" : "no"},
  };
  if (status.link.index != 0) fields.push_back({"iface", status.link.name});
  if (status.holder) {
    fields.push_back({"holder", status.holder->process});
    fields.push_back({"pid", pid});
    if (!status.holder->unit.empty()) fields.push_back({"unit", status.holder->unit});
  }
  if (!status.why.empty()) fields.push_back({"why", status.why});
  for (const std::string& note : status.notes) fields.push_back({"note", note});
  log.write(state_event(status.state), fields);
}

void write_embedded_plan(Log& log, std::string_view missing_file, const net::Ipv4Prefix& subnet) {
  log.write(LogEvent::start_embedded_plan,
            {{"missing", missing_file},
             {"serving", to_string(subnet)},
             {"why", "there is no such file, so the plan built into berthd is served"}});
}

void write_counters(Log& log, const DhcpCounters& counters) {
  {
    CounterLine line(log, "dhcp");
    line.always("received", counters.received.value());
    line.always("replied", total(counters.replies));
    line.always("dropped", total(counters.drops));
    line.always("malformed", total(counters.malformed));
    line.always("oversized", counters.oversized.value());
    line.always("deferred", counters.deferred.value());
    line.always("send_failures", counters.send_failures.value());
    line.always("receive_failures", counters.receive_failures.value());
    line.always("kernel_drops", counters.kernel_drops.value());
    line.unless_zero("overloads", counters.overloads);
    line.unless_zero("second_copies", counters.second_copies);
    line.unless_zero("foreign_replies", counters.foreign_replies);
    line.unless_zero("bad_frames", counters.bad_frames);
    line.unless_zero("bad_checksums", counters.bad_checksums);
  }
  write_types(log, "dhcp.requests", counters.requests);
  write_types(log, "dhcp.replies", counters.replies);
  {
    CounterLine line(log, "dhcp.drops");
    for (std::size_t i = 0; i < counters.drops.size(); ++i) {
      line.unless_zero(dhcp::name(dhcp::Drop{static_cast<std::uint8_t>(i)}), counters.drops[i]);
    }
  }
  CounterLine line(log, "dhcp.malformed");
  for (std::size_t i = 0; i < counters.malformed.size(); ++i) {
    line.unless_zero(dhcp::name(dhcp::ParseError{static_cast<std::uint8_t>(i)}),
                     counters.malformed[i]);
  }
}

void write_counters(Log& log, std::string_view transport, const DnsCounters& counters) {
  {
    CounterLine line(log, transport);
    line.always("received", counters.received.value());
    line.always("replied", total(counters.replies));
    line.always("dropped", total(counters.drops));
    line.always("oversized", counters.oversized.value());
    line.always("truncated", counters.truncated.value());
    line.unless_zero("waiting", counters.waiting);
    line.unless_zero("undelivered", counters.undelivered);
    line.always("send_failures", counters.send_failures.value());
    line.always("receive_failures", counters.receive_failures.value());
    line.always("kernel_drops", counters.kernel_drops.value());
    line.unless_zero("evicted", counters.evicted);
    line.unless_zero("expired", counters.expired);
    line.unless_zero("unread", counters.unread);
    for (std::size_t i = 0; i + 1 < counters.replies.size(); ++i) {
      const std::string_view name = dns::name(dns::Rcode{static_cast<std::uint16_t>(i)});
      line.unless_zero(name.empty() ? "RESERVED" : name, counters.replies[i]);
    }
    line.unless_zero("other", counters.replies.back());
  }
  {
    CounterLine line(log, transport == "dns.udp" ? "dns.udp.drops" : "dns.tcp.drops");
    for (std::size_t i = 0; i < counters.drops.size(); ++i) {
      line.unless_zero(dns::name(dns::Drop{static_cast<std::uint8_t>(i)}), counters.drops[i]);
    }
  }
  CounterLine line(log, transport == "dns.udp" ? "dns.udp.forward" : "dns.tcp.forward");
  for (std::size_t i = 0; i < counters.forward.events.size(); ++i) {
    line.unless_zero(dns::name(dns::ForwardEvent{static_cast<std::uint8_t>(i)}),
                     counters.forward.events[i]);
  }
  line.unless_zero("pending_now", counters.forward.pending);
  line.unless_zero("cache_entries_now", counters.forward.cached);
  line.unless_zero("cache_octets_now", counters.forward.cached_octets);
}

}  // namespace berth::io
