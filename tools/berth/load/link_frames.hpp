// What a link's carrier makes of messages and of frames, on any system.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "protocol/net/frame.hpp"
#include "tools/berth/load/link_carrier.hpp"
#include "tools/berth/load/outbox.hpp"

namespace berth::load {

class LinkFrames {
 public:
  static constexpr std::size_t slot_size = Outbox::slot_size + net::udp_frame_overhead;

  explicit LinkFrames(LinkSpec spec)
      : spec_(std::move(spec)),
        octets_(std::make_unique<std::byte[]>(Outbox::capacity * slot_size)) {}

  // The messages as frames; valid until the next call. REQUIRES: at most Outbox::capacity
  std::span<const Message> of(std::span<const Message> messages) noexcept;

  // The frame becomes the message in it, with its path; false when it is none for our clients. For
  // a question about an address that we hold, `answer` is the frame to send.
  bool take(Message& frame, std::optional<Message>& answer) noexcept;

  const LinkSpec& spec() const noexcept { return spec_; }

 private:
  LinkSpec spec_;
  std::unique_ptr<std::byte[]> octets_;
  std::array<Message, Outbox::capacity> frames_{};
  std::array<std::byte, net::arp_frame_size> arp_{};
};

}  // namespace berth::load
