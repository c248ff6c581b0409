// What happens to a resolv.conf, on the real file system: each change is told once it has happened.
#include "server/io/file_watch.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace berth::io {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
 protected:
  FileWatchTest() {
    fs::create_directories(folder_ / "etc");
    fs::create_directories(folder_ / "run/resolve");
    write(file_, "1");
  }
  ~FileWatchTest() override { fs::remove_all(folder_); }

  static fs::path make_folder() {
    std::string pattern = (fs::temp_directory_path() / "berth-watch-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  static void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  static bool told(const FileWatch& watch) {
    pollfd one{watch.descriptor(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
  }

  fs::path folder_ = make_folder();
  fs::path file_ = folder_ / "etc/resolv.conf";
  fs::path target_ = folder_ / "run/resolve/stub.conf";
};

TEST_F(FileWatchTest, TellsOfAFileThatIsWrittenReplacedRemovedAndMade) {
  FileWatch watch(file_.string());
  EXPECT_FALSE(told(watch));
  for (int round = 0; round < 2; ++round) {
    write(file_, "2");
    EXPECT_TRUE(told(watch)) << "written";
    watch.renew();
    EXPECT_FALSE(told(watch));
    write(folder_ / "etc/new", "3");
    watch.renew();
    fs::rename(folder_ / "etc/new", file_);
    EXPECT_TRUE(told(watch)) << "replaced";
    watch.renew();
    fs::remove(file_);
    EXPECT_TRUE(told(watch)) << "removed";
    watch.renew();
    write(file_, "4");
    EXPECT_TRUE(told(watch)) << "made";
    watch.renew();
  }
}

TEST_F(FileWatchTest, FollowsSymbolicLinks) {
  write(target_, "1");
  fs::remove(file_);
  fs::create_symlink("../run/resolve/stub.conf", file_);
  FileWatch watch(file_.string());
  write(target_, "2");
  EXPECT_TRUE(told(watch)) << "the target is written";
  watch.renew();
  write(folder_ / "run/resolve/new", "3");
  watch.renew();
  fs::rename(folder_ / "run/resolve/new", target_);
  EXPECT_TRUE(told(watch)) << "the target is replaced";
  watch.renew();
  fs::create_symlink(folder_ / "run/other.conf", folder_ / "etc/new");
  watch.renew();
  fs::rename(folder_ / "etc/new", file_);
  EXPECT_TRUE(told(watch)) << "the link is replaced";
  watch.renew();
  write(folder_ / "run/other.conf", "4");
  EXPECT_TRUE(told(watch)) << "what the new link leads to is made";
}

TEST_F(FileWatchTest, OutlivesItsFolders) {
  write(target_, "1");
  fs::remove(file_);
  fs::create_symlink(target_, file_);
  FileWatch watch(file_.string());
  fs::remove_all(folder_ / "run");
  EXPECT_TRUE(told(watch)) << "the target's folder is gone";
  watch.renew();
  fs::create_directory(folder_ / "run");
  EXPECT_TRUE(told(watch)) << "a folder on the way is made";
  watch.renew();
  fs::create_directory(folder_ / "run/resolve");
  EXPECT_TRUE(told(watch)) << "the next one";
  watch.renew();
  write(target_, "2");
  EXPECT_TRUE(told(watch)) << "and the target";
}

TEST_F(FileWatchTest, EndsInARingOfLinks) {
  fs::remove(file_);
  fs::create_symlink("resolv.conf", file_);
  EXPECT_EQ(watched_paths(file_.string()), std::vector{(folder_ / "etc").string()});
  fs::remove(file_);
  fs::create_symlink("other.conf", file_);
  fs::create_symlink("resolv.conf", folder_ / "etc/other.conf");
  FileWatch watch(file_.string());
  fs::remove(file_);
  EXPECT_TRUE(told(watch));
}

}  // namespace
}  // namespace berth::io
