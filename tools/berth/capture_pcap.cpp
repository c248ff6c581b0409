#include <pcap/pcap.h>

#include <array>
#include <cstdio>
#include <memory>

#include "tools/berth/capture.hpp"

namespace berth::tools {
namespace {

struct Close {
  void operator()(pcap_t* capture) const noexcept { pcap_close(capture); }
};

constexpr double microseconds = 1e-6;

}  // namespace

expected<std::vector<CapturedFrame>, std::string> read_capture(std::string_view file) {
  std::string copy(file);  // fmemopen() wants to be able to write
  std::array<char, PCAP_ERRBUF_SIZE> fault{};
  std::FILE* const stream = ::fmemopen(copy.data(), copy.size(), "rb");
  if (stream == nullptr) return unexpected(std::string("no memory for the capture"));
  const std::unique_ptr<pcap_t, Close> capture(pcap_fopen_offline(stream, fault.data()));
  if (!capture) {
    std::fclose(stream);
    return unexpected(std::string(fault.data()));
  }
  if (pcap_datalink(capture.get()) != DLT_EN10MB)
    return unexpected(
        std::string("the capture is not of an Ethernet link; name an interface "
                    "where it is taken, rather than `any`"));
  std::vector<CapturedFrame> frames;
  pcap_pkthdr* header = nullptr;
  const u_char* octets = nullptr;
  int outcome = 0;
  while ((outcome = pcap_next_ex(capture.get(), &header, &octets)) == 1) {
    CapturedFrame& frame = frames.emplace_back();
    frame.time = static_cast<double>(header->ts.tv_sec) +
                 static_cast<double>(header->ts.tv_usec) * microseconds;
    for (bpf_u_int32 i = 0; i < header->caplen; ++i) frame.octets.push_back(std::byte{octets[i]});
  }
  if (outcome == PCAP_ERROR) return unexpected(std::string(pcap_geterr(capture.get())));
  return frames;
}

}  // namespace berth::tools
