// Reads from a BPF device, put together here as macOS's kernel does.
#include "server/binder/bpf_record.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace berth::binder {
namespace {

using Octets = std::vector<std::byte>;

template <class T>
void put(Octets& to, std::size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}

// The header is as long as it takes to align what follows Ethernet's: 18 octets, not sizeof's 20.
void append(Octets& read, std::string_view frame, std::uint32_t whole, std::uint16_t header = 18) {
  while (read.size() % 4 != 0) read.push_back(std::byte{0xee});
  const std::size_t at = read.size();
  read.resize(at + header + frame.size());
  put(read, at + 8, static_cast<std::uint32_t>(frame.size()));
  put(read, at + 12, whole);
  put(read, at + 16, header);
  std::memcpy(read.data() + at + header, frame.data(), frame.size());
}

std::vector<std::string> frames_of(wire::Bytes read, bool& malformed) {
  BpfRecords records(read);
  std::vector<std::string> frames;
  while (const auto record = records.next())
    frames.push_back(std::string(wire::text_of(record->frame)) + (record->truncated ? "…" : ""));
  malformed = records.malformed();
  return frames;
}

TEST(BpfRecord, WalksWhatWasRead) {
  Octets read;
  append(read, "abc", 3);
  append(read, "abcd", 4);
  append(read, "", 0);
  append(read, "abcde", 1500);
  append(read, "abcdef", 6, 28);  // a later kernel's longer header
  bool malformed = true;
  EXPECT_EQ(frames_of(read, malformed),
            (std::vector<std::string>{"abc", "abcd", "", "abcde…", "abcdef"}));
  EXPECT_FALSE(malformed);
}

TEST(BpfRecord, TheLastIsNotPaddedAndMayBe) {
  Octets read;
  append(read, "abc", 3);
  const Octets bare = read;
  while (read.size() % 4 != 0) read.push_back(std::byte{0});
  bool malformed = true;
  EXPECT_EQ(frames_of(bare, malformed), frames_of(read, malformed));
  EXPECT_FALSE(malformed);
}

TEST(BpfRecord, EndsAtEveryTruncation) {
  Octets read;
  append(read, "abcd", 4);
  const std::size_t first = 24;  // 18 and 4, padded
  append(read, "efgh", 4);
  for (std::size_t size = 0; size < read.size(); ++size) {
    bool malformed = false;
    const auto frames = frames_of(wire::Bytes(read).first(size), malformed);
    const std::size_t whole = size >= 22 ? 1 : 0;
    EXPECT_EQ(frames.size(), whole) << size;
    const bool between = size == 0 || (size >= 22 && size <= first);
    EXPECT_EQ(malformed, !between) << size;
  }
}

TEST(BpfRecord, BelievesNoLength) {
  struct Row {
    const char* name;
    std::uint16_t header;
    std::uint32_t captured;
  };
  for (const Row& row :
       {Row{"no header", 0, 4}, Row{"a header too small to be one", 17, 4},
        Row{"a header past the end", 0xffff, 4}, Row{"a frame past the end", 18, 5},
        Row{"a frame as long as numbers go", 18, 0xffffffff}}) {
    Octets read;
    append(read, "abcd", 4);
    put(read, 8, row.captured);
    put(read, 16, row.header);
    bool malformed = false;
    EXPECT_TRUE(frames_of(read, malformed).empty()) << row.name;
    EXPECT_TRUE(malformed) << row.name;
  }
}

}  // namespace
}  // namespace berth::binder
