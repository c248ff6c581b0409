#include <pcap/pcap.h>

#include <array>
#include <cstdio>
#include <memory>
#include <span>

#include "protocol/capture/capture.hpp"

namespace berth::capture {
namespace {

struct Close {
  void operator()(pcap_t* capture) const noexcept { pcap_close(capture); }
};

constexpr double microseconds = 1e-6;

// The library's own numbers differ from a file's, and for raw IP by system.
std::optional<net::LinkType> link_type(int dlt) noexcept {
  switch (dlt) {
    case DLT_NULL: return net::LinkType::null;
    case DLT_EN10MB: return net::LinkType::ethernet;
    case DLT_RAW: return net::LinkType::raw;
    case DLT_LOOP: return net::LinkType::loop;
    case DLT_LINUX_SLL: return net::LinkType::linux_sll;
    case DLT_IPV4: return net::LinkType::ipv4;
    case DLT_LINUX_SLL2: return net::LinkType::linux_sll2;
    default: return std::nullopt;
  }
}

std::string unknown_link(int dlt) {
  const char* const name = pcap_datalink_val_to_name(dlt);
  return "packets of the link type " + (name != nullptr ? std::string(name) : std::to_string(dlt)) +
         " are not read; those of Ethernet, of `tcpdump -i any`, of loopback and raw IP are";
}

}  // namespace

std::optional<std::string> read(std::string_view file,
                                const std::function<void(const Frame&)>& visit) {
  std::string copy(file);  // fmemopen() wants to be able to write
  std::array<char, PCAP_ERRBUF_SIZE> fault{};
  std::FILE* const stream = ::fmemopen(copy.data(), copy.size(), "rb");
  if (stream == nullptr) return "no memory for the capture";
  const std::unique_ptr<pcap_t, Close> capture(pcap_fopen_offline(stream, fault.data()));
  if (!capture) {
    std::fclose(stream);
    return fault.data();
  }
  const int dlt = pcap_datalink(capture.get());
  const auto link = link_type(dlt);
  if (!link) return unknown_link(dlt);
  pcap_pkthdr* header = nullptr;
  const u_char* octets = nullptr;
  int outcome = 0;
  while ((outcome = pcap_next_ex(capture.get(), &header, &octets)) == 1) {
    visit({.time = static_cast<double>(header->ts.tv_sec) +
                   static_cast<double>(header->ts.tv_usec) * microseconds,
           .link = *link,
           .octets = std::as_bytes(std::span(octets, header->caplen)),
           .original_size = header->len});
  }
  if (outcome == PCAP_ERROR) return pcap_geterr(capture.get());
  return std::nullopt;
}

}  // namespace berth::capture
