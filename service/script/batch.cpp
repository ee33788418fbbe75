// SPDX-License-Identifier: Apache-2.0
#include "service/script/batch.hpp"

#include <algorithm>
#include <cstring>

#include "service/script/cesu8.hpp"

namespace xgate::script {
namespace {

constexpr std::size_t answer_head = 4 + 4 + 1 + 8 + 4;

void append_u32(std::string& bytes, std::size_t number) {
  const auto value = static_cast<std::uint32_t>(number);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  return number_at<std::uint32_t>(bytes, at);
}

bool is_control(char letter) {
  const auto code = static_cast<unsigned char>(letter);
  return code < 0x20 || code == 0x7F;
}

/// Reads from the front; `good` turns false where something is missing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint32_t u32() {
    const auto bytes = take(4);
    return bytes.empty() ? 0 : u32_at(bytes, 0);
  }
  std::int64_t i64() {
    const auto bytes = take(8);
    return bytes.empty() ? 0 : number_at<std::int64_t>(bytes, 0);
  }
  std::uint8_t u8() {
    const auto bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace

std::string encode(const Batch& batch) {
  std::string bytes;
  append_u32(bytes, 0);
  append_u32(bytes, batch.slot);
  bytes += batch.source ? '\1' : '\0';
  if (batch.source) {
    append_u32(bytes, batch.source->size());
    bytes += *batch.source;
  }
  append_u32(bytes, batch.calls.size());
  for (const BatchCall& call : batch.calls) {
    bytes += static_cast<char>(call.function);
    bytes.append(reinterpret_cast<const char*>(&call.at_ms), sizeof call.at_ms);
    append_u32(bytes, call.input.size());
    bytes += call.input;
  }
  const auto size = static_cast<std::uint32_t>(bytes.size() - 4);
  std::memcpy(bytes.data(), &size, sizeof size);
  return bytes;
}

std::optional<Batch> decode_batch(std::string_view bytes) {
  Reader reader(bytes);
  Batch batch;
  batch.slot = reader.u32();
  if (reader.u8() != 0) {
    batch.source = reader.take(reader.u32());
  }
  const std::uint32_t count = reader.u32();
  for (std::uint32_t i = 0; i < count && reader.good(); ++i) {
    const std::uint8_t function = reader.u8();
    const std::int64_t at_ms = reader.i64();
    const std::string_view input = reader.take(reader.u32());
    if (function > static_cast<std::uint8_t>(Call::Function::load)) {
      return std::nullopt;
    }
    batch.calls.push_back({static_cast<Call::Function>(function), input, at_ms});
  }
  if (!reader.good() || !reader.at_end() || batch.slot >= script_slots) {
    return std::nullopt;
  }
  return batch;
}

void append(std::string& bytes, const Answer& answer) {
  append_u32(bytes, answer.text.size());
  append_u32(bytes, answer.printed.size());
  bytes += static_cast<char>(answer.kind);
  bytes.append(reinterpret_cast<const char*>(&answer.time_ns), sizeof answer.time_ns);
  append_u32(bytes, answer.memory_bytes);
  bytes += answer.text;
  bytes += answer.printed;
}

std::optional<Answer> AnswerReader::next() {
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  if (broken_ || rest.size() < answer_head) {
    return std::nullopt;
  }
  const std::uint32_t size = u32_at(rest, 0);
  const std::uint32_t printed = u32_at(rest, 4);
  const auto kind = static_cast<std::uint8_t>(rest[8]);
  if (size > max_output || printed > max_printed ||
      kind > static_cast<std::uint8_t>(Answer::Kind::stopped)) {
    broken_ = true;
    return std::nullopt;
  }
  if (rest.size() - answer_head < size + printed) {
    return std::nullopt;
  }
  Answer answer{.kind = static_cast<Answer::Kind>(kind),
                .time_ns = number_at<std::uint64_t>(rest, 9),
                .memory_bytes = u32_at(rest, 17),
                .text = std::string(rest.substr(answer_head, size)),
                .printed = std::string(rest.substr(answer_head + size, printed))};
  at_ += answer_head + size + printed;
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  } else if (at_ > max_output) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  return answer;
}

std::string clean_sentence(std::string_view text) {
  std::string clean = from_cesu8(text.substr(0, max_error));
  if (text.size() > max_error) {
    clean += "…";
  }
  std::ranges::replace_if(clean, is_control, ' ');
  return clean;
}

std::string clean_lines(std::string_view text) {
  std::string clean = from_cesu8(text.substr(0, max_printed));
  std::ranges::replace_if(
      clean, [](char letter) { return letter != '\n' && is_control(letter); }, ' ');
  while (clean.ends_with('\n')) {
    clean.pop_back();
  }
  return clean;
}

}  // namespace xgate::script
