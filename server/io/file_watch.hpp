// Tells when the file at a path may have become another: written, replaced, removed or made, itself
// or whatever a symbolic link of that name leads to; also where a folder on the way comes or goes.
// One file per system. Belongs to one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/binder/file_descriptor.hpp"

namespace berth::io {

class FileWatch {
 public:
  // Throws std::system_error when the system has no watch left.
  explicit FileWatch(std::string path);

  // Readable when something may have changed since the last renew().
  int descriptor() const noexcept { return queue_.number(); }
  // Forgets what was told, and watches what there is now. To be called before the file is read, so
  // that no change falls between.
  void renew();

 private:
  std::string path_;
  binder::FileDescriptor queue_;
  std::vector<binder::FileDescriptor> watched_;  // where a watch needs an open file
};

// What has to be watched for a path: the file, each symbolic link on the way to it that its last
// component is, and the nearest folder around each that exists.
std::vector<std::string> watched_paths(const std::string& path);

// Calls watch(path) for each of them, again for as long as the way changes meanwhile: what came
// before its folder was watched has not been told.
template <class Watch>
void watch_all(const std::string& path, Watch watch) {
  constexpr int enough = 8;
  std::vector<std::string> paths;
  for (int round = 0; round < enough; ++round) {
    auto there = watched_paths(path);
    if (there == paths) return;
    paths = std::move(there);
    for (const std::string& one : paths) watch(one);
  }
}

}  // namespace berth::io
