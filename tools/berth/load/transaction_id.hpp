// Transaction ids that say whose they are: a client's number and which of its transactions, turned
// about so that neither shows. No table is needed to find the client of a reply, and no id comes
// again within 4,096 transactions of a client. Values.
#pragma once

#include <cstdint>

namespace berth::load {

inline constexpr unsigned transaction_client_bits = 20;
inline constexpr std::uint32_t max_clients = 1u << transaction_client_bits;
inline constexpr std::uint32_t transaction_turns = 1u << (32 - transaction_client_bits);

struct Transaction {
  std::uint32_t client = 0;  // below max_clients
  std::uint32_t turn = 0;    // below transaction_turns

  constexpr bool operator==(const Transaction&) const noexcept = default;
};

class TransactionIds {
 public:
  explicit constexpr TransactionIds(std::uint64_t seed) noexcept
      : mask_(static_cast<std::uint32_t>(seed ^ (seed >> 32))) {}

  constexpr std::uint32_t id_of(const Transaction& transaction) const noexcept {
    std::uint32_t id = transaction.turn << transaction_client_bits | transaction.client;
    id *= factor;
    id ^= id >> 16;
    return (id * factor) ^ mask_;
  }

  constexpr Transaction transaction_of(std::uint32_t id) const noexcept {
    id = (id ^ mask_) * inverse;
    id ^= id >> 16;
    id *= inverse;
    return {id & (max_clients - 1), id >> transaction_client_bits};
  }

 private:
  static constexpr std::uint32_t factor = 0x9e3779b1;
  static constexpr std::uint32_t inverse = 0x0e8b2f51;  // factor * inverse == 1, modulo 2^32

  std::uint32_t mask_;
};

}  // namespace berth::load
