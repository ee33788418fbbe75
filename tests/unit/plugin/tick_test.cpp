// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "link/control.hpp"
#include "plugin_fixture.hpp"

namespace xgate::plugin {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* canonical = "V2_AA30C505.20MQTTJ000121~000";

protocol::Identity identity(std::string_view node_eui) {
  return {"7ED01E2A", "AA30C505", std::string(node_eui)};
}

// ---------------------------------------------------------------- revocation
class Revoked : public PluginTest {
 protected:
  Revoked() { log_in(client_, v2()); }
  Client client_;
};

TEST_F(Revoked, a_disabled_device_is_kicked_without_its_will) {
  auto changed = device();
  changed.enabled = false;
  publish_device(key(), changed);
  tick();
  EXPECT_THAT(broker().kicked, ElementsAre(Pair(canonical, false)));
  EXPECT_THAT(broker().log, Contains(HasSubstr("V2-4")));
  EXPECT_FALSE(may_subscribe(client_, root() + "/downlink"));
}

TEST_F(Revoked, a_deleted_device_and_a_changed_secret_are_kicked) {
  publish_device(key(), std::nullopt);
  tick();
  EXPECT_EQ(broker().kicked.size(), 1U);
  end(client_);
  publish_device(key(), device());
  log_in(client_, v2());
  auto changed = device();
  changed.secret[3] ^= 1;
  publish_device(key(), changed);
  tick();
  EXPECT_EQ(broker().kicked.size(), 2U);
}

TEST_F(Revoked, a_changed_product_kicks_its_devices_and_auth_logins) {
  Client auth_client;
  log_in(auth_client, auth());
  auto changed = product();
  changed.product_key[0] = '0';
  publish_products({changed});
  tick();
  EXPECT_THAT(broker().kicked,
              ElementsAre(Pair(canonical, false), Pair("AA30C505-newdevice1", false)));
}

TEST_F(Revoked, a_change_that_leaves_the_login_good_kicks_nobody) {
  auto changed = device();
  changed.revision += 1;
  changed.last_offline_s = 5;
  publish_device(key(), changed);
  auto renamed = product();
  renamed.allow_hash = true;
  publish_products({renamed});
  tick();
  EXPECT_THAT(broker().kicked, IsEmpty());
  EXPECT_TRUE(may_subscribe(client_, root() + "/#"));
}

TEST_F(Revoked, a_big_change_is_judged_in_parts_and_reaches_everybody) {
  plugin_->options.limits.product_auth_logins_per_second = 0;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 2500; ++i) {
    clients.push_back(std::make_unique<Client>());
    ASSERT_EQ(log_in(*clients.back(), auth("many" + std::to_string(i))), MOSQ_ERR_SUCCESS);
  }
  std::set<std::string> kicked;
  broker().on_kick = [&](const std::string& id) {
    kicked.insert(id);
    for (auto& client : clients) {
      if (client && client->id == id) {
        end(*client);
        client.reset();
        break;
      }
    }
  };
  auto disabled = product();
  disabled.enabled = false;
  publish_products({disabled});
  tick();
  EXPECT_GT(kicked.size(), 0U);
  EXPECT_LT(kicked.size(), 2500U);
  publish_products({disabled});  // another change in the middle
  for (int i = 0; i < 6; ++i) tick();
  EXPECT_EQ(kicked.size(), 2501U);
}

// ---------------------------------------------------------------- commands
class Commands : public PluginTest {
 protected:
  Commands() { log_in(service_, service()); }
  Client service_;
};

TEST_F(Commands, AUTH_9_a_device_is_known_when_the_command_returns) {
  link::KnowDevice know{identity("fresh001"), std::string(secret_hex), true, 99};
  Client client;
  ASSERT_EQ(log_in(client, v2(0, 1, "fresh001")), MOSQ_ERR_AUTH);
  ASSERT_EQ(command(service_, link::encode(know)), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(log_in(client, v2(0, 1, "fresh001")), MOSQ_ERR_SUCCESS);
}

TEST_F(Commands, an_older_revision_changes_nothing_a_newer_one_kicks) {
  Client client;
  log_in(client, v2());
  link::KnowDevice know{identity(node), std::string(secret_hex), false, 9};
  command(service_, link::encode(know));
  tick();
  EXPECT_THAT(broker().kicked, IsEmpty());
  know.revision = 11;
  command(service_, link::encode(know));
  tick();
  EXPECT_THAT(broker().kicked, ElementsAre(Pair(canonical, false)));
}

TEST_F(Commands, nobody_else_may_command) {
  Client client;
  log_in(client, v2());
  link::KnowDevice know{identity("fresh001"), std::string(secret_hex), true, 99};
  EXPECT_EQ(command(client, link::encode(know)), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(log_in(client, v2(0, 1, "fresh001")), MOSQ_ERR_AUTH);
}

TEST_F(Commands, malformed_ones_are_a_log_line_each) {
  for (const auto* text :
       {"", "{", "[]", "null", "{\"type\":\"reboot\"}", "{\"type\":\"know_device\"}", "\xff"}) {
    broker().log.clear();
    EXPECT_EQ(command(service_, text), MOSQ_ERR_SUCCESS) << text;
    EXPECT_EQ(broker().log.size(), 1U) << text;
  }
  auto know = link::KnowDevice{identity("no"), std::string(secret_hex), true, 1};
  EXPECT_EQ(command(service_, link::encode(know)), MOSQ_ERR_SUCCESS);
  know = {identity("fresh001"), "short", true, 1};
  EXPECT_EQ(command(service_, link::encode(know)), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(plugin_->directory.told(), 0U);
}

TEST_F(Commands, an_operators_kick_comes_with_the_next_TICK_and_leaves_the_will) {
  Client device_client;
  ASSERT_EQ(log_in(device_client, v2()), MOSQ_ERR_SUCCESS);
  directory::Changes changes;
  changes.kicks.push_back(key());
  plugin_->exchange.publish(snapshot_, changes);
  adopt_directory(*plugin_);
  EXPECT_THAT(broker().kicked, IsEmpty());
  tick();
  EXPECT_THAT(broker().kicked, ElementsAre(Pair(canonical, true)));
}

TEST_F(Commands, a_sync_is_answered_in_parts_by_the_sessions_of_then) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 450; ++i) {
    const auto name = "many" + std::to_string(i);
    publish_device(key(name), device());
    clients.push_back(std::make_unique<Client>());
    ASSERT_EQ(log_in(*clients.back(), v2(0, 1, name)), MOSQ_ERR_SUCCESS);
  }
  Client auth_client;
  log_in(auth_client, auth());
  end(*clients[7]);
  const auto last = plugin_->sessions.last_number();
  events();
  command(service_, link::encode(link::Sync{42}));
  Client late;
  log_in(late, v2());
  std::set<std::string> told;
  std::size_t parts = 0;
  bool ended = false;
  while (!ended && parts < 10) {
    const auto answers = events_of<link::LiveSessions>();
    ASSERT_EQ(answers.size(), 1U);
    ++parts;
    EXPECT_EQ(answers[0].sync, 42U);
    EXPECT_EQ(answers[0].part, parts) << "counted, so that a missing one shows";
    EXPECT_EQ(answers[0].up_to_session, last);
    EXPECT_LE(answers[0].sessions.size(), 200U);
    for (const auto& session : answers[0].sessions) told.insert(session.device.node_eui);
    ended = answers[0].last;
  }
  EXPECT_EQ(parts, 3U);
  EXPECT_EQ(told.size(), 449U);
  EXPECT_FALSE(told.contains("many7"));
  EXPECT_FALSE(told.contains(std::string(node)));
  EXPECT_TRUE(events_of<link::LiveSessions>().empty());
}

TEST_F(Commands, a_sync_without_sessions_is_answered_too) {
  command(service_, link::encode(link::Sync{1}));
  const auto answers = events_of<link::LiveSessions>();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].last);
}

// ---------------------------------------------------------------- events
class Events : public PluginTest {};

TEST_F(Events, V2_5_a_batch_that_was_dropped_shows_in_the_number_of_one_that_follows) {
  const auto batches_in = [&](std::int64_t ms, std::int64_t step = 100) {
    broker().published.clear();
    for (const auto end = now_ms + ms; now_ms < end; now_ms += step) tick();
    return broker().published.size();
  };
  batches_in(10'000);
  Client client;
  log_in(client, v2());
  EXPECT_EQ(batches_in(900), 1U);
  EXPECT_EQ(batches_in(1'000), 1U) << "soon";
  EXPECT_EQ(batches_in(60'000), 4U) << "then ever more seldom";
  EXPECT_LE(batches_in(10LL * 24 * 60 * 60 * 1000, 10'000), 15U) << "for a service that is away";
}

TEST_F(Events, thousands_of_refusals_are_counted_and_not_told_or_logged_one_by_one) {
  Client client;
  log_in(client, v2());
  events();
  broker().log.clear();
  for (int i = 0; i < 5000; ++i) may_publish(client, root() + "/downlink");
  std::size_t told = 0;
  std::uint64_t dropped = 0;
  for (int i = 0; i < 3; ++i) {
    for (const auto& event : events()) {
      if (std::holds_alternative<link::Refused>(event)) ++told;
      if (const auto* some = std::get_if<link::RefusalsDropped>(&event)) dropped += some->count;
    }
    now_ms += 1000;
  }
  EXPECT_EQ(told + dropped, 5000U);
  EXPECT_LE(told, 21U) << "and that its session ended for it (LIMIT-1)";
  EXPECT_LE(broker().log.size(), 22U);
}

TEST_F(Events, one_clients_flood_leaves_another_its_share) {
  Client flood;
  log_in(flood, v2());
  for (int i = 0; i < 5000; ++i) may_publish(flood, root() + "/downlink");
  Client other;
  log_in(other, auth());
  events();
  may_publish(other, "elsewhere");
  EXPECT_EQ(events_of<link::Refused>().size(), 1U);
}

TEST_F(Events, refused_logins_of_one_address_are_budgeted) {
  Client client;
  for (int i = 0; i < 3000; ++i) log_in(client, {"x", "y", "z"});
  EXPECT_LE(events_of<link::Refused>().size(), 200U);
}

TEST_F(Events, a_clients_long_texts_are_cut) {
  Client client;
  log_in(client, {std::string(60000, 'c'), std::string(60000, 'u'), std::string(60000, 'p')});
  const auto refused = events_of<link::Refused>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_LE(refused[0].client_id.size(), 256U);
  EXPECT_LE(refused[0].username.size(), 256U);
  EXPECT_LE(refused[0].password.size(), 256U);
}

TEST_F(Events, what_the_broker_would_not_take_is_told_later) {
  Client client;
  broker().refuse_publish = true;
  log_in(client, v2());
  tick();
  EXPECT_THAT(broker().published, IsEmpty());
  broker().refuse_publish = false;
  EXPECT_EQ(events_of<link::Online>().size(), 1U);
}

TEST_F(Events, the_first_batch_of_a_life_is_empty_and_comes_before_all_others) {
  Plugin again(plugin_->options, Accounts::parse(account_line).value(), plugin_->clock);
  broker().published.clear();
  broker().refuse_publish = true;
  mosquitto_evt_tick event{};
  on_tick(again, event);
  broker().refuse_publish = false;
  again.outbox.add(link::RefusalsDropped{1});
  on_tick(again, event);
  ASSERT_EQ(broker().published.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto batch = link::decode_events(broker().published[i].payload).value();
    EXPECT_EQ(batch.sequence, i + 1);
    EXPECT_EQ(batch.events.size(), i);
    EXPECT_EQ(batch.epoch, again.outbox.epoch());
  }
}

TEST_F(Events, batches_carry_epoch_and_a_sequence_without_gaps) {
  for (int i = 0; i < 250; ++i) {
    Client client;
    log_in(client, auth("many" + std::to_string(i)));
    end(client);
  }
  tick();
  std::uint64_t expected = 0;
  std::size_t count = 0;
  for (const auto& published : broker().published) {
    const auto batch = link::decode_events(published.payload).value();
    EXPECT_TRUE(expected == 0 || batch.sequence == expected) << batch.sequence;
    expected = batch.sequence + 1;
    EXPECT_EQ(batch.epoch, plugin_->outbox.epoch());
    EXPECT_EQ(batch.broker, "local");
    count += batch.events.size();
  }
  EXPECT_EQ(count, 500U);
  const Outbox other("local", now_ms);
  EXPECT_NE(other.epoch(), plugin_->outbox.epoch());
}

}  // namespace
}  // namespace xgate::plugin
