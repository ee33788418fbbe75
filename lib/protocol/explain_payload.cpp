// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_payload.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "protocol/explain_cipher.hpp"
#include "protocol/json.hpp"
#include "protocol/payload.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

/// One step of the derivation, as it should be (without mistake) or as it is often done.
struct Step {
  std::string bytes;
  std::string mistake;
};

std::string lower_text(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

std::string padded_number(std::string digits, std::size_t width) {
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string in_hex(int number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (auto rest = static_cast<unsigned>(number); rest != 0; rest /= 16) {
    text.insert(text.begin(), digits[rest % 16]);
  }
  return text.empty() ? "0" : text;
}

/// SessionID and nonce put together, by the mistakes that are usual in it.
std::vector<Step> seed_texts(const KnownSeed& seed) {
  const auto& id = seed.session_id;
  const auto nonce = in_hex(seed.nonce);
  const auto decimal = std::to_string(seed.nonce);
  const std::string width =
      "the nonce's hex was written with another width, write it without "
      "leading zeros";
  return {
      {id + nonce, {}},
      {id + decimal, "the nonce was written in decimal, write it in hex"},
      {id + padded_number(nonce, 4), width},
      {id + padded_number(nonce, 8), width},
      {id + padded_number(nonce, 8).substr(6, 2) + "000000",
       "the nonce was written as the 4 bytes of an int, low byte first, write its hex"},
      {id + "0x" + nonce, "0x stands in front of the nonce, leave it out"},
      {id + static_cast<char>(seed.nonce), "the nonce was taken as one byte, write its hex"},
      {lower_text(id) + nonce, "the SessionID was written in lower case, take it as it came"},
      {nonce + id, "the nonce stands before the SessionID, put it behind"},
      {id, "the nonce was left out, append its hex to the SessionID"},
      {id + '_' + nonce, "a _ stands between SessionID and nonce, leave it out"},
      {id + nonce + '\0', "a NUL stands at the end of SessionID and nonce (sizeof), leave it out"},
  };
}

/// The keys by which a session key may be derived, of which one or more readings are right.
struct Master {
  std::string bytes;
  std::string mistake;
  bool is_secret = false;
};

std::vector<Master> masters_of(const PayloadCase& known) {
  std::vector<Master> masters;
  for (const bool is_secret : {false, true}) {
    const auto hex = is_secret ? known.device_secret : known.product_key;
    const auto key = from_hex(hex);
    if (!key || key->size() != 16) continue;
    const std::string name = is_secret ? "the DeviceSecret" : "the ProductKey";
    masters.push_back({*key, {}, is_secret});
    for (auto& wrong : characters_as_key(hex, name, "decode its hex to 16 bytes")) {
      masters.push_back(
          {std::move(wrong.bytes), "for the session key " + std::move(wrong.mistake), is_secret});
    }
  }
  return masters;
}

std::string pkcs5_padded(std::string text) {
  const auto count = 16 - text.size() % 16;
  return text.append(count, static_cast<char>(count));
}

std::string zero_padded(std::string text) {
  text.resize((text.size() + 15) / 16 * 16);
  return text;
}

/// How unlikely it is that a wrong key gives this by chance, in bits.
double unlikeliness(const Decrypted& decrypted) {
  constexpr double one_byte = 8;
  constexpr double one_of_few = 6;
  const std::string_view text = decrypted.text;
  double bits = one_byte * static_cast<double>(decrypted.padded) + text_evidence(text);
  if (text.starts_with('{') || text.starts_with('[')) bits += one_of_few;
  if (text.ends_with('}') || text.ends_with(']')) bits += one_of_few;
  return bits;
}
constexpr double surely_by_any_key = 40;
constexpr double surely_by_a_right_key = 24;  // of these there are few
constexpr std::size_t longest_explained = 64 * 1024;

/// What is wrong with a decrypted text.
struct Reading {
  Mistakes mistakes;
  bool understood = false;  ///< it is what belongs into the Payload, but for the mistakes
};

/// Reads decrypted bytes as the text that belongs into the Payload.
class TextReader {
 public:
  TextReader(bool hex_payload, bool is_cut) : hex_payload_(hex_payload), is_cut_(is_cut) {}

  std::optional<Reading> read(const Decrypted& decrypted, bool key_is_right) const {
    const auto surely = key_is_right ? surely_by_a_right_key : surely_by_any_key;
    const bool is_text = unlikeliness(decrypted) >= surely;
    if (is_cut_ || decrypted.lacks_begin) {
      return is_text ? std::optional(Reading{decrypted.mistakes, true}) : std::nullopt;
    }
    if (auto reading = understand(decrypted)) return reading;
    if (!is_text) return std::nullopt;
    const bool may_be_cut = decrypted.padding == Padding::none;
    Reading reading{may_be_cut ? Mistakes{} : decrypted.mistakes, false};
    reading.mistakes.push_back(what_is_wrong(decrypted.text));
    if (may_be_cut) {
      reading.mistakes.back() += "; it is cut off at the end of a block, or was not padded";
    }
    return reading;
  }

 private:
  std::optional<Reading> understand(const Decrypted& decrypted) const {
    Reading reading{decrypted.mistakes, true};
    std::string text = decrypted.text;
    if (is_right(text)) return reading;
    const auto end = text.find_last_not_of('\0') + 1;
    if (end < text.size()) {
      text.resize(end);
      reading.mistakes.emplace_back(
          "a NUL stands at the text's end (a C string's, counted by sizeof), encrypt what strlen "
          "counts");
      if (is_right(text)) return reading;
    }
    const auto bytes = hex_payload_ ? std::nullopt : from_hex(text);
    if (!bytes || !is_right(*bytes)) return std::nullopt;
    reading.mistakes.emplace_back("the text was turned into hex first, encrypt its characters");
    return reading;
  }

  bool is_right(std::string_view text) const {
    if (hex_payload_) return !text.empty() && text.size() % 2 == 0 && is_hex(text);
    return parse_json(text).has_value();
  }

  std::string what_is_wrong(std::string_view text) const {
    if (hex_payload_) {
      return "the text is not hex digits, two for each byte, as this product's devices send";
    }
    const auto value = parse_json(text);
    return "the text is " + (value ? std::string("JSON") : value.error());
  }

  bool hex_payload_;
  bool is_cut_;
};

/// Looks for the key, and for the fewest mistakes on the way.
class PayloadSearch {
 public:
  PayloadSearch(const WrittenCipher& cipher, const PayloadCase& known)
      : cipher_(cipher),
        trial_(cipher),
        known_(known),
        wants_hex_(known.topic == TopicName::hex_report || known.topic == TopicName::hex_full),
        reader_(wants_hex_, cipher.has_lost_end) {}

  std::string explain() {
    try_plain_keys();
    for (std::size_t i = 0; i < known_.seeds.size() && !is_sure(); ++i) try_seed(known_.seeds[i]);
    if (!best_ && is_binary_) {
      best_ = {wants_hex_
                   ? "its bytes fit more than one key and none shows which is right: encrypt hex "
                     "text (ENC-5), or set the product's key_reading"
                   : "the text is binary, not JSON"};
      key_is_right_ = true;
    }
    if (!best_ || best_->empty()) return {};
    if (understood_ || !key_is_right_) return right_but_for("the Payload", *best_);
    std::string text = "the session key is right and the Payload decrypts, but ";
    for (const auto& mistake : *best_) text += (&mistake == &best_->front() ? "" : "; ") + mistake;
    return text;
  }
  bool found() const { return best_.has_value(); }

 private:
  bool is_sure() const { return best_ && understood_ && best_->size() <= 1; }

  bool is_allowed(const KnownSeed& seed, KeyReading reading) const {
    if (known_.product_reading) return *known_.product_reading == reading;
    return !seed.reading || *seed.reading == reading;
  }

  static KeyReading reading_of(bool as_bytes, bool is_secret) {
    if (as_bytes) {
      return is_secret ? KeyReading::bytes_device_secret : KeyReading::bytes_product_key;
    }
    return is_secret ? KeyReading::text_device_secret : KeyReading::text_product_key;
  }

  /// At most two steps away from the right way, for everything else is no usual mistake.
  void try_seed(const KnownSeed& seed) {
    constexpr std::size_t most_steps = 2;
    const auto masters = masters_of(known_);
    for (const auto& text : seed_texts(seed)) {
      for (const bool as_bytes : {false, true}) {
        std::string bytes = text.bytes;
        if (as_bytes) {
          auto decoded = from_hex(bytes);
          if (!decoded) continue;
          bytes = std::move(*decoded);
        }
        for (const auto& master : masters) {
          Mistakes steps;
          if (!text.mistake.empty()) steps.push_back(text.mistake);
          if (!master.mistake.empty()) steps.push_back(master.mistake);
          if (steps.size() > most_steps) continue;
          const auto reading = reading_of(as_bytes, master.is_secret);
          if (steps.empty() && !is_allowed(seed, reading)) steps.push_back(wrong_reading(reading));
          derive(seed, master.bytes, bytes, std::move(steps));
        }
      }
    }
  }

  static std::string wrong_reading(KeyReading reading) {
    return "the session key was derived as " + std::string(to_string(reading)) +
           ", which is not the reading that the product is set to or the device was seen to "
           "follow (key_reading)";
  }

  void derive(const KnownSeed& seed, std::string_view master, const std::string& text,
              Mistakes steps) {
    if (!seed.ended_at.empty()) {
      steps.insert(steps.begin(), "an old session key was used, replaced at " + seed.ended_at +
                                      ", use the newest one that the device was told");
    }
    const auto key = encrypt_blocks(master, pkcs5_padded(text)).substr(0, 16);
    use(key, steps);
    if (steps.empty()) look_for_binary(key);
    if (steps.size() > 1) return;
    for (auto& wrong : characters_as_key(
             to_upper_hex({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}),
             "the session key", "use its 16 bytes")) {
      auto more = steps;
      more.push_back(std::move(wrong.mistake));
      use(wrong.bytes, more);
    }
    if (text.size() % 16 == 0) return;
    auto more = steps;
    more.emplace_back(
        "SessionID and nonce were padded with zeros for the session key, use PKCS5 padding");
    use(encrypt_blocks(master, zero_padded(text)).substr(0, 16), more);
  }

  void try_plain_keys() {
    for (const auto& master : masters_of(known_)) {
      const std::string name = master.is_secret ? "the DeviceSecret" : "the ProductKey";
      use(master.bytes, {name + (master.mistake.empty() ? " itself was" : "'s characters were") +
                         " used as the key, derive the session key and use that"});
    }
    use(std::string(16, '\0'), {"the key is 16 zero bytes: it was never set"});
  }

  void use(std::string_view key, const Mistakes& steps) {
    if (key.empty()) return;
    for (const auto& decrypted : trial_.texts(key)) {
      auto reading = reader_.read(decrypted, steps.empty());
      if (!reading) continue;
      Mistakes all = steps;
      std::ranges::move(reading->mistakes, std::back_inserter(all));
      std::ranges::copy(cipher_.mistakes, std::back_inserter(all));
      const bool better = !best_ || (reading->understood && !understood_) ||
                          (reading->understood == understood_ && all.size() < best_->size());
      if (!better) continue;
      best_ = std::move(all);
      understood_ = reading->understood;
      key_is_right_ = steps.empty();
    }
  }

  /// Bytes that are no text, under a key that is right: only the padding says that they decrypt.
  void look_for_binary(std::string_view key) {
    constexpr std::size_t surely = 3;
    const auto plain = aes_.decrypt(to_key(key), cipher_.bytes);
    if (plain && cipher_.bytes.size() - plain->size() >= surely) is_binary_ = true;
  }
  static AesKey to_key(std::string_view bytes) {
    AesKey key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
  }

  const WrittenCipher& cipher_;
  const CipherTrial trial_;
  const PayloadCase& known_;
  const bool wants_hex_;
  const TextReader reader_;
  std::optional<Mistakes> best_;
  bool understood_ = false;
  bool key_is_right_ = false;
  bool is_binary_ = false;
  Aes aes_;
};

bool is_printable_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// A string in a Payload's place that no cipher can have made.
std::string explain_no_cipher(std::string_view text, bool encrypted_product) {
  if (text.empty()) return "Payload is an empty string";
  if (encrypted_product && parse_json(text).has_value() && !is_hex(text)) {
    return "Payload is plain JSON text in a string, not encrypted";
  }
  const auto digits = read_cipher(text);
  if (digits) return {};
  if (is_hex(text)) {
    return "Payload is cut off after " + std::to_string(text.size()) +
           " hex digits: a ciphertext has 32 for each block";
  }
  const auto place = first_not_hex(text);
  return "Payload is not hex: the character at place " + std::to_string(place) +
         " is not a hex digit" +
         (is_printable_text(text) ? "" : ", nor is it text (raw bytes of the cipher?)");
}

}  // namespace

bool looks_encrypted(const json& payload) {
  if (!payload.is_string()) return false;
  const auto& text = payload.get_ref<const std::string&>();
  return !text.empty() && text.size() % 32 == 0 && is_hex(text);
}

std::string_view explain_string_payload(const json& payload) {
  if (!payload.is_string()) return {};
  const auto& text = payload.get_ref<const std::string&>();
  if (!text.starts_with('{') && !text.starts_with('[')) return {};
  if (!parse_json(text)) return {};
  return "Payload is a string that holds JSON text, encoded twice: send the JSON itself, without "
         "quotation marks around it";
}

std::string explain_payload(const json& payload, const PayloadCase& known) {
  const bool wanted = known.encrypted_product && payload_rule(known.topic) != PayloadRule::plain;
  if (!payload.is_string()) {
    return wanted ? "Payload came plain: the product's devices encrypt it on this topic (ENC-3), "
                    "unless the product accepts plaintext"
                  : std::string();
  }
  const auto& text = payload.get_ref<const std::string&>();
  if (!wanted && !looks_encrypted(payload)) return std::string(explain_string_payload(payload));
  if (auto form = explain_no_cipher(text, known.encrypted_product); !form.empty()) return form;
  const auto cipher = read_cipher(text);
  if (!cipher || text.size() > longest_explained) return {};
  PayloadSearch search(*cipher, known);
  auto found = search.explain();
  if (!wanted) {
    const std::string why = known.encrypted_product
                                ? "Payload is encrypted, and on this topic it is sent plain (ENC-3)"
                                : "Payload is encrypted, and the product is declared plain";
    return search.found() ? why + (found.empty() ? "" : "; " + found) : std::string();
  }
  if (!found.empty()) return found;
  if (cipher->has_lost_end || !cipher->mistakes.empty()) {
    return right_but_for("the Payload's form", cipher->mistakes) +
           "; no key that is known opens it";
  }
  if (known.seeds.empty()) return {};  // the refusal says that there is no key
  return "no usual mistake explains it: it is hex of whole blocks, but neither the device's "
         "session "
         "keys nor its other keys open it";
}

}  // namespace xgate::protocol
