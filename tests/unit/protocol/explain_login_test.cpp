// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "protocol/base64.hpp"
#include "protocol/login.hpp"
#include "vectors.hpp"

namespace xgate::protocol {
namespace {

using testing::HasSubstr;

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

/// An independent way to each wrong ciphertext.
std::string encrypt(const EVP_CIPHER* cipher, const std::string& key, const std::string& text,
                    bool padding) {
  auto* context = EVP_CIPHER_CTX_new();
  const std::string iv(16, '\0');
  std::string out(text.size() + 32, '\0');
  int body = 0;
  int tail = 0;
  const auto* bytes = [](const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  }(text);
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  EXPECT_EQ(EVP_EncryptInit_ex(context, cipher, nullptr,
                               reinterpret_cast<const unsigned char*>(key.data()),
                               reinterpret_cast<const unsigned char*>(iv.data())),
            1);
  EVP_CIPHER_CTX_set_padding(context, padding ? 1 : 0);
  EXPECT_EQ(EVP_EncryptUpdate(context, to, &body, bytes, static_cast<int>(text.size())), 1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context, to + body, &tail), 1);
  EVP_CIPHER_CTX_free(context);
  return to_upper_hex({to, static_cast<std::size_t>(body + tail)});
}

class ExplainLogin : public testing::Test {
 protected:
  Example example;
  Aes aes;
  std::string type0_text = example.type0.at("plaintext");
  std::string type1_text = example.type1.at("plaintext");
  std::string secret_bytes = from_hex(example.device_secret).value();

  std::string explain(int type, const std::string& password) {
    const std::string client_id = (type == 0 ? example.type0 : example.type1).at("client_id");
    const auto login = parse_v2_login({client_id, example.username, password});
    EXPECT_TRUE(login);
    auto text = explain_v2_password(*login, password, example.product_key, example.secret());
    EXPECT_THAT(lower(text), testing::Not(HasSubstr(lower(example.device_secret)))) << "a secret";
    EXPECT_THAT(lower(text), testing::Not(HasSubstr(lower(example.product_key)))) << "a secret";
    return text;
  }
  std::string with_secret(const std::string& text) {
    return aes.encrypt_to_hex(example.secret(), text);
  }
};

TEST_F(ExplainLogin, TRACE_1_the_right_password_needs_no_explanation) {
  EXPECT_EQ(explain(0, example.type0.at("password")), "");
  EXPECT_EQ(explain(1, example.type1.at("password")), "");
}

TEST_F(ExplainLogin, TRACE_1_a_password_of_unknown_making_is_not_explained) {
  EXPECT_EQ(explain(0, std::string(128, 'A')), "");
  EXPECT_EQ(explain(0, std::string(32, '0')), "");
}

TEST_F(ExplainLogin, TRACE_1_lower_case_hex) {
  EXPECT_EQ(explain(0, lower(example.type0.at("password"))),
            "the password is right but for one thing: the hex is lower case, send upper case");
}

TEST_F(ExplainLogin, TRACE_1_base64) {
  const auto bytes = from_hex(example.type0.at("password").get<std::string>()).value();
  EXPECT_THAT(explain(0, to_base64(bytes)), HasSubstr("one thing: it is Base64"));
}

TEST_F(ExplainLogin, TRACE_1_neither_hex_nor_base64) {
  EXPECT_EQ(explain(0, "hello world"),
            "the password is not hex: send the ciphertext as upper-case hex");
}

TEST_F(ExplainLogin, TRACE_1_product_key_used_as_the_key) {
  EXPECT_THAT(explain(0, aes.encrypt_to_hex(example.product_key_bytes(), type0_text)),
              HasSubstr("one thing: the ProductKey was used as the cipher's key"));
}

TEST_F(ExplainLogin, TRACE_1_device_secret_taken_as_text_for_aes_256) {
  EXPECT_THAT(explain(0, encrypt(EVP_aes_256_ecb(), example.device_secret, type0_text, true)),
              HasSubstr("one thing: the DeviceSecret's characters were used as the key"));
  EXPECT_THAT(
      explain(0, encrypt(EVP_aes_256_ecb(), lower(example.device_secret), type0_text, true)),
      HasSubstr("one thing: the DeviceSecret's characters were used as the key"));
}

TEST_F(ExplainLogin, TRACE_1_device_secret_taken_as_text_cut_to_16_characters) {
  EXPECT_THAT(
      explain(0, encrypt(EVP_aes_128_ecb(), example.device_secret.substr(0, 16), type0_text, true)),
      HasSubstr("one thing: the DeviceSecret's characters were used as the key"));
}

TEST_F(ExplainLogin, TRACE_1_product_key_taken_as_text) {
  EXPECT_THAT(
      explain(0, encrypt(EVP_aes_128_ecb(), example.product_key.substr(0, 16), type0_text, true)),
      HasSubstr("one thing: the ProductKey's characters were used as the key"));
}

TEST_F(ExplainLogin, TRACE_1_timestamp_in_the_text_with_type_0) {
  EXPECT_THAT(explain(0, with_secret(type1_text)),
              HasSubstr("one thing: the timestamp is in the text although the type is 0"));
}

TEST_F(ExplainLogin, TRACE_1_timestamp_missing_from_the_text_with_type_1) {
  EXPECT_THAT(explain(1, with_secret(type0_text)),
              HasSubstr("one thing: the timestamp is not in the text although the type is 1"));
}

TEST_F(ExplainLogin, TRACE_1_no_underscore_between_the_parts) {
  EXPECT_THAT(explain(0, with_secret("AA30C505.20MQTTJ000121" + example.product_key)),
              HasSubstr("one thing: the parts are joined without _"));
  EXPECT_THAT(
      explain(1, with_secret("AA30C505.20MQTTJ000121" + example.product_key + "1675404867")),
      HasSubstr("one thing: the parts are joined without _"));
}

TEST_F(ExplainLogin, TRACE_1_the_whole_client_id_encrypted) {
  const std::string client_id = example.type0.at("client_id");
  EXPECT_THAT(explain(0, with_secret(client_id + "_" + example.product_key)),
              HasSubstr("one thing: the whole client id was encrypted"));
}

TEST_F(ExplainLogin, TRACE_1_the_client_id_with_a_dash) {
  EXPECT_THAT(explain(0, with_secret("AA30C505-20MQTTJ000121_" + example.product_key)),
              HasSubstr("one thing: the client id was written with a dash"));
}

TEST_F(ExplainLogin, TRACE_1_the_node_eui_alone) {
  EXPECT_THAT(explain(0, with_secret("20MQTTJ000121_" + example.product_key)),
              HasSubstr("one thing: the NodeEui alone"));
}

TEST_F(ExplainLogin, TRACE_1_lower_case_product_key_in_the_text) {
  EXPECT_THAT(explain(0, with_secret("AA30C505.20MQTTJ000121_" + lower(example.product_key))),
              HasSubstr("one thing: the ProductKey in the text is lower case"));
}

TEST_F(ExplainLogin, TRACE_1_device_secret_in_the_text) {
  EXPECT_THAT(explain(0, with_secret("AA30C505.20MQTTJ000121_" + example.device_secret)),
              HasSubstr("one thing: the DeviceSecret stands in the text"));
}

TEST_F(ExplainLogin, TRACE_1_the_text_turned_into_hex_first) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(type0_text.data());
  EXPECT_THAT(explain(0, with_secret(to_upper_hex({bytes, type0_text.size()}))),
              HasSubstr("one thing: the text was turned into hex first"));
}

TEST_F(ExplainLogin, TRACE_1_cbc_with_a_zero_iv) {
  EXPECT_THAT(explain(0, encrypt(EVP_aes_128_cbc(), secret_bytes, type0_text, true)),
              HasSubstr("one thing: the cipher's mode is CBC"));
}

TEST_F(ExplainLogin, TRACE_1_zero_padding) {
  auto padded = type0_text;
  padded.resize((padded.size() + 15) / 16 * 16);
  ASSERT_NE(padded, type0_text);
  EXPECT_THAT(explain(0, encrypt(EVP_aes_128_ecb(), secret_bytes, padded, false)),
              HasSubstr("one thing: the text is padded with zeros"));
}

TEST_F(ExplainLogin, TRACE_1_no_padding_where_the_text_fills_its_blocks) {
  // a NodeEui of 22 characters: 8 + 1 + 22 + 1 + 32 = 64
  const std::string client_id = "V2_AA30C505.20MQTTJ000121ABCDEFGHI_0_1";
  const std::string username = "7ED01E2A-AA30C505-20MQTTJ000121ABCDEFGHI";
  const auto text = "AA30C505.20MQTTJ000121ABCDEFGHI_" + example.product_key;
  ASSERT_EQ(text.size() % 16, 0U);
  const auto password = encrypt(EVP_aes_128_ecb(), secret_bytes, text, false);
  const auto login = parse_v2_login({client_id, username, password});
  ASSERT_TRUE(login);
  EXPECT_THAT(explain_v2_password(*login, password, example.product_key, example.secret()),
              HasSubstr("not padded at all"));
}

TEST_F(ExplainLogin, TRACE_1_several_mistakes_are_all_named) {
  const auto password = lower(encrypt(EVP_aes_128_cbc(), secret_bytes, type1_text, true));
  EXPECT_EQ(explain(0, password),
            "the password is right but for 3 things: the timestamp is in the text although the "
            "type is 0, leave it out or log in with type 1; the cipher's mode is CBC, use ECB; the "
            "hex is lower case, send upper case");
}

TEST_F(ExplainLogin, TRACE_1_the_plain_device_secret_sent) {
  EXPECT_THAT(explain(0, example.device_secret), HasSubstr("the DeviceSecret itself was sent"));
  EXPECT_THAT(explain(0, lower(example.device_secret)), HasSubstr("DeviceSecret itself"));
}

TEST_F(ExplainLogin, TRACE_1_the_plain_product_key_sent) {
  EXPECT_THAT(explain(0, example.product_key), HasSubstr("the ProductKey itself was sent"));
}

TEST_F(ExplainLogin, TRACE_1_an_empty_password) {
  EXPECT_EQ(explain(0, ""), "the password is empty");
}

TEST_F(ExplainLogin, TRACE_1_a_password_that_was_cut_off) {
  const std::string good = example.type0.at("password");
  EXPECT_EQ(explain(0, good.substr(0, 63)), "the password is cut off after 63 of 128 characters");
  EXPECT_EQ(explain(0, "5eb6bbc8de52"),
            "the password is cut off after 12 of 128 characters; its hex is in lower case as well");
  EXPECT_EQ(explain(0, "0123456789"), "the password has 10 hex digits: it must have 128");
}

TEST_F(ExplainLogin, TRACE_1_a_line_break_behind_the_password) {
  const std::string good = example.type0.at("password");
  EXPECT_EQ(explain(0, good + "\r\n"), "the password is followed by 2 characters too many");
}

TEST_F(ExplainLogin, TRACE_1_another_timestamp_than_in_the_client_id) {
  EXPECT_EQ(
      explain(1, with_secret("AA30C505.20MQTTJ000121_" + example.product_key + "_1675404000")),
      "the password is right but for one thing: the text was made with the timestamp 1675404000 "
      "but the client id carries 1675404867");
}

/// What devices encrypt in place of the right text, each with the words that name it.
struct WrongText {
  std::string name;
  int type;
  std::string text;
  std::string named;
};

TEST_F(ExplainLogin, TRACE_1_texts_that_are_put_together_wrongly) {
  const std::string device = "AA30C505.20MQTTJ000121";
  const std::string key = example.product_key;
  const std::string stamp = "1675404867";
  const auto hexed = [](const std::string& text) {
    return to_upper_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  const std::vector<WrongText> rows{
      {"order", 1, device + "_" + stamp + "_" + key, "timestamp stands before the ProductKey"},
      {"order without _", 1, device + stamp + key, "2 things: the parts are joined without _"},
      {"ProductKey first", 0, key + "_" + device, "the ProductKey stands before"},
      {"ProductKey first, type 1", 1, key + "_" + device + "_" + stamp,
       "the ProductKey stands before"},
      {"upper hex", 0, hexed(type0_text), "the text was turned into hex"},
      {"lower hex", 1, lower(hexed(type1_text)), "one thing: the text was turned into hex"},
      {"V2_", 0, "V2_" + type0_text, "one thing: V2_ stands in the text"},
      {"V2_, type 1", 1, "V2_" + type1_text, "one thing: V2_ stands in the text"},
      {"sizeof", 0, type0_text + '\0', "one thing: a NUL stands at the text's end"},
      {"sizeof, type 1", 1, type1_text + '\0', "one thing: a NUL stands at the text's end"},
      {"newline", 0, type0_text + "\n", "one thing: a line break stands at the text's end"},
      {"CR LF", 1, type1_text + "\r\n", "one thing: a line break stands at the text's end"},
      {"blank", 0, type0_text + " ", "one thing: blanks stand at the text's end"},
      {"other timestamp", 1, type0_text + "_1675404000",
       "one thing: the text was made with the timestamp 1675404000 but the client id carries"},
      {"other timestamp, type 0", 0, type0_text + "_1675404000",
       "2 things: the timestamp is in the text although the type is 0"},
      {"milliseconds in the text", 1, type0_text + "_1675404867000",
       "timestamp 1675404867000 but the client id carries 1675404867"},
      {"underscore for the dot", 0, "AA30C505_20MQTTJ000121_" + key, "written with a _"},
      {"NUL and order", 1, device + "_" + stamp + "_" + key + '\0', "2 things"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(explain(row.type, with_secret(row.text)), HasSubstr(row.named)) << row.name;
  }
}

TEST_F(ExplainLogin, TRACE_1_half_of_the_secrets_characters_as_the_key) {
  const auto password =
      encrypt(EVP_aes_128_ecb(), lower(example.device_secret).substr(0, 16), type1_text, true);
  EXPECT_THAT(explain(1, password), HasSubstr("the key, the first 16 of the 32, decode its hex"));
}

TEST_F(ExplainLogin, TRACE_1_another_key_and_another_timestamp_are_both_named) {
  const auto text = type0_text + "_1675404000";
  EXPECT_THAT(explain(1, aes.encrypt_to_hex(example.product_key_bytes(), text)),
              testing::AllOf(HasSubstr("2 things"), HasSubstr("ProductKey was used as the cipher"),
                             HasSubstr("timestamp 1675404000")));
}

TEST_F(ExplainLogin, TRACE_1_hex_that_is_written_in_another_way) {
  const std::string good = example.type0.at("password");
  std::string spaced;
  for (std::size_t i = 0; i < good.size(); i += 2) spaced += good.substr(i, 2) + " ";
  EXPECT_THAT(explain(0, "0x" + good), HasSubstr("one thing: 0x stands in front"));
  EXPECT_THAT(explain(0, spaced), HasSubstr("one thing: blanks stand in the hex"));
  EXPECT_THAT(explain(0, good.substr(0, 64) + "\n" + good.substr(64)),
              HasSubstr("one thing: line breaks stand in the hex"));
}

TEST_F(ExplainLogin, TRACE_1_a_password_for_another_device) {
  EXPECT_EQ(explain(0, with_secret("AA30C505.20MQTTJ000999_" + example.product_key)),
            "the password was made for another device, AA30C505.20MQTTJ000999");
}

TEST_F(ExplainLogin, TRACE_1_another_product_key_in_the_text) {
  EXPECT_THAT(explain(0, with_secret("AA30C505.20MQTTJ000121_" + std::string(32, 'A'))),
              HasSubstr("is not the ProductKey"));
}

TEST_F(ExplainLogin, TRACE_1_other_text_under_the_right_key) {
  EXPECT_THAT(explain(0, with_secret("something else")),
              HasSubstr("must begin with ProductID.NodeEui"));
  EXPECT_THAT(explain(0, with_secret(type0_text + "_x")),
              HasSubstr("something stands behind the ProductKey"));
}

}  // namespace
}  // namespace xgate::protocol
