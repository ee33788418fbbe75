// SPDX-License-Identifier: Apache-2.0
#include "plugin/accounts.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgate::plugin {
namespace {

using testing::HasSubstr;

// "geheim", by mosquitto_passwd of 2.0.11
const std::string hash =
    "$7$101$DQIIIvYkNBTjgEzO$"
    "Wbjz08/KHq9eX3n/9oHo+5+JejUAqcx99Es+YF6boi7DPJ4dkWxhYF7jk1RjrS0wJ8F4Pdo3eZE+vPF36FF/ag==";

// PBKDF2-HMAC-SHA512 of the empty text, 101 iterations, salt "saltsaltsalt"
constexpr auto empty_digest =
    "YGccB43UySWesQJ6JtSy5YCRyaItXPvSxOnYziYKc8ed"
    "CSw0kU8ujzY1AkaMSPvVpx1gAHnXKFT0bI1Txql1SA==";

std::string refusal(const std::string& text) {
  const auto accounts = Accounts::parse(text);
  return accounts ? "accepted" : accounts.error();
}

TEST(Accounts, verify_what_mosquitto_passwd_wrote) {
  const auto accounts = Accounts::parse("service:" + hash + "\n");
  ASSERT_TRUE(accounts) << accounts.error();
  const auto* found = accounts->find("service");
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(Accounts::verify(*found, "geheim"));
  EXPECT_FALSE(Accounts::verify(*found, "geheim "));
  EXPECT_FALSE(Accounts::verify(*found, ""));
  EXPECT_EQ(accounts->find("Service"), nullptr);
}

TEST(Accounts, empty_lines_and_comments_are_skipped) {
  const auto accounts = Accounts::parse("# operators\r\n\nservice:" + hash + "\r\n");
  ASSERT_TRUE(accounts) << accounts.error();
  EXPECT_EQ(accounts->size(), 1U);
}

TEST(Accounts, an_error_names_the_line_and_never_the_hash) {
  const auto good = "service:" + hash + "\n";
  for (const auto* bad : {"no colon", ":$7$", "a:plain", "a:$6$x$y", "a:$7$0$AAAA$AAAA",
                          "a:$7$101$AAAA", "a:$7$101$*$*", "a:$7$101$AAAA$AAAA"}) {
    EXPECT_THAT(refusal(good + bad), HasSubstr("line 2: ")) << bad;
    EXPECT_EQ(refusal(good + bad).find("AAAA"), std::string::npos);
  }
  EXPECT_THAT(refusal(good + good), HasSubstr("line 2: the account stands there twice"));
}

TEST(Accounts, iterations_are_bounded_and_the_sentence_names_line_and_bound) {
  auto hash_of = [](std::string_view iterations) {
    return "a:$7$" + std::string(iterations) + hash.substr(hash.find('$', 3));
  };
  EXPECT_TRUE(Accounts::parse(hash_of("1000")));
  EXPECT_THAT(refusal("service:" + hash + "\n" + hash_of("1001")),
              HasSubstr("line 2: the account's hash takes 1001 iterations, and at most 1000 are"));
  EXPECT_THAT(refusal(hash_of("2000000000")), HasSubstr("takes 2000000000 iterations"));
  EXPECT_THAT(refusal(hash_of("20000000000")), HasSubstr("line 1: not a hash"));
}

TEST(Accounts, a_name_of_a_devices_login_is_refused) {
  EXPECT_THAT(refusal("AUTH-7ED01E2A-AA30C505:" + hash), HasSubstr("line 1: the account's name"));
  for (const auto* name : {"7ED01E2A-AA30C505-20MQTTJ000121", "AA30C505-20MQTTJ000121",
                           "V2_AA30C505.20MQTTJ000121", "AA30C505.20MQTTJ000121"}) {
    EXPECT_THAT(refusal(name + (":" + hash)), HasSubstr("line 1: the account's name")) << name;
  }
}

TEST(Accounts, an_empty_password_is_refused) {
  // "", by mosquitto_passwd
  EXPECT_THAT(refusal("service:$7$101$c2FsdHNhbHRzYWx0$" + std::string(empty_digest)),
              HasSubstr("line 1: the account's password is empty"));
}

TEST(Accounts, strangers_are_checked_too_and_never_fit) {
  const auto accounts = Accounts::parse("service:" + hash + "\n");
  ASSERT_TRUE(accounts);
  EXPECT_TRUE(accounts->verify_or_pretend(accounts->find("service"), "geheim"));
  EXPECT_FALSE(accounts->verify_or_pretend(nullptr, "geheim"));
  EXPECT_FALSE(Accounts().verify_or_pretend(nullptr, "geheim"));
}

TEST(Accounts, a_file_open_to_everybody_is_refused) {
  auto name = (std::filesystem::temp_directory_path() / "xgate-accounts-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  ASSERT_GE(fd, 0);
  ::close(fd);
  std::ofstream(name) << "service:" << hash << '\n';
  EXPECT_TRUE(Accounts::read(name));
  ::chmod(name.c_str(), 0640);
  EXPECT_TRUE(Accounts::read(name));
  ::chmod(name.c_str(), 0644);
  const auto open = Accounts::read(name);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error(), HasSubstr("open to everybody"));
  std::filesystem::remove(name);
  EXPECT_THAT(Accounts::read(name).error(), HasSubstr(name));
}

}  // namespace
}  // namespace xgate::plugin
