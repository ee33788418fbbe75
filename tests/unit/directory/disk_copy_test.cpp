// SPDX-License-Identifier: Apache-2.0
#include "directory/disk_copy.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgate::directory {
namespace {

using testing::HasSubstr;

class DiskCopy : public testing::Test {
 protected:
  DiskCopy() {
    auto name = (std::filesystem::temp_directory_path() / "xgate-copy-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "copy").string();
  }
  ~DiskCopy() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  static Snapshot sample(int devices = 3) {
    Snapshot snapshot;
    snapshot.products = std::make_shared<const Products>(
        std::vector<Product>{{"AA30C505", "7ED01E2A", std::string(32, 'D'),
                              protocol::AuthType::device_secret_registered, true, true, false}});
    DeviceTable::Builder builder;
    for (int i = 0; i < devices; ++i) {
      Device device;
      device.revision = i;
      builder.add(DeviceKey::from("AA30C505", "node" + std::to_string(i)).value(), device);
    }
    snapshot.table = std::move(builder).finish();
    return snapshot;
  }
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void overwrite(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string refusal() const {
    const auto read = read_copy(path_);
    return read ? "it was believed" : read.error();
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(DiskCopy, what_was_written_is_read) {
  const auto written = write_copy(path_, sample(5000));
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(*written, std::filesystem::file_size(path_));
  const auto read = read_copy(path_);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->products->all(), sample().products->all());
  EXPECT_EQ(read->table->size(), 5000U);
  EXPECT_EQ(read->find(DeviceKey::from("AA30C505", "node4999").value())->revision, 4999);
}

TEST_F(DiskCopy, only_its_owner_may_read_it) {
  ASSERT_TRUE(write_copy(path_, sample()));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DiskCopy, one_that_others_may_read_is_refused) {
  ASSERT_TRUE(write_copy(path_, sample()));
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  EXPECT_THAT(refusal(), HasSubstr("0600"));
}

TEST_F(DiskCopy, one_of_another_user_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_TRUE(write_copy(path_, sample()));
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_THAT(refusal(), HasSubstr("another user"));
}

TEST_F(DiskCopy, a_symbolic_link_is_refused) {
  ASSERT_TRUE(write_copy(path_ + ".real", sample()));
  ASSERT_EQ(::symlink((path_ + ".real").c_str(), path_.c_str()), 0);
  EXPECT_THAT(refusal(), HasSubstr("cannot open"));
}

TEST_F(DiskCopy, one_that_is_cut_anywhere_is_refused) {
  ASSERT_TRUE(write_copy(path_, sample()));
  const auto whole = bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    overwrite(whole.substr(0, size));
    ASSERT_FALSE(read_copy(path_)) << size;
  }
  overwrite(whole + "x");
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
}

TEST_F(DiskCopy, one_with_any_byte_changed_is_refused) {
  ASSERT_TRUE(write_copy(path_, sample()));
  const auto whole = bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    overwrite(changed);
    ASSERT_FALSE(read_copy(path_)) << at;
  }
}

TEST_F(DiskCopy, what_an_interrupted_write_left_is_replaced) {
  overwrite("old");
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  std::ofstream(path_ + ".new") << "half a copy";
  ASSERT_TRUE(write_copy(path_, sample()));
  EXPECT_TRUE(read_copy(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(DiskCopy, a_folder_that_is_not_there_is_said) {
  const auto written = write_copy((folder_ / "none" / "copy").string(), sample());
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("cannot create"));
}

}  // namespace
}  // namespace xgate::directory
