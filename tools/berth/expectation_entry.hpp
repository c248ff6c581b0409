// One map of a file of expectations while it is read. Internal to expectations.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/draft.hpp"
#include "config/place.hpp"
#include "protocol/dns/types.hpp"

namespace berth::tools {

// The keys of a map, each taken once; what is left nobody knew. `place` and `report` must outlive
// it.
class Entry {
 public:
  Entry(const config::Place& place, config::Report& report);

  bool has(std::string_view key) const noexcept;
  std::optional<config::Place> take(std::string_view key);
  void put(std::string_view key, const config::Place& value) { rest_.emplace_back(key, value); }

  const std::vector<std::pair<std::string_view, config::Place>>& rest() const noexcept {
    return rest_;
  }
  // Every key that was not taken is a mistake, perhaps for one of these words.
  void report_others(std::string_view known);

 private:
  config::Report& report_;
  std::vector<std::pair<std::string_view, config::Place>> rest_;
};

// The records of one type, one or a list, as append_rdata_text() writes them; sorted. An address
// may be a host number, names are absolute.
std::vector<std::string> rdata_texts(const config::Place& place, dns::RrType type,
                                     const net::Ipv4Prefix& subnet, config::Report& report);

}  // namespace berth::tools
