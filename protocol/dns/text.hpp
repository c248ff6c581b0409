// A message as people read it, in the manner of dig; for tools, logs at trace level and tests.
#pragma once

#include <string>

#include "protocol/dns/message_view.hpp"

namespace berth::dns {

// "NXDOMAIN", "IN", "AAAA", or RFC 3597's and RFC 6895's numbered forms.
void append_text(std::string& out, RrType type);
void append_text(std::string& out, RrClass rr_class);
void append_text(std::string& out, Opcode opcode);
void append_text(std::string& out, Rcode rcode);

// Of a record in a message: its names are expanded.
void append_rdata_text(std::string& out, const ResourceRecord& record);
// "worker0.kubenet. 60 IN A 192.168.200.7"
void append_text(std::string& out, const ResourceRecord& record);
// "worker0.kubenet. IN A"
void append_text(std::string& out, const Question& question);

// The whole message over several lines.
std::string to_text(const MessageView& message);

}  // namespace berth::dns
