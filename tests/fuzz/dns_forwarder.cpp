// Whatever servers say, in whatever order and time: who asked gets one answer within four seconds,
// to their own question, well formed, and made of nothing but what leads from it to its end,
// aliases of ours included; what is in flight and what is kept stay within their bounds.
//
// Input: steps, each an octet that says what happens and what it takes.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "tests/server/dns/forwarder_script.hpp"

namespace {

using namespace berth;
using namespace std::chrono_literals;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t max_pending = 6;
constexpr std::size_t max_cache_octets = 40'000;

dns::ForwardingOptions options(std::uint8_t variant) {
  return {.cache_entries = 64,
          .cache_octets = max_cache_octets,
          .min_ttl = std::chrono::seconds{(variant & 1) != 0 ? 5 : 0},
          .pending = max_pending,
          .pending_per_client = 4,
          .slots = 2,
          .slot_uses = 3,
          .mixed_case = (variant & 2) != 0,
          .rebind_protection = (variant & 4) != 0};
}

std::shared_ptr<const dns::Forwarding> forwarding(std::uint8_t variant) {
  constexpr std::array lists{"0", "0,1", "0,1 com.=2", "1,2 example.com.=0,1,2"};
  return test::forwarding(lists.at(variant >> 6), options(variant));
}

class Steps {
 public:
  explicit Steps(wire::Bytes input) : input_(input) {}

  bool done() const { return input_.empty(); }
  std::uint8_t u8() {
    if (input_.empty()) return 0;
    const auto octet = std::to_integer<std::uint8_t>(input_[0]);
    input_ = input_.subspan(1);
    return octet;
  }
  // So many octets as the next two say, or what there is.
  wire::Bytes octets() {
    const std::size_t upper = u8();
    const std::size_t size = std::min(upper << 8 | u8(), input_.size());
    const wire::Bytes taken = input_.first(size);
    input_ = input_.subspan(size);
    return taken;
  }

 private:
  wire::Bytes input_;
};

struct Sent {
  dns::UpstreamIndex server = 0;
  dns::SlotIndex slot = 0;
  std::optional<dns::StreamId> stream;
  std::vector<std::byte> octets;
};

struct Waiting {
  std::vector<std::byte> query;
  TimePoint since;
  std::size_t limit = 0;
  bool answered = false;
};

class World {
 public:
  explicit World(std::uint8_t variant)
      : forwarder_(forwarding(variant), test::seeded(variant)),
        responder_(zones(), forwarding(variant)) {}

  void run(Steps steps) {
    while (!steps.done()) {
      step(steps);
      drain();
      require(forwarder_.pending_count() <= max_pending);
      require(forwarder_.cache_octets() <= max_cache_octets);
    }
    pass(4s);
    for (const Waiting& one : waiting_) require(one.answered);
    pass(70s);  // until nobody is probed any more
    require(forwarder_.pending_count() == 0);
  }

 private:
  void step(Steps& steps) {
    switch (steps.u8() % 8) {
      case 0: return ask(steps);
      case 1: return respond(steps, /*whole=*/true);
      case 2: return respond(steps, /*whole=*/false);
      case 3: return pass(std::chrono::milliseconds(steps.u8() * 16));
      case 4: return pass(std::chrono::seconds(steps.u8() * 16));
      case 5: return forwarder_.on_unreachable(steps.u8() % dns::max_upstreams, now_);
      case 6: return replace(forwarding(steps.u8()));
      default: {
        const Sent* const sent = choose(steps);
        if (sent != nullptr && sent->stream) forwarder_.on_stream_failed(*sent->stream, now_);
      }
    }
  }

  static std::shared_ptr<const dns::Zones> zones() {
    static const auto made = std::make_shared<const dns::Zones>(test::rich_plan());
    return made;
  }

  void replace(std::shared_ptr<const dns::Forwarding> forwarding) {
    responder_.replace_forwarding(forwarding);
    forwarder_.replace_forwarding(std::move(forwarding), now_);
  }

  void ask(Steps& steps) {
    constexpr std::array names{
        "www.example.com.", "WWW.example.com.", "example.com.",           ".",
        "farther.kubenet.", "\\000\\255.test.", "a.b.c.d.e.example.net.", "com."};
    constexpr std::array types{dns::RrType::a,   dns::RrType::aaaa, dns::RrType::cname,
                               dns::RrType::any, dns::RrType::mx,   dns::RrType::txt,
                               dns::RrType::ns,  dns::RrType::soa};
    constexpr std::size_t alias = 4;  // of ours, to a name of others
    const std::uint8_t what = steps.u8();
    const std::uint8_t how = steps.u8();
    test::Ask question{.qname = names.at(what & 7), .qtype = types.at(what >> 3 & 7)};
    question.id = static_cast<std::uint16_t>(waiting_.size());
    if ((how & 1) != 0) question.edns = dns::Edns{.dnssec_ok = (how & 2) != 0};
    if ((how & 4) != 0) question.flags |= dns::flag::cd;
    if ((how & 8) != 0) question.flags = 0;
    dns::Client client = test::guest;
    client.source.address.value += how >> 6;
    client.is_upstream = (how & 16) != 0;
    if ((how & 32) != 0) client.transport = dns::Transport::tcp;
    const auto id = static_cast<dns::WaiterId>(waiting_.size());
    waiting_.push_back({.query = test::encode(question), .since = now_});
    std::vector<std::byte> out(client.transport == dns::Transport::tcp ? 65'535 : 1232);
    dns::Forward asked = test::forward(waiting_.back().query, client, out.size());
    waiting_.back().limit = asked.limit;
    if ((what & 7) == alias) {
      const dns::Outcome outcome = responder_.handle(waiting_.back().query, client, out);
      if (const auto* reply = std::get_if<dns::Reply>(&outcome)) return check(id, *reply);
      asked = std::get<dns::Forward>(outcome);
    }
    if (const auto reply = forwarder_.ask(asked, client, id, now_, out)) check(id, *reply);
  }

  const Sent* choose(Steps& steps) const {
    const std::size_t back = steps.u8();
    return back < sent_.size() ? &sent_[sent_.size() - 1 - back] : nullptr;
  }

  // To a query's id: a whole message, or flags, counts and records behind the question as it was.
  void respond(Steps& steps, bool whole) {
    const Sent* const sent = choose(steps);
    const wire::Bytes said = steps.octets();
    if (sent == nullptr) return;
    std::vector<std::byte> message(sent->octets.begin(), sent->octets.begin() + 2);
    const auto append = [&](wire::Bytes octets) {
      message.insert(message.end(), octets.begin(), octets.end());
    };
    if (whole) {
      append(said.size() > 2 ? said.subspan(2) : said);
    } else {
      constexpr std::size_t head = 8;  // flags, and all counts but QDCOUNT
      const auto query = *dns::MessageView::parse(sent->octets);
      const wire::Bytes flags = said.first(std::min(head, said.size()));
      append(flags.first(std::min<std::size_t>(2, flags.size())));
      append(std::array{std::byte{0}, std::byte{1}});
      append(flags.subspan(std::min<std::size_t>(2, flags.size())));
      append(wire::Bytes(sent->octets).subspan(12, query.question()->end() - 12));
      append(said.subspan(flags.size()));
    }
    if (sent->stream) {
      forwarder_.on_stream_message(*sent->stream, message, now_);
    } else {
      forwarder_.on_datagram(sent->server, sent->slot, message, now_);
    }
  }

  void pass(std::chrono::milliseconds time) {
    const TimePoint end = now_ + time;
    drain();
    for (auto next = forwarder_.next_deadline(); next && *next <= end;
         next = forwarder_.next_deadline()) {
      now_ = std::max(now_, *next);
      forwarder_.on_timer(now_);
      drain();
      const auto after = forwarder_.next_deadline();
      require(!after || *after > now_);
    }
    now_ = end;
  }

  void drain() {
    while (const auto action = forwarder_.next_action()) {
      if (const auto* datagram = std::get_if<dns::SendDatagram>(&*action)) {
        keep({datagram->server, datagram->slot, {}, {}}, datagram->octets);
      } else if (const auto* stream = std::get_if<dns::SendStream>(&*action)) {
        keep({stream->server, 0, stream->stream, {}}, stream->octets);
      } else if (const auto* answer = std::get_if<dns::Answer>(&*action)) {
        check(answer->waiter, answer->reply);
      }
    }
  }

  void keep(Sent sent, wire::Bytes octets) {
    require(sent.server < dns::max_upstreams && sent.slot < 2);
    const auto query = dns::MessageView::parse(octets);
    require(query && query->question() && !query->header().is_response());
    sent.octets.assign(octets.begin(), octets.end());
    sent_.push_back(std::move(sent));
  }

  void check(dns::WaiterId id, const dns::Reply& reply) {
    Waiting& one = waiting_.at(static_cast<std::size_t>(id));
    require(!one.answered && now_ - one.since <= 4s);
    one.answered = true;
    require(reply.payload.size() <= one.limit);
    const auto query = *dns::MessageView::parse(one.query);
    const auto message = dns::MessageView::parse(reply.payload);
    require(message && message->header().is_response() && message->rcode() == reply.rcode);
    require(message->header().id() == query.header().id());
    // AA is the first owner's: that of an alias of ours, or nobody's.
    const auto records = message->records(dns::Section::answer);
    const bool begins_with_ours =
        records.size() != 0 && (*records.begin()).owner == test::named("farther.kubenet.");
    require(message->header().has(dns::flag::aa) == begins_with_ours);
    require(message->edns().has_value() == query.edns().has_value());
    const auto asked = *query.question();
    const auto repeated = message->question();
    require(repeated && repeated->qtype == asked.qtype);
    require(wire::equal(repeated->qname.wire(), asked.qname.wire()));
    check_records(*message, asked);
  }

  // Each owner is the question's name, or where an alias before it leads.
  static void check_records(const dns::MessageView& message, const dns::Question& asked) {
    dns::Name owner = asked.qname.to_name();
    for (const dns::ResourceRecord& record : message.records(dns::Section::answer)) {
      const bool beside = record.type == dns::RrType::dname || record.type == dns::RrType::rrsig;
      require(beside || record.owner == owner);
      require(record.ttl <= 86'400);
      if (record.type != dns::RrType::cname || asked.qtype == dns::RrType::cname ||
          asked.qtype == dns::RrType::any)
        continue;
      auto walk = record.walk_rdata();
      owner = walk.next()->name->to_name();
    }
    for (const dns::ResourceRecord& record : message.records(dns::Section::additional))
      require(record.type == dns::RrType::opt);
  }

  dns::Forwarder forwarder_;
  dns::Responder responder_;
  TimePoint now_{1h};
  std::vector<Sent> sent_;
  std::vector<Waiting> waiting_;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Steps steps(std::as_bytes(std::span(data, size)));
  const std::uint8_t variant = steps.u8();
  World(variant).run(steps);
  return 0;
}
