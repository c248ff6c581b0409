// Follows the machine's links, addresses and default routes. One file per system. It never waits;
// one thread.
#pragma once

#include <memory>
#include <optional>
#include <system_error>

#include "protocol/expected.hpp"
#include "server/binder/link_table.hpp"
#include "server/time.hpp"

namespace berth::binder {

class LinkMonitor {
 public:
  // Opens it and reads what there is now.
  static expected<LinkMonitor, std::error_code> open(TimePoint now);
  LinkMonitor(LinkMonitor&&) noexcept;
  LinkMonitor& operator=(LinkMonitor&&) noexcept;
  ~LinkMonitor();

  // Polls readable when there is news.
  int descriptor() const noexcept;
  // Takes in the news that has come; bounded, so that a storm of it cannot hold the thread. What it
  // leaves keeps the descriptor readable.
  void read(TimePoint now);
  // For when the system has failed to tell us everything, and could not be asked at once.
  void on_timer(TimePoint now);
  std::optional<TimePoint> next_deadline() const noexcept;

  // What of the news since the last call made no sense, by its last reason; none: all did.
  std::optional<BadNews> take_bad_news() noexcept;

  // As last known in full; none while it is being read anew.
  const LinkTable* links() const noexcept;

 private:
  struct State;

  explicit LinkMonitor(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace berth::binder
