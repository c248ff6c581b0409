#include "server/io/state_lock.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace berth::io {
namespace {

class StateLockTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "lockXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(StateLockTest, MakesTheFolderForItsOwnerAndGroupOnly) {
  const std::string folder = folder_ + "/deep/state";
  ASSERT_TRUE(StateLock::acquire(folder));
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0750U);
}

TEST_F(StateLockTest, NamesTheHolderToWhoComesSecond) {
  const auto first = StateLock::acquire(folder_);
  ASSERT_TRUE(first);
  const auto second = StateLock::acquire(folder_);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("pid " + std::to_string(::getpid())), std::string::npos)
      << second.error();
}

TEST_F(StateLockTest, IsFreeAgainWhenTheHolderIsGone) {
  { ASSERT_TRUE(StateLock::acquire(folder_)); }
  EXPECT_TRUE(StateLock::acquire(folder_));
}

TEST_F(StateLockTest, SaysWhatStandsWhereTheFolderShould) {
  const auto lock = StateLock::acquire("/dev/null/state");
  ASSERT_FALSE(lock);
  EXPECT_NE(lock.error().find("/dev/null/state"), std::string::npos) << lock.error();
}

}  // namespace
}  // namespace berth::io
