#include "tools/berth/replace_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace berth::tools {
namespace {

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

std::error_code write_all(int descriptor, std::string_view text) {
  std::unique_ptr<std::FILE, Close> file(::fdopen(descriptor, "wb"));
  if (!file) {
    const auto failed = last_error();
    ::close(descriptor);
    return failed;
  }
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0 || ::fsync(descriptor) != 0)
    return last_error();
  return std::fclose(file.release()) == 0 ? std::error_code() : last_error();
}

}  // namespace

std::error_code replace_file(const std::string& path, std::string_view text) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed) return failed;
  const fs::perms permissions = fs::status(real, failed).permissions();
  if (failed) return failed;
  std::string beside = real.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(beside.data());
  if (descriptor < 0) return last_error();
  failed = write_all(descriptor, text);
  if (!failed) fs::permissions(beside, permissions, failed);
  if (!failed) fs::rename(beside, real, failed);
  std::error_code ignored;
  if (failed) fs::remove(beside, ignored);
  return failed;
}

}  // namespace berth::tools
