// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gmock/gmock.h>

#include "plugin_fixture.hpp"

namespace xgate::plugin {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Login : public PluginTest {};

TEST_F(Login, V2_1_a_good_one_is_told_with_the_client_id_as_sent) {
  Client client;
  ASSERT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
  const auto online = events_of<link::Online>();
  ASSERT_EQ(online.size(), 1U);
  EXPECT_EQ(online[0].session, 1U);
  EXPECT_EQ(online[0].device.node_eui, node);
  EXPECT_EQ(online[0].client_id, v2().client_id);
  EXPECT_EQ(online[0].address, "192.0.2.1");
  EXPECT_EQ(online[0].timestamp, 1675404867);
  EXPECT_EQ(online[0].at_ms, now_ms);
  EXPECT_FALSE(online[0].auth_login);
}

TEST_F(Login, DOWN_1_whether_subscriptions_are_brought_along_is_told) {
  Client clean;
  clean.clean_start = true;
  log_in(clean, v2());
  EXPECT_TRUE(events_of<link::Online>().back().clean_start);
  Client resuming;
  resuming.clean_start = false;
  log_in(resuming, v2(0, 1));
  EXPECT_FALSE(events_of<link::Online>().back().clean_start);
}

TEST_F(Login, V2_5_the_brokers_client_id_is_one_for_each_device) {
  Client client;
  log_in(client, v2(0, 1));
  EXPECT_STREQ(client.id.c_str(), "V2_AA30C505.20MQTTJ000121~000");
}

TEST_F(Login, V2_5_a_device_registered_anew_has_another_client_id) {
  Client former;
  ASSERT_EQ(log_in(former, v2(0, 1)), MOSQ_ERR_SUCCESS);
  tick();
  auto anew = device();
  anew.registration = 262145 + 64;  // of three digits of 64, the highest is 0 again
  anew.revision = 11;
  publish_device(key(), anew);
  Client client;
  client.id = "V2_AA30C505.20MQTTJ000121_0_1";
  ASSERT_EQ(log_in(client, v2(0, 1)), MOSQ_ERR_SUCCESS) << "before the next TICK";
  EXPECT_STREQ(client.id.c_str(), "V2_AA30C505.20MQTTJ000121~011");
  tick();
  EXPECT_THAT(broker().kicked,
              testing::ElementsAre(testing::Pair(std::string(former.id.c_str()), false)))
      << "to the broker it was no takeover";
}

TEST_F(Login, V2_6_a_wrong_password_is_refused_told_and_logged_without_it) {
  Client client;
  auto credentials = v2();
  credentials.password = "0123456789ABCDEF0123456789ABCDEF";
  ASSERT_EQ(log_in(client, credentials), MOSQ_ERR_AUTH);
  EXPECT_EQ(client.id, credentials.client_id);
  const auto refused = events_of<link::Refused>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].requirement, "V2-2");
  EXPECT_EQ(refused[0].device.node_eui, node);
  EXPECT_EQ(refused[0].password, credentials.password);
  EXPECT_THAT(broker().log, Contains(HasSubstr("login refused, V2-2")));
  EXPECT_THAT(broker().log, Not(Contains(HasSubstr(credentials.password))));
}

TEST_F(Login, V2_6_one_without_a_readable_username_is_told_of_the_client_ids_device) {
  for (const std::string username : {"", "nonsense", "11111111-22222222-another"}) {
    Client client;
    auto credentials = v2();
    credentials.username = username;
    ASSERT_EQ(log_in(client, credentials), MOSQ_ERR_AUTH);
    const auto refused = events_of<link::Refused>().back();
    EXPECT_EQ(refused.device.product_id, "AA30C505");
    EXPECT_EQ(refused.device.node_eui, node);
  }
}

TEST_F(Login, V2_6_a_log_line_cannot_be_forged) {
  Client client;
  log_in(client, {"a\nxgate: all is well", "\x1b[2J", ""});
  for (const auto& line : broker().log) {
    EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos) << line;
  }
}

TEST_F(Login, V2_4_unknown_disabled_and_foreign_devices_are_refused) {
  Client client;
  EXPECT_EQ(log_in(client, v2(0, 1, "nobody")), MOSQ_ERR_AUTH);
  EXPECT_EQ(last_refusal(), "V2-4");
  auto disabled = device();
  disabled.enabled = false;
  publish_device(key(), disabled);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_AUTH);
  EXPECT_EQ(last_refusal(), "V2-4");
  auto foreign = v2();
  foreign.username.replace(0, 8, "00000000");
  EXPECT_EQ(log_in(client, foreign), MOSQ_ERR_AUTH);
}

TEST_F(Login, V2_3_type_1_needs_a_time_after_the_last_end_and_the_last_login) {
  Client client;
  const std::int64_t now_s = now_ms / 1000;
  EXPECT_EQ(log_in(client, v2(1, now_s + 61)), MOSQ_ERR_AUTH);
  EXPECT_EQ(log_in(client, v2(1, now_s + 60)), MOSQ_ERR_SUCCESS);
  Client replay;
  EXPECT_EQ(log_in(replay, v2(1, now_s + 60)), MOSQ_ERR_AUTH);
  EXPECT_EQ(last_refusal(), "V2-3");
  now_ms += 100'000;
  end(client);
  EXPECT_EQ(log_in(client, v2(1, now_s + 100)), MOSQ_ERR_AUTH);
  EXPECT_EQ(log_in(client, v2(1, now_s + 101)), MOSQ_ERR_SUCCESS);
}

TEST_F(Login, V2_3_the_times_of_the_directory_count_too) {
  auto stored = device();
  stored.last_offline_s = now_ms / 1000 - 5;
  publish_device(key(), stored);
  Client client;
  EXPECT_EQ(log_in(client, v2(1, now_ms / 1000 - 5)), MOSQ_ERR_AUTH);
  EXPECT_EQ(log_in(client, v2(1, now_ms / 1000 - 4)), MOSQ_ERR_SUCCESS);
}

TEST_F(Login, AUTH_11_a_reset_device_has_no_past) {
  Client client;
  log_in(client, v2(1, now_ms / 1000));
  end(client);
  now_ms -= 10'000'000;  // its clock, and ours, as the device would have it
  ASSERT_EQ(log_in(client, v2(1, now_ms / 1000)), MOSQ_ERR_AUTH);
  auto reset = device();
  publish_device(key(), reset);  // the same revision: only read again
  tick();
  ASSERT_EQ(log_in(client, v2(1, now_ms / 1000)), MOSQ_ERR_AUTH);
  reset.revision += 1;
  publish_device(key(), reset);
  tick();
  EXPECT_EQ(log_in(client, v2(1, now_ms / 1000)), MOSQ_ERR_SUCCESS);
}

TEST_F(Login, V2_3_a_device_registered_anew_has_no_past_though_its_old_session_lived) {
  const std::int64_t now_s = now_ms / 1000;
  Client former;
  ASSERT_EQ(log_in(former, v2(1, now_s)), MOSQ_ERR_SUCCESS);
  auto anew = device();
  anew.registration = 1;
  anew.revision = 11;
  publish_device(key(), anew);
  tick();
  ASSERT_EQ(broker().kicked.size(), 1U);
  end(former);
  Client client;
  EXPECT_EQ(log_in(client, v2(1, now_s)), MOSQ_ERR_SUCCESS);
  Client replay;
  EXPECT_EQ(log_in(replay, v2(1, now_s)), MOSQ_ERR_AUTH) << "its own are remembered";
  end(client);
  EXPECT_EQ(log_in(replay, v2(1, now_s)), MOSQ_ERR_AUTH);
}

TEST_F(Login, V2_3_nothing_is_remembered_of_a_deleted_device) {
  Client client;
  ASSERT_EQ(log_in(client, v2(1, now_ms / 1000)), MOSQ_ERR_SUCCESS);
  publish_device(key(), std::nullopt);
  tick();
  end(client);  // as it was kicked
  publish_device(key(), device());
  EXPECT_EQ(log_in(client, v2(1, now_ms / 1000)), MOSQ_ERR_SUCCESS);
}

TEST_F(Login, V2_5_a_takeover_ends_the_old_session_by_its_number_and_sets_no_offline_time) {
  Client old_client;
  Client new_client;
  log_in(old_client, v2(0, 1));
  log_in(new_client, v2(0, 2));
  now_ms += 5000;
  end(old_client);
  const auto told = events();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(std::get<link::Online>(told[1]).session, 2U);
  EXPECT_EQ(std::get<link::Offline>(told[2]).session, 1U);
  Client again;
  EXPECT_EQ(log_in(again, v2(1, now_ms / 1000 - 1)), MOSQ_ERR_SUCCESS);
}

TEST_F(Login, V2_5_one_that_never_completes_ends_too) {
  Client client;
  log_in(client, v2());
  end(client);
  end(client);
  const auto offline = events_of<link::Offline>();
  ASSERT_EQ(offline.size(), 1U);
  EXPECT_EQ(offline[0].at_ms, now_ms);
}

TEST_F(Login, a_session_whose_end_was_not_told_ends_when_its_object_is_used_again) {
  Client client;
  log_in(client, v2());
  log_in(client, auth());
  const auto offline = events_of<link::Offline>();
  ASSERT_EQ(offline.size(), 1U);
  EXPECT_EQ(offline[0].session, 1U);
}

TEST_F(Login, AUTH_1_a_good_one_is_told_as_such) {
  Client client;
  ASSERT_EQ(log_in(client, auth()), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(client.id, "AA30C505-newdevice1");
  const auto online = events_of<link::Online>();
  ASSERT_EQ(online.size(), 1U);
  EXPECT_TRUE(online[0].auth_login);
  EXPECT_EQ(online[0].device.node_eui, "newdevice1");
}

TEST_F(Login, AUTH_1_a_wrong_key_or_product_is_refused) {
  Client client;
  auto credentials = auth();
  credentials.password.back() = '7';
  EXPECT_EQ(log_in(client, credentials), MOSQ_ERR_AUTH);
  EXPECT_EQ(last_refusal(), "AUTH-1");
  auto disabled = product();
  disabled.enabled = false;
  publish_products({disabled});
  EXPECT_EQ(log_in(client, auth()), MOSQ_ERR_AUTH);
}

TEST_F(Login, a_service_account_logs_in_by_its_password) {
  Client client;
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS);
  EXPECT_TRUE(events().empty());
  auto wrong = service();
  wrong.password = "Geheim";
  EXPECT_EQ(log_in(client, wrong), MOSQ_ERR_AUTH);
  auto stranger = service();
  stranger.username = "somebody";
  EXPECT_EQ(log_in(client, stranger), MOSQ_ERR_AUTH);
  EXPECT_EQ(log_in(client, {"anonymous", "", ""}), MOSQ_ERR_AUTH);
}

TEST_F(Login, a_service_account_that_asks_is_told_the_brokers_life) {
  Client client;
  std::string life;
  ASSERT_EQ(log_in_by("xgate", client, service(), &life), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(life, plugin_->outbox.epoch());
  EXPECT_TRUE(may_subscribe(client, "$xgate/#")) << "it is a session like any other";
  Client stranger;
  auto wrong = service();
  wrong.password = "Geheim";
  EXPECT_EQ(log_in_by("xgate", stranger, wrong, &life), MOSQ_ERR_AUTH);
  EXPECT_EQ(life, "");
  EXPECT_EQ(last_refusal(), "V2-6");
  EXPECT_FALSE(may_subscribe(stranger, "$xgate/#"));
}

TEST_F(Login, that_way_of_logging_in_is_for_service_accounts_alone) {
  Client client;
  EXPECT_EQ(log_in_by("xgate", client, v2()), MOSQ_ERR_PLUGIN_DEFER);
  EXPECT_EQ(log_in_by("xgate", client, auth()), MOSQ_ERR_PLUGIN_DEFER);
  EXPECT_EQ(log_in_by("SCRAM-SHA-1", client, service()), MOSQ_ERR_PLUGIN_DEFER);
  EXPECT_TRUE(events().empty());
  EXPECT_FALSE(may_subscribe(client, root() + "/uplink_ack"));
}

TEST_F(Login, a_service_account_may_not_take_a_devices_client_id) {
  Client client;
  auto credentials = service();
  credentials.client_id = "AA30C505-newdevice1";
  EXPECT_EQ(log_in(client, credentials), MOSQ_ERR_AUTH);
  credentials.client_id = "V2_AA30C505.20MQTTJ000121";
  EXPECT_EQ(log_in(client, credentials), MOSQ_ERR_AUTH);
}

TEST_F(Login, without_TICK_the_misuse_is_said) {
  Client client;
  plugin_->ticked = false;
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
  end(client);
  moment += std::chrono::seconds(11);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_AUTH);
  EXPECT_THAT(broker().log, Contains(HasSubstr("per_listener_settings")));
}

TEST_F(Login, before_anything_was_loaded_everybody_is_refused_and_the_reason_said) {
  plugin_ = std::make_unique<Plugin>(plugin_->options, Accounts::parse(account_line).value(),
                                     plugin_->clock);
  Client client;
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_AUTH);
  EXPECT_THAT(broker().log, Contains(HasSubstr("nobody is known yet")));
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS);
}

TEST_F(Login,
       V2_3_where_the_product_requires_type_1_one_of_type_0_is_refused_and_its_session_ends) {
  Client by_type_0;
  ASSERT_EQ(log_in(by_type_0, v2()), MOSQ_ERR_SUCCESS);
  auto strict = product();
  strict.require_type_1 = true;
  publish_products({strict});
  tick();
  EXPECT_EQ(broker().kicked.size(), 1U);
  end(by_type_0);
  events();
  ASSERT_EQ(log_in(by_type_0, v2()), MOSQ_ERR_AUTH);
  const auto told = events_of<link::Refused>().back();
  EXPECT_EQ(told.requirement, "V2-3");
  EXPECT_THAT(told.reason, HasSubstr("takes logins of type 1 alone"));
  EXPECT_EQ(told.wait_ms, 0) << "whoever has the password does not guess";
  Client by_type_1;
  now_ms += 2000;
  EXPECT_EQ(log_in(by_type_1, v2(1, now_ms / 1000)), MOSQ_ERR_SUCCESS);
  tick();
  EXPECT_EQ(broker().kicked.size(), 1U) << "this one stays";
}

// ------------------------------------------------------------------- V2-6: too many failures
class Backoff : public PluginTest {
 protected:
  int fail(Client& client, std::string_view node_eui = node) {
    auto credentials = v2(0, 1675404867, node_eui);
    credentials.password = "00112233445566778899AABBCCDDEEFF";
    return log_in(client, credentials);
  }
  void fail_six_times(Client& client) {
    for (int i = 0; i < 6; ++i) fail(client);
  }
  link::Refused last() { return events_of<link::Refused>().back(); }
};

TEST_F(Backoff, five_are_free_and_after_the_sixth_wrong_ones_wait_and_the_right_one_does_not) {
  Client client;
  for (int i = 0; i < 5; ++i) fail(client);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
  end(client);
  fail_six_times(client);
  const auto sixth = last();
  EXPECT_EQ(sixth.requirement, "V2-2");
  EXPECT_EQ(sixth.wait_ms, 1000);
  EXPECT_THAT(sixth.reason, HasSubstr("the next wrong one counts at 2023-11-14T22:13:21Z, in 1 s"));
  ASSERT_EQ(fail(client), MOSQ_ERR_AUTH);
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_EQ(early.also, "V2-2");
  EXPECT_EQ(early.wait_ms, 1000);
  EXPECT_THAT(early.reason, HasSubstr("too many failed logins"));
  EXPECT_THAT(broker().log, Contains(HasSubstr("login refused, V2-6: too many failed logins")));
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, the_right_one_within_the_wait_gives_who_guesses_no_new_tries) {
  Client client;
  Client neighbour;
  fail_six_times(neighbour);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
  fail(neighbour);
  EXPECT_EQ(last().requirement, "V2-6");
}

TEST_F(Backoff, a_password_that_was_used_before_is_judged_by_its_timestamp_within_the_wait) {
  const auto captured = v2(1, now_ms / 1000);
  Client client;
  ASSERT_EQ(log_in(client, captured), MOSQ_ERR_SUCCESS);
  end(client);
  fail_six_times(client);
  ASSERT_EQ(log_in(client, captured), MOSQ_ERR_AUTH);
  const auto replayed = last();
  EXPECT_EQ(replayed.requirement, "V2-3") << replayed.reason;
  EXPECT_EQ(replayed.wait_ms, 0) << "whoever has it does not guess";
}

TEST_F(Backoff, a_wrong_one_that_comes_too_early_is_told_and_lengthens_nothing) {
  Client client;
  fail_six_times(client);
  for (int i = 0; i < 10; ++i) fail(client);
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_EQ(early.also, "V2-2");
  EXPECT_THAT(
      early.reason,
      HasSubstr(
          "the right password is accepted at any time; this one is wrong, V2-2: the password"));
  moment += std::chrono::seconds(1);
  fail(client);
  EXPECT_EQ(last().requirement, "V2-2") << "counts again";
}

TEST_F(Backoff, success_clears) {
  Client client;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) fail(client);
    EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
    end(client);
  }
}

TEST_F(Backoff, another_address_and_another_device_are_not_held_up) {
  publish_device(key("another0001"), device());
  tick();
  Client client;
  fail_six_times(client);
  Client elsewhere;
  elsewhere.address = "192.0.2.2";
  EXPECT_EQ(log_in(elsewhere, v2()), MOSQ_ERR_SUCCESS);
  Client neighbour;
  EXPECT_EQ(log_in(neighbour, v2(0, 1, "another0001")), MOSQ_ERR_SUCCESS);
  Client mapped;
  mapped.address = "::ffff:192.0.2.1";
  fail(mapped);
  EXPECT_EQ(last().requirement, "V2-6") << "the same address, written otherwise";
}

TEST_F(Backoff, a_name_that_nobody_has_waits_as_one_that_somebody_has) {
  Client client;
  for (int i = 0; i < 6; ++i) fail(client, "stranger01");
  EXPECT_EQ(last().wait_ms, 1000);
  ASSERT_EQ(fail(client, "stranger01"), MOSQ_ERR_AUTH);
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_EQ(early.also, "V2-4");
  // registered at last, it need not wait for what it did before
  publish_device(key("stranger01"), device());
  tick();
  EXPECT_EQ(log_in(client, v2(0, 1, "stranger01")), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, who_knows_the_password_is_not_guessing) {
  auto disabled = device();
  disabled.enabled = false;
  publish_device(key(), disabled);
  Client client;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_AUTH);
    EXPECT_EQ(last().requirement, "V2-4");
  }
  for (int i = 0; i < 20; ++i) log_in(client, {"V2_x", v2().username, "x"});
  EXPECT_EQ(last().requirement, "V2-1") << "nor is who cannot even write a client id";
}

TEST_F(Backoff, what_is_refused_before_the_directory_is_loaded_does_not_count) {
  plugin_ = std::make_unique<Plugin>(plugin_->options, Accounts::parse(account_line).value(),
                                     plugin_->clock);
  Client client;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_AUTH);
  publish_products({product()});
  publish_device(key(), device());
  tick();
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, an_account_that_asks_for_the_brokers_life_waits_like_any) {
  Client client;
  auto wrong = service();
  wrong.password = "Geheim";
  for (int i = 0; i < 6; ++i) log_in_by("xgate", client, wrong);
  EXPECT_EQ(log_in_by("xgate", client, service()), MOSQ_ERR_AUTH);
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_AUTH);
  moment += std::chrono::seconds(1);
  EXPECT_EQ(log_in_by("xgate", client, service()), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, auth_logins_and_accounts_wait_each_for_themselves) {
  Client client;
  fail_six_times(client);
  auto wrong = auth(node);
  wrong.password.back() = '7';
  for (int i = 0; i < 6; ++i) log_in(client, wrong);
  EXPECT_EQ(last().requirement, "AUTH-1") << "another secret, of which the sixth counts";
  log_in(client, wrong);
  EXPECT_EQ(last().requirement, "V2-6");
  EXPECT_EQ(log_in(client, auth(node)), MOSQ_ERR_SUCCESS) << "a proof of the ProductKey";
  end(client);
  auto account = service();
  account.password = "Geheim";
  for (int i = 0; i < 6; ++i) log_in(client, account);
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_AUTH) << "a person's choice can be guessed";
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_THAT(early.reason, HasSubstr("the next try counts at"));
  reload();
  tick();
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS) << "SIGHUP forgets";
}

TEST_F(Backoff, names_that_no_account_has_meet_the_budget_of_their_address) {
  Client client;
  for (int i = 0; i < 5000; ++i) log_in(client, {"me", "name" + std::to_string(i), "x"});
  events();
  now_ms += 60'000;  // so that the next is told
  log_in(client, {"me", "name5000", "x"});
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_THAT(early.reason, HasSubstr("from this address, under many names: the next try counts"));
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS) << "the platform's own is not held up";
  end(client);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, an_account_logs_in_from_its_addresses_alone_and_waits_for_no_others) {
  Client elsewhere;
  elsewhere.address = "198.51.100.7";
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(log_in(elsewhere, service()), MOSQ_ERR_AUTH) << "though its password is right";
    const auto told = last();
    EXPECT_EQ(told.requirement, "V2-6");
    EXPECT_THAT(told.reason,
                HasSubstr("may not log in from this address: plugin_opt_accounts_from"));
  }
  EXPECT_EQ(log_in_by("xgate", elsewhere, service()), MOSQ_ERR_AUTH);
  EXPECT_THAT(last().reason, HasSubstr("too many failed logins"));
  log_in(elsewhere, {"me", "nobody", "x"});
  EXPECT_EQ(last().requirement, "V2-1");
  Client client;
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS);
}

TEST_F(Backoff, an_address_has_a_budget_for_many_names) {
  Client client;
  for (int i = 0; i < 5000; ++i) fail(client, "guess" + std::to_string(i));
  events();
  now_ms += 60'000;  // so that the next is told
  fail(client, "guess5000");
  const auto early = last();
  EXPECT_EQ(early.requirement, "V2-6");
  EXPECT_THAT(early.reason, HasSubstr("from this address, under many names"));
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS) << "devices there are not held up";
  EXPECT_EQ(log_in(client, auth()), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_SUCCESS) << "nor the platform's own";
  Client elsewhere;
  elsewhere.address = "192.0.2.2";
  EXPECT_EQ(log_in(elsewhere, v2()), MOSQ_ERR_SUCCESS);
  moment += std::chrono::seconds(1);
  now_ms += 60'000;
  fail(client, "guess5001");
  EXPECT_EQ(last().requirement, "V2-4") << "once nobody fails any more it is open again";
}

TEST_F(Backoff, can_be_turned_off) {
  Options options;
  options.accounts_file = "/nowhere/accounts";
  options.login_rules.backoff.longest_ms = 0;
  options.login_rules.peer.failures = 0;
  plugin_ =
      std::make_unique<Plugin>(options, Accounts::parse(account_line).value(), plugin_->clock);
  publish_products({product()});
  publish_device(key(), device());
  tick();
  Client client;
  for (int i = 0; i < 100; ++i) fail(client);
  EXPECT_EQ(log_in(client, v2()), MOSQ_ERR_SUCCESS);
}

// ------------------------------------------------------------------- SIGHUP
TEST_F(Login, V2_1_a_connect_that_the_broker_cannot_read_leaves_a_record_once) {
  Client nobody;  // a connection that never said a word
  end(nobody);
  EXPECT_TRUE(events().empty());
  Client unreadable;
  unreadable.protocol_version = 4;
  end(unreadable);
  const auto told = events_of<link::Refused>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].requirement, "V2-1");
  EXPECT_EQ(told[0].address, "192.0.2.1");
  EXPECT_THAT(told[0].reason, HasSubstr("line break"));
  // One without a username is refused, and ends without an id as well.
  Client anonymous;
  anonymous.protocol_version = 4;
  log_in(anonymous, {"client", "", ""});
  anonymous.id.clear();
  end(anonymous);
  EXPECT_EQ(events_of<link::Refused>().size(), 1U);
}

class Reload : public PluginTest {};

TEST_F(Reload, disturbs_nobody_and_tells_nothing) {
  Client device_client;
  Client auth_client;
  Client service_client;
  const auto type1 = v2(1, now_ms / 1000);
  log_in(device_client, type1);
  log_in(auth_client, auth());
  log_in(service_client, service());
  events();
  now_ms += 1'000'000;
  reload();
  // the broker shows the id that it has now, and the password of then
  EXPECT_EQ(
      log_in(device_client, {"V2_AA30C505.20MQTTJ000121~000", type1.username, type1.password}),
      MOSQ_ERR_SUCCESS);
  EXPECT_EQ(log_in(auth_client, auth()), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(log_in(service_client, service()), MOSQ_ERR_SUCCESS);
  EXPECT_TRUE(events().empty());
  EXPECT_THAT(broker().log, Contains(HasSubstr("the accounts stay what they were")));
}

TEST_F(Reload, refuses_who_was_disabled) {
  Client client;
  log_in(client, v2());
  auto disabled = device();
  disabled.enabled = false;
  publish_device(key(), disabled);
  adopt_directory(*plugin_);
  reload();
  EXPECT_EQ(log_in(client, {"V2_AA30C505.20MQTTJ000121~000", v2().username, v2().password}),
            MOSQ_ERR_AUTH);
}

TEST_F(Reload, refuses_a_service_whose_password_was_changed) {
  Client client;
  log_in(client, service());
  reload();
  auto line = std::string(account_line);
  line[line.size() - 5] = line[line.size() - 5] == 'A' ? 'B' : 'A';
  plugin_->accounts = Accounts::parse(line).value();
  EXPECT_EQ(log_in(client, service()), MOSQ_ERR_AUTH);
}

TEST_F(Reload, leaves_stored_sessions_alone) {
  Client stored;
  reload();
  EXPECT_EQ(log_in(stored, {"V2_AA30C505.20MQTTJ000121~000", v2().username, ""}), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(plugin_->sessions.size(), 0U);
}

TEST_F(Reload, lets_no_new_websocket_in_unchecked) {
  Client fresh;
  fresh.websocket = true;
  reload();
  EXPECT_EQ(log_in(fresh, {"V2_AA30C505.20MQTTJ000121~000", v2().username, ""}), MOSQ_ERR_AUTH);
  Client good;
  good.websocket = true;
  EXPECT_EQ(log_in(good, v2()), MOSQ_ERR_SUCCESS);
  EXPECT_NE(plugin_->sessions.find(&good), nullptr);
}

TEST_F(Reload, ends_with_the_TICK) {
  Client client;
  reload();
  tick();
  EXPECT_EQ(log_in(client, {"V2_AA30C505.20MQTTJ000121~000", v2().username, ""}), MOSQ_ERR_AUTH);
}

}  // namespace
}  // namespace xgate::plugin
