// What happens to questions that are forwarded and to what servers say: every one is a counter and
// a word in the log; the sentences for operators are in forward_event.cpp's table. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace berth::dns {

enum class ForwardEvent : std::uint8_t {
  // What became of a question.
  cached,         // answered from the cache
  stale,          // answered from the cache beyond its TTL (RFC 8767)
  failed_lately,  // answered SERVFAIL from the cache (RFC 9520)
  filtered,       // NODATA, since the configuration wants no such type
  not_recursive,  // RD is clear, and the cache knows nothing
  no_server,      // nobody to ask
  shared,         // waits for the answer to an equal question in flight
  asked,          // waits for the answer to a query of its own
  table_full,     // SERVFAIL: too much is in flight
  client_share,   // SERVFAIL: too much is in flight for this client
  // How those that waited ended.
  answered,   // with what a server said
  failed,     // SERVFAIL: every server failed
  timed_out,  // SERVFAIL: no server answered in time
  no_stream,  // SERVFAIL: its query by TCP waited too long for its turn
  // Queries.
  sent,          // by UDP, each attempt
  sent_stream,   // by TCP, since the answer was cut
  without_edns,  // again, since a server does not know EDNS
  failed_over,   // to another server, before the answer was due or instead of an error
  probed,        // a server was asked for the sake of knowing how it is
  server_lost,   // a server does not answer any more
  server_back,   // it answers again
  unreachable,   // the system says that a server cannot be reached
  looped,        // a server asks us what we asked it
  // What came from servers and was not used; each leaves the query waiting.
  unexpected,      // no query of that id is in flight there: late, or forged
  not_a_response,  // QR is clear, or another opcode
  other_question,  // not what was asked, or not as it was spelled
  malformed,       // cannot be read
  // What came from servers and made another be asked.
  error_response,  // SERVFAIL, REFUSED, NOTIMP, FORMERR or any other code that is no answer
  referral,        // names other servers instead of answering
  no_answer,       // a chain of aliases that does not end, or too much to keep
  stream_failed,   // no TCP connection, or a bad message by it
  // What was cut from answers.
  rebind_blocked,  // an address of a private network
  // The cache.
  stored,
  evicted,  // to make room
};
inline constexpr std::size_t forward_event_count = 34;

std::string_view name(ForwardEvent event) noexcept;         // "failed_over"
std::string_view explanation(ForwardEvent event) noexcept;  // a sentence for operators

// How often each has happened. Belongs to the thread of its forwarder.
class ForwardCounts {
 public:
  void add(ForwardEvent event) noexcept { ++counts_[static_cast<std::size_t>(event)]; }
  std::uint64_t operator[](ForwardEvent event) const noexcept {
    return counts_[static_cast<std::size_t>(event)];
  }

 private:
  std::array<std::uint64_t, forward_event_count> counts_{};
};

}  // namespace berth::dns
