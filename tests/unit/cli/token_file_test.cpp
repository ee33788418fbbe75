// SPDX-License-Identifier: Apache-2.0
#include "cli/token_file.hpp"

#include <array>
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/cli/run_xgate.hpp"

namespace xgate::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr uid_t another = 65534;

class TokenFile : public ::testing::Test {
 protected:
  /// What a user without rights puts into his folder.
  fs::path anothers(const std::string& name) const { return folder_.path() / "another" / name; }
  void give_to_another(const fs::path& path) const {
    ASSERT_EQ(::lchown(path.c_str(), another, another), 0) << path;
  }
  static std::string refusal(const fs::path& file) {
    const auto token = read_token_file(file);
    if (token) return "read: " + *token;
    const auto* sentence = std::get_if<std::string>(&token.error());
    return sentence != nullptr ? *sentence : "";
  }
  void SetUp() override { fs::create_directory(anothers("")); }

  const test::TemporaryFolder folder_;
  const std::string secret_ = folder_.write("secret", "xgate_of-root\n");
};

TEST_F(TokenFile, is_read_up_to_its_first_blank) {
  EXPECT_EQ(read_token_file(folder_.write("t", "\n xgate_abc \nmore")).value_or(""), "xgate_abc");
  EXPECT_THAT(refusal(folder_.write("t", " \n")), HasSubstr("is empty"));
  EXPECT_EQ(std::get<int>(read_token_file(folder_.path() / "absent").error()), ENOENT);
  EXPECT_EQ(std::get<int>(read_token_file(folder_.path() / "another").error()), EISDIR);
}

TEST_F(TokenFile, that_holds_something_else_is_not_sent) {
  EXPECT_THAT(refusal(folder_.write("t", "root:$y$j9T$abc:19000:0:99999:7:::\n")),
              HasSubstr("holds no token"));
}

TEST_F(TokenFile, may_be_a_link_of_ones_own) {
  fs::create_symlink("secret", folder_.path() / "near");
  fs::create_symlink(folder_.path() / "near", anothers("far"));
  fs::create_symlink("loop", folder_.path() / "loop");
  EXPECT_EQ(read_token_file(anothers("far")).value_or(""), "xgate_of-root");
  EXPECT_EQ(std::get<int>(read_token_file(folder_.path() / "loop").error()), ELOOP);
}

TEST_F(TokenFile, may_be_a_pipe_of_the_shell) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "xgate_piped\n", 12), 12);
  ::close(ends[1]);
  EXPECT_EQ(read_token_file("/dev/fd/" + std::to_string(ends[0])).value_or(""), "xgate_piped");
  ::close(ends[0]);
}

TEST_F(TokenFile, of_another_user_leads_to_nothing_that_he_may_not_read) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  give_to_another(anothers(""));
  folder_.write("another/token", "xgate_his\n");
  EXPECT_EQ(read_token_file(anothers("token")).value_or(""), "xgate_his") << "root wrote it";
  give_to_another(anothers("token"));
  EXPECT_EQ(read_token_file(anothers("token")).value_or(""), "xgate_his");

  fs::create_symlink(secret_, anothers("link"));
  give_to_another(anothers("link"));
  fs::create_symlink(anothers("link"), folder_.path() / "ours");  // as ./run's leads there
  fs::create_hard_link(secret_, anothers("second_name"));
  ASSERT_EQ(::mkfifo(anothers("fifo").c_str(), 0600), 0);
  EXPECT_THAT(refusal(anothers("link")), HasSubstr("a link that another user made"));
  EXPECT_THAT(refusal(folder_.path() / "ours"), HasSubstr("a link that another user made"));
  EXPECT_THAT(refusal(anothers("second_name")), HasSubstr("a regular file with one name"));
  EXPECT_THAT(refusal(anothers("fifo")), HasSubstr("a regular file with one name"));
}

}  // namespace
}  // namespace xgate::cli
