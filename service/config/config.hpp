// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

// The settings file of the service, TOML. settings.cpp holds the one table that gives parsing,
// validation, defaults and documentation; the defaults stand here.
namespace xgate::config {

struct Settings {
  struct Database {
    std::string url;          ///< libpq connection string or URI
    std::string migrate_url;  ///< the same for `xgate migrate`, by the schema's owner; empty: `url`
    std::string
        service_role;  ///< the role of `url`, to which migrate grants; empty: the owner itself
    std::string plugin_role;    ///< the same of the broker's plugin; empty: nothing is granted
    bool allow_unsafe = false;  ///< run on a database that may lose what it has committed
  } database;
  struct Broker {
    std::string id = "local";
    std::string host = "127.0.0.1";
    int port = 1883;
    std::string username = "xgate-service";
    std::string password_file;
    bool tls = false;
    std::string ca_file;   ///< empty: the system's
    std::string password;  ///< read from password_file; no key of its own
  } broker;
  struct Http {
    std::string address = "127.0.0.1";
    int port = 8080;  ///< 0: any free one
    std::string token_file = "admin.token";
    int workers = 4;  ///< threads, each with a database connection
    int connections = 512;
    int connections_per_address = 128;
    int header_s = 5;             ///< until a request's header is here
    std::string tls_certificate;  ///< a chain; empty: plain HTTP
    std::string tls_key;
    int free_failures = 5;             ///< wrong tokens of an address before it has to wait
    int longest_backoff_s = 900;       ///< 0: nobody has to
    std::vector<std::string> hosts;    ///< names that this machine is asked under, besides its own
    std::vector<std::string> origins;  ///< of pages that may ask, besides the own one
  } http;
  struct MetricsListener {
    std::string address;  ///< empty: /metrics is the API's
    int port = 8082;      ///< 0: any free one
  } metrics;
  struct Log {
    std::string format = "text";
    std::string level = "info";
  } log;
  struct Ingest {
    int workers = 2;
    int queue = 20000;  ///< messages waiting for a worker, at most
    int batch = 1000;   ///< messages committed together, at most
  } ingest;
  struct Time {
    std::string zone = "Asia/Shanghai";
  } time;
  struct Keys {
    int tries = 3;
    std::vector<int> retry_s = {10, 60, 300};
  } keys;
  struct Commands {
    int ttl_s = 86400;  ///< of a command that names no time to live
  } commands;
  struct Scripts {
    int time_ms = 50;    ///< of a processor, a call
    int memory_mb = 16;  ///< a call
    int processes = 2;   ///< and one for the scripts that ran over a limit lately
  } scripts;
  struct Messages {
    int retention_days = 30;
  } messages;
  struct History {
    int retention_days = 365;
  } history;
  struct Audit {
    int retention_days = 730;
  } audit;
  struct Properties {
    int per_device = 1000;  ///< identifiers of its own making
  } properties;
  struct Firmware {
    std::string folder = "firmware";
    int max_mb = 512;  ///< of one image
  } firmware;
  struct Download {
    std::string address = "127.0.0.1";
    int port = 8081;         ///< 0: any free one
    std::string public_url;  ///< empty: http://address:port
    int connections = 1024;
    int connections_per_address = 256;
    int header_s = 10;
    std::string tls_certificate;
    std::string tls_key;
    int unknown_per_hour = 100;  ///< DownIDs that nobody has, of one address; 0: no limit

    std::string base_url() const;  ///< what devices are told, without a slash at the end
  } download;
};

/// Every error of the file, each one sentence headed by "FILE:LINE: ".
using Errors = std::vector<std::string>;

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// This process's.
std::optional<std::string> environment_variable(const std::string& name);

/// Whether the files with secrets, and the certificates, are read that the settings name: migrate
/// needs none, and need not be able to read them.
enum class SecretFiles : std::uint8_t { read, leave };

/// Reads and checks `path`, and the secret files it names. Relative paths inside it start at its
/// own folder. What the environment sets (XGATE_SECTION_KEY) stands above what the file says; an
/// empty variable sets nothing.
tl::expected<Settings, Errors> load(const std::string& path,
                                    const Environment& environment = environment_variable,
                                    SecretFiles secrets = SecretFiles::read);
/// The same from text; `path` only names it and its folder.
tl::expected<Settings, Errors> parse(const std::string& text, const std::string& path,
                                     const Environment& environment = {},
                                     SecretFiles secrets = SecretFiles::read);

/// A commented settings file with every key at its default, explained in English and Chinese.
std::string describe();
/// The same for programs: of each key its section, default, bounds or choices, and explanation.
nlohmann::json describe_as_json();

}  // namespace xgate::config
