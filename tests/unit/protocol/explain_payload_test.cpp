// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_payload.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "protocol/base64.hpp"
#include "vectors.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string without_padding(std::string base64) {
  base64.erase(base64.find_last_not_of('=') + 1);
  return base64;
}

/// Any of the ciphers that devices use, padding by hand, so that each can be wrong.
std::string crypt(const EVP_CIPHER* cipher, const std::string& key, const std::string& blocks,
                  const std::string& iv = std::string(16, '\0')) {
  auto* context = EVP_CIPHER_CTX_new();
  std::string out(blocks.size() + 32, '\0');
  int size = 0;
  EVP_EncryptInit_ex(context, cipher, nullptr, reinterpret_cast<const unsigned char*>(key.data()),
                     reinterpret_cast<const unsigned char*>(iv.data()));
  EVP_CIPHER_CTX_set_padding(context, 0);
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                    reinterpret_cast<const unsigned char*>(blocks.data()),
                    static_cast<int>(blocks.size()));
  EVP_CIPHER_CTX_free(context);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string pkcs5(std::string text) {
  const auto count = 16 - text.size() % 16;
  return text + std::string(count, static_cast<char>(count));
}
std::string zeros(std::string text) {
  text.resize((text.size() + 15) / 16 * 16);
  return text;
}
std::string ecb(const std::string& key, const std::string& blocks) {
  return crypt(key.size() == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb(), key, blocks);
}
std::string hex(const std::string& bytes) {
  return to_upper_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}
std::string lower_cased(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

struct Row {
  std::string mistake;
  std::string payload;
  std::string named;
};

class ExplainPayload : public testing::Test {
 protected:
  Example example;
  const std::string text = R"({"deviceId":"10000001","power":99,"name":"meter"})";
  const std::string product_key = from_hex(example.product_key).value();
  const std::string secret = from_hex(example.device_secret).value();
  std::vector<KnownSeed> seeds{{"4655434B", 0x35, {}, ""},
                               {"0A1B2C3D", 0x42, {}, "2026-11-30T08:00:00Z"}};
  PayloadCase known{.topic = TopicName::uplink,
                    .encrypted_product = true,
                    .product_key = example.product_key,
                    .device_secret = example.device_secret,
                    .product_reading = {},
                    .seeds = seeds};

  std::string derive(const std::string& seed) const {
    return ecb(product_key, pkcs5(seed)).substr(0, 16);
  }
  const std::string key = derive("4655434B35");

  std::string explain(const json& payload) const {
    const auto said = explain_payload(payload, known);
    for (const auto& hidden : {example.product_key, example.device_secret, hex(key)}) {
      EXPECT_THAT(lower_cased(said), Not(HasSubstr(lower_cased(hidden)))) << "a secret";
    }
    EXPECT_THAT(said, Not(HasSubstr("10000001"))) << "what was encrypted";
    return said;
  }
  void expect_named(const std::vector<Row>& rows) const {
    for (const auto& row : rows) {
      EXPECT_THAT(explain(row.payload), HasSubstr(row.named)) << row.mistake;
    }
  }
};

TEST_F(ExplainPayload, TRACE_1_each_usual_mistake_with_the_key_is_named) {
  expect_named({
      {"ProductKey", hex(ecb(product_key, pkcs5(text))), "one thing: the ProductKey itself was"},
      {"DeviceSecret", hex(ecb(secret, pkcs5(text))), "one thing: the DeviceSecret itself was"},
      {"old key", hex(ecb(derive("0A1B2C3D42"), pkcs5(text))),
       "one thing: an old session key was used, replaced at 2026-11-30T08:00:00Z"},
      {"session key as text", hex(ecb(hex(key), pkcs5(text))),
       "one thing: the session key's characters were used as the key"},
      {"half of its text", hex(ecb(lower_cased(hex(key)).substr(0, 16), pkcs5(text))),
       "one thing: the session key's characters were used as the key, the first 16"},
      {"ProductKey as text",
       hex(ecb(ecb(example.product_key.substr(0, 16), pkcs5("4655434B35")).substr(0, 16),
               pkcs5(text))),
       "one thing: for the session key the ProductKey's characters were used"},
      {"ProductKey's characters", hex(ecb(example.product_key, pkcs5(text))),
       "one thing: the ProductKey's characters were used"},
      {"nonce in decimal", hex(ecb(derive("4655434B53"), pkcs5(text))),
       "one thing: the nonce was written in decimal"},
      {"nonce of 4 digits", hex(ecb(derive("4655434B0035"), pkcs5(text))),
       "one thing: the nonce's hex was written with another width"},
      {"nonce of 8 digits", hex(ecb(derive("4655434B00000035"), pkcs5(text))),
       "one thing: the nonce's hex was written with another width"},
      {"nonce as int", hex(ecb(derive(from_hex("4655434B35000000").value()), pkcs5(text))),
       "one thing: the nonce was written as the 4 bytes of an int"},
      {"no nonce", hex(ecb(derive("4655434B"), pkcs5(text))), "one thing: the nonce was left out"},
      {"nonce with 0x", hex(ecb(derive("4655434B0x35"), pkcs5(text))), "0x stands in front of the"},
      {"nonce first", hex(ecb(derive("354655434B"), pkcs5(text))), "the nonce stands before"},
      {"lower SessionID", hex(ecb(derive("4655434b35"), pkcs5(text))), "SessionID was written in"},
      {"key padded with zeros", hex(ecb(ecb(product_key, zeros("4655434B35")), pkcs5(text))),
       "SessionID and nonce were padded with zeros"},
      {"a whole block of padding", hex(ecb(product_key, pkcs5(R"({"power":123456})"))),
       "one thing: the ProductKey itself was"},
      {"key of zeros", hex(ecb(std::string(16, '\0'), pkcs5(text))), "it was never set"},
  });
}

TEST_F(ExplainPayload, TRACE_1_each_usual_mistake_with_cipher_hex_and_text_is_named) {
  const auto good = hex(ecb(key, pkcs5(text)));
  const std::string block = R"({"power":99,"volts":230,"amps":1})";
  const std::string gbk = "{\"name\":\"\xC4\xE3\xBA\xC3\xCA\xC0\xBD\xE7\"}";
  expect_named({
      {"CBC", hex(crypt(EVP_aes_128_cbc(), key, pkcs5(text))),
       "one thing: the cipher's mode is CBC"},
      {"CBC with IV", hex(crypt(EVP_aes_128_cbc(), key, pkcs5(text), "0123456789abcdef")),
       "one thing: the cipher's mode is CBC with an initial vector"},
      {"zero padding", hex(ecb(key, zeros(text))), "one thing: the text is padded with zeros"},
      {"no padding", hex(ecb(key, block.substr(0, 32))),
       "is cut off at the end of a block, or was"},
      {"no padding, whole text", hex(ecb(key, R"({"power":123456789,"volts":2345})")),
       "one thing: the text is not padded at all"},
      // the hex
      {"Base64", to_base64(ecb(key, pkcs5(text))), "one thing: it is Base64"},
      {"Base64, = left out", without_padding(to_base64(ecb(key, pkcs5(text)))),
       "one thing: it is Base64"},
      {"Base64, == left out", without_padding(to_base64(ecb(key, pkcs5(R"({"power":1})")))),
       "one thing: it is Base64"},
      {"0x", "0x" + good, "one thing: 0x stands in front of the hex"},
      {"newline", good.substr(0, 64) + "\n" + good.substr(64), "one thing: line breaks stand in"},
      {"newline behind", good + "\r\n", "one thing: line breaks stand in the hex"},
      {"blanks", good.substr(0, 2) + " " + good.substr(2), "one thing: blanks stand in the hex"},
      {"hex of hex", hex(good), "one thing: the hex was turned into hex a second time"},
      {"cut off", good.substr(0, good.size() - 5), "one thing: it is cut off after"},
      {"cut off in the first block", good.substr(0, 20), "cut off after 20 hex digits"},
      {"cut off at a block", good.substr(0, good.size() - 32), "cut off at the end of a block"},
      {"not hex", "Z" + good.substr(1), "the character at place 1 is not a hex digit"},
      {"nothing", "", "Payload is an empty string"},
      {"plain text", text, "plain JSON text in a string, not encrypted"},
      {"plain words", "hello world", "Payload is not hex: the character at place 1"},
      // the text
      {"no JSON", hex(ecb(key, pkcs5("hello"))),
       "the session key is right and the Payload decrypts, "
       "but the text is not JSON"},
      {"GBK", hex(ecb(key, pkcs5(gbk))), "not UTF-8, as text in GBK is not"},
      {"NUL", hex(ecb(key, pkcs5(text + '\0'))), "one thing: a NUL stands at the text's end"},
      {"single quotes", hex(ecb(key, pkcs5("{'power':99}"))), "not single ones"},
      {"trailing comma", hex(ecb(key, pkcs5(R"({"power":99,})"))), "a comma stands before"},
      {"binary", hex(ecb(key, pkcs5(std::string("\x01\x02\xFE\x00\x07", 5)))),
       "the text is binary"},
      {"hex of the text", hex(ecb(key, pkcs5(hex(text)))), "the text was turned into hex first"},
      // two at once
      {"lower, CBC and zeros", lower_cased(hex(crypt(EVP_aes_128_cbc(), key, zeros(text)))),
       "2 things: the cipher's mode is CBC, use ECB; the text is padded with zeros"},
      {"ProductKey and Base64", to_base64(ecb(product_key, pkcs5(text))),
       "2 things: the ProductKey"},
      {"no usual one", std::string(64, 'A'), "no usual mistake explains it"},
  });
}

TEST_F(ExplainPayload, ENC_2_another_reading_than_the_one_that_is_set_is_named) {
  const auto as_bytes = derive(from_hex("4655434B35").value());
  known.product_reading = KeyReading::text_product_key;
  EXPECT_THAT(explain(hex(ecb(as_bytes, pkcs5(text)))), HasSubstr("derived as bytes_product_key"));
}

TEST_F(ExplainPayload, ENC_4_plain_and_encrypted_are_told_apart_on_either_kind_of_product) {
  EXPECT_THAT(explain(json::parse(text)), HasSubstr("Payload came plain"));
  const auto sealed = hex(ecb(key, pkcs5(text)));
  known.topic = TopicName::update_time;
  EXPECT_THAT(explain(sealed), HasSubstr("on this topic it is sent plain"));
  known.topic = TopicName::uplink;
  known.encrypted_product = false;
  EXPECT_THAT(explain(sealed), HasSubstr("the product is declared plain"));
  EXPECT_THAT(explain(hex(ecb(secret, pkcs5(text)))),
              HasSubstr("the DeviceSecret itself was used"));
  EXPECT_EQ(explain(std::string(64, 'A')), "") << "hex of its own is no mistake";
}

TEST_F(ExplainPayload, ENC_5_hex_reports_are_read_as_hex) {
  known.topic = TopicName::hex_report;
  EXPECT_THAT(explain(hex(ecb(product_key, pkcs5("AA1FC8000B100062003C0200086800")))),
              HasSubstr("the ProductKey itself"));
  EXPECT_THAT(explain(hex(ecb(key, pkcs5("AA1FC8000B100062003C02000868001")))),
              HasSubstr("the text is not hex digits"));
  known.encrypted_product = false;
  for (const auto topic : {TopicName::hex_report, TopicName::hex_full}) {
    known.topic = topic;
    EXPECT_THAT(explain(hex(ecb(secret, pkcs5("AA1FC8000B100062003C0200086800")))),
                HasSubstr("the product is declared plain; the Payload is right but for one thing: "
                          "the DeviceSecret itself"));
    EXPECT_EQ(explain("AA1FC8000B100062003C020008680001"), "") << "hex that is meant";
  }
}

/// Blocks of an unknown key: of one text over and over, or each of its own.
std::string unknown_blocks(int number, std::size_t blocks, bool are_equal) {
  std::string text;
  for (std::size_t i = 0; i < blocks; ++i) {
    text += pkcs5(are_equal ? "x" : std::to_string(i)).substr(0, 16);
  }
  return ecb(pkcs5("unknown " + std::to_string(number)).substr(0, 16), text);
}

TEST_F(ExplainPayload, TRACE_1_random_ciphertexts_are_not_explained_by_chance) {
  for (int i = 0; i < 300; ++i) {
    const auto blocks = static_cast<std::size_t>(1 + i / 2 % 5);
    const auto said = explain(hex(unknown_blocks(i, blocks, i % 2 == 0)));
    EXPECT_THAT(said, HasSubstr("no usual mistake")) << i;
  }
  known.topic = TopicName::hex_report;
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(explain(hex(unknown_blocks(i, 2, false))), HasSubstr("no usual mistake")) << i;
  }
}

std::chrono::nanoseconds time_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST_F(ExplainPayload, TRACE_1_the_longest_payload_costs_no_more_than_a_little) {
  for (int i = 0; i < 6; ++i) seeds.push_back({"0000000" + std::to_string(i), 0x20, {}, "then"});
  known.seeds = seeds;
  const auto begin = time_of_this_thread();
  explain(std::string(64 * 1024, 'A'));
  explain(hex(unknown_blocks(0, 2048, false)));
  EXPECT_LT(time_of_this_thread() - begin, std::chrono::milliseconds(1000));
}

TEST(ExplainStringPayload, TRACE_1_json_that_was_encoded_twice_is_told) {
  EXPECT_THAT(explain_string_payload(R"({"a":1})"), HasSubstr("encoded twice"));
  EXPECT_EQ(explain_string_payload("hello"), "");
  EXPECT_EQ(explain_string_payload("{hello"), "");
  EXPECT_EQ(explain_string_payload(json::object()), "");
}

}  // namespace
}  // namespace xgate::protocol
