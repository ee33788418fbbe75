// SPDX-License-Identifier: Apache-2.0
#include "protocol/login.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "link/topics.hpp"
#include "plugin/callbacks.hpp"
#include "plugin/outbox.hpp"
#include "plugin/standing.hpp"

namespace xgate::plugin {
namespace {

using directory::DeviceKey;
using protocol::Credentials;
using protocol::Decision;
using protocol::refused;

/// Well after the broker's first round, each of which ends with a TICK.
constexpr std::chrono::seconds tick_overdue{10};

struct LoginRefusal {
  std::string_view requirement;
  std::string reason;
  std::string_view also = {};
  std::int64_t wait_ms = 0;
};

int refuse(Plugin& plugin, const Client* client, const Credentials& credentials, LoginRefusal why) {
  plugin.refused = client;
  link::Refused refusal;
  refusal.what = link::Refused::What::login;
  refusal.device = protocol::claimed_identity(credentials).owned();
  refusal.client_id = credentials.client_id.substr(0, longest_text);
  refusal.username = credentials.username.substr(0, longest_text);
  refusal.password = credentials.password.substr(0, longest_text);
  refusal.address = address_of(client);
  refusal.requirement = why.requirement;
  refusal.reason = std::move(why.reason);
  refusal.also = why.also;
  refusal.wait_ms = why.wait_ms;
  refusal.at_ms = plugin.clock.unix_ms();
  plugin.outbox.refuse_login(std::move(refusal));
  // the only code that gives the client a CONNACK (V2-6)
  return MOSQ_ERR_AUTH;
}

int refuse(Plugin& plugin, const Client* client, const Credentials& credentials,
           const Decision& decision) {
  return refuse(plugin, client, credentials, {decision.requirement, std::string(decision.reason)});
}

/// "2026-11-23T08:55:01Z, in 4 s", rounded up: a try at that time counts.
std::string time_in(const Plugin& plugin, std::int64_t wait_ms) {
  const auto at = static_cast<std::time_t>((plugin.clock.unix_ms() + wait_ms + 999) / 1000);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&at, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data()) + ", in " + std::to_string((wait_ms + 999) / 1000) + " s";
}

/// What an operator can do about a wait.
std::string way_out(const Credentials& credentials, const LoginGuard::Wait& wait) {
  const auto device = protocol::claimed_identity(credentials);
  if (wait.failures == 0 || device.product_id.empty() || device.node_eui.empty()) {
    return "; a reload of the broker (SIGHUP) ends the wait";
  }
  return "; xgate device unlock " + protocol::device_name(device.product_id, device.node_eui) +
         " ends the wait";
}

/// V2-6: a login that comes too early is refused, and counts for nothing. `wrong` is what is wrong
/// with it, for the operator alone; without it nobody looked, and the right one has to wait as
/// well.
int refuse_early(Plugin& plugin, const Client* client, const Credentials& credentials,
                 const LoginGuard::Wait& wait, const std::optional<Decision>& wrong) {
  LoginRefusal why{"V2-6", {}};
  why.reason = wait.failures > 0 ? "too many failed logins under this name from this address, " +
                                       std::to_string(wait.failures)
                                 : "too many failed logins from this address, under many names";
  why.reason += (wrong ? ": the next wrong one counts at " : ": the next try counts at ") +
                time_in(plugin, wait.ms) + way_out(credentials, wait);
  if (wrong) {
    why.also = wrong->requirement;
    why.reason += "; the right password is accepted at any time; this one is wrong, " +
                  std::string(wrong->requirement) + ": " + std::string(wrong->reason);
  }
  why.wait_ms = wait.ms;
  return refuse(plugin, client, credentials, std::move(why));
}

/// One that counts, and is refused: it does not where the password was right, for whoever knows
/// that does not guess.
int refuse_counted(Plugin& plugin, const Client* client, const Credentials& credentials,
                   const LoginGuard::Attempt& attempt, const protocol::LoginVerdict& verdict) {
  LoginRefusal why{verdict.requirement, std::string(verdict.reason)};
  if (!verdict.password_fits) {
    const auto wait = plugin.guard.failed(attempt, steady_ms(plugin));
    why.wait_ms = wait.ms;
    if (wait.ms > 0) {
      why.reason += "; failure " + std::to_string(wait.failures) +
                    " from this address, so that the next " +
                    (attempt.right_waits ? "try" : "wrong one") + " counts at " +
                    time_in(plugin, wait.ms) + " (V2-6)" + way_out(credentials, wait);
    }
  }
  return refuse(plugin, client, credentials, std::move(why));
}

/// A device's login that is judged. The password was compared in every case, so that a right one
/// need not wait (login_guard.hpp), and a wrong one costs and tells the same as ever.
int refuse_device(Plugin& plugin, const Client* client, const Credentials& credentials,
                  const LoginGuard::Attempt& attempt, const protocol::LoginVerdict& verdict) {
  const auto wait = plugin.guard.wait(attempt, steady_ms(plugin));
  if (wait.ms > 0 && !verdict.password_fits) {
    return refuse_early(plugin, client, credentials, wait, verdict);
  }
  return refuse_counted(plugin, client, credentials, attempt, verdict);
}

/// What who logs in has used up: in a session that this one takes over, or in one that has ended.
Allowance allowance_of(Plugin& plugin, Session::Kind kind, const DeviceKey& key) {
  const auto* live = plugin.sessions.of_device(kind, key);
  return live != nullptr ? live->allowance
                         : plugin.limits.departed.take(static_cast<std::uint8_t>(kind), key);
}

/// LIMIT-3. Only who proved who he is has used up one of these: nobody can do it in his name.
int refuse_too_many(Plugin& plugin, const Client* client, const Credentials& credentials,
                    const link::Exceeded& exceeded) {
  plugin.limits.count(exceeded.limit);
  return refuse(plugin, client, credentials,
                {link::requirement(exceeded.limit), link::reason(exceeded)});
}

std::unique_ptr<Session> new_session(const Plugin& plugin, Client* client,
                                     const Credentials& credentials, Session::Kind kind) {
  auto session = std::make_unique<Session>();
  session->kind = kind;
  session->client = client;
  session->client_id = credentials.client_id;
  session->address = address_of(client);
  session->clean_start = starts_clean(client);
  session->at_ms = plugin.clock.unix_ms();
  return session;
}

protocol::ProductFacts facts(const directory::Product& product) noexcept {
  return {product.open_id, product.product_key, product.auth_type, product.enabled,
          product.require_type_1};
}

/// A client id that a device could have must stay the device's.
bool is_auth_client_id(std::string_view id) noexcept {
  const auto dash = id.find('-');
  return dash != std::string_view::npos && protocol::is_product_id(id.substr(0, dash)) &&
         protocol::is_node_eui(id.substr(dash + 1));
}

/// The broker keeps what an AUTH- login that was not clean leaves, for days. Nothing but a clean
/// login under the same client id ends that: the service's, by its method, where no device is there
/// under it.
bool ends_kept_session(const Plugin& plugin, const Client* client, std::string_view id) {
  const auto dash = id.find('-');
  const auto key = DeviceKey::from(id.substr(0, dash), id.substr(dash + 1));
  return starts_clean(client) && key &&
         plugin.sessions.of_device(Session::Kind::auth, *key) == nullptr;
}

/// A stranger's password is checked like an account's, but where no account may log in from: there
/// nobody's is, for that is dear.
protocol::LoginVerdict check_service_login(const Plugin& plugin, const Credentials& credentials,
                                           const Accounts::Hash* hash, bool from_here,
                                           bool may_take_id) {
  if (!from_here && hash != nullptr) {
    return {refused("V2-6",
                    "a service account may not log in from this address: plugin_opt_accounts_from "
                    "lists those that it may"),
            false};
  }
  const bool fits = from_here && plugin.accounts.verify_or_pretend(hash, credentials.password);
  if (hash == nullptr) {
    return {refused("V2-1", "neither an AUTH- nor a V2_ login, nor a service account"), false};
  }
  if (is_auth_client_id(credentials.client_id) && !may_take_id) {
    return {refused("V2-6", "a service account may not use a device's client id"), fits};
  }
  if (!fits) return {refused("V2-6", "the password of the service account is wrong"), false};
  return {protocol::allowed, true};
}

int log_in_service(Plugin& plugin, Client* client, const Credentials& credentials,
                   bool may_take_id = false) {
  const auto address = address_of(client);
  const bool from_here = plugin.options.accounts_from.contains(address);
  const auto* hash = plugin.accounts.find(credentials.username);
  const auto attempt = from_here && hash != nullptr
                           ? plugin.guard.account(credentials.username, address)
                           : plugin.guard.stranger(credentials.username, address);
  // before the password is looked at, which is dear: nobody may make the broker do it all the time
  if (const auto wait = plugin.guard.wait(attempt, steady_ms(plugin)); wait.ms > 0) {
    return refuse_early(plugin, client, credentials, wait, std::nullopt);
  }
  const auto verdict = check_service_login(plugin, credentials, hash, from_here, may_take_id);
  if (!verdict) return refuse_counted(plugin, client, credentials, attempt, verdict);
  plugin.guard.succeeded(attempt, steady_ms(plugin));
  auto session = new_session(plugin, client, credentials, Session::Kind::service);
  session->account = credentials.username;
  session->consumes = consumer_of(plugin, credentials.client_id);
  plugin.resuming = client;
  const auto& begun = plugin.sessions.begin(std::move(session));
  if (auto* queue = plugin.limits.queues.of(begun.consumes)) queue->came(begun.number);
  return MOSQ_ERR_SUCCESS;
}

int log_in_auth(Plugin& plugin, Client* client, const Credentials& credentials) {
  const auto login = protocol::parse_auth_login(credentials);
  if (!login) return refuse(plugin, client, credentials, login.error());
  const auto* product = plugin.directory.product(login->id.product_id);
  const auto known = product != nullptr ? facts(*product) : protocol::ProductFacts();
  const auto attempt = plugin.guard.auth(login->id, known.product_key, address_of(client));
  const auto verdict = protocol::check_auth_login(*login, credentials.password,
                                                  product != nullptr ? &known : nullptr);
  if (!verdict) return refuse_device(plugin, client, credentials, attempt, verdict);
  plugin.guard.succeeded(attempt, steady_ms(plugin));
  const auto key = DeviceKey::from(login->id.product_id, login->id.node_eui).value();
  auto allowance = allowance_of(plugin, Session::Kind::auth, key);
  const auto& rules = plugin.options.limits;
  auto exceeded = allowance.log_in(rules, steady_ms(plugin));
  if (!exceeded) {
    exceeded = plugin.limits.log_in_auth(rules, login->id.product_id, steady_ms(plugin));
  }
  if (exceeded) return refuse_too_many(plugin, client, credentials, *exceeded);
  auto session = new_session(plugin, client, credentials, Session::Kind::auth);
  session->key = key;
  session->allowance = allowance;
  session->rates = publish_rates(plugin.options.limits, *product);
  session->rights.emplace(protocol::Role::auth, login->id, true, false);
  session->product_key = product->product_key;
  auto online = online_event(*session);
  online.session = plugin.sessions.begin(std::move(session)).number;
  plugin.outbox.add(std::move(online));
  return MOSQ_ERR_SUCCESS;
}

/// V2-2…V2-5. Steps that can fail come before those that cannot be taken back.
int log_in_device(Plugin& plugin, Client* client, const Credentials& credentials) {
  const auto login = protocol::parse_v2_login(credentials);
  if (!login) return refuse(plugin, client, credentials, login.error());
  const auto key = DeviceKey::from(login->id.product_id, login->id.node_eui).value();
  const auto* product = plugin.directory.product(login->id.product_id);
  auto device = plugin.directory.device(key);
  if (device) plugin.marks.apply(key, *device);
  const auto known_product = product != nullptr ? facts(*product) : protocol::ProductFacts();
  protocol::DeviceFacts known_device;
  if (device) {
    known_device = {device->secret, device->enabled, device->last_offline_s, device->used};
  }
  const auto attempt = plugin.guard.device(login->id, known_product.product_key,
                                           device ? device->revision : 0, address_of(client));
  const auto verdict = protocol::check_v2_login(
      *login, credentials.password, product != nullptr ? &known_product : nullptr,
      device ? &known_device : nullptr, plugin.clock.unix_ms() / 1000, plugin.options.clock_skew_s,
      plugin.aes);
  if (!verdict) return refuse_device(plugin, client, credentials, attempt, verdict);
  plugin.guard.succeeded(attempt, steady_ms(plugin));
  auto allowance = allowance_of(plugin, Session::Kind::device, key);
  if (const auto exceeded = allowance.log_in(plugin.options.limits, steady_ms(plugin))) {
    return refuse_too_many(plugin, client, credentials, *exceeded);
  }

  auto session = new_session(plugin, client, credentials, Session::Kind::device);
  session->key = key;
  session->allowance = allowance;
  session->rates = publish_rates(plugin.options.limits, *product);
  session->rights.emplace(protocol::Role::device, login->id, may_ask_auth(*product),
                          product->allow_hash);
  session->secret = device->secret;
  session->product_key = product->product_key;
  session->revision = device->revision;
  session->registration = device->registration;
  session->login_type = login->type;
  session->timestamp = login->timestamp;
  auto online = online_event(*session);
  // Before begin(), which supersedes the device's live session. The texts of `login` end here.
  if (!set_canonical_id(client, login->canonical_client_id, device->registration)) {
    return refuse(plugin, client, credentials,
                  refused("V2-5", "the broker would not take the device's canonical client id"));
  }
  if (session->login_type == 1) plugin.marks.type1(*session);
  // The broker does not take this for a takeover: to it they are two.
  if (const auto* live = plugin.sessions.of_device(Session::Kind::device, key);
      live != nullptr && live->registration != session->registration) {
    plugin.replaced.push_back(live->number);
  }
  online.session = plugin.sessions.begin(std::move(session)).number;
  plugin.just_begun.push_back(online.session);
  plugin.outbox.add(std::move(online));
  return MOSQ_ERR_SUCCESS;
}

/// SIGHUP: the broker asks again for every client that it knows, live ones and those of which it
/// only stores a session. Nothing of a login may happen again: no time check, no event.
int judge_again(Plugin& plugin, const mosquitto_evt_basic_auth& event) {
  Session* session = plugin.sessions.find(event.client);
  // To refuse a stored session would make the broker end it a second time, which corrupts its list
  // of expiring sessions. It is of no use to a device that may not log in, and gets nothing.
  if (session == nullptr) return MOSQ_ERR_SUCCESS;
  Decision decision = still_allowed(plugin, *session);
  if (decision && session->kind == Session::Kind::service) {
    const std::string_view password = event.password == nullptr ? "" : event.password;
    if (!Accounts::verify(*plugin.accounts.find(session->account), password)) {
      decision = refused("V2-6", "the password of the service account was changed");
    }
  }
  if (decision) return MOSQ_ERR_SUCCESS;
  session->revoked = true;
  log(LogLevel::notice, "session of " + field(session->client_id) + " ended, " +
                            std::string(decision.requirement) + ": " +
                            std::string(decision.reason));
  return MOSQ_ERR_AUTH;
}

/// Without TICK nobody could be kicked and nothing would be told.
bool ticks(const Plugin& plugin) {
  return plugin.ticked || plugin.clock.steady() - plugin.started < tick_overdue;
}
int refuse_without_timer(Plugin& plugin, const Client* client, const Credentials& credentials) {
  return refuse(plugin, client, credentials,
                refused("V2-6",
                        "the broker gives the plugin no timer: set per_listener_settings "
                        "to false"));
}

/// The broker asks nobody about a CONNECT that it will not take, and names nobody when it logs
/// that; such an object has neither client id nor username when it ends.
void tell_unreadable_connect(Plugin& plugin, const Client* client) {
  if (std::exchange(plugin.refused, nullptr) == client || !began_connect(client)) return;
  if (!id_of(client).empty() || !username_of(client).empty()) return;
  refuse(
      plugin, client, {},
      refused("V2-1",
              "the broker cannot read the CONNECT packet: a client id, username or will topic that "
              "is not UTF-8 or holds NUL, a line break or another control character, an empty "
              "client id, or a malformed packet"));
  plugin.refused = nullptr;
}

/// The object's last session ended without a word, or it would not log in again.
void forget_last_session(Plugin& plugin, Client* client) {
  mosquitto_evt_disconnect ended{};
  ended.client = client;
  on_disconnect(plugin, ended);
}

}  // namespace

int on_login(Plugin& plugin, mosquitto_evt_basic_auth& event) {
  end_delivery(plugin);
  plugin.resuming = nullptr;
  // While the broker reloads, only a websocket may bring somebody new.
  if (plugin.reloading &&
      (plugin.sessions.find(event.client) != nullptr || !is_websocket(event.client))) {
    return judge_again(plugin, event);
  }
  forget_last_session(plugin, event.client);
  adopt_directory(plugin);
  const Credentials credentials{id_of(event.client),
                                event.username == nullptr ? "" : event.username,
                                event.password == nullptr ? "" : event.password};
  if (!ticks(plugin)) return refuse_without_timer(plugin, event.client, credentials);
  const auto kind = protocol::login_kind(credentials.client_id, credentials.username);
  if (kind == protocol::LoginKind::other) return log_in_service(plugin, event.client, credentials);
  if (!plugin.directory.loaded()) {
    return refuse(plugin, event.client, credentials,
                  refused("V2-4",
                          "nobody is known yet: the database is away, and there is no copy "
                          "of the directory on disk"));
  }
  const int answer = kind == protocol::LoginKind::auth
                         ? log_in_auth(plugin, event.client, credentials)
                         : log_in_device(plugin, event.client, credentials);
  if (answer == MOSQ_ERR_SUCCESS) plugin.resuming = event.client;
  return answer;
}

int on_service_login(Plugin& plugin, mosquitto_evt_extended_auth& event) {
  end_delivery(plugin);
  plugin.resuming = nullptr;
  const std::string_view method = event.auth_method == nullptr ? "" : event.auth_method;
  const Credentials credentials{id_of(event.client),
                                username_of(event.client),
                                {static_cast<const char*>(event.data_in), event.data_in_len}};
  if (method != link::login_method ||
      protocol::login_kind(credentials.client_id, credentials.username) !=
          protocol::LoginKind::other) {
    plugin.refused = event.client;
    return MOSQ_ERR_PLUGIN_DEFER;  // "bad authentication method"
  }
  forget_last_session(plugin, event.client);
  if (!ticks(plugin)) return refuse_without_timer(plugin, event.client, credentials);
  const int answer = log_in_service(plugin, event.client, credentials,
                                    ends_kept_session(plugin, event.client, credentials.client_id));
  if (answer != MOSQ_ERR_SUCCESS) return answer;
  const std::string& epoch = plugin.outbox.epoch();
  event.data_out = std::malloc(epoch.size());  // the broker frees it
  if (event.data_out == nullptr) return MOSQ_ERR_SUCCESS;
  epoch.copy(static_cast<char*>(event.data_out), epoch.size());
  event.data_out_len = static_cast<std::uint16_t>(epoch.size());
  return MOSQ_ERR_SUCCESS;
}

int on_disconnect(Plugin& plugin, mosquitto_evt_disconnect& event) {
  plugin.unstamped = false;
  const auto ended = plugin.sessions.end(event.client);
  if (!ended.session) tell_unreadable_connect(plugin, event.client);
  if (!ended.session) return MOSQ_ERR_SUCCESS;
  const auto& session = *ended.session;
  if (auto* queue = plugin.limits.queues.of(session.consumes)) queue->left(session.number);
  if (session.consumes == Consumer::uplinks) plugin.outbox.left();
  if (session.kind == Session::Kind::service) return MOSQ_ERR_SUCCESS;
  const auto now_ms = plugin.clock.unix_ms();
  if (ended.last_of_device) {  // else who took over has taken it along
    plugin.limits.departed.leave(static_cast<std::uint8_t>(session.kind), session.key,
                                 session.allowance, steady_ms(plugin));
  }
  if (session.kind == Session::Kind::device && ended.last_of_device) {
    // not where the device was deleted, or registered anew, under its session
    const auto device = plugin.directory.device(session.key);
    if (device && device->registration == session.registration) {
      plugin.marks.offline(session, now_ms / 1000);
    }
  }
  const bool is_auth = session.kind == Session::Kind::auth;
  // Who has taken over has the session now. Of MQTT 5 the plugin cannot read how long it is kept.
  const bool is_kept =
      is_auth && ended.last_of_device && (!session.clean_start || speaks_mqtt5(event.client));
  plugin.outbox.add(link::Offline{session.number, session.identity(), is_auth, now_ms,
                                  is_kept ? session.client_id : std::string()});
  return MOSQ_ERR_SUCCESS;
}

int on_reload(Plugin& plugin, mosquitto_evt_reload& /*event*/) {
  plugin.reloading = true;
  plugin.guard.forget_all();  // what an operator can do for a device that has to wait
  auto accounts = Accounts::read(plugin.options.accounts_file);
  if (accounts) {
    plugin.accounts = std::move(*accounts);
    log(LogLevel::info,
        "accounts file read again: " + std::to_string(plugin.accounts.size()) + " accounts");
  } else {
    log(LogLevel::error, "the accounts stay what they were: " + accounts.error());
  }
  return MOSQ_ERR_PLUGIN_DEFER;  // else the broker stops asking other plugins to reload
}

}  // namespace xgate::plugin
