// The inside of Forwarder: the questions in flight, the servers, the cache, and what is to be done.
// In three files: forwarder.cpp answers who asks, forwarder_queries.cpp asks the servers, and
// forwarder_responses.cpp reads what they say.
#pragma once

#include <boost/intrusive/list.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "server/dns/asker.hpp"
#include "server/dns/cache.hpp"
#include "server/dns/forwarder.hpp"
#include "server/dns/image.hpp"
#include "server/dns/pending_questions.hpp"
#include "server/dns/stream_queue.hpp"
#include "server/dns/upstream_servers.hpp"

namespace berth::dns {

class Forwarder::State {
 public:
  State(std::shared_ptr<const Forwarding> forwarding, RandomNumbers random);

  std::optional<Reply> ask(const Forward& question, const Client& client, WaiterId waiter,
                           TimePoint now, wire::MutableBytes out) noexcept;

  void on_datagram(UpstreamIndex server, SlotIndex slot, wire::Bytes datagram,
                   TimePoint now) noexcept;
  void on_unreachable(UpstreamIndex server, TimePoint now) noexcept;
  void on_stream_message(StreamId stream, wire::Bytes message, TimePoint now) noexcept;
  void on_stream_failed(StreamId stream, TimePoint now) noexcept;
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() noexcept;
  std::optional<ForwardAction> next_action() noexcept;
  std::shared_ptr<const Forwarding> replace_forwarding(std::shared_ptr<const Forwarding> forwarding,
                                                       TimePoint now) noexcept;

  UpstreamServers servers;
  PendingQuestions pending;
  Cache cache;
  ForwardCounts counts;

 private:
  using Questions = boost::intrusive::list<PendingQuestion, boost::intrusive::base_hook<QueueHook>,
                                           boost::intrusive::constant_time_size<false>>;
  struct ClosedStream {
    UpstreamIndex server;
    StreamId stream;
  };

  // Answering: forwarder.cpp.
  Reply from_cache(const Cache::Entry& entry, const Asker& asker, TimePoint now,
                   wire::MutableBytes out) noexcept;
  Reply fail(const Asker& asker, ForwardEvent event, Rcode rcode, ExtendedError reason,
             wire::MutableBytes out) noexcept;
  std::optional<Reply> wait(const QuestionKey& key, const Asker& asker, const Client& client,
                            WaiterId id, const Cache::Entry* stale, TimePoint now,
                            wire::MutableBytes out) noexcept;
  Answer answer(Waiter& waiter) noexcept;
  // Moves those who wait to the ones whose answers are taken next.
  void end_wait(PendingQuestion& question, Waiter::Ending ending,
                std::optional<ExtendedError> reason) noexcept;

  // Asking: forwarder_queries.cpp.
  std::span<const UpstreamIndex> servers_of(const PendingQuestion& question) const noexcept;
  PendingQuestion* start(const QuestionKey& key, TimePoint now) noexcept;
  // Asks the next server, or gives up when none is left.
  void attempt(PendingQuestion& question, TimePoint now) noexcept;
  void send(PendingQuestion& question, UpstreamIndex server, TimePoint now) noexcept;
  void ask_by_stream(PendingQuestion& question, UpstreamIndex server, TimePoint now) noexcept;
  // Asks a server that was not asked yet, if there is one, without waiting longer.
  void hasten(PendingQuestion& question, TimePoint now) noexcept;
  void give_up(PendingQuestion& question, TimePoint now) noexcept;
  void finish(PendingQuestion& question) noexcept;
  void release(Attempt& attempt) noexcept;
  void open_streams(TimePoint now) noexcept;
  // A stream that has had its time ends when others wait for it.
  void end_late_streams(TimePoint now) noexcept;
  void close_stream(PendingQuestion& question) noexcept;
  // It has come to its end by itself.
  void end_stream(PendingQuestion& question) noexcept;
  void set_timer(PendingQuestion& question) noexcept;
  void on_due(PendingQuestion& question, TimePoint now) noexcept;
  void answer_stale(PendingQuestion& question, TimePoint now) noexcept;
  void probe(UpstreamIndex server, TimePoint now) noexcept;
  ForwardAction datagram_of(const PendingQuestion& question, Attempt& attempt) noexcept;
  ForwardAction stream_of(PendingQuestion& question) noexcept;
  wire::Bytes query_of(const PendingQuestion& question, std::uint16_t id, bool plain) noexcept;
  wire::Bytes spelled(const PendingQuestion& question) noexcept;

  // Reading: forwarder_responses.cpp.
  struct Source {
    UpstreamIndex server = 0;
    Attempt* attempt = nullptr;  // null: by a stream
  };
  void ignore(PendingQuestion& question, ForwardEvent event, TimePoint now) noexcept;
  bool answers_question(const MessageView& response, const PendingQuestion& question) noexcept;
  void take_response(PendingQuestion& question, const Source& source, const MessageView& response,
                     TimePoint now) noexcept;
  void take_error(PendingQuestion& question, const Source& source, const MessageView& response,
                  TimePoint now) noexcept;
  void take_answer(PendingQuestion& question, const Source& source, const MessageView& response,
                   TimePoint now) noexcept;
  // That server is of no use for this question: on to another.
  void reject(PendingQuestion& question, const Source& source, ForwardEvent event,
              TimePoint now) noexcept;
  void heard(const Source& source, TimePoint now) noexcept;

  std::shared_ptr<const Forwarding> forwarding_;
  RandomNumbers random_;
  HashSecret secret_;
  ImageWriter writer_;
  Image image_;    // of the answer that was read last
  TimePoint now_;  // of the last input, for the actions after it
  StreamQueue streams_;
  Questions sending_;
  boost::intrusive::list<Waiter> answering_;
  std::vector<ClosedStream> closed_streams_;  // of each question one at most
  std::size_t evicted_ = 0;
  std::array<std::byte, max_name_size> spelled_;
  std::array<std::byte, min_udp_size> query_;
  std::unique_ptr<std::byte[]> reply_;    // to who waited
  std::unique_ptr<std::byte[]> scratch_;  // an image that a reply is made from
};

}  // namespace berth::dns
