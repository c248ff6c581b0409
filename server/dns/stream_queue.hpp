// The queries by TCP: few are open at a time, and the others wait for their turn. A server has a
// part of them, so that one which is dead does not keep the others out, and so has each account of
// clients. Nothing allocates. One thread at a time.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>

#include "server/dns/forwarding.hpp"
#include "server/dns/pending_questions.hpp"
#include "server/time.hpp"

namespace berth::dns {

class StreamQueue {
 public:
  // Behind the others of its server. Its stream_server and stream_account stay until remove().
  void add(PendingQuestion& question) noexcept;
  // One whose turn it is, which counts as open from now on; null: none may be opened.
  PendingQuestion* open(TimePoint now) noexcept;
  // Open or waiting.
  void remove(PendingQuestion& question) noexcept;

  // Of those that keep others waiting, the one open longest; null for none.
  PendingQuestion* longest_in_the_way() noexcept;

 private:
  using Questions =
      boost::intrusive::list<PendingQuestion, boost::intrusive::base_hook<StreamHook>>;

  bool is_full(UpstreamIndex server) const noexcept;
  bool is_full(const PendingQuestion& question) const noexcept;

  Questions open_;  // in the order in which they were opened
  std::array<Questions, max_upstreams> waiting_;
  std::size_t waiting_count_ = 0;
  std::size_t turn_ = 0;  // of a server
};

}  // namespace berth::dns
