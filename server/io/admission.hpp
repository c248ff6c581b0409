// How many new handshakes a server takes on that is behind. One that answers each DISCOVER alike
// spends itself on offers whose REQUESTs it then has no time for: twice what it can do halves what
// it gets done. So the share of DISCOVERs that come in at all is made smaller while the socket's
// buffer fills, and larger again as it empties, and REQUESTs always come in. The rest is dropped
// where that costs least, before it is queued. Sans-IO; a value.
//
// What a share does shows late: each DISCOVER that comes in brings a REQUEST as long after as the
// buffer takes to read. So nothing is changed while the buffer is on its way already; else the
// share overshoots, and between one flood and the next there is nothing to do.
//
// A flood of anything else, as of REQUESTs that nobody was offered for, gets no smaller for the
// DISCOVERs that stay out. Where they are few of what comes, they all come in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "server/time.hpp"

namespace berth::io {

// In 256ths.
using Share = std::uint16_t;
inline constexpr Share whole = 256;

class Admission {
 public:
  // How often it is worth a look at the buffer.
  static constexpr std::chrono::milliseconds interval{10};

  struct Read {
    std::size_t datagrams = 0;
    std::size_t discovers = 0;  // of them
    bool is_behind = false;     // it did not take all that was there
  };

  // True when the buffer is to be looked at, and observe() called.
  bool on_read(const Read& read, TimePoint now) noexcept {
    datagrams_ += read.datagrams;
    discovers_ += read.discovers;
    return (read.is_behind || share_ != whole) && now >= looked_ + interval;
  }
  // While DISCOVERs are kept out it is to be looked at without a read, too.
  std::optional<TimePoint> next_deadline() const noexcept {
    if (share_ == whole) return std::nullopt;
    return looked_ + interval;
  }

  // `fill`: how much of the buffer is taken. Returns the share of DISCOVERs to let in from now on.
  Share observe(Share fill, TimePoint now) noexcept {
    // Between the two nothing is idle, and what waits is answered long before a client asks again.
    constexpr Share high = whole / 4;
    constexpr Share low = whole / 16;
    looked_ = now;
    const Share before = std::exchange(fill_, fill);
    const Share step = static_cast<Share>(share_ / 8 + 1);
    if (!are_to_blame() || (fill < low && fill <= before))
      share_ = static_cast<Share>(share_ + step < whole ? share_ + step : whole);
    else if (fill > high && fill >= before)
      share_ = static_cast<Share>(share_ > step ? share_ - step : 1);
    return share_;
  }

  Share share() const noexcept { return share_; }

 private:
  // Whether what has been read since the last look had an eighth of DISCOVERs, with those that
  // stayed out: of handshakes it is a half.
  bool are_to_blame() noexcept {
    const std::size_t discovers = std::exchange(discovers_, 0) * whole / share_;
    const std::size_t datagrams = std::exchange(datagrams_, 0);
    return discovers * 8 >= datagrams;
  }

  Share share_ = whole;
  Share fill_ = 0;  // at the last look
  TimePoint looked_{};
  std::size_t datagrams_ = 0;  // read since
  std::size_t discovers_ = 0;
};

}  // namespace berth::io
