// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/device_message.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/payload.hpp"
#include "protocol/session_key.hpp"

namespace xgate::ingest {
namespace {

using nlohmann::json;
using protocol::KeyReading;

constexpr std::string_view root = "/sys/7ED01E2A/AA30C505/20MQTTJ000121/";
constexpr std::int64_t device_id = 7;

struct DeviceMessage : ::testing::Test {
  store::State state;
  protocol::Aes aes;
  Received received;  // the topic's views point into it
  std::optional<IdentifierBound> bound;

  DeviceMessage() {
    store::Product product;
    product.product_id = "AA30C505";
    product.open_id = "7ED01E2A";
    product.product_key = "DB6FACEF35BEBA0517712F0E4BE32936";
    product.enabled = true;
    product.version = "2.0";
    state.products.emplace("AA30C505", product);
    store::Device device;
    device.device_id = device_id;
    device.product_id = "AA30C505";
    device.node_eui = "20MQTTJ000121";
    device.device_secret = "326086233FAB8A96566796551EB1DFF8";
    device.enabled = true;
    state.devices.emplace(store::DeviceName{"AA30C505", "20MQTTJ000121"}, device);
  }
  store::Product& product() { return state.products.find("AA30C505")->second; }
  store::Device& device() { return state.devices.begin()->second; }

  Decided say(std::string_view suffix, std::string bytes) {
    received.message.topic = std::string(root) + std::string(suffix);
    received.message.payload = std::move(bytes);
    received.received_at_ms = 1000;
    const auto topic = protocol::parse_topic(received.message.topic);
    return decide_device_message(received, topic.value(), state, 2000, "Asia/Shanghai", aes,
                                 bound ? &*bound : nullptr);
  }
  Decided say(std::string_view suffix, int ctrl, const json& payload, const json& id = 1231) {
    return say(
        suffix,
        json{{"MessageId", id}, {"HeaderCtrl", ctrl}, {"Payload", payload}, {"Version", "2.0"}}
            .dump());
  }
  protocol::AesKey key_of(const store::SessionKeyRow& row, KeyReading reading) {
    return *protocol::derive_session_key(row.key.session_id, row.key.nonce, reading,
                                         *protocol::aes_key_from_hex(product().product_key),
                                         *protocol::aes_key_from_hex(device().device_secret), aes);
  }
  store::SessionKeyRow& add_key(std::int64_t id, const std::string& session_id, bool used = false) {
    product().encrypted = true;
    store::SessionKeyRow row;
    row.key = {.id = id, .session_id = session_id, .nonce = 0x42, .reading = {}};
    row.used = used;
    auto& keys = state.keys[device_id];
    return *keys.insert(keys.begin(), row);
  }
  Decided say_encrypted(const store::SessionKeyRow& key,
                        KeyReading reading = KeyReading::text_product_key) {
    return say("uplink", 4, protocol::seal_payload({{"power", 99}}, key_of(key, reading), aes));
  }
};

json payload_of(const Decided& decided) { return json::parse(decided.reply->payload)["Payload"]; }

TEST_F(DeviceMessage, DOWN_1_an_ack_settles_and_says_so) {
  store::OpenCommand command;
  command.command_id = 12;
  command.message_id = 1073741824;
  command.state = protocol::CommandState::sent;
  command.sent_at_ms = 500;
  state.commands[device_id].push_back(command);
  const json ack{{"Code", "200"}, {"Msg", "SUCCESS"}};
  const auto settled = say("downlink_ack", 7, ack, 1073741824);
  ASSERT_TRUE(settled.answer);
  EXPECT_EQ(settled.answer->command_id, 12);
  EXPECT_EQ(settled.answer->state, protocol::CommandState::done);
  EXPECT_EQ(settled.row.note,
            "command 12: done; the device answers under the section's topic names");
  EXPECT_FALSE(settled.row.warning);
  EXPECT_FALSE(settled.reply) << "an ack is not acked";
  EXPECT_FALSE(settled.row.code);
  const auto twice = say("downlink_ack", 7, ack, 1073741824);
  ASSERT_TRUE(twice.answer);
  EXPECT_FALSE(twice.answer->state);
  const auto unknown = say("downlink_ack", 7, ack, 99);
  EXPECT_FALSE(unknown.answer);
  EXPECT_EQ(unknown.row.note, "answers no command of ours");
  EXPECT_TRUE(unknown.row.warning);
  const auto wrong = say("downlink_ack", 7, "no object", 1073741824);
  EXPECT_FALSE(wrong.answer);
  EXPECT_EQ(wrong.row.requirement, "FRAME-4");
}

TEST_F(DeviceMessage, UP_1_is_stored_and_acked) {
  const auto decided = say("uplink", 4, {{"power", 99}}, "an id");
  EXPECT_EQ(decided.row.payload, R"({"power":99})");
  EXPECT_EQ(decided.row.message_id, "\"an id\"");
  EXPECT_EQ(decided.row.header_ctrl, 4);
  EXPECT_EQ(decided.row.device_id, device_id);
  EXPECT_EQ(decided.row.code, "200");
  EXPECT_FALSE(decided.row.requirement);
  EXPECT_EQ(decided.reply->topic, std::string(root) + "uplink_ack");
  EXPECT_EQ(json::parse(decided.reply->payload)["MessageId"], "an id") << "FRAME-2";
  EXPECT_EQ(json::parse(decided.reply->payload)["HeaderCtrl"], 4);
  EXPECT_EQ(payload_of(decided), (json{{"Code", "200"}, {"Msg", "SUCCESS"}}));
  EXPECT_EQ(decided.reply->qos, 0);
}

TEST_F(DeviceMessage, TIME_1_is_answered_on_its_own_ack_topic) {
  const auto decided = say("update_time", 29, "");
  EXPECT_EQ(decided.reply->topic, std::string(root) + "update_time_ack");
  EXPECT_EQ(payload_of(decided)["Data"]["timestamp"], 2000);
}

TEST_F(DeviceMessage, FRAME_5_what_is_no_frame_is_stored_as_it_came) {
  const auto decided = say("uplink", "[[[");
  EXPECT_EQ(decided.row.raw, "[[[");
  EXPECT_FALSE(decided.row.payload);
  EXPECT_FALSE(decided.row.code);
  EXPECT_FALSE(decided.reply) << "no MessageId: nothing to reply to";
  EXPECT_TRUE(decided.violation);
  EXPECT_EQ(decided.row.requirement, "FRAME-1");
}

TEST_F(DeviceMessage, FRAME_5_is_answered_where_the_message_id_can_be_read) {
  const auto decided = say("uplink", 5, 1);
  EXPECT_EQ(payload_of(decided)["Code"], "4001");
  EXPECT_EQ(json::parse(decided.reply->payload)["MessageId"], 1231);
  EXPECT_EQ(decided.row.code, "4001");
  EXPECT_EQ(decided.row.requirement, "FRAME-3");
  EXPECT_EQ(decided.row.message_id, "1231");
  EXPECT_EQ(decided.row.header_ctrl, 5);
}

TEST_F(DeviceMessage, every_topic_of_a_device_has_a_flow) {
  product().kind = protocol::ProductKind::hex;
  for (const protocol::TopicRow& row : protocol::topic_table()) {
    if (row.verb != protocol::DeviceVerb::publish || row.name == protocol::TopicName::auth ||
        row.name == protocol::TopicName::hex_full) {
      continue;
    }
    std::string suffix(row.suffix);
    if (const auto hole = suffix.find("{}"); hole != std::string::npos)
      suffix.replace(hole, 2, "e1");
    const auto decided = say(suffix, row.header_ctrls.front(), json::object());
    EXPECT_NE(decided.row.reason, "not supported yet") << suffix;
  }
}

TEST_F(DeviceMessage, OTA_2_a_confirmation_changes_the_upgrade_for_what_follows_in_the_batch) {
  store::UpgradeRow row;
  row.upgrade_id = 70;
  row.module = "default";
  row.down_id = "E0C0";
  row.upgrade.version = "v2";
  row.upgrade.state = protocol::UpgradeState::notified;
  state.upgrades[device_id].push_back(row);
  const auto decided = say("ota_notify_ack", 9, {{"DownID", "E0C0"}});
  EXPECT_FALSE(decided.row.requirement);
  EXPECT_FALSE(decided.reply) << "it has no ack";
  EXPECT_EQ(state.upgrades[device_id].front().upgrade.state, protocol::UpgradeState::confirmed);
  EXPECT_EQ(say("ota_notify_ack", 9, {{"DownID", "E0C1"}}).row.requirement, "OTA-2");
}

TEST_F(DeviceMessage, PROP_1_EVENT_1_HIST_1_are_taken_of_json_products_only) {
  product().kind = protocol::ProductKind::json;
  EXPECT_EQ(say("model/property/report", 16, {{"temp", 100}}).effects.properties.size(), 1U);
  const auto event = say("model/event/hot/report", 17, {{"temp", 100}});
  ASSERT_EQ(event.effects.events.size(), 1U);
  EXPECT_EQ(event.effects.events[0].identifier, "hot");
  EXPECT_EQ(event.reply->topic, std::string(root) + "model/event/hot/report_ack");
  EXPECT_EQ(say("model/history/data/report", 27, {{"params", json::array()}}).row.code, "200");
  for (const auto kind : {protocol::ProductKind::transparent, protocol::ProductKind::hex}) {
    product().kind = kind;
    const auto refused = say("model/property/report", 16, {{"temp", 100}});
    EXPECT_EQ(refused.row.code, "4001");
    EXPECT_EQ(refused.row.requirement, "ID-6");
    EXPECT_TRUE(refused.violation);
    EXPECT_TRUE(refused.effects.properties.empty());
  }
}

TEST_F(DeviceMessage, ID_6_hex_is_refused_of_products_of_another_kind) {
  for (const auto kind : {protocol::ProductKind::transparent, protocol::ProductKind::json}) {
    product().kind = kind;
    EXPECT_EQ(say("model/hex/report", 18, "01AB").row.requirement, "ID-6");
    EXPECT_EQ(say("model/hex", "0102AB").row.requirement, "ID-6");
  }
}

TEST_F(DeviceMessage, PROP_1_a_coerced_value_is_noted_with_the_message) {
  product().kind = protocol::ProductKind::json;
  state.models["AA30C505"] = std::make_shared<const protocol::ThingModel>(
      protocol::ThingModel::compile(json::parse(R"({"properties":[{"identifier":"temp",
        "accessMode":"r","dataType":{"type":"int","specs":{"max":"100"}}}]})"))
          .value());
  const auto taken = say("model/property/report", 16, {{"temp", "100"}});
  EXPECT_EQ(taken.row.code, "200");
  EXPECT_EQ(taken.row.note, "temp: the text \"100\" was read as 100");
  EXPECT_EQ(taken.effects.properties.at(0).value, "100");
  const auto refused = say("model/property/report", 16, {{"temp", 101}});
  EXPECT_EQ(refused.row.requirement, "PROP-1");
  EXPECT_NE(payload_of(refused)["Msg"].get<std::string>().find("temp"), std::string::npos);
}

TEST_F(DeviceMessage, HEX_3_bare_hex_is_acked_with_a_message_id_of_ours) {
  const auto decided = say("model/hex", "0102AB");
  ASSERT_TRUE(decided.reply);
  EXPECT_EQ(decided.reply->topic, std::string(root) + "model/hex_ack");
  const auto frame = json::parse(decided.reply->payload);
  EXPECT_TRUE(frame["MessageId"].is_number_integer());
  EXPECT_GE(frame["MessageId"].get<std::int64_t>(), 1);
  EXPECT_EQ(frame["HeaderCtrl"], 28);
  EXPECT_FALSE(decided.row.message_id);
}

TEST_F(DeviceMessage, of_what_does_not_exist_or_is_disabled_is_kept_and_never_acked_200) {
  const auto refused = [&](const char* what) {
    const auto decided = say("uplink", 4, 1);
    EXPECT_EQ(decided.row.requirement, "V2-4") << what;
    EXPECT_EQ(decided.row.code, "4001") << what;
    EXPECT_FALSE(decided.row.raw.empty()) << what;
  };
  product().enabled = false;
  refused("product disabled");
  product().enabled = true;
  product().open_id = "00000000";
  refused("another vendor's");
  product().open_id = "7ED01E2A";
  device().enabled = false;
  refused("device disabled");
  state.devices.clear();
  refused("device deleted");
  EXPECT_FALSE(say("uplink", 4, 1).row.device_id);
  state.products.clear();
  refused("product deleted");
}

TEST_F(DeviceMessage, ENC_1_opens_and_remembers_the_reading_once) {
  for (const KeyReading reading : protocol::all_key_readings()) {
    state.keys.clear();
    const auto key = add_key(1, "0123ABCD");
    const auto first = say_encrypted(key, reading);
    ASSERT_EQ(first.row.code, "200") << protocol::to_string(reading);
    EXPECT_EQ(first.row.payload, R"({"power":99})");
    EXPECT_TRUE(first.row.encrypted);
    ASSERT_TRUE(first.key_use);
    EXPECT_EQ(first.key_use->reading, reading);
    EXPECT_EQ(first.key_use->session_key_id, 1);
    EXPECT_FALSE(say_encrypted(key, reading).key_use) << "nothing new to write";
  }
}

TEST_F(DeviceMessage, TRACE_1_what_another_worker_learns_is_left_to_it) {
  device().readings.heard_names = "section";
  const auto key = add_key(1, "0123ABCD");
  const auto decided = say_encrypted(key, KeyReading::text_product_key);
  ASSERT_TRUE(decided.readings);
  EXPECT_EQ(decided.readings->readings.key_reading, KeyReading::text_product_key);
  EXPECT_EQ(decided.readings->readings.heard_names, "") << "as it stands: it may be newer by now";
}

TEST_F(DeviceMessage, TRACE_1_a_payload_is_stored_as_it_came_or_was_encrypted) {
  const std::string text = "{ \"power\": 9.90,\n\"a\":1}";
  const auto plain =
      say("uplink", R"({"MessageId":1,"HeaderCtrl":4,"Payload":)" + text + R"( ,"Version":"2.0"})");
  EXPECT_EQ(plain.row.payload, text);
  const auto cipher =
      aes.encrypt_to_hex(key_of(add_key(1, "0123ABCD"), KeyReading::text_product_key), text);
  const auto encrypted = say("uplink", 4, cipher);
  EXPECT_EQ(encrypted.row.payload, text);
  EXPECT_TRUE(encrypted.row.encrypted);
}

TEST_F(DeviceMessage, ENC_4_plain_is_refused_unless_the_product_accepts_it) {
  add_key(1, "0123ABCD");
  EXPECT_EQ(say("uplink", 4, {{"power", 1}}).row.requirement, "ENC-4");
  product().accept_plaintext = true;
  const auto decided = say("uplink", 4, {{"power", 1}});
  EXPECT_EQ(decided.row.code, "200");
  EXPECT_FALSE(decided.row.encrypted);
}

TEST_F(DeviceMessage, ENC_3_time_is_never_encrypted) {
  add_key(1, "0123ABCD");
  EXPECT_EQ(say("update_time", 29, "").row.code, "200");
}

TEST_F(DeviceMessage, what_cannot_be_decrypted_is_refused_and_uses_no_key) {
  add_key(1, "0123ABCD");
  for (const char* cipher : {"", "A", "AB", "zz", "00000000000000000000000000000000"}) {
    const auto decided = say("uplink", 4, cipher);
    EXPECT_EQ(decided.row.code, "4001") << cipher;
    EXPECT_FALSE(decided.row.payload) << cipher;
    EXPECT_FALSE(decided.key_use) << cipher;
  }
}

TEST_F(DeviceMessage, KEY_2_the_old_key_lives_until_the_new_one_is_used) {
  const auto old_key = add_key(1, "0123ABCD", true);
  state.keys[device_id][0].key.reading = KeyReading::text_product_key;
  const auto new_key = add_key(2, "89ABCDEF");
  const auto with_old = say_encrypted(old_key);
  EXPECT_EQ(with_old.row.code, "200");
  EXPECT_FALSE(with_old.key_use) << "it was in use before, and is the oldest";

  const auto with_new = say_encrypted(new_key);
  EXPECT_EQ(with_new.row.code, "200");
  ASSERT_TRUE(with_new.key_use);
  EXPECT_EQ(with_new.key_use->session_key_id, 2);
  EXPECT_EQ(say_encrypted(old_key).row.code, "4001") << "dead, also within the same batch";
}

TEST_F(DeviceMessage, KEY_2_the_first_use_of_a_key_that_command_3_told_is_noted) {
  const auto old_key = add_key(1, "0123ABCD", true);
  const auto new_key = add_key(2, "89ABCDEF");
  state.keys[device_id].front().by_update = true;
  ASSERT_TRUE(say_encrypted(old_key).key_use);
  const auto first = say_encrypted(new_key);
  ASSERT_TRUE(first.key_use);
  EXPECT_TRUE(first.key_use->first_of_update);
  EXPECT_FALSE(say_encrypted(new_key).key_use);
  add_key(3, "76543210");
  const auto third = say_encrypted(new_key);
  EXPECT_FALSE(third.key_use && third.key_use->first_of_update) << "once";
}

TEST_F(DeviceMessage, TRACE_1_of_what_looks_encrypted_is_asked_what_it_is) {
  const std::string sealed(64, 'A');
  const auto taken = say("uplink", 4, sealed);
  ASSERT_TRUE(taken.question && taken.question->accepted);
  EXPECT_EQ(taken.row.code, "200");
  EXPECT_FALSE(say("uplink", 4, "0102AB").question);

  product().kind = protocol::ProductKind::hex;  // without a result of the script it is refused
  for (const auto& decided : {say("model/hex/report", 18, sealed), say("model/hex", sealed)}) {
    ASSERT_TRUE(decided.question && !decided.question->accepted);
    EXPECT_EQ(decided.question->payload, sealed);
  }
  EXPECT_FALSE(say("model/hex", "0102AB").question);

  product().kind = protocol::ProductKind::transparent;
  auto& key = add_key(1, "4655434B");
  const auto opened = say(
      "uplink", 4, protocol::seal_payload(sealed, key_of(key, KeyReading::text_product_key), aes));
  EXPECT_EQ(opened.row.code, "200");
  EXPECT_FALSE(opened.question) << "it opened: what it holds is the device's own";
  EXPECT_TRUE(say("uplink", 4, sealed).question);
}

TEST_F(DeviceMessage, a_redelivery_is_marked) {
  received.message.dup = true;
  EXPECT_TRUE(say("uplink", 4, 1).row.redelivered);
}

TEST_F(DeviceMessage, PROP_1_a_device_makes_up_so_many_identifiers_and_no_more) {
  product().kind = protocol::ProductKind::json;
  bound = IdentifierBound{.most = 3, .reported = {{device_id, {"a"}}}};
  EXPECT_EQ(say("model/property/report", 16, {{"a", 1}, {"b", 1}}).row.code, "200");
  const auto over = say("model/property/report", 16, {{"b", 2}, {"c", 2}, {"d", 2}});
  EXPECT_EQ(over.row.code, "4001");
  EXPECT_EQ(over.row.requirement, "PROP-1");
  EXPECT_NE(over.row.reason->find("at most 3 different identifiers, and this one has 2"),
            std::string::npos);
  EXPECT_TRUE(over.effects.properties.empty());
  EXPECT_EQ(say("model/property/report", 16, {{"c", 3}}).row.code, "200") << "the last";
  EXPECT_EQ(say("model/property/report", 16, {{"d", 3}}).row.code, "4001");
  EXPECT_EQ(say("model/property/report", 16, {{"a", 4}, {"c", 4}}).row.code, "200");
  bound->reported.clear();  // far below it: not known, not asked
  EXPECT_EQ(say("model/property/report", 16, {{"d", 5}}).row.code, "200");
}

}  // namespace
}  // namespace xgate::ingest
