// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/hex_messages.hpp"

#include <set>
#include <utility>
#include <vector>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/payload.hpp"
#include "service/observe/log.hpp"
#include "service/store/directory.hpp"

namespace xgate::ingest {
namespace {

// Enough to keep every script process busy; the rest waits in the queue, whose bounds stop the
// reading.
constexpr std::size_t most_underway = 2'000;
constexpr std::size_t most_underway_bytes = std::size_t{16} << 20U;

using Result = std::shared_ptr<const store::ScriptResult>;

Result failed(std::string why, std::string printed = {}) {
  return std::make_shared<const store::ScriptResult>(
      store::ScriptResult{tl::unexpected(std::move(why)), std::move(printed)});
}

Result result_of(script::Outcome outcome) {
  if (!outcome.error.empty()) {
    return failed(std::move(outcome.error), std::move(outcome.printed));
  }
  auto object = protocol::parse_json(outcome.output);
  if (!object) {
    return failed("what the parsing script gave cannot be read: " + object.error(),
                  std::move(outcome.printed));
  }
  return std::make_shared<const store::ScriptResult>(
      store::ScriptResult{std::move(*object), std::move(outcome.printed)});
}

std::optional<protocol::TopicMatch> hex_topic(std::string_view topic) {
  const auto match = protocol::parse_topic(topic);
  const bool hex = match && (match->name == protocol::TopicName::hex_report ||
                             match->name == protocol::TopicName::hex_full);
  return hex ? match : std::nullopt;
}

std::optional<std::string> raw_bytes(const nlohmann::json& payload) {
  return payload.is_string() ? protocol::from_hex(payload.get_ref<const std::string&>())
                             : std::nullopt;
}

}  // namespace

HexMessages::HexMessages(script::Engine& engine, Forward forward)
    : engine_(engine), forward_(std::move(forward)) {}

pg::Result<Outbound> HexMessages::process(pg::Connection& connection,
                                          std::span<const Received> batch) {
  {
    std::unique_lock lock(mutex_);
    less_.wait(lock,
               [&] { return underway_ < most_underway && underway_bytes_ < most_underway_bytes; });
  }
  std::set<std::string, std::less<>> product_ids;
  for (const Received& received : batch) {
    if (const auto topic = hex_topic(received.message.topic)) {
      product_ids.insert(std::string(topic->device.product_id));
    }
  }
  const auto products = scripts_.read(connection, product_ids);
  if (!products) {
    return tl::unexpected(products.error());
  }
  // Only who encrypts needs more to be read: keys.
  std::set<store::DeviceName> encrypting;
  std::vector<const store::HexProduct*> product_of;
  product_of.reserve(batch.size());
  for (const Received& received : batch) {
    const auto topic = hex_topic(received.message.topic);
    const auto found = topic ? products->find(topic->device.product_id) : products->end();
    product_of.push_back(found == products->end() ? nullptr : &found->second);
    if (product_of.back() != nullptr && product_of.back()->encrypted &&
        topic->name == protocol::TopicName::hex_report) {
      encrypting.insert(
          {std::string(topic->device.product_id), std::string(topic->device.node_eui)});
    }
  }
  auto state = store::read_state(connection, encrypting);
  if (!state) {
    return tl::unexpected(state.error());
  }
  std::vector<Prepared> prepared;
  prepared.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    prepared.push_back(prepare(batch[i], product_of[i], *state));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    start(batch[i], std::move(prepared[i]));
  }
  return Outbound{};  // acknowledged by the device's worker, once it is stored
}

/// What the script is to be given. What cannot be opened is judged by the device's worker, which
/// says why.
std::optional<std::string> HexMessages::bytes_of(const Received& received,
                                                 const protocol::TopicMatch& topic, bool encrypted,
                                                 store::State& state) {
  const auto frame = protocol::parse_frame(received.message.payload, topic.name);
  if (!frame) {
    return std::nullopt;
  }
  protocol::PayloadContext context;
  if (!encrypted || topic.name == protocol::TopicName::hex_full) {
    const auto opened = protocol::open_payload(*frame, topic.name, context, aes_);
    return opened ? raw_bytes(opened->payload) : std::nullopt;
  }
  const store::Product* product = state.product(topic.device.product_id);
  const store::Device* device =
      state.device({std::string(topic.device.product_id), std::string(topic.device.node_eui)});
  if (product == nullptr || device == nullptr) {
    return std::nullopt;
  }
  std::vector<protocol::SessionKey> keys;
  for (const store::SessionKeyRow& row : state.keys[device->device_id]) {
    keys.push_back(row.key);
  }
  context.encrypted_product = true;
  context.accept_plaintext = product->accept_plaintext;
  context.product_reading = product->key_reading;
  context.product_key =
      protocol::aes_key_from_hex(product->product_key).value_or(context.product_key);
  context.device_secret =
      protocol::aes_key_from_hex(device->device_secret).value_or(context.device_secret);
  context.keys = keys;
  const auto opened = protocol::open_payload(*frame, topic.name, context, aes_);
  return opened ? raw_bytes(opened->payload) : std::nullopt;
}

HexMessages::Prepared HexMessages::prepare(const Received& received,
                                           const store::HexProduct* product, store::State& state) {
  Prepared prepared;
  const auto topic = hex_topic(received.message.topic);
  if (!topic || product == nullptr) {
    return prepared;
  }
  prepared.product_id = topic->device.product_id;
  auto bytes = bytes_of(received, *topic, product->encrypted, state);
  if (!bytes) {
    return prepared;
  }
  if (!product->program) {
    prepared.script = failed("the product has no parsing script");
    return prepared;
  }
  prepared.call = script::Call{.program = *product->program,
                               .function = script::Call::Function::raw_data_to_protocol,
                               .input = std::move(*bytes),
                               .caller = std::string(topic->device.node_eui),
                               .at_ms = received.received_at_ms};
  return prepared;
}

void HexMessages::start(const Received& received, Prepared prepared) {
  auto underway = std::make_shared<Underway>(Underway{received, false});
  {
    const std::lock_guard lock(mutex_);
    lines_[prepared.product_id].push_back(underway);
    ++underway_;
    underway_bytes_ += received.message.payload.size();
  }
  if (!prepared.call) {
    finish(prepared.product_id, underway, std::move(prepared.script));
    return;
  }
  engine_.run(std::move(*prepared.call), [this, product_id = std::move(prepared.product_id),
                                          underway](script::Outcome outcome) {
    finish(product_id, underway, result_of(std::move(outcome)));
  });
}

void HexMessages::finish(const std::string& product_id, const std::shared_ptr<Underway>& underway,
                         std::shared_ptr<const store::ScriptResult> script) {
  const std::lock_guard lock(mutex_);
  underway->received.script = std::move(script);
  underway->done = true;
  const auto line = lines_.find(product_id);
  while (line != lines_.end() && !line->second.empty() && line->second.front()->done) {
    Received& received = line->second.front()->received;
    --underway_;
    underway_bytes_ -= received.message.payload.size();
    // Under the lock, or two threads could hand on in the wrong order.
    forward_(std::move(received));
    line->second.pop_front();
  }
  if (line != lines_.end() && line->second.empty()) {
    lines_.erase(line);
  }
  less_.notify_all();
}

pg::Result<Outbound> HexMessages::give_up(pg::Connection& /*connection*/, const Received& message,
                                          const pg::Error& error) {
  Prepared prepared;
  if (const auto topic = hex_topic(message.message.topic)) {
    prepared.product_id = topic->device.product_id;
  }
  observe::error("a message on {} could not be given to its script: {}",
                 observe::Quoted(message.message.topic), observe::Words(error.message));
  prepared.script = failed("the platform could not run the parsing script");
  start(message, std::move(prepared));
  return Outbound{};
}

std::size_t HexMessages::held() const {
  const std::lock_guard lock(mutex_);
  return underway_;
}

void HexMessages::wait_until_idle() {
  std::unique_lock lock(mutex_);
  less_.wait(lock, [&] { return underway_ == 0; });
}

}  // namespace xgate::ingest
