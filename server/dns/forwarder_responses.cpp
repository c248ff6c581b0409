#include <cassert>

#include "protocol/dns/header.hpp"
#include "server/dns/forwarder_state.hpp"

namespace berth::dns {
namespace {

// Why the server could not answer, if it says so (RFC 8914 2).
std::optional<ExtendedError> reason_of(const MessageView& response) noexcept {
  const auto edns = response.edns();
  if (!edns) return std::nullopt;
  for (const EdnsOption& option : edns->options)
    if (option.code == EdnsOptionCode::extended_error && option.data.size() >= 2)
      return ExtendedError{wire::load_u16(option.data, 0)};
  return std::nullopt;
}

bool may_dislike_edns(Rcode rcode) noexcept {
  return rcode == Rcode::formerr || rcode == Rcode::notimp || rcode == Rcode::badvers;
}

}  // namespace

// What matches no query is not read any further. A message that is not the answer leaves its query
// waiting: the answer may be behind it (TuDoor); but others are asked at once.
void Forwarder::State::on_datagram(UpstreamIndex server, SlotIndex slot, wire::Bytes datagram,
                                   TimePoint now) noexcept {
  now_ = now;
  const auto header = HeaderView::parse(datagram);
  if (!header) return counts.add(ForwardEvent::malformed);
  const auto [question, attempt] = pending.find(server, slot, header->id());
  if (question == nullptr) return counts.add(ForwardEvent::unexpected);
  if (!header->is_response() || header->opcode() != Opcode::query)
    return ignore(*question, ForwardEvent::not_a_response, now);
  const auto response = MessageView::parse(datagram);
  if (!response) return ignore(*question, ForwardEvent::malformed, now);
  const Source source{.server = server, .attempt = attempt};
  // RFC 6891 7: a server that cannot read OPT may not repeat the question, either.
  const bool says_nothing = datagram.size() == header_size && header->rcode() == Rcode::formerr;
  if (!answers_question(*response, *question) && !says_nothing)
    return ignore(*question, ForwardEvent::other_question, now);
  heard(source, now);
  take_response(*question, source, *response, now);
}

void Forwarder::State::on_stream_message(StreamId stream, wire::Bytes message,
                                         TimePoint now) noexcept {
  now_ = now;
  PendingQuestion* const question = pending.find(stream);
  if (question == nullptr) return counts.add(ForwardEvent::unexpected);
  const Source source{.server = question->stream_server};
  end_stream(*question);
  const auto response = MessageView::parse(message);
  if (!response || response->header().id() != question->stream_id ||
      !response->header().is_response() || response->header().opcode() != Opcode::query ||
      response->header().has(flag::tc) || !answers_question(*response, *question))
    return reject(*question, source, ForwardEvent::stream_failed, now);
  heard(source, now);
  take_response(*question, source, *response, now);
}

void Forwarder::State::on_stream_failed(StreamId stream, TimePoint now) noexcept {
  now_ = now;
  PendingQuestion* const question = pending.find(stream);
  if (question == nullptr) return;
  const Source source{.server = question->stream_server};
  end_stream(*question);
  reject(*question, source, ForwardEvent::stream_failed, now);
}

void Forwarder::State::on_unreachable(UpstreamIndex server, TimePoint now) noexcept {
  now_ = now;
  if (!servers.knows(server)) return;
  counts.add(ForwardEvent::unreachable);
  // Looking at all that is in flight costs: not for each of many such words.
  if (!servers.on_unreachable(server, now)) return;
  pending.for_each([&](PendingQuestion& question) {
    if (question.attempt_count > 0 && question.last_attempt().server == server)
      hasten(question, now);
  });
}

void Forwarder::State::ignore(PendingQuestion& question, ForwardEvent event,
                              TimePoint now) noexcept {
  counts.add(event);
  hasten(question, now);
}

bool Forwarder::State::answers_question(const MessageView& response,
                                        const PendingQuestion& question) noexcept {
  const auto asked = response.question();
  if (!asked || asked->qtype != question.qtype || asked->qclass != RrClass::in) return false;
  const wire::Bytes qname = asked->qname.wire();
  if (forwarding_->options().mixed_case && !question.probe)
    return wire::equal(qname, spelled(question));
  return wire::equal(FoldedName(qname).wire(), question.qname());
}

void Forwarder::State::heard(const Source& source, TimePoint now) noexcept {
  const auto time =
      source.attempt != nullptr ? std::optional(now - source.attempt->sent) : std::nullopt;
  if (!servers.on_answer(source.server, time, now)) return;
  counts.add(ForwardEvent::server_back);
  cache.forget_failures(now);
}

void Forwarder::State::take_response(PendingQuestion& question, const Source& source,
                                     const MessageView& response, TimePoint now) noexcept {
  if (question.probe) return finish(question);
  if (response.header().has(flag::tc)) return ask_by_stream(question, source.server, now);
  const Rcode rcode = response.rcode();
  if (rcode == Rcode::noerror || rcode == Rcode::nxdomain)
    return take_answer(question, source, response, now);
  take_error(question, source, response, now);
}

void Forwarder::State::take_error(PendingQuestion& question, const Source& source,
                                  const MessageView& response, TimePoint now) noexcept {
  const bool had_edns = source.attempt != nullptr ? !source.attempt->plain
                                                  : (question.plain & set_of(source.server)) == 0;
  if (may_dislike_edns(response.rcode()) && had_edns && question.attempt_count < max_attempts) {
    counts.add(ForwardEvent::without_edns);
    question.plain |= set_of(source.server);
    if (source.attempt != nullptr && response.question()) release(*source.attempt);
    return send(question, source.server, now);
  }
  if (const auto reason = reason_of(response)) question.reason = reason;
  reject(question, source, ForwardEvent::error_response, now);
}

void Forwarder::State::take_answer(PendingQuestion& question, const Source& source,
                                   const MessageView& response, TimePoint now) noexcept {
  assert(answering_.empty());  // image_ is theirs until then
  const ForwardingOptions& options = forwarding_->options();
  const QuestionKey key = question.key();
  const ImageRules rules{
      .min_ttl = options.min_ttl,
      .max_ttl = options.max_ttl,
      .max_negative_ttl = options.max_negative_ttl,
      .blocks_private = options.rebind_protection &&
                        !forwarding_->is_rebind_exception(FoldedName(question.qname())),
      .filters_ipv6 = options.filter_aaaa};
  const auto image = writer_.write(
      response, {.qname = key.name, .qtype = key.qtype, .dnssec_ok = key.dnssec_ok()}, rules);
  if (!image)
    return reject(
        question, source,
        image.error() == NoImage::referral ? ForwardEvent::referral : ForwardEvent::no_answer, now);
  if ((question.plain & set_of(source.server)) != 0) servers.on_no_edns(source.server, now);
  for (std::size_t i = writer_.blocked(); i > 0; --i) counts.add(ForwardEvent::rebind_blocked);
  std::optional<ExtendedError> reason;
  if (writer_.blocked() > 0) reason = ExtendedError::blocked;
  image_ = *image;
  if (image->ttl.count() > 0 && options.cache_entries > 0) {
    if (cache.store(key, *image, reason, options.max_stale, now)) counts.add(ForwardEvent::stored);
  } else {
    cache.erase(key);
  }
  for (; evicted_ < cache.evicted(); ++evicted_) counts.add(ForwardEvent::evicted);
  for (std::size_t i = question.waiters.size(); i > 0; --i) counts.add(ForwardEvent::answered);
  end_wait(question, Waiter::Ending::image, reason);
  finish(question);
}

void Forwarder::State::reject(PendingQuestion& question, const Source& source, ForwardEvent event,
                              TimePoint now) noexcept {
  counts.add(event);
  if (question.probe) return finish(question);
  if (source.attempt != nullptr) release(*source.attempt);
  question.failed |= set_of(source.server);
  const auto list = servers_of(question);
  if (!servers.choose(list, question.failed, now)) return give_up(question, now);
  if (servers.choose(list, question.failed | question.tried, now)) attempt(question, now);
}

}  // namespace berth::dns
