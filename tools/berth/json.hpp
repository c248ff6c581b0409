// JSON as every verb prints it: one object in one line, which says what it is and in which version
// of its shape. A key's meaning never changes within a version; keys may be added.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <iosfwd>
#include <string_view>

namespace berth::tools {

// {"berth":1,"kind":"check"}
boost::json::object envelope(std::string_view kind);

// null for a text that is empty.
boost::json::value text_or_null(std::string_view text);

void print_line(std::ostream& out, const boost::json::object& object);

// Over several lines, for files that people open.
void print_indented(std::ostream& out, const boost::json::value& value);

}  // namespace berth::tools
