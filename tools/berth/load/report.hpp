// A run's summary in three forms.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "tools/berth/load/summary.hpp"

namespace berth::load {

// One line, for a terminal while it runs.
std::string progress_line(const Progress& progress, const Subject& subject, Time now);
// A table and what to think of it.
std::string text_report(const Summary& summary);
// What `berth load --json` prints, without the envelope. Its keys are described in the command's
// help.
boost::json::object json_report(const Summary& summary);
// One file that needs no other.
std::string html_report(const Summary& summary);

}  // namespace berth::load
