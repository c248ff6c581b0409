#include "server/dhcp/reply.hpp"

#include <array>
#include <bitset>
#include <type_traits>

#include "protocol/dhcp/client_fqdn.hpp"

namespace berth::dhcp {
namespace {

constexpr std::uint32_t infinite_lease = 0xffffffff;

// Places of options that stand in the reply. The first 64 in a register: all that plans have in
// practice.
class PlaceSet {
 public:
  // False when it was there already.
  bool insert(std::uint8_t place) noexcept {
    if (place >= 64) {
      const bool is_new = !far_[place];
      far_[place] = true;
      return is_new;
    }
    const std::uint64_t bit = std::uint64_t{1} << place;
    const bool is_new = (near_ & bit) == 0;
    near_ |= bit;
    return is_new;
  }

 private:
  std::uint64_t near_ = 0;
  std::bitset<256> far_;
};

// Puts the options of one reply, each code once, into `Out`: a ReplyBuilder or an OptionTemplate.
template <class Out>
class Composer {
 public:
  Composer(const Answer& answer, Out& out) noexcept
      : answer_(answer), profile_(answer.network.profile_of(*answer.host)), out_(out) {}

  // What the clients of one kind have in common.
  void common() noexcept {
    if (answer_.type) {
      out_.option(OptionCode::server_identifier, answer_.server_identifier);
      if (answer_.request.message().type() != MessageType::inform) lease_times();
    }
    requested();
    always();
  }

  // RFC 6842: the identifier comes back whenever it was sent; the machine identifier of a boot ROM
  // likewise (RFC 4578 2.3), and a subnet selection that was followed (RFC 3011 section 2).
  void echoed() noexcept {
    const Request& request = answer_.request;
    if (!request.client_identifier().empty())
      out_.option(OptionCode::client_identifier, request.client_identifier());
    if (!request.machine_identifier().empty())
      out_.option(OptionCode::client_machine_identifier, request.machine_identifier());
    if (request.subnet_selection() && answer_.network.subnet.contains(*request.subnet_selection()))
      out_.option(OptionCode::subnet_selection, *request.subnet_selection());
  }

  // RFC 4702 section 4: in reply to option 81 only. The name and its A record are the plan's, so S
  // is set whatever the client proposed, and O says when that is not what it asked for.
  void fqdn() noexcept {
    if (answer_.request.client_fqdn().empty()) return;
    const auto asked = ClientFqdn::parse(answer_.request.client_fqdn());
    if (!asked) return;
    std::array<std::byte, 64 + 256> name;
    wire::Writer text(name);
    text.bytes(answer_.network.encoded_name(*answer_.host).subspan(2));
    text.bytes(wire::bytes_of("."));
    text.bytes(wire::bytes_of(answer_.network.domain));
    std::array<std::byte, client_fqdn_size_max> value;
    const auto built =
        text.ok() ? build_client_fqdn_reply(*asked, true, wire::text_of(text.written()), value)
                  : std::nullopt;
    if (built) out_.option_if_room(OptionCode::client_fqdn, *built);
  }

 private:
  // RFC 2131 table 3: 51 in OFFER and ACK but for INFORM; T1 and T2 are 1/2 and 7/8 of it (4.4.5),
  // and an infinite lease is never renewed.
  void lease_times() noexcept {
    const std::uint32_t lease = answer_.host->lease;
    out_.option(OptionCode::ip_address_lease_time, lease);
    if (lease == infinite_lease) return;
    out_.option(OptionCode::renewal_time, lease / 2);
    out_.option(OptionCode::rebinding_time,
                static_cast<std::uint32_t>(std::uint64_t{lease} * 7 / 8));
  }

  // RFC 2132 9.8: the client's order. Without a list: everything, by code.
  void requested() noexcept {
    if (answer_.request.parameters().empty()) return everything();
    for (const std::byte code : answer_.request.parameters())
      put(OptionCode{std::to_integer<std::uint8_t>(code)});
  }

  // The mask is part of the address, and resolvers of today take their search list from here
  // whether their DHCP client asks for it or not.
  void always() noexcept {
    put(OptionCode::subnet_mask);
    put(OptionCode::domain_name);
    put(OptionCode::domain_search);
  }

  void everything() noexcept {
    for (std::size_t place = 1; place <= profile_.options.size(); ++place) {
      const OptionCode code = profile_.options.at(place).code;
      // RFC 8925 3.2: only to a client that asks for it.
      if (code != OptionCode::ipv6_only_preferred) put(code);
    }
  }

  // An option of the plan, unless it does not exist, stands in the reply already, or does not fit.
  void put(OptionCode code) noexcept {
    const std::uint8_t place = profile_.options.place_of(code);
    if (place == 0) return;
    // RFC 2132 3.3: the mask before the routers.
    if (code == OptionCode::router) put(OptionCode::subnet_mask);
    if (!done_.insert(place)) return;
    if (code == OptionCode::host_name && profile_.plan_host_name) return put_host_name();
    const StoredOptions::Stored option = profile_.options.at(place);
    if (!option.encoded.empty()) return put_encoded(code, option.encoded);
    out_.option_if_room(code, option.value);
  }

  void put_host_name() noexcept {
    if constexpr (std::is_same_v<Out, OptionTemplate>) {
      out_.host_name();
    } else {
      put_encoded(OptionCode::host_name, answer_.network.encoded_name(*answer_.host));
    }
  }

  void put_encoded(OptionCode code, wire::Bytes encoded) noexcept {
    if (!out_.encoded_options_if_room(encoded)) out_.option_if_room(code, encoded.subspan(2));
  }

  const Answer& answer_;
  const Profile& profile_;
  Out& out_;
  PlaceSet done_;
};

// Everything but the options.
ReplyBuilder start(const Answer& answer, wire::MutableBytes out) noexcept {
  const Request& request = answer.request;
  const Profile& profile = answer.network.profile_of(*answer.host);
  ReplyBuilder reply(out, request.message(), answer.type,
                     reply_limit(request.message(), request.maximum_message_size()),
                     request.relay_agent_information());
  if (request.message().type() != MessageType::inform) reply.yiaddr(answer.host->address);
  if (!profile.next_server.is_unspecified()) reply.siaddr(profile.next_server);
  if (!profile.boot_file.empty()) reply.file(profile.boot_file);
  return reply;
}

// One by one, into whatever field has room. `echo_first`: what must be there before what may be
// left out, for replies in which the usual order finds no room for it.
expected<wire::Bytes, BuildError> compose_tight(const Answer& answer, bool echo_first,
                                                wire::MutableBytes out) noexcept {
  ReplyBuilder reply = start(answer, out);
  Composer composer(answer, reply);
  if (echo_first) composer.echoed();
  composer.common();
  if (!echo_first) composer.echoed();
  composer.fqdn();
  return reply.finish();
}

// Whether what the reply has in common with others is worth keeping: that of hosts of the plan that
// take an address by DHCP, and do not ask for uncommonly much.
bool has_template(const Answer& answer) noexcept {
  const Request& request = answer.request;
  return answer.type && request.message().type() != MessageType::inform &&
         request.parameters().size() <= OptionTemplates::parameters_max;
}

// The same octets as compose_tight() writes, if all of them fit the options field; else none.
expected<wire::Bytes, BuildError> compose_by_template(const Answer& answer,
                                                      OptionTemplates& templates,
                                                      wire::MutableBytes out) noexcept {
  const OptionTemplate& common =
      templates.of({&answer.network.profile_of(*answer.host), answer.server_identifier,
                    answer.host->lease, answer.request.parameters()},
                   [&answer](OptionTemplate& empty) { Composer(answer, empty).common(); });
  if (!common.ok()) return unexpected(BuildError::no_room);

  ReplyBuilder reply = start(answer, out);
  const bool has_room =
      reply.encoded_options_if_room(common.before_host_name()) &&
      (!common.has_host_name() ||
       (reply.encoded_options_if_room(answer.network.encoded_name(*answer.host)) &&
        reply.encoded_options_if_room(common.after_host_name())));
  if (!has_room) return unexpected(BuildError::no_room);
  Composer composer(answer, reply);
  composer.echoed();
  composer.fqdn();
  return reply.finish();
}

}  // namespace

expected<wire::Bytes, BuildError> compose(const Answer& answer, OptionTemplates& templates,
                                          wire::MutableBytes out) noexcept {
  auto reply = has_template(answer) ? compose_by_template(answer, templates, out)
                                    : compose_tight(answer, false, out);
  if (!reply) reply = compose(answer, out);
  return reply;
}

expected<wire::Bytes, BuildError> compose(const Answer& answer, wire::MutableBytes out) noexcept {
  auto reply = compose_tight(answer, false, out);
  if (!reply) reply = compose_tight(answer, true, out);
  return reply;
}

expected<wire::Bytes, BuildError> compose_nak(const Answer& answer, std::string_view reason,
                                              wire::MutableBytes out) noexcept {
  const Request& request = answer.request;
  ReplyBuilder reply(out, request.message(), MessageType::nak,
                     reply_limit(request.message(), request.maximum_message_size()),
                     request.relay_agent_information());
  // RFC 2131 4.3.2: the client may not answer ARP for the address it believes to hold.
  if (request.is_relayed()) reply.broadcast();
  reply.option(OptionCode::server_identifier, answer.server_identifier)
      .option(OptionCode::message, wire::bytes_of(reason));
  if (!request.client_identifier().empty())
    reply.option(OptionCode::client_identifier, request.client_identifier());
  return reply.finish();
}

}  // namespace berth::dhcp
