#include "server/io/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/src.hpp>
#include <cstdlib>
#include <string>

namespace berth::io {
namespace {

using config::LogLevel;

constexpr std::array table = std::to_array<LogEventInfo>({
    {LogEvent::start, "start", LogLevel::info, "berthd starts; version and configuration file."},
    {LogEvent::start_embedded_plan, "start.embedded-plan", LogLevel::warning,
     "There is no configuration file; the built-in plan is served, at start or after a reload."},
    {LogEvent::start_refused, "start.refused", LogLevel::error, "berthd cannot run, and why."},
    {LogEvent::config_mistake, "config.mistake", LogLevel::error,
     "A mistake in the configuration: place, key, sentence, the line and a caret."},
    {LogEvent::config_warning, "config.warning", LogLevel::warning,
     "Something in the configuration that is allowed and probably not meant."},
    {LogEvent::ready, "ready", LogLevel::info,
     "Every endpoint is known; milliseconds since start."},
    {LogEvent::stop, "stop", LogLevel::info, "berthd ends, and at whose word."},
    {LogEvent::reload_begin, "reload.begin", LogLevel::info, "The configuration is read again."},
    {LogEvent::reload_done, "reload.done", LogLevel::info, "The new plan is in force."},
    {LogEvent::reload_refused, "reload.refused", LogLevel::error,
     "The new configuration has mistakes; the old plan stays in force."},
    {LogEvent::reload_needs_restart, "reload.needs-restart", LogLevel::warning,
     "A key that counts at start only has changed: what is written, and what stays in force."},
    {LogEvent::endpoint_waiting, "endpoint.waiting", LogLevel::info,
     "The address we listen on is not there yet, or not where the plan wants it."},
    {LogEvent::endpoint_refused, "endpoint.refused", LogLevel::warning,
     "The address we listen on is there, and serving it would be wrong: why, and what to change."},
    {LogEvent::endpoint_bound, "endpoint.bound", LogLevel::info, "We serve on this address."},
    {LogEvent::endpoint_conflict, "endpoint.conflict", LogLevel::error,
     "The port cannot be opened: who holds it or what is missing, and what to do. We go on "
     "trying."},
    {LogEvent::endpoint_removed, "endpoint.removed", LogLevel::info,
     "The plan no longer has this address, or not for this service."},
    {LogEvent::endpoint_unprivileged, "endpoint.unprivileged", LogLevel::warning,
     "A socket could not be opened for lack of privilege; what works without it goes on."},
    {LogEvent::links_malformed, "links.malformed", LogLevel::warning,
     "What the system tells of its links made no sense, and why, and is asked for anew; at most "
     "one "
     "line a second."},
    {LogEvent::dhcp_lease, "dhcp.lease", LogLevel::info,
     "A host of the plan got its address for the first time since start."},
    {LogEvent::dhcp_offer, "dhcp.offer", LogLevel::debug, "A DHCPOFFER was sent."},
    {LogEvent::dhcp_ack, "dhcp.ack", LogLevel::debug, "A DHCPACK was sent."},
    {LogEvent::dhcp_nak, "dhcp.nak", LogLevel::debug, "A DHCPNAK was sent."},
    {LogEvent::dhcp_bootp, "dhcp.bootp", LogLevel::debug, "A BOOTP reply was sent."},
    {LogEvent::dhcp_refused, "dhcp.refused", LogLevel::info,
     "A client asked for an address that is not its own and was sent a DHCPNAK."},
    {LogEvent::dhcp_declined, "dhcp.declined", LogLevel::warning,
     "A host of the plan found its reserved address in use; holder is who answered ARP for it."},
    {LogEvent::dhcp_clone, "dhcp.clone", LogLevel::warning,
     "Two hosts of the plan send the same client identifier, as cloned machines do; each keeps its "
     "own address."},
    {LogEvent::dhcp_foreign_server, "dhcp.foreign-server", LogLevel::warning,
     "Another DHCP server answered a client on the link: its identifier and hardware address, the "
     "client's, and the address in its reply."},
    {LogEvent::dhcp_unknown_client, "dhcp.unknown-client", LogLevel::info,
     "A client that is no host of the plan asked for an address, and got none; once an hour and "
     "after a reload."},
    {LogEvent::dhcp_overload, "dhcp.overload", LogLevel::warning,
     "More came than can be answered, so that part of the DISCOVERs is left to their clients' next "
     "attempt; at most one line a second. REQUESTs still come in."},
    {LogEvent::dhcp_drop, "dhcp.drop", LogLevel::debug,
     "A DHCP message was not answered, and why."},
    {LogEvent::dhcp_malformed, "dhcp.malformed", LogLevel::debug,
     "A datagram to the DHCP port is no DHCP message, and why."},
    {LogEvent::dhcp_oversized, "dhcp.oversized", LogLevel::debug,
     "A datagram to the DHCP port is larger than any DHCP message."},
    {LogEvent::dns_answer, "dns.answer", LogLevel::debug, "A DNS response was sent."},
    {LogEvent::dns_drop, "dns.drop", LogLevel::debug, "A DNS message was not answered, and why."},
    {LogEvent::dns_oversized, "dns.oversized", LogLevel::debug,
     "A datagram to the DNS port is larger than any query we read."},
    {LogEvent::listen_bound, "listen.bound", LogLevel::info,
     "DNS is answered on this address of `dns.listen`."},
    {LogEvent::listen_closed, "listen.closed", LogLevel::info,
     "`dns.listen` no longer has this address."},
    {LogEvent::listen_failed, "listen.failed", LogLevel::error,
     "An address of `dns.listen` cannot be opened, and why. We go on trying."},
    {LogEvent::upstream_servers, "upstream.servers", LogLevel::info,
     "Who is asked about foreign names from now on, in the plan's or the host's order."},
    {LogEvent::upstream_none, "upstream.none", LogLevel::warning,
     "The host's resolvers are to be asked about foreign names, and it has none: they are refused "
     "until it has."},
    {LogEvent::upstream_lost, "upstream.lost", LogLevel::warning,
     "A server that we ask does not answer any more; others are asked, and it is tried again."},
    {LogEvent::upstream_back, "upstream.back", LogLevel::info,
     "A server that did not answer answers again."},
    {LogEvent::send_failed, "send.failed", LogLevel::warning,
     "The system refused to send replies; at most one line a second for an address."},
    {LogEvent::receive_failed, "receive.failed", LogLevel::warning,
     "The system refused to read a socket; at most one line a second for an address."},
    {LogEvent::events_lost, "events.lost", LogLevel::warning,
     "More happened than could be logged; the counters are right."},
    {LogEvent::notices_held_back, "notices.held-back", LogLevel::warning,
     "Clients caused more events of one name in a second than are logged."},
    {LogEvent::stats, "stats", LogLevel::info, "A group of counters, on SIGUSR1."},
    {LogEvent::stats_end, "stats.end", LogLevel::info, "The last group has been logged."},
});

consteval bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].event != LogEvent{static_cast<std::uint8_t>(i)}) return false;
  }
  return true;
}
static_assert(in_order(), "one row an event, in the order of the enumeration");

const LogEventInfo& info(LogEvent event) noexcept { return table[static_cast<std::size_t>(event)]; }

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace: return spdlog::level::trace;
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// A text that needs no quotes in key=value form.
bool is_plain(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

std::string text_line(std::string_view prefix, std::string_view name,
                      std::span<const LogField> fields) {
  std::string line(prefix);
  line.append(name);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
      line.append(std::to_string(*number));
    } else if (const auto text = std::get<std::string_view>(field.value); is_plain(text)) {
      line.append(text);
    } else {
      // JSON's quoting is what tools that read key=value expect, and no line can be forged with it.
      line.append(boost::json::serialize(text));
    }
  }
  return line;
}

// The members of the line's object; the pattern supplies the time, the level and the braces.
std::string json_members(std::string_view name, std::span<const LogField> fields) {
  boost::json::object object;
  object["event"] = name;
  for (const LogField& field : fields) {
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
      object[field.key] = *number;
    } else {
      object[field.key] = std::get<std::string_view>(field.value);
    }
  }
  const std::string text = boost::json::serialize(object);
  return text.substr(1, text.size() - 2);
}

// systemd sets JOURNAL_STREAM to the device and inode of the stream it reads; the journal has its
// own times.
bool stderr_is_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

std::string pattern(config::LogFormat format) {
  if (format == config::LogFormat::json) {
    return R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
  }
  return "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
}

// sd-daemon(3): the priority of a line that the journal reads.
std::string_view journal_prefix(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace:
    case LogLevel::debug: return "<7>";
    case LogLevel::info: return "<6>";
    case LogLevel::warning: return "<4>";
    case LogLevel::error: return "<3>";
  }
  return "<6>";
}

}  // namespace

std::span<const LogEventInfo> log_events() noexcept { return table; }

Log::Log(config::LogLevel level, config::LogFormat format)
    : logger_(std::make_shared<spdlog::logger>("berthd",
                                               std::make_shared<spdlog::sinks::stderr_sink_st>())) {
  configure(level, format);
}

Log::~Log() = default;

bool Log::enabled(LogEvent event) const noexcept {
  return logger_->should_log(spdlog_level(info(event).level));
}

void Log::write(LogEvent event, std::span<const LogField> fields) {
  if (!enabled(event)) return;
  const LogEventInfo& row = info(event);
  logger_->log(spdlog_level(row.level), "{}",
               json_ ? json_members(row.name, fields)
                     : text_line(journal_ ? journal_prefix(row.level) : "", row.name, fields));
}

void Log::write_text(LogEvent event, std::string_view text) {
  if (json_) return write(event, {{"message", text}});
  const LogEventInfo& row = info(event);
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  logger_->log(spdlog_level(row.level), "{}{} {}", journal_ ? journal_prefix(row.level) : "",
               row.name, text);
}

void Log::configure(config::LogLevel level, config::LogFormat format) {
  json_ = format == config::LogFormat::json;
  journal_ = !json_ && stderr_is_journal();
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      journal_ ? "%v" : pattern(format), spdlog::pattern_time_type::utc));
  logger_->set_level(spdlog_level(level));
}

}  // namespace berth::io
