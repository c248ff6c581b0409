// JSON Schema (2020-12) of the configuration file, made from the table of keys that the loader
// reads, so that editors know what berthd knows. Whatever load() accepts is valid under it; what
// depends on more than one place of the file, such as an address in its subnet, only load()
// refuses.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "config/keys.hpp"

namespace berth::tools {

boost::json::object make_schema();

// What may stand behind a key.
boost::json::value value_schema(const config::Key& key);

// What may stand in an `options:` map, and the definitions to which that refers.
boost::json::object options_schema();
void add_option_definitions(boost::json::object& definitions);

// {"$ref":"#/$defs/address"}
boost::json::object reference(std::string_view definition);
// One of it or a list of them; the list at least `least` long.
boost::json::value one_or_list(const boost::json::value& item, int least);

}  // namespace berth::tools
