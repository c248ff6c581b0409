// What is done to a server: clients of DHCP, or questions of DNS. Without IO: messages go to an
// outbox and come from whoever reads them, and the time is told. Not synchronised.
#pragma once

#include <optional>

#include "tools/berth/load/outbox.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

class Workload {
 public:
  Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;

  // Writes what is due. With a full outbox there may be more: next_deadline() has not moved on.
  virtual void on_timer(Time now, Outbox& out) = 0;
  // REQUIRES: out has room for one message
  virtual void on_message(const Message& message, Time now, Outbox& out) = 0;
  // When on_timer() is to be called next; none when it waits for nothing but messages, or is done.
  virtual std::optional<Time> next_deadline() const = 0;

  // Begins nothing more: what is under way may end, and what was taken is given back.
  virtual void stop(Time now) = 0;
  virtual bool is_done() const = 0;
};

}  // namespace berth::load
