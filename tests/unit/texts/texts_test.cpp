// SPDX-License-Identifier: Apache-2.0
#include "texts/texts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace xgate::texts {
namespace {

std::multiset<char> places_of(std::string_view text) {
  std::multiset<char> places;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    if (text[at] == '{' && text[at + 2] == '}') places.insert(text[at + 1]);
  }
  return places;
}

/// The text with a value in each place: "<0>", "<1>".
std::string sample_of(std::string_view text) {
  std::string sample(text);
  for (char digit = '0'; digit <= '9'; ++digit) {
    const std::string place{'{', digit, '}'};
    for (std::size_t at = sample.find(place); at != std::string::npos; at = sample.find(place)) {
      sample.replace(at, 3, std::string{'<', digit, '>'});
    }
  }
  return sample;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xE4; });
}

TEST(Texts, every_one_says_the_same_in_both_languages_about_the_same_values) {
  for (const Text& text : all()) {
    EXPECT_EQ(places_of(text.en), places_of(text.zh)) << text.en;
    EXPECT_TRUE(has_chinese(text.zh)) << text.en;
    EXPECT_FALSE(has_chinese(text.en)) << text.en;
  }
}

TEST(Texts, every_english_text_is_there_once_and_finds_its_own_chinese) {
  std::set<std::string_view> seen;
  for (const Text& text : all()) {
    EXPECT_TRUE(seen.insert(text.en).second) << text.en;
    EXPECT_EQ(in_chinese(sample_of(text.en)), sample_of(text.zh)) << text.en;
  }
}

TEST(Texts, every_text_has_words_of_its_own_to_be_known_by) {
  for (const Text& text : all()) {
    std::string words = sample_of(text.en);
    std::erase_if(words, [](unsigned char c) { return std::isalpha(c) == 0; });
    EXPECT_GE(words.size(), 3U) << text.en;
  }
}

TEST(Texts, every_one_reads_the_same_with_another_behind_it) {
  const Text& behind = *std::ranges::find(all(), "DownID is missing", &Text::en);
  for (const Text& text : all()) {
    if (text.en.find("; see: xgate command show {2}") != text.en.npos) continue;  // has its own end
    for (const auto& [joint, zh_joint] : {std::pair("; ", "；"), std::pair(": ", "：")}) {
      EXPECT_EQ(in_chinese(sample_of(text.en) + joint + std::string(behind.en)),
                sample_of(text.zh) + zh_joint + std::string(behind.zh));
    }
  }
}

TEST(Texts, of_a_login_that_has_to_wait_every_part_is_said_in_chinese) {
  EXPECT_EQ(
      in_chinese(
          "too many failed logins under this name from this address, 6: the next wrong one counts "
          "at "
          "2026-12-01T03:22:08Z, in 1 s; xgate device unlock AA30C505.d1 ends the wait; the right "
          "password is accepted at any time; this one is wrong, V2-2: the password is not the one "
          "that DeviceSecret, ProductKey and client id "
          "give"),
      "该名称从该地址登录失败次数过多（6 次）：下一次错误的尝试在 1 "
      "秒后（2026-12-01T03:22:08Z）才计数；执行 "
      "xgate device unlock "
      "AA30C505.d1 可立即解除等待；正确的密码随时可以通过；本次是错误的，V2-2：密码与由 "
      "DeviceSecret、ProductKey 和 "
      "ClientId 算出的不同");
  EXPECT_EQ(in_chinese("the password is not the one that DeviceSecret, ProductKey and client id "
                       "give; failure 6 from "
                       "this address, so that the next try counts at 2026-12-01T03:22:08Z, in 1 s; "
                       "xgate device unlock "
                       "AA30C505.d1 ends the wait"),
            "密码与由 DeviceSecret、ProductKey 和 ClientId 算出的不同；该地址第 6 "
            "次失败，下一次尝试在 1 秒后"
            "（2026-12-01T03:22:08Z）才有效；执行 xgate device unlock AA30C505.d1 可立即解除等待");
}

TEST(Texts, of_sentences_that_are_joined_every_part_is_said_in_chinese) {
  const std::pair<const char*, const char*> joined[] = {
      {"not JSON at byte 2: invalid literal: strings and names stand between double quotation "
       "marks, not single ones",
       "第 2 字节处不是 JSON：不是 JSON 的字面量：字符串和成员名应放在双引号而不是单引号中"},
      {"the body is no JSON: not JSON at byte 2: unexpected ','",
       "请求体不是 JSON：第 2 字节处不是 JSON：此处不应出现 ','"},
      {"a wildcard stands in the place of the NodeEui; did you mean uplink?",
       "NodeEui 的位置用了通配符；是否指 uplink？"},
      {"Payload must be an object, {identifier: value}: Payload is missing",
       "Payload 须为对象 {标识符: 值}：缺少 Payload"},
      {"device: \"AA30\" is no product and no device; write ProductID or ProductID.NodeEui, for "
       "example "
       "AA30C505.20MQTTJ000121",
       "device：\"AA30\" 既不是产品也不是设备；请写 ProductID 或 ProductID.NodeEui，例如 "
       "AA30C505.20MQTTJ000121"},
      {"--key-lifetime: \"48\" is no duration; write 90s, 30m, 48h, 2d or 1d12h",
       "--key-lifetime：\"48\" 不是时长；应写 90s、30m、48h、2d 或 1d12h"},
      {"AA30C505.d1 never reported a property temp, and product AA30C505 has no thing model yet",
       "AA30C505.d1 从未上报属性 temp，产品 AA30C505 也还没有物模型"},
      {"upgrade job 1: confirmed; command 2: done", "升级任务 1：confirmed；命令 2：done"},
      {"HeaderCtrl 19 says an event, but the parsing script gave properties",
       "HeaderCtrl 19 表示事件，但解析脚本给出的是属性"},
      {"--key or --key-file is required", "须给出 --key 或 --key-file"},
      {"Type is missing (AUTH-5)", "缺少 Type（AUTH-5）"},
      {"a member stands there twice, near byte 5", "有成员重复出现，第 5 字节附近"},
      {"command 12: done; its Data does not fit the model: the model has no parameter \"x\"",
       "命令 12：done；其 Data 不符合物模型：物模型中没有 parameter \"x\""},
      {"temp: \"25\" was read as 25; and more of the kind",
       "temp：\"25\" 按 25 读取；还有更多同类情况"},
      {"too late for command 7: it is done already", "命令 7 的应答太晚：它已是 done"},
  };
  for (const auto& [en, zh] : joined) EXPECT_EQ(in_chinese(en), zh);
}

TEST(Texts, what_stands_between_quotation_marks_is_said_as_it_is) {
  const std::pair<const char*, const char*> said[] = {
      {R"("unexpected pump" is no NAME=VALUE)", R"("unexpected pump" 不是 NAME=VALUE)"},
      {R"(write --data: xgate send P.N down --data '{"note":"open the valve; then wait"}'; )"
       R"(see: xgate send --help)",
       R"(请改写为 --data：xgate send P.N down --data '{"note":"open the valve; then wait"}'；)"
       R"(见：xgate send --help)"},
      {"xgate send P.N down --data 'open the valve; then wait'; see: xgate send --help",
       "xgate send P.N down --data 'open the valve; then wait'；见：xgate send --help"},
      {R"(p: the model knows no "DownID is missing, \"; DownID is missing")",
       R"(p：物模型中没有 "DownID is missing, \"; DownID is missing")"},
  };
  for (const auto& [en, zh] : said) EXPECT_EQ(in_chinese(en), zh);
}

TEST(Texts, a_half_is_said_of_the_name_before_it) {
  const std::pair<const char*, const char*> said[] = {
      {"/s.toml:2: [devices] product is no ProductID: 8 hex digits (ID-2)",
       "/s.toml:2: [devices] product 不是 ProductID：应为 8 位十六进制数字（ID-2）"},
      {R"(/s.toml:2: [[do]] knows no "reprt")", R"(/s.toml:2: [[do]] 中没有 "reprt")"},
      {R"(/s.toml:2: [device] properties "3..1" goes from more to less)",
       R"(/s.toml:2: [device] properties "3..1" 的上限小于下限)"},
      {"XGATE_HTTP_PORT in the environment must be a whole number, 0 to 65535",
       "环境变量 XGATE_HTTP_PORT 须为 0 到 65535 的整数"},
      {"/x.toml:9: [broker] password_file names /p, which everyone may read: chmod 600 it",
       "/x.toml:9: [broker] password_file 指向 /p，而任何人都可读取它：请执行 chmod 600"},
      {"standard input:2: node_eui must be 4 to 32 letters and digits (ID-3)",
       "标准输入:2: node_eui 须为 4 到 32 位字母和数字（ID-3）"},
      {"events[0].x must be an object; DownID is missing", "events[0].x 须为对象；缺少 DownID"},
  };
  for (const auto& [en, zh] : said) EXPECT_EQ(in_chinese(en), zh);
}

TEST(Texts, lines_are_said_one_by_one_and_words_in_a_list_as_they_are) {
  EXPECT_EQ(
      in_chinese("hex must be hex digits, two for each byte:\n  /hex  must be a text\n  /x  must "
                 "be one of \"r\", \"rw\", \"w\"\n  it must be an object"),
      "hex 须为十六进制数字，每字节两位：\n  /hex  须为文本\n  /x  须为 "
      "\"r\"、\"rw\"、\"w\" 之一\n  须为对象");
  EXPECT_EQ(in_chinese("something else:\n  a"), "something else:\n  a");
}

TEST(Texts, what_the_program_puts_around_the_services_chinese_is_chinese_too) {
  EXPECT_EQ(in_chinese("设备没有密钥 (AUTH-3)"), "设备没有密钥（AUTH-3）");
  EXPECT_EQ(in_chinese("物模型无效:\n  it 须为对象\n  /x  须为数组 (ID-6)"),
            "物模型无效：\n  须为对象\n  /x  须为数组（ID-6）");
}

TEST(Texts, what_a_value_is_called_is_said_in_chinese) {
  const std::pair<const char*, const char*> said[] = {
      {R"(temp: the text "25" was read as 25.0; b: true was read as 1)",
       R"(temp：文本 "25" 按 25.0 读取；b：true 按 1 读取)"},
      {R"(i: the text "x" is no whole number (int))", R"(i：文本 "x" 不是整数（int）)"},
      {"i: an object is no whole number (int)", "i：对象不是整数（int）"},
      {R"(not by today's thing model: the model has no property "WF")",
       R"(不符合当前物模型：物模型中没有属性 "WF")"},
      {"switch.on: was of type int and is bool now: devices may be sent what they do not know",
       "switch.on：类型原为 int，现为 bool：可能向设备下发其不认识的内容"},
      {"the login was refused: not authorized (reason code 5)", "登录被拒绝：未授权（原因码 5）"},
  };
  for (const auto& [en, zh] : said) EXPECT_EQ(in_chinese(en), zh);
}

TEST(Texts, of_a_dozen_that_are_joined_each_is_said_whole) {
  for (const auto& [joint, zh_joint] :
       {std::pair("; ", "；"), std::pair(": ", "："), std::pair(", ", "，")}) {
    std::string en = "p0 is missing";
    std::string zh = "缺少 p0";
    for (int i = 1; i < 12; ++i) {
      en += joint + ("p" + std::to_string(i) + " is missing");
      zh += zh_joint + ("缺少 p" + std::to_string(i));
    }
    EXPECT_EQ(in_chinese(en), zh);
  }
}

TEST(Texts, what_a_device_or_a_script_says_is_not_taken_for_the_platforms_words) {
  EXPECT_EQ(in_chinese("command 5 failed: unexpected reply"), "命令 5 失败：unexpected reply");
  EXPECT_EQ(in_chinese("the parsing script failed: Error: command 3: no such register (line 4)"),
            "解析脚本出错：Error: command 3: no such register（第 4 行）");
}

TEST(Texts, what_the_table_does_not_know_stays_as_it_is) {
  EXPECT_EQ(in_chinese("v2.1.4 is what somebody wrote"), "v2.1.4 is what somebody wrote");
  EXPECT_EQ(in_chinese(""), "");
}

TEST(Texts, what_a_script_printed_takes_no_longer_for_its_many_commas) {
  std::string printed = "console: [0";
  for (int i = 1; i < 700; ++i) printed += ", " + std::to_string(i);
  EXPECT_EQ(in_chinese(printed), printed);
  printed.resize(500);
  EXPECT_EQ(in_chinese(printed), printed);
}

TEST(Language, is_the_locales_first_word_that_is_set) {
  EXPECT_EQ(language_of_locale("", "", "zh_CN.UTF-8"), Language::zh);
  EXPECT_EQ(language_of_locale("C", "", "zh_CN.UTF-8"), Language::en);
  EXPECT_EQ(language_of_locale("", "zh_TW", "en_GB"), Language::zh);
  EXPECT_EQ(language_of_locale("", "", ""), Language::en);
  EXPECT_EQ(language_of_locale("", "", "zha_CN"), Language::en);
}

TEST(Language, is_the_one_that_the_header_prefers) {
  EXPECT_EQ(language_of_header("zh-CN,zh;q=0.9,en;q=0.8"), Language::zh);
  EXPECT_EQ(language_of_header("en-GB, zh;q=0.5"), Language::en);
  EXPECT_EQ(language_of_header("zh"), Language::zh);
  EXPECT_EQ(language_of_header("de, zh;q=0.3"), Language::zh);
  EXPECT_EQ(language_of_header("en, zh;q=0"), Language::en);
  EXPECT_EQ(language_of_header("*"), Language::en);
  EXPECT_EQ(language_of_header(""), Language::en);
  EXPECT_EQ(language_of_header(",;q=,zh;;q="), Language::en);
}

}  // namespace
}  // namespace xgate::texts
