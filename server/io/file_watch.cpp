#include "server/io/file_watch.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace berth::io {

std::vector<std::string> watched_paths(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int max_links = 16;
  std::vector<std::string> paths;
  const auto add = [&](const fs::path& one) {
    if (std::ranges::find(paths, one.native()) == paths.end()) paths.push_back(one.native());
  };
  fs::path at(path);
  for (int links = 0; links < max_links; ++links) {
    std::error_code failure;
    fs::path folder = at.parent_path();
    while (!fs::is_directory(folder, failure) && folder != folder.parent_path())
      folder = folder.parent_path();
    add(folder);
    const fs::file_status status = fs::symlink_status(at, failure);
    if (!fs::exists(status)) break;
    if (!fs::is_symlink(status)) {
      add(at);
      break;
    }
    const fs::path target = fs::read_symlink(at, failure);
    if (failure) break;
    at = (at.parent_path() / target).lexically_normal();
  }
  return paths;
}

}  // namespace berth::io
