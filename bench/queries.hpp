// DNS queries one behind the other, as a ring of receive buffers holds them.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/wire/cursor.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::bench {

class Queries {
 public:
  void add(const test::Ask& ask) {
    const auto query = test::encode(ask);
    octets_.insert(octets_.end(), query.begin(), query.end());
    ends_.push_back(octets_.size());
  }
  // Each in turn, and from the first again.
  wire::Bytes next() noexcept {
    const wire::Bytes query = wire::Bytes(octets_).subspan(at_, ends_[index_] - at_);
    at_ = ends_[index_];
    if (++index_ == ends_.size()) at_ = index_ = 0;
    return query;
  }

 private:
  std::vector<std::byte> octets_;
  std::vector<std::size_t> ends_;
  std::size_t index_ = 0;
  std::size_t at_ = 0;
};

}  // namespace berth::bench
