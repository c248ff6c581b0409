// The key table and the search for what was meant.
#include "config/keys.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/suggest.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

TEST(Keys, AreUniqueAndExplained) {
  std::set<std::string> seen;
  for (const Key& key : keys()) {
    const std::string path = std::string(key.section) + '/' + std::string(key.name);
    EXPECT_TRUE(seen.insert(path).second) << path;
    EXPECT_TRUE(key.description.ends_with('.')) << path;
    EXPECT_EQ(key.kind == ValueKind::choice, !key.choices.empty()) << path;
    EXPECT_TRUE(!key.acted_on || key.in_force.empty()) << path;
  }
}

TEST(Keys, OtherWordsAreNotKeysOfTheirSection) {
  for (const Key& key : keys()) {
    for_each_word(key.also, [&](std::string_view word) {
      for (const Key& other : keys_of(key.section)) EXPECT_NE(other.name, word);
      EXPECT_EQ(suggest_key(key.section, word), key.name) << word;
    });
  }
}

TEST(Keys, DefaultsOfChoicesAreAmongThem) {
  for (const Key& key : keys()) {
    if (key.kind != ValueKind::choice) continue;
    bool found = false;
    for_each_word(key.choices, [&](std::string_view word) { found |= word == key.fallback; });
    EXPECT_TRUE(found) << key.name;
  }
}

struct Distance {
  std::string_view left;
  std::string_view right;
  std::size_t distance;
};

TEST(EditDistance, CountsLetters) {
  for (const auto& [left, right, distance] : {Distance{"", "", 0},
                                              {"", "abc", 3},
                                              {"abc", "abc", 0},
                                              {"ABC", "abc", 0},
                                              {"adress", "address", 1},
                                              {"lesae", "lease", 1},
                                              {"kitten", "sitting", 3},
                                              {"ca", "abc", 3},
                                              {"hosts", "host", 1}}) {
    EXPECT_EQ(edit_distance(left, right), distance) << left << ' ' << right;
    EXPECT_EQ(edit_distance(right, left), distance) << left << ' ' << right;
  }
  const std::string long_word(1000, 'a');
  EXPECT_EQ(edit_distance(long_word, "a"), 1000u);
}

TEST(Nearest, KeepsWhatIsNearOnly) {
  const auto nearest = [](std::string_view word) {
    Nearest search(word);
    for (const std::string_view candidate : {"lease", "address", "dns", "dhcp"})
      search.consider(candidate);
    return search.best();
  };
  EXPECT_EQ(nearest("leas"), "lease");
  EXPECT_EQ(nearest("addr"), "");
  EXPECT_EQ(nearest("dsn"), "dns");
  EXPECT_EQ(nearest("xyz"), "");
  EXPECT_EQ(nearest(""), "");
}

}  // namespace
}  // namespace berth::config
