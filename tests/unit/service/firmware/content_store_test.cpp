// SPDX-License-Identifier: Apache-2.0
#include "service/firmware/content_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::firmware {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr auto abc_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

struct ContentStoreTest : ::testing::Test {
  ContentStoreTest() {
    auto name = (fs::temp_directory_path() / "xgate-firmware-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder = name;
    store = ContentStore((folder / "images").string());
  }
  ~ContentStoreTest() override { fs::remove_all(folder); }

  std::ptrdiff_t incoming() const {
    return std::distance(fs::directory_iterator(folder / "images/incoming"),
                         fs::directory_iterator());
  }

  fs::path folder;
  ContentStore store{""};
};

TEST_F(ContentStoreTest, keeps_a_file_by_what_it_holds) {
  auto file = store.receive();
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE((*file)->write("a"));
  ASSERT_TRUE((*file)->write("bc"));
  const auto content = (*file)->finish();
  ASSERT_TRUE(content);
  EXPECT_EQ(content->size, 3);
  EXPECT_EQ(content->md5, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(content->sha256, abc_sha256);
  EXPECT_THAT(store.contents(0s), IsEmpty());
  ASSERT_TRUE(store.keep(**file, content->sha256));
  file->reset();
  EXPECT_THAT(store.contents(0s), ElementsAre(abc_sha256));
  std::ifstream kept(store.path_of(abc_sha256));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), "abc");
  EXPECT_EQ(incoming(), 0);
  store.remove(abc_sha256);
  EXPECT_THAT(store.contents(0s), IsEmpty());
}

TEST_F(ContentStoreTest, what_a_restore_brings_is_new_here_however_old_it_is) {
  ASSERT_TRUE(store.prepare());
  const fs::path path = store.path_of(abc_sha256);
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "abc";
  fs::last_write_time(path, fs::file_time_type::clock::now() - 24h * 365);
  EXPECT_THAT(store.contents(24h), IsEmpty());
  EXPECT_THAT(store.contents(0s), ElementsAre(abc_sha256));
}

TEST_F(ContentStoreTest, the_same_content_takes_its_place_once) {
  for (int i = 0; i < 2; ++i) {
    auto file = store.receive();
    ASSERT_TRUE((*file)->write("abc"));
    ASSERT_TRUE(store.keep(**file, (*file)->finish()->sha256));
  }
  EXPECT_THAT(store.contents(0s), ElementsAre(abc_sha256));
}

TEST_F(ContentStoreTest, what_is_not_kept_leaves_nothing) {
  {
    auto file = store.receive();
    ASSERT_TRUE((*file)->write("abc"));
    EXPECT_EQ(incoming(), 1);
  }
  EXPECT_EQ(incoming(), 0);
}

TEST_F(ContentStoreTest, what_a_killed_service_left_is_removed_when_it_is_old) {
  ASSERT_TRUE(store.prepare());
  std::ofstream(folder / "images/incoming/half") << "x";
  store.remove_abandoned(std::chrono::hours(1));
  EXPECT_EQ(incoming(), 1) << "it may be coming in just now";
  store.remove_abandoned(std::chrono::seconds(-1));
  EXPECT_EQ(incoming(), 0);
}

TEST_F(ContentStoreTest, a_folder_that_cannot_be_is_told) {
  std::ofstream(folder / "file") << "x";
  const ContentStore bad((folder / "file/images").string());
  const auto file = bad.receive();
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, ::testing::HasSubstr("file/images"));
}

}  // namespace
}  // namespace xgate::firmware
