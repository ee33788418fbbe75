// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

namespace xgate::cli {

constexpr std::int64_t most_devices = 100'000;
constexpr std::int64_t largest_number = 1'000'000'000;  ///< of times, and of milliseconds

/// One [[do]]: what a device does by itself.
struct Task {
  enum class Kind : std::uint8_t {
    uplink,    ///< UP-1
    property,  ///< PROP-1
    event,     ///< EVENT-1
    history,   ///< HIST-1
    hex,       ///< HEX-1, HEX-3
    firmware,  ///< FW-1
    config,    ///< CONF-1, unasked
    time,      ///< TIME-1
    relogin,   ///< V2-5: leaves, and comes back
  };
  Kind kind = Kind::uplink;
  nlohmann::json content;   ///< a pattern; of a history: {"properties":…,"events":…}
  std::string identifier;   ///< of an event
  std::string hex;          ///< a pattern
  int header_ctrl = 0;      ///< of hex: 18, 19, 26 or 28
  std::int64_t points = 1;  ///< of a history
  std::chrono::milliseconds step{60000};
  std::chrono::milliseconds away{0};  ///< of a relogin

  std::chrono::milliseconds after{0};
  std::chrono::milliseconds every{0};
  std::int64_t times = 1;      ///< 0: without an end
  std::string expect = "200";  ///< the ack's Code
};

/// One [[on]]: how a device answers.
struct Rule {
  enum class Kind : std::uint8_t {
    down,        ///< DOWN-1
    set,         ///< PROP-2
    ask,         ///< PROP-3
    call,        ///< SVC-1
    config_get,  ///< CONF-1
    config_set,  ///< CONF-1
    firmware,    ///< FW-2
    hex_set,     ///< HEX-2
    hex_call,
    hex_ask,
    ota,  ///< OTA-2
  };
  enum class Upgrade : std::uint8_t {
    succeed,
    fail,    ///< downloads, and comes back with the old version
    ignore,  ///< does not even confirm
    cut,     ///< the first download breaks off in the middle, and is taken up again
  };
  Kind kind = Kind::set;
  std::string identifier = "*";  ///< of set, ask and call; "*": any
  std::string code = "200";
  std::string msg = "SUCCESS";
  std::optional<nlohmann::json> data;  ///< a pattern
  std::string reply;                   ///< of hex: a pattern of the bytes that answer
  std::chrono::milliseconds delay{0};
  bool ignore = false;
  bool twice = false;
  std::int64_t times = 0;  ///< holds for so many of a device's commands; 0: for all
  Upgrade upgrade = Upgrade::succeed;
};

/// A small file that says which devices there are, what they do and what they answer.
struct Scenario {
  // [devices]
  std::string product;  ///< ProductID; empty: the command line says which
  std::string first;    ///< NodeEui of the first; the number at its end counts on
  std::int64_t count = 1;
  std::chrono::milliseconds ramp{0};  ///< between the first login and the last
  std::optional<std::chrono::milliseconds> stay;

  // [device]
  std::string hard_ver = "1.0";
  std::map<std::string, std::string> soft_vers{{"default", "1.0.0"}};  ///< by module (FW-1)
  bool ask_time = true;
  std::chrono::milliseconds reboot{500};
  nlohmann::json properties = nlohmann::json::object();  ///< patterns: what it knows of itself
  nlohmann::json settings = nlohmann::json::object();

  std::vector<Task> tasks;
  std::vector<Rule> rules;

  /// Whether it ends by itself: it has something to do, none of it for ever.
  bool has_an_end() const noexcept;
};

/// Every error as "PATH:LINE: sentence".
using ScenarioErrors = std::vector<std::string>;
/// `path` only names the text.
tl::expected<Scenario, ScenarioErrors> parse_scenario(std::string_view text,
                                                      const std::string& path);
tl::expected<Scenario, ScenarioErrors> load_scenario(const std::string& path);

/// A commented scenario in English and Chinese: with what a product of this kind ("transparent",
/// "json", "hex") does, or with everything where `kind` is empty.
std::string example_scenario(std::string_view kind = {});

}  // namespace xgate::cli
