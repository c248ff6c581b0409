#include "server/io/log.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>
#include <string>

#include "server/io/event_log.hpp"

namespace berth::io {
namespace {

using config::LogFormat;
using config::LogLevel;

template <class Write>
std::string logged(LogLevel level, LogFormat format, Write write) {
  testing::internal::CaptureStderr();
  Log log(level, format);
  write(log);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesAnEventAsNameAndFieldsInTheirOrder) {
  const std::string text = logged(LogLevel::debug, LogFormat::text, [](Log& log) {
    log.write(LogEvent::dhcp_offer, {{"iface", "kubr0"}, {"count", std::uint64_t{7}}});
  });
  EXPECT_NE(text.find(" debug dhcp.offer iface=kubr0 count=7\n"), std::string::npos) << text;
}

TEST(Log, QuotesWhatCouldForgeAFieldOrALine) {
  const std::string text = logged(LogLevel::debug, LogFormat::text, [](Log& log) {
    log.write(LogEvent::dhcp_offer, {{"host", "a b=c"}, {"name", "x\ny"}, {"empty", ""}});
  });
  EXPECT_NE(text.find(R"(host="a b=c" name="x\ny" empty="")"), std::string::npos) << text;
}

TEST(Log, WritesOneJsonObjectALine) {
  const std::string text = logged(LogLevel::info, LogFormat::json, [](Log& log) {
    log.write(LogEvent::ready, {{"after_ms", std::uint64_t{3}}, {"odd", "\"\n{"}});
  });
  const auto object = boost::json::parse(text).as_object();
  EXPECT_EQ(object.at("event"), "ready");
  EXPECT_EQ(object.at("level"), "info");
  EXPECT_EQ(object.at("after_ms"), 3);
  EXPECT_EQ(object.at("odd"), "\"\n{");
  EXPECT_TRUE(object.contains("time"));
}

TEST(Log, KeepsLinesOfSeveralLinesTogetherInJsonToo) {
  const std::string text = logged(LogLevel::info, LogFormat::json, [](Log& log) {
    log.write_text(LogEvent::config_mistake, "a.yaml:1:2: x\n  line\n  ^\n");
  });
  EXPECT_EQ(boost::json::parse(text).as_object().at("message"), "a.yaml:1:2: x\n  line\n  ^\n");
}

TEST(Log, NamesTheStateOfAnEndpoint) {
  using binder::State;
  struct Row {
    State state;
    const char* level_and_name;
  };
  for (const auto& [state, expected] : {Row{State::waiting, " info endpoint.waiting "},
                                        Row{State::grace, " info endpoint.waiting "},
                                        Row{State::refused, " warning endpoint.refused "},
                                        Row{State::conflict, " error endpoint.conflict "},
                                        Row{State::bound, " info endpoint.bound "}}) {
    binder::Status status;
    status.state = state;
    const std::string text =
        logged(LogLevel::info, LogFormat::text, [&status](Log& log) { io::write(log, status); });
    EXPECT_NE(text.find(expected), std::string::npos) << text;
  }
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
  const std::string text = logged(LogLevel::info, LogFormat::text, [](Log& log) {
    EXPECT_FALSE(log.enabled(LogEvent::dhcp_offer));
    log.write(LogEvent::dhcp_offer, {});
    log.configure(LogLevel::debug, LogFormat::text);
    log.write(LogEvent::dhcp_ack, {});
  });
  EXPECT_EQ(text.find("dhcp.offer"), std::string::npos);
  EXPECT_NE(text.find("dhcp.ack"), std::string::npos);
}

TEST(Log, HasOneNameAndASentenceForEachEvent) {
  std::set<std::string_view> names;
  for (const LogEventInfo& row : log_events()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
  }
}

}  // namespace
}  // namespace berth::io
