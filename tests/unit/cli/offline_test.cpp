// SPDX-License-Identifier: Apache-2.0
// The commands that need no service, against the protocol's worked examples.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "run_xgate.hpp"

namespace xgate::cli::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const json& vectors() {
  static const json all = json::parse(
      std::ifstream(std::string(XGATE_SOURCE_DIR) + "/tests/unit/protocol/vectors.json"));
  return all;
}

Words identity(const json& login) {
  return {"login-params",      "--open-id",  login["open_id"], "--product-id",
          login["product_id"], "--node-eui", login["node_eui"]};
}

Words with_secrets(const json& login) {
  return plus(identity(login),
              {"--product-key", login["product_key"], "--device-secret", login["device_secret"],
               "--type", std::to_string(login["type"].get<int>())});
}

TEST(LoginParams, are_the_worked_examples_of_section_2_2_5) {
  for (const json& login : vectors()["login"]) {
    const Ran ran = Xgate{}(plus(with_secrets(login), {"--timestamp", login["timestamp"].dump()}));
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "ClientId: " + login["client_id"].get<std::string>() +
                           "\nUsername: " + login["username"].get<std::string>() +
                           "\nPassword: " + login["password"].get<std::string>() + "\n");
  }
}

TEST(LoginParams, as_json_have_the_protocols_words) {
  const json& login = vectors()["login"][1];
  const Ran ran =
      Xgate{}(plus(with_secrets(login), {"--json", "--timestamp", login["timestamp"].dump()}));
  const json expected{{"client_id", login["client_id"]},
                      {"username", login["username"]},
                      {"password", login["password"]}};
  EXPECT_EQ(json::parse(ran.out), expected);
}

TEST(LoginParams, secrets_come_from_files_and_from_lines_of_standard_input) {
  const json& login = vectors()["login"][0];
  const Words rest{"--type", "0", "--timestamp", login["timestamp"].dump()};
  const TemporaryFolder folder;
  const std::string key = folder.write("key", login["product_key"].get<std::string>() + "\r\n");
  const std::string secret = folder.write("secret", login["device_secret"].get<std::string>());
  const Ran files = Xgate{}(plus(
      plus(identity(login), {"--product-key-file", key, "--device-secret-file", secret}), rest));
  EXPECT_EQ(files.status, 0) << files.err;
  EXPECT_THAT(files.out, HasSubstr(login["password"].get<std::string>()));
  const std::string lines = login["product_key"].get<std::string>() + "\n" +
                            login["device_secret"].get<std::string>() + "\n";
  const Ran input = Xgate{.input = lines}(
      plus(plus(identity(login), {"--product-key-file", "-", "--device-secret-file", "-"}), rest));
  EXPECT_EQ(input.out, files.out);
}

TEST(LoginParams, without_a_timestamp_take_the_clocks) {
  const json& login = vectors()["login"][1];
  const Ran ran = Xgate{}(plus(with_secrets(login), {"--json"}));
  const std::string client_id = json::parse(ran.out)["client_id"];
  const std::string start = "V2_AA30C505.20MQTTJ000121_1_";
  ASSERT_THAT(client_id, StartsWith(start));
  EXPECT_GT(std::stoll(client_id.substr(start.size())), login["timestamp"].get<long long>());
}

TEST(LoginParams, of_the_auth_login_need_no_device_secret) {
  const json& login = vectors()["login"][0];
  const Ran ran =
      Xgate{}(plus(identity(login), {"--product-key", login["product_key"], "--auth", "--json"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  const json expected{{"auth",
                       {{"client_id", "AA30C505-20MQTTJ000121"},
                        {"username", "AUTH-7ED01E2A-AA30C505"},
                        {"password", login["product_key"]}}}};
  EXPECT_EQ(json::parse(ran.out), expected);
}

TEST(LoginParams, without_what_they_need_are_a_misuse) {
  const json& login = vectors()["login"][0];
  const Ran no_secret =
      Xgate{}(plus(identity(login), {"--product-key", login["product_key"], "--type", "0"}));
  EXPECT_EQ(no_secret.status, 2);
  EXPECT_THAT(no_secret.err, HasSubstr("--device-secret or --device-secret-file is required"));
  const Ran no_type = Xgate{}(plus(identity(login), {"--product-key", login["product_key"]}));
  EXPECT_EQ(no_type.status, 2);
  EXPECT_THAT(no_type.err, HasSubstr("--type is required"));
}

TEST(LoginParams, a_file_that_cannot_be_read_or_holds_no_key_fails_without_repeating_it) {
  const json& login = vectors()["login"][0];
  const TemporaryFolder folder;
  const std::string bad = folder.write("key", "hunter2\n");
  const Words rest{"--device-secret", login["device_secret"], "--type", "0"};
  const Ran no_key = Xgate{}(plus(plus(identity(login), {"--product-key-file", bad}), rest));
  EXPECT_EQ(no_key.status, 1);
  EXPECT_THAT(no_key.err, HasSubstr(bad));
  EXPECT_THAT(no_key.err, Not(HasSubstr("hunter2")));
  const Ran no_file =
      Xgate{}(plus(plus(identity(login), {"--product-key-file", bad + ".no"}), rest));
  EXPECT_EQ(no_file.status, 1);
  EXPECT_THAT(no_file.err, HasSubstr("No such file or directory"));
}

class Cipher : public testing::Test {
 protected:
  const json& example = vectors()["payload"][0];
  std::string key = example["session_key"];
  std::string text = example["plaintext"];
  std::string hex = example["ciphertext"];
};

TEST_F(Cipher, encrypts_the_worked_example_from_words_and_from_standard_input) {
  EXPECT_EQ(Xgate{}({"encrypt", "--key", key, text}).out, hex + "\n");
  EXPECT_EQ(Xgate{.input = text + "\n"}({"encrypt", "--key", key}).out, hex + "\n");
  EXPECT_EQ(Xgate{.input = text}({"encrypt", "--key", key, "-"}).out, hex + "\n");
  EXPECT_EQ(Xgate{.input = key + "\n" + text + "\n"}({"encrypt", "--key-file", "-"}).out,
            hex + "\n");
  EXPECT_EQ(json::parse(Xgate{}({"encrypt", "--json", "--key", key, text}).out),
            (json{{"ciphertext", hex}}));
}

TEST_F(Cipher, decrypts_it_also_in_lower_case_and_with_the_quotes_of_the_frame) {
  EXPECT_EQ(Xgate{}({"decrypt", "--key", key, hex}).out, text + "\n");
  std::string lower = hex;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(Xgate{.input = "\"" + lower + "\"\n"}({"decrypt", "--key", key}).out, text + "\n");
  EXPECT_EQ(json::parse(Xgate{}({"decrypt", "--json", "--key", key, hex}).out)["text"], text);
}

TEST_F(Cipher, says_what_is_wrong_with_a_ciphertext_that_does_not_open) {
  const auto fails = [&](const std::string& ciphertext, const std::string& says) {
    const Ran ran = Xgate{}({"decrypt", "--key", key, ciphertext});
    EXPECT_EQ(ran.status, 1) << ciphertext;
    EXPECT_EQ(ran.out, "") << ciphertext;
    EXPECT_THAT(ran.err, HasSubstr(says)) << ciphertext;
  };
  fails(hex.substr(0, 28), "blocks of 16 bytes (28 hex digits)");
  fails(hex.substr(1), "odd number of digits");
  fails("hello", "not hex");
  std::string other = hex;
  other.back() = other.back() == '4' ? '5' : '4';
  fails(other, "does not open with this key");
}

TEST_F(Cipher, bytes_that_are_no_text_are_shown_in_hex) {
  const Ran sealed = Xgate{}({"encrypt", "--key", key, "\xFF\x01"});
  const std::string ciphertext = sealed.out.substr(0, sealed.out.size() - 1);
  const Ran opened = Xgate{}({"decrypt", "--key", key, ciphertext});
  EXPECT_EQ(opened.status, 0);
  EXPECT_EQ(opened.out, "FF01\n");
  const json expected{{"text", nullptr}, {"hex", "FF01"}};
  EXPECT_EQ(json::parse(Xgate{}({"decrypt", "--json", "--key", key, ciphertext}).out), expected);
}

TEST(SessionKey, is_derived_under_every_reading_or_the_one_that_is_asked_for) {
  const json& example = vectors()["session_key"];
  const Words words{"session-key",           "--session-id",  example["session_id"], "--nonce",
                    example["nonce"].dump(), "--product-key", example["product_key"]};
  const json both{{"text_product_key", example["text"]}, {"bytes_product_key", example["bytes"]}};
  EXPECT_EQ(json::parse(Xgate{}(plus(words, {"--json"})).out), both);
  EXPECT_EQ(Xgate{}(plus(words, {"--reading", "bytes_product_key"})).out,
            "bytes_product_key: " + example["bytes"].get<std::string>() + "\n");
  const Ran all =
      Xgate{}(plus(words, {"--json", "--device-secret", "326086233FAB8A96566796551EB1DFF8"}));
  EXPECT_EQ(json::parse(all.out).size(), 4U);
  EXPECT_EQ(Xgate{}(plus(words, {"--reading", "text_device_secret"})).status, 2);
}

TEST(SessionKey, takes_the_nonce_in_decimal_or_as_0x_hex_and_never_as_octal) {
  const auto key = [](const std::string& nonce) {
    return Xgate{}({"session-key", "--session-id", "4655434B", "--nonce", nonce, "--product-key",
                    "DB6FACEF35BEBA0517712F0E4BE32936"})
        .out;
  };
  EXPECT_EQ(key("0x80"), key("128"));
  EXPECT_EQ(key("0128"), key("128"));
  EXPECT_NE(key("0x80"), key("80"));
}

TEST(Simulate, takes_the_port_of_mqtt_or_with_tls_that_of_mqtt_over_tls) {
  // nobody listens at this address of this machine
  const Words there{"simulate",      device_name,
                    "--open-id",     "7ED01E2A",
                    "--product-key", "DB6FACEF35BEBA0517712F0E4BE32936",
                    "--auth",        "0",
                    "--host",        "127.7.7.7",
                    "--tries",       "1"};
  EXPECT_THAT(Xgate{}(there).out, HasSubstr("127.7.7.7:1883"));
  EXPECT_THAT(Xgate{}(plus(there, {"--tls"})).out, HasSubstr("127.7.7.7:8883"));
  EXPECT_THAT(Xgate{}(plus(there, {"--tls", "--port", "18883"})).out, HasSubstr("127.7.7.7:18883"));
}

/// Nobody listens where it tries.
const Words nobody_there{
    "simulate", "--open-id", "7ED01E2A", "--product-key", "DB6FACEF35BEBA0517712F0E4BE32936",
    "--auth",   "0",         "--host",   "127.7.7.7",     "--tries",
    "1"};

TEST(Simulate, reads_a_scenario_from_standard_input) {
  Xgate program;
  program.input =
      "[devices]\nproduct = \"AA30C505\"\nfirst = \"SIM1\"\n[[do]]\nuplink = { n = 1 }\n";
  const Ran ran = program(plus(nobody_there, {"--scenario", "-"}));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("AA30C505.SIM1"), HasSubstr("Failed: 1 devices")));
  program.input = "[devices]\nfirts = \"SIM1\"\n";
  const Ran wrong = program(plus(nobody_there, {"--scenario", "-"}));
  EXPECT_THAT(wrong.err, HasSubstr("xgate: standard input:2: [devices] knows no \"firts\""));
  const Ran in_chinese = program(plus(nobody_there, {"--scenario", "-", "--lang", "zh"}));
  EXPECT_THAT(in_chinese.err, HasSubstr("xgate: 标准输入:2: [devices] 中没有 \"firts\"\n"));
}

TEST(Config, says_in_the_readers_language_what_is_wrong_with_a_file) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.toml", "[broker]\nfoo = 1\nport = 0\n");
  EXPECT_THAT(Xgate{}({"config", "--check", file, "--lang", "zh"}).err,
              AllOf(HasSubstr("xgate: " + file + ":2: [broker] 中没有 \"foo\"\n       " + file),
                    HasSubstr(":3: [broker] port 为 0，但须为 1 到 65535\n"),
                    HasSubstr("：缺少 [database] url：PostgreSQL 连接串")));
}

TEST(Simulate, speaks_the_readers_language_and_to_programs_english) {
  const Words one = plus(nobody_there, {device_name, "--lang", "zh"});
  EXPECT_THAT(Xgate{}(one).out, AllOf(HasSubstr("认证登录（AUTH-）"),
                                      HasSubstr("✗ 无法连接 127.7.7.7:1883：连接被拒绝"),
                                      HasSubstr("broker 是否在该处运行？"), HasSubstr("中止：")));
  EXPECT_THAT(Xgate{}(plus(one, {"--json"})).out, HasSubstr("Is the broker running there?"));
  Xgate many{.language = texts::Language::zh};
  many.input = "[devices]\nproduct = \"AA30C505\"\nfirst = \"SIM1\"\n";
  EXPECT_THAT(
      many(plus(nobody_there, {"--scenario", "-"})).out,
      AllOf(HasSubstr("无法连接 127.7.7.7:1883：连接被拒绝 · broker 是否在该处运行？"),
            HasSubstr("已连接 0/1 · 已发送 0 · 已应答 0 · 放弃 1"), HasSubstr("失败：1 台设备，")));
}

}  // namespace
}  // namespace xgate::cli::test
