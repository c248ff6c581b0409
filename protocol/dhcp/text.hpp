// A message for people: one line, or everything in it. Octets from the network are escaped, so that
// no message can forge a line or a terminal sequence. Thread-safe: functions of their arguments.
#pragma once

#include <string>

#include "protocol/dhcp/message_view.hpp"

namespace berth::dhcp {

// `DHCPREQUEST xid=0x3903f326 chaddr=52:52:52:00:00:01 requested=192.168.200.4
// server=192.168.200.1 host-name="control0"`, without a line break. Fields that are zero and
// options that are absent are left out. "BOOTREQUEST" or "BOOTREPLY" when there is no message type.
std::string to_line(const MessageView& message);

// Every field and every option, a line each, each line ended. Values as append_option_text() writes
// them; options inside `file` and `sname` follow the others.
std::string to_dump(const MessageView& message);

}  // namespace berth::dhcp
