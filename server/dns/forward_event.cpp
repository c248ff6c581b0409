#include "server/dns/forward_event.hpp"

namespace berth::dns {
namespace {

struct Row {
  std::string_view name;
  std::string_view explanation;
};

// In the order of ForwardEvent.
constexpr std::array<Row, forward_event_count> rows = {{
    {"cached", "answered from the cache"},
    {"stale", "answered from the cache beyond its TTL, since no server answered"},
    {"failed_lately", "answered SERVFAIL, as the servers did a moment ago"},
    {"filtered", "answered without records, since dns.filter names the type"},
    {"not_recursive", "refused: it asks for no recursion, and the cache does not know"},
    {"no_server", "refused: nobody is there to ask"},
    {"shared", "waits for the answer to an equal question in flight"},
    {"asked", "a server is asked"},
    {"table_full", "failed: as many questions are in flight as may be"},
    {"client_share", "failed: as many questions of this client are in flight as may be"},
    {"answered", "answered with what a server said"},
    {"failed", "failed: every server said that it cannot answer"},
    {"timed_out", "failed: no server answered in time"},
    {"no_stream", "failed: as many questions are asked by TCP as may be"},
    {"sent", "a query was sent to a server by UDP"},
    {"sent_stream", "a query was sent to a server by TCP, since the answer by UDP was cut"},
    {"without_edns", "a query was sent again without EDNS, which the server does not know"},
    {"failed_over", "another server was asked, since one is late, unreachable or says an error"},
    {"probed", "a server was asked only to learn how it is"},
    {"server_lost", "a server does not answer any more"},
    {"server_back", "a server answers again"},
    {"unreachable", "the system says that a server cannot be reached"},
    {"looped", "a server asks us what we have asked it"},
    {"unexpected", "a response to no query in flight: it is late, or forged"},
    {"not_a_response", "what came from a server is no response"},
    {"other_question", "a response to another question than was asked"},
    {"malformed", "a response that cannot be read"},
    {"error_response", "a server says that it cannot answer, or will not"},
    {"referral", "a server names others instead of answering"},
    {"no_answer", "a response whose aliases lead nowhere"},
    {"stream_failed", "a server could not be asked by TCP"},
    {"rebind_blocked", "an address of a private network was cut from an answer"},
    {"stored", "an answer was put into the cache"},
    {"evicted", "an answer was removed from the cache to make room"},
}};

const Row& row(ForwardEvent event) noexcept {
  static constexpr Row unknown = {};
  const auto index = static_cast<std::size_t>(event);
  return index < rows.size() ? rows[index] : unknown;
}

}  // namespace

std::string_view name(ForwardEvent event) noexcept { return row(event).name; }
std::string_view explanation(ForwardEvent event) noexcept { return row(event).explanation; }

}  // namespace berth::dns
