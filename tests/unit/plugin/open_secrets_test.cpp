// SPDX-License-Identifier: Apache-2.0
#include "plugin/open_secrets.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgate::plugin {
namespace {

using testing::HasSubstr;

class OpenSecrets : public testing::Test {
 protected:
  OpenSecrets() {
    auto name = (std::filesystem::temp_directory_path() / "xgate-secrets-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
  }
  ~OpenSecrets() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    const auto path = (folder_ / name).string();
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::filesystem::path folder_;
};

TEST_F(OpenSecrets, a_listeners_key_must_be_closed) {
  const auto key = write("server.key", "secret", 0640);
  const auto conf = write("m.conf", "# keyfile x\nlistener 8883\n  keyfile\t" + key + "  \n", 0644);
  EXPECT_TRUE(check_secrets_are_closed(conf, false));
  ::chmod(key.c_str(), 0644);
  const auto open = check_secrets_are_closed(conf, false);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error(), HasSubstr(key + " is open to everybody"));
}

TEST_F(OpenSecrets, a_listeners_key_must_be_the_brokers_too) {
  if (::geteuid() == 0)
    GTEST_SKIP() << "root reads everything; tests/debian has the same for the user mosquitto";
  const auto key = write("server.key", "secret", 0000);
  const auto refused =
      check_secrets_are_closed(write("m.conf", "keyfile " + key + "\n", 0644), false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(key + " cannot be read by the broker's user"));
}

TEST_F(OpenSecrets, a_file_with_the_databases_password_must_be_closed) {
  const auto conf = write("m.conf", "plugin_opt_database host=h password=hunter2\n", 0644);
  EXPECT_TRUE(check_secrets_are_closed(conf, false));
  const auto open = check_secrets_are_closed(conf, true);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error(), HasSubstr("plugin_opt_database carries a password, and " + conf));
  EXPECT_EQ(open.error().find("hunter2"), std::string::npos);
  ::chmod(conf.c_str(), 0640);
  EXPECT_TRUE(check_secrets_are_closed(conf, true));
}

TEST_F(OpenSecrets, included_files_are_looked_through) {
  const auto key = write("server.key", "secret", 0644);
  write("conf.d/tls.conf", "keyfile " + key + "\n", 0600);
  write("conf.d/old.bak", "keyfile " + key + "\n", 0600);
  const auto conf = write("m.conf", "include_dir " + (folder_ / "conf.d").string() + "\n", 0600);
  EXPECT_FALSE(check_secrets_are_closed(conf, false));
  std::filesystem::remove(folder_ / "conf.d/tls.conf");
  EXPECT_TRUE(check_secrets_are_closed(conf, false));
}

TEST_F(OpenSecrets, what_cannot_be_read_is_left_to_the_broker) {
  EXPECT_TRUE(check_secrets_are_closed("", true));
  EXPECT_TRUE(check_secrets_are_closed((folder_ / "nowhere").string(), true));
  const auto conf = write("m.conf", "keyfile /nowhere\ninclude_dir /nowhere\n", 0600);
  EXPECT_TRUE(check_secrets_are_closed(conf, true));
}

}  // namespace
}  // namespace xgate::plugin
