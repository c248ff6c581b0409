#include "tools/berth/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>
#include <string>

namespace berth::tools {
namespace {

constexpr int shape_version = 1;

void print_indented(std::ostream& out, const boost::json::value& value, const std::string& indent) {
  const std::string inner = indent + "  ";
  const char* separator = "\n";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out << '{';
    for (const auto& [key, member] : *object) {
      out << separator << inner << boost::json::serialize(key) << ": ";
      print_indented(out, member, inner);
      separator = ",\n";
    }
    out << '\n' << indent << '}';
    return;
  }
  const auto* array = value.if_array();
  const bool has_structure =
      array != nullptr && !array->empty() && (array->front().is_object() || array->size() > 8);
  if (!has_structure) {
    out << boost::json::serialize(value);
    return;
  }
  out << '[';
  for (const auto& item : *array) {
    out << separator << inner;
    print_indented(out, item, inner);
    separator = ",\n";
  }
  out << '\n' << indent << ']';
}

}  // namespace

boost::json::object envelope(std::string_view kind) {
  return {{"berth", shape_version}, {"kind", kind}};
}

boost::json::value text_or_null(std::string_view text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

void print_line(std::ostream& out, const boost::json::object& object) {
  out << boost::json::serialize(object) << '\n';
}

void print_indented(std::ostream& out, const boost::json::value& value) {
  print_indented(out, value, "");
  out << '\n';
}

}  // namespace berth::tools
