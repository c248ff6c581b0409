#include "server/dns/service_hints.hpp"

#include <array>

#include "server/dns/image.hpp"

namespace berth::dns {
namespace {

// RFC 9460 14.3.2.
enum class ServiceKey : std::uint16_t { mandatory = 0, ipv4hint = 4, ipv6hint = 6 };

// Priority, target and parameters: what the table of rdata makes of the types.
struct Service {
  explicit Service(const ResourceRecord& record) noexcept {
    RdataWalk walk = record.walk_rdata();
    while (const auto part = walk.next()) {
      if (part->name) {
        target = *part->name;
      } else {
        (target ? parameters : priority) = part->octets;
      }
    }
  }

  wire::Bytes priority;
  std::optional<NameView> target;
  wire::Bytes parameters;
};

struct Parameter {
  ServiceKey key{};
  wire::Bytes octets;  // with key and length
  wire::Bytes value;
};

Parameter take_parameter(wire::Reader& reader) noexcept {
  const wire::Bytes rest = reader.rest();
  const ServiceKey key{reader.u16()};
  const wire::Bytes value = reader.bytes(reader.u16());
  return {.key = key, .octets = rest.first(rest.size() - reader.remaining()), .value = value};
}

bool has_private(RrType type, std::size_t size, wire::Bytes addresses) noexcept {
  for (; addresses.size() >= size; addresses = addresses.subspan(size))
    if (is_private_address(type, addresses.first(size))) return true;
  return !addresses.empty();
}

bool names_ipv6_hint(wire::Bytes keys) noexcept {
  for (; keys.size() >= 2; keys = keys.subspan(2))
    if (ServiceKey{wire::load_u16(keys, 0)} == ServiceKey::ipv6hint) return true;
  return false;
}

}  // namespace

bool hints_at_private(const ResourceRecord& record) noexcept {
  wire::Reader reader(Service(record).parameters);
  while (reader.remaining() > 0) {
    const Parameter parameter = take_parameter(reader);
    if (!reader.ok()) return true;
    if (parameter.key == ServiceKey::ipv4hint && has_private(RrType::a, 4, parameter.value))
      return true;
    if (parameter.key == ServiceKey::ipv6hint && has_private(RrType::aaaa, 16, parameter.value))
      return true;
  }
  return false;
}

std::optional<wire::Bytes> without_ipv6_hints(const ResourceRecord& record,
                                              wire::MutableBytes out) noexcept {
  const Service service(record);
  if (!service.target) return std::nullopt;
  std::array<std::byte, max_name_size> target;
  wire::Writer writer(out);
  writer.bytes(service.priority);
  writer.bytes(service.target->copy_to(target));
  wire::Reader reader(service.parameters);
  while (reader.remaining() > 0) {
    const Parameter parameter = take_parameter(reader);
    if (!reader.ok()) return std::nullopt;
    if (parameter.key == ServiceKey::mandatory && names_ipv6_hint(parameter.value))
      return std::nullopt;
    if (parameter.key != ServiceKey::ipv6hint) writer.bytes(parameter.octets);
  }
  if (!writer.ok()) return std::nullopt;
  return writer.written();
}

}  // namespace berth::dns
