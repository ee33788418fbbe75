// SPDX-License-Identifier: Apache-2.0
#include "cli/cipher.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/options.hpp"
#include "printable/characters.hpp"
#include "protocol/aes.hpp"
#include "protocol/session_key.hpp"

namespace xgate::cli {
namespace {

constexpr std::size_t block = 16;

struct CipherOptions {
  SecretOption key;
  std::string
      text;  ///< empty or "-": standard input, after the key where that comes from there too
};

std::string rest_of_input(const Environment& env) {
  std::string text{std::istreambuf_iterator<char>(env.in), std::istreambuf_iterator<char>()};
  // the newline that echo or an editor put there belongs to nobody
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string text_of(const Environment& env, const CipherOptions& options) {
  return options.text.empty() || options.text == "-" ? rest_of_input(env) : options.text;
}

Outcome encrypt(const Context& context, const CipherOptions& options) {
  const Result<std::string> key = options.key.read(context.env);
  if (!key) return tl::unexpected(key.error());
  protocol::Aes aes;
  const std::string hex =
      aes.encrypt_to_hex(*protocol::aes_key_from_hex(*key), text_of(context.env, options));
  if (context.global.json) {
    context.print({{"ciphertext", hex}});
  } else {
    context.env.out << hex << '\n';
  }
  return {};
}

// Pasted from a frame it may still wear its quotes, or be broken into lines.
std::string bare_hex(std::string text) {
  const auto not_wanted = [](unsigned char c) { return std::isspace(c) != 0 || c == '"'; };
  text.erase(std::remove_if(text.begin(), text.end(), not_wanted), text.end());
  return text;
}

std::string size_problem(std::size_t digits) {
  const std::string size = std::to_string(digits) + " hex digits";
  if (digits == 0) return "there is nothing to decrypt";
  if (digits % 2 != 0) return "the ciphertext has an odd number of digits (" + size + "): cut off?";
  return "the ciphertext is no whole number of blocks of 16 bytes (" + size + "): cut off?";
}

/// Byte for byte into a file, which is to hold what was encrypted.
void write_plaintext(const Environment& env, const std::string& text) {
  if (env.out_is_terminal) {
    env.out << text;
  } else {
    env.out.bytes(text);
  }
  env.out << '\n';
}

Outcome decrypt(const Context& context, const CipherOptions& options) {
  const Result<std::string> key = options.key.read(context.env);
  if (!key) return tl::unexpected(key.error());
  const std::string hex = bare_hex(text_of(context.env, options));
  if (!hex.empty() && !protocol::is_hex(hex)) return failed("the ciphertext is not hex (ENC-1)");
  if (hex.empty() || hex.size() % (2 * block) != 0) return failed(size_problem(hex.size()));
  protocol::Aes aes;
  const auto text = aes.decrypt_hex(*protocol::aes_key_from_hex(*key), hex);
  if (!text) {
    return failed(
        "it does not open with this key: the padding is wrong (another key, or a reading "
        "of ENC-2 that the device does not share; see `xgate session-key`)");
  }
  const bool readable = printable::is_utf8(*text);
  const std::string bytes =
      protocol::to_upper_hex({reinterpret_cast<const std::uint8_t*>(text->data()), text->size()});
  if (context.global.json) {
    context.print({{"text", readable ? nlohmann::json(*text) : nlohmann::json()}, {"hex", bytes}});
  } else if (readable) {
    write_plaintext(context.env, *text);
  } else {
    context.env.err << "xgate: "
                    << texts::in(context.env.language,
                                 "the plaintext is no UTF-8 text; these are its bytes in hex")
                    << '\n';
    context.env.out << bytes << '\n';
  }
  return {};
}

struct SessionKeyOptions {
  std::string session_id;
  int nonce = 0;
  SecretOption product_key;
  SecretOption device_secret;
  std::string reading = "all";
};

bool needs_device_secret(protocol::KeyReading reading) noexcept {
  return reading == protocol::KeyReading::text_device_secret ||
         reading == protocol::KeyReading::bytes_device_secret;
}

Outcome session_key(const Context& context, const SessionKeyOptions& options) {
  const Result<std::string> product_key = options.product_key.read(context.env);
  if (!product_key) return tl::unexpected(product_key.error());
  const auto asked = protocol::key_reading_from(options.reading);
  protocol::AesKey device_secret{};
  const bool has_secret = options.device_secret.given();
  if (has_secret || (asked && needs_device_secret(*asked))) {
    const Result<std::string> secret = options.device_secret.read(context.env);
    if (!secret) return tl::unexpected(secret.error());
    device_secret = *protocol::aes_key_from_hex(*secret);
  }
  nlohmann::json keys = nlohmann::json::object();
  protocol::Aes aes;
  for (const protocol::KeyReading reading : protocol::all_key_readings()) {
    if (asked ? reading != *asked : needs_device_secret(reading) && !has_secret) continue;
    const auto key =
        protocol::derive_session_key(options.session_id, options.nonce, reading,
                                     *protocol::aes_key_from_hex(*product_key), device_secret, aes);
    const std::string name(protocol::to_string(reading));
    if (key) {
      keys[name] = protocol::to_upper_hex(*key);
    } else if (asked) {
      return failed("under \"" + name +
                    "\" there is no key: SessionID and nonce together are not "
                    "whole bytes of hex");
    }
    if (key && !context.global.json) {
      context.env.out << name << ": " << protocol::to_upper_hex(*key) << '\n';
    }
  }
  if (context.global.json) context.print(keys);
  return {};
}

// Decimal, or hex after 0x; a leading zero must not mean octal.
bool parse_nonce(std::string_view text, int& nonce) noexcept {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, nonce, hex ? 16 : 10);
  return parsed.ec == std::errc{} && parsed.ptr == end && nonce >= 0;
}

Handler declare_cipher(CLI::App& app, const char* what, const char* value_name,
                       Outcome (*handler)(const Context&, const CipherOptions&)) {
  auto options = std::make_shared<CipherOptions>();
  add_secret(
      app, options->key, "key",
      "the session key, or any of 32 hex digits; required · 会话密钥或任意 32 位十六进制，必填");
  app.add_option("text", options->text, what)->type_name(value_name);
  return [options, handler](const Context& context) { return handler(context, *options); };
}

}  // namespace

Handler declare_encrypt(CLI::App& app) {
  return declare_cipher(app,
                        "what to encrypt; - or nothing: standard input · 明文，- 或不写为标准输入",
                        "TEXT", &encrypt);
}

Handler declare_decrypt(CLI::App& app) {
  return declare_cipher(app,
                        "what to decrypt; - or nothing: standard input · 密文，- 或不写为标准输入",
                        "CIPHERTEXT", &decrypt);
}

Handler declare_session_key(CLI::App& app) {
  auto options = std::make_shared<SessionKeyOptions>();
  add_text(app, "--session-id", options->session_id, "S",
           "SessionID of the auth reply · 认证应答中的 SessionID")
      ->required();
  const auto set_nonce = [options](const std::string& text) { parse_nonce(text, options->nonce); };
  app.add_option_function<std::string>(
         "--nonce", set_nonce,
         "Nonce of the auth reply, decimal or 0x… · 认证应答中的 Nonce，十进制或 0x…")
      ->type_name("N")
      ->required()
      ->check(CLI::Validator(
          [](std::string& text) {
            int ignored = 0;
            return parse_nonce(text, ignored)
                       ? std::string()
                       : '"' + text + "\" is no nonce: a whole number, decimal or 0x…";
          },
          ""));
  add_secret(app, options->product_key, "product-key", "ProductKey, required · 产品密钥，必填");
  add_secret(app, options->device_secret, "device-secret",
             "DeviceSecret, for the readings that use it · 设备密钥，用于需要它的推导方式");
  add_choice(
      app, "--reading", options->reading,
      {"all", "text_product_key", "bytes_product_key", "text_device_secret", "bytes_device_secret"},
      "which reading of ENC-2, all where not given · 推导方式（ENC-2），默认 all");
  return [options](const Context& context) { return session_key(context, *options); };
}

}  // namespace xgate::cli
