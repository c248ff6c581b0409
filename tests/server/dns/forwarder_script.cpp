#include "tests/server/dns/forwarder_script.hpp"

#include <algorithm>
#include <random>
#include <sstream>
#include <stdexcept>

#include "protocol/dns/text.hpp"
#include "server/dns/query.hpp"
#include "tests/support/hex.hpp"

namespace berth::test {
namespace {

using dns::flag::ad;
using Words = std::vector<std::string>;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) {
    const auto first = part.find_first_not_of(' ');
    const auto last = part.find_last_not_of(' ');
    if (first != std::string::npos) parts.push_back(part.substr(first, last - first + 1));
  }
  return parts;
}

bool has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::optional<unsigned> number(const Words& words, const std::string& key) {
  for (const std::string& word : words)
    if (word.starts_with(key + "="))
      return static_cast<unsigned>(std::stoul(word.substr(key.size() + 1)));
  return std::nullopt;
}

dns::Rcode rcode_of(const std::string& text) {
  for (std::uint16_t code = 0; code < 24; ++code) {
    std::string name;
    dns::append_text(name, dns::Rcode{code});
    if (name == text) return dns::Rcode{code};
  }
  throw std::invalid_argument("no response code: " + text);
}

std::string record_text(const dns::ResourceRecord& record) {
  std::string text;
  dns::append_text(text, record);
  const auto in = text.find(" IN ");
  if (in != std::string::npos) text.erase(in, 3);
  return text;
}

void add_said(dns::MessageBuilder& message, std::string text) {
  dns::Section section = dns::Section::answer;
  for (const auto& [word, named] : {std::pair{"authority: ", dns::Section::authority},
                                    std::pair{"additional: ", dns::Section::additional}}) {
    if (!text.starts_with(word)) continue;
    section = named;
    text = text.substr(std::string_view(word).size());
  }
  std::vector<std::byte> rdata(70'000);
  const auto record = dns::parse_record(text, dns::Name(), rdata);
  if (!record) throw std::invalid_argument(text + ": " + record.error().reason);
  if (!message.record(section, record->owner.wire(), record->type, dns::RrClass::in, record->ttl,
                      record->rdata))
    throw std::invalid_argument(text + ": no room");
}

std::string changed_case(std::string name) {
  for (char& c : name)
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    } else if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  return name;
}

}  // namespace

dns::RandomNumbers seeded(std::uint32_t seed) {
  return dns::RandomNumbers([generator = std::mt19937(seed)](wire::MutableBytes out) mutable {
    for (std::byte& octet : out) octet = static_cast<std::byte>(generator());
  });
}

std::shared_ptr<const dns::Forwarding> forwarding(std::string_view servers,
                                                  const dns::ForwardingOptions& options) {
  std::vector<dns::Forwarding::Rule> rules;
  std::vector<dns::UpstreamIndex> fallback;
  for (const std::string& word : split(std::string(servers), ' ')) {
    const auto equals = word.find('=');
    std::vector<dns::UpstreamIndex> list;
    for (const std::string& index :
         split(equals == std::string::npos ? word : word.substr(equals + 1), ','))
      list.push_back(static_cast<dns::UpstreamIndex>(std::stoul(index)));
    if (equals == std::string::npos) {
      fallback = list;
    } else {
      rules.push_back({.suffix = named(word.substr(0, equals)), .servers = list});
    }
  }
  return std::make_shared<const dns::Forwarding>(std::move(rules), std::move(fallback), options);
}

dns::Forward forward(wire::Bytes query, const dns::Client& client, std::size_t room) {
  const auto message = dns::MessageView::parse(query);
  if (!message || !message->question()) throw std::invalid_argument("no question");
  const auto edns = message->edns();
  return {.message = *message,
          .question = *message->question(),
          .edns = edns,
          .limit = dns::reply_limit(client.transport, edns, room)};
}

ForwarderScript::ForwarderScript(std::string_view servers, dns::ForwardingOptions options,
                                 std::uint32_t seed)
    : options_(std::move(options)),
      forwarding_(forwarding(servers, options_)),
      forwarder_(forwarding_, seeded(seed)) {}

std::string ForwarderScript::play(const std::string& script) {
  transcript_.clear();
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("> ")) continue;
    transcript_ += line + '\n';
    step(line);
    drain();
  }
  return transcript_;
}

void ForwarderScript::step(const std::string& line) {
  const auto parts = split(line, '|');
  Words words = split(parts.at(0), ' ');
  const std::string verb = words.at(0);
  words.erase(words.begin());
  if (verb == "ask") {
    ask(words);
  } else if (verb == "say") {
    say(words, {parts.begin() + 1, parts.end()});
  } else if (verb == "garbage") {
    const Sent& sent = sent_.at(std::stoul(words.at(0)) - 1);
    std::vector<std::byte> message(sent.octets.begin(), sent.octets.begin() + 2);
    for (std::size_t i = 1; i < words.size(); ++i)
      for (const std::byte octet : hex(words[i])) message.push_back(octet);
    deliver(sent, message);
  } else if (verb == "unreachable") {
    forwarder_.on_unreachable(static_cast<dns::UpstreamIndex>(std::stoul(words.at(0))), now_);
  } else if (verb == "hang-up") {
    forwarder_.on_stream_failed(sent_.at(std::stoul(words.at(0)) - 1).stream.value(), now_);
  } else if (verb == "pass") {
    pass(std::chrono::milliseconds(std::stoul(words.at(0))));
  } else if (verb == "servers") {
    std::string list;
    for (const std::string& word : words) list += word + ' ';
    forwarding_ = forwarding(list, options_);
    forwarder_.replace_forwarding(forwarding_, now_);
    if (responder_) responder_->replace_forwarding(forwarding_);
  } else if (verb == "flush") {
    forwarder_.flush();
  } else {
    throw std::invalid_argument("no step: " + line);
  }
}

void ForwarderScript::ask(const Words& words) {
  dns::Client client = guest;
  client.source.address.value += number(words, "by").value_or(0);
  client.is_upstream = has(words, "upstream");
  if (has(words, "tcp")) client.transport = dns::Transport::tcp;
  Ask question{.qname = words.at(1), .qtype = *dns::parse_type(words.at(2))};
  if (has(words, "norec")) question.flags = 0;
  if (has(words, "cd")) question.flags |= dns::flag::cd;
  if (has(words, "ad")) question.flags |= ad;
  if (!has(words, "plain"))
    question.edns = dns::Edns{
        .udp_size = static_cast<std::uint16_t>(number(words, "size").value_or(dns::max_udp_size)),
        .dnssec_ok = has(words, "do")};
  const auto query = encode(question);
  std::vector<std::byte> out(client.transport == dns::Transport::tcp ? 65'535 : 1232,
                             std::byte{0xa5});
  const auto id = static_cast<dns::WaiterId>(waiters_.size());
  waiters_.push_back(words.at(0));
  const auto reply = has(words, "zones") ? ask_zones(query, client, id, out)
                                         : forwarder_.ask(forward(query, client, out.size()),
                                                          client, id, now_, out);
  if (reply) note(*reply, words.at(0));
}

std::optional<dns::Reply> ForwarderScript::ask_zones(wire::Bytes query, const dns::Client& client,
                                                     dns::WaiterId id, wire::MutableBytes out) {
  if (!responder_) responder_.emplace(std::make_shared<const dns::Zones>(rich_plan()), forwarding_);
  const dns::Outcome outcome = responder_->handle(query, client, out);
  if (const auto* reply = std::get_if<dns::Reply>(&outcome)) return *reply;
  return forwarder_.ask(std::get<dns::Forward>(outcome), client, id, now_, out);
}

void ForwarderScript::say(const Words& words, const std::vector<std::string>& records) {
  Sent sent = sent_.at(std::stoul(words.at(0)) - 1);
  const auto query = *dns::MessageView::parse(sent.octets);
  const dns::Question question = *query.question();
  unsigned flags = dns::flag::qr | dns::flag::rd | dns::flag::ra;
  if (has(words, "aa")) flags |= dns::flag::aa;
  if (has(words, "ad")) flags |= ad;
  if (has(words, "tc")) flags |= dns::flag::tc;
  if (has(words, "query")) flags &= ~unsigned{dns::flag::qr};
  if (has(words, "opcode")) flags |= 4u << dns::flag::opcode_shift;
  const unsigned id = query.header().id() ^ (has(words, "id") ? 1u : 0u);
  std::vector<std::byte> message(65'535, std::byte{0xa5});
  dns::MessageBuilder builder(message, static_cast<std::uint16_t>(id),
                              static_cast<std::uint16_t>(flags));
  std::array<std::byte, 6> reason;
  if (query.edns() && !has(words, "bare")) {
    dns::Edns edns;
    if (const auto code = number(words, "ede")) {
      wire::store_u16(reason, 0, 15);
      wire::store_u16(reason, 2, 2);
      wire::store_u16(reason, 4, static_cast<std::uint16_t>(*code));
      edns.options = dns::EdnsOptions(reason);
    }
    builder.edns(edns);
  }
  std::string name = question.qname.to_string();
  if (has(words, "name")) name = std::string("other.").append(name);
  if (has(words, "case")) name = changed_case(name);
  if (!has(words, "empty"))
    builder.question(named(name).wire(), has(words, "type") ? dns::RrType::hinfo : question.qtype,
                     has(words, "class") ? dns::RrClass::ch : question.qclass);
  builder.rcode(rcode_of(words.at(1)));
  for (const std::string& record : records) add_said(builder, record);
  const auto octets = builder.finish();
  if (!octets) throw std::invalid_argument("the response cannot be built");
  if (has(words, "slot")) sent.slot ^= 1;
  if (has(words, "server")) sent.server ^= 1;
  deliver(sent, *octets);
}

void ForwarderScript::deliver(const Sent& sent, wire::Bytes message) {
  if (sent.stream) return forwarder_.on_stream_message(*sent.stream, message, now_);
  forwarder_.on_datagram(sent.server, sent.slot, message, now_);
}

void ForwarderScript::pass(std::chrono::milliseconds time) {
  const TimePoint end = now_ + time;
  for (auto next = forwarder_.next_deadline(); next && *next <= end;
       next = forwarder_.next_deadline()) {
    now_ = std::max(now_, *next);
    forwarder_.on_timer(now_);
    drain();
  }
  now_ = end;
}

void ForwarderScript::drain() {
  while (const auto action = forwarder_.next_action()) {
    if (const auto* datagram = std::get_if<dns::SendDatagram>(&*action)) {
      sent_.push_back({datagram->server,
                       datagram->slot,
                       {},
                       {datagram->octets.begin(), datagram->octets.end()}});
      transcript_.append("> send ").append(describe(sent_.back())).append("\n");
    } else if (const auto* stream = std::get_if<dns::SendStream>(&*action)) {
      sent_.push_back(
          {stream->server, 0, stream->stream, {stream->octets.begin(), stream->octets.end()}});
      transcript_.append("> stream ").append(describe(sent_.back())).append("\n");
    } else if (const auto* closed = std::get_if<dns::CloseStream>(&*action)) {
      transcript_.append("> close-stream ").append(std::to_string(closed->server)).append("\n");
    } else if (const auto* slot = std::get_if<dns::CloseSlot>(&*action)) {
      transcript_.append("> close-slot ").append(std::to_string(slot->server)).append("\n");
    } else {
      const auto& answer = std::get<dns::Answer>(*action);
      note(answer.reply, waiters_.at(static_cast<std::size_t>(answer.waiter)));
    }
  }
}

std::string ForwarderScript::describe(const Sent& sent) const {
  const auto query = dns::MessageView::parse(sent.octets);
  if (!query || !query->question()) throw std::logic_error("no query was sent");
  const auto question = *query->question();
  // The case is random where it is mixed.
  std::string text =
      std::to_string(sent.server) + ' ' + named(question.qname.to_string()).to_string() + ' ';
  if (options_.mixed_case)
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  dns::append_text(text, question.qtype);
  if (query->edns() && query->edns()->dnssec_ok) text += " do";
  if (query->header().has(dns::flag::cd)) text += " cd";
  if (!query->edns()) text += " plain";
  return text;
}

void ForwarderScript::note(const dns::Reply& reply, const std::string& waiter) {
  const auto message = dns::MessageView::parse(reply.payload);
  if (!message) throw std::logic_error("a reply that cannot be read");
  transcript_.append("> ").append(waiter).append(" ");
  dns::append_text(transcript_, message->rcode());
  if (message->header().has(dns::flag::aa)) transcript_ += " aa";
  if (message->header().has(dns::flag::tc)) transcript_ += " tc";
  if (message->header().has(ad)) transcript_ += " ad";
  if (!message->header().has(dns::flag::ra)) transcript_ += " no-ra";
  if (const auto edns = message->edns())
    for (const dns::EdnsOption& option : edns->options)
      transcript_.append(" ede=").append(std::to_string(wire::load_u16(option.data, 0)));
  for (const dns::ResourceRecord& record : message->records(dns::Section::answer))
    transcript_.append(" | ").append(record_text(record));
  for (const dns::ResourceRecord& record : message->records(dns::Section::authority))
    transcript_.append(" | authority: ").append(record_text(record));
  for (const dns::ResourceRecord& record : message->records(dns::Section::additional))
    if (record.type != dns::RrType::opt)
      transcript_.append(" | additional: ").append(record_text(record));
  transcript_ += '\n';
}

}  // namespace berth::test
