// Scripts as rows of a table: forwarder_script.hpp says how they are written.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/server/dns/forwarder_script.hpp"

namespace berth::test {

struct ForwarderCase {
  std::string name;
  std::string servers;
  dns::ForwardingOptions options;
  std::string script;
};

class ForwarderTable : public testing::TestWithParam<ForwarderCase> {
 protected:
  // A failure shows the transcript as it can be read, and put into the table.
  static void expect_as_written(const ForwarderCase& row) {
    const std::string played = ForwarderScript(row.servers, row.options).play(row.script);
    EXPECT_EQ(played, row.script) << played;
  }
};

inline std::string row_name(const testing::TestParamInfo<ForwarderCase>& info) {
  return info.param.name;
}

}  // namespace berth::test
