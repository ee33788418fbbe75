// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "link/topics.hpp"
#include "pg/conninfo.hpp"
#include "plugin/callbacks.hpp"
#include "plugin/open_files.hpp"
#include "plugin/open_secrets.hpp"

// What the broker calls. Everything else is registered from the table below.
namespace xgate::plugin {
namespace {

/// Long enough for ten million devices; a database that is away is noticed much sooner.
constexpr std::chrono::seconds longest_first_load{60};

/// No exception may reach the broker, which is C: whatever goes wrong, memory included, is a
/// refusal of what was asked.
template <class Event, int (*callback)(Plugin&, Event&), int refusal>
int guarded(int /*kind*/, void* event, void* plugin) noexcept {
  try {
    return callback(*static_cast<Plugin*>(plugin), *static_cast<Event*>(event));
  } catch (const std::exception& error) {
    log(LogLevel::error, error.what());
  } catch (...) {
    log(LogLevel::error, "an unknown failure");
  }
  return refusal;
}

struct Callback {
  int event;
  MOSQ_FUNC_generic_callback function;
  const void* data = nullptr;
};
const std::array<Callback, 8> callbacks{{
    {MOSQ_EVT_BASIC_AUTH, guarded<mosquitto_evt_basic_auth, on_login, MOSQ_ERR_AUTH>},
    {MOSQ_EVT_EXT_AUTH_START,
     guarded<mosquitto_evt_extended_auth, on_service_login, MOSQ_ERR_AUTH>},
    {MOSQ_EVT_ACL_CHECK, guarded<mosquitto_evt_acl_check, on_access, MOSQ_ERR_ACL_DENIED>},
    {MOSQ_EVT_MESSAGE, guarded<mosquitto_evt_message, on_message, MOSQ_ERR_ACL_DENIED>},
    {MOSQ_EVT_CONTROL, guarded<mosquitto_evt_control, on_control, MOSQ_ERR_SUCCESS>,
     link::control_topic.data()},
    {MOSQ_EVT_DISCONNECT, guarded<mosquitto_evt_disconnect, on_disconnect, MOSQ_ERR_SUCCESS>},
    {MOSQ_EVT_TICK, guarded<mosquitto_evt_tick, on_tick, MOSQ_ERR_SUCCESS>},
    {MOSQ_EVT_RELOAD, guarded<mosquitto_evt_reload, on_reload, MOSQ_ERR_PLUGIN_DEFER>},
}};

struct Loaded {
  explicit Loaded(mosquitto_plugin_id_t* identifier) noexcept : id(identifier) {}
  ~Loaded() {
    // in case the broker goes on after unloading
    for (const auto& one : callbacks) {
      mosquitto_callback_unregister(id, one.event, one.function, one.data);
    }
    --count;
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  mosquitto_plugin_id_t* id;
  std::unique_ptr<Plugin> plugin;
  static int count;
};
int Loaded::count = 0;

int fail(const std::string& why) noexcept {
  log(LogLevel::error, why);
  return MOSQ_ERR_INVAL;
}

int load(mosquitto_plugin_id_t* id, void** user_data, const mosquitto_opt* options, int count) {
  if (Loaded::count > 0) {
    return fail(
        "the plugin is loaded twice: per_listener_settings must be false, and there must be "
        "one plugin line");
  }
  std::vector<OptionText> texts;
  texts.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) texts.emplace_back(options[i].key, options[i].value);
  auto parsed = parse_options(texts);
  if (!parsed) return fail(parsed.error());
  if (const auto doubt = doubt_about(*parsed); !doubt.empty()) log(LogLevel::warning, doubt);
  const auto has_password = pg::has_password(parsed->database);
  if (!has_password) return fail("plugin_opt_database " + has_password.error());
  if (auto closed = check_secrets_are_closed(configuration_of_this_broker(), *has_password);
      !closed) {
    return fail(closed.error());
  }
  auto accounts = Accounts::read(parsed->accounts_file);
  if (!accounts) return fail("plugin_opt_accounts_file: " + accounts.error());

  auto heartbeat = Heartbeat::open(parsed->alive_file);
  if (!heartbeat) return fail(heartbeat.error());

  const OpenFiles files = raise_open_files();
  log(files.level, files.text);
  ++Loaded::count;
  auto loaded = std::make_unique<Loaded>(id);
  loaded->plugin = std::make_unique<Plugin>(std::move(*parsed), std::move(*accounts), system_clock);
  auto& plugin = *loaded->plugin;
  plugin.heartbeat = std::move(*heartbeat);
  for (const auto& one : callbacks) {
    if (mosquitto_callback_register(id, one.event, one.function, one.data, &plugin) !=
        MOSQ_ERR_SUCCESS) {
      return fail("the broker refused callback " + std::to_string(one.event));
    }
  }
  plugin.loader = std::make_unique<directory::Loader>(
      directory::LoaderOptions{plugin.options.database, plugin.options.cache_file,
                               plugin.options.broker_id},
      plugin.exchange);
  plugin.loader->start();
  // Listeners open after this: nobody is refused for having been early.
  if (!plugin.loader->wait_first_attempt(longest_first_load)) {
    log(LogLevel::warning, "the directory is still being loaded");
  }
  mosquitto_evt_tick first{};
  on_tick(plugin, first);
  plugin.ticked = false;
  plugin.started = plugin.clock.steady();
  *user_data = loaded.release();
  return MOSQ_ERR_SUCCESS;
}

}  // namespace
}  // namespace xgate::plugin

#define XGATE_EXPORT __attribute__((visibility("default")))

extern "C" {

XGATE_EXPORT int mosquitto_plugin_version(int supported_count, const int* supported) {
  for (int i = 0; i < supported_count; ++i) {
    if (supported[i] == MOSQ_PLUGIN_VERSION) return MOSQ_PLUGIN_VERSION;
  }
  return -1;
}

XGATE_EXPORT int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier, void** user_data,
                                       struct mosquitto_opt* options, int option_count) {
  try {
    return xgate::plugin::load(identifier, user_data, options, option_count);
  } catch (const std::exception& error) {
    return xgate::plugin::fail(error.what());
  }
}

XGATE_EXPORT int mosquitto_plugin_cleanup(void* user_data, struct mosquitto_opt* /*options*/,
                                          int /*option_count*/) {
  delete static_cast<xgate::plugin::Loaded*>(user_data);
  return MOSQ_ERR_SUCCESS;
}
}
