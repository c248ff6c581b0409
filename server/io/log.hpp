// What berthd writes to stderr: events with a stable name and key=value fields in a fixed order, as
// text or as one JSON object a line. The names stand in one table, with the level and a sentence
// for operators each. Belongs to one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "config/config.hpp"

namespace spdlog {
class logger;
}

namespace berth::io {

enum class LogEvent : std::uint8_t {
  start,
  start_embedded_plan,
  start_refused,
  config_mistake,
  config_warning,
  ready,
  stop,
  reload_begin,
  reload_done,
  reload_refused,
  reload_needs_restart,
  endpoint_waiting,
  endpoint_refused,
  endpoint_bound,
  endpoint_conflict,
  endpoint_removed,
  endpoint_unprivileged,
  links_malformed,
  dhcp_lease,
  dhcp_offer,
  dhcp_ack,
  dhcp_nak,
  dhcp_bootp,
  dhcp_refused,
  dhcp_declined,
  dhcp_clone,
  dhcp_foreign_server,
  dhcp_unknown_client,
  dhcp_overload,
  dhcp_drop,
  dhcp_malformed,
  dhcp_oversized,
  dns_answer,
  dns_drop,
  dns_oversized,
  listen_bound,
  listen_closed,
  listen_failed,
  upstream_servers,
  upstream_none,
  upstream_lost,
  upstream_back,
  send_failed,
  receive_failed,
  events_lost,
  notices_held_back,
  stats,
  stats_end,
};

// One row of the table.
struct LogEventInfo {
  LogEvent event;
  std::string_view name;  // "dhcp.offer"
  config::LogLevel level;
  std::string_view meaning;
};
std::span<const LogEventInfo> log_events() noexcept;

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::uint64_t> value;
};

class Log {
 public:
  Log(config::LogLevel level, config::LogFormat format);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogEvent event) const noexcept;
  void write(LogEvent event, std::initializer_list<LogField> fields) {
    write(event, std::span(fields.begin(), fields.size()));
  }
  void write(LogEvent event, std::span<const LogField> fields);
  // A message of several lines, such as a mistake with the line it is in and a caret.
  void write_text(LogEvent event, std::string_view text);

  // From the next line on.
  void configure(config::LogLevel level, config::LogFormat format);

 private:
  std::shared_ptr<spdlog::logger> logger_;
  bool json_ = false;
  bool journal_ = false;  // text lines carry the journal's priority instead of a time
};

}  // namespace berth::io
