// SPDX-License-Identifier: Apache-2.0
#include "service/config/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "service/config/settings.hpp"

namespace xgate::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Config : public ::testing::Test {
 protected:
  Config() {
    auto name = (std::filesystem::temp_directory_path() / "xgate-config-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    write("secret", "hunter2\n", 0600);
  }
  ~Config() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    const auto path = (folder_ / name).string();
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string path() const { return (folder_ / "xgate.toml").string(); }
  Errors errors_of(const std::string& text) const {
    const auto settings = parse(text, path());
    return settings ? Errors{} : settings.error();
  }

  std::filesystem::path folder_;
  const std::string good_ =
      "[database]\nurl = \"dbname=xgate\"\n[broker]\npassword_file = \"secret\"\n";
};

TEST_F(Config, what_is_left_out_has_its_default) {
  const auto settings = parse(good_, path());
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_EQ(settings->database.url, "dbname=xgate");
  EXPECT_EQ(settings->broker.password, "hunter2");
  EXPECT_EQ(settings->broker.id, "local");
  EXPECT_EQ(settings->http.port, 8080);
  EXPECT_EQ(settings->time.zone, "Asia/Shanghai");
}

TEST_F(Config, migration_reads_no_secret) {
  const std::string text =
      "[database]\nurl = 'dbname=x'\nmigrate_url = 'dbname=x user=o'\nservice_role = 's'\n"
      "plugin_role = 'p'\n[broker]\npassword_file = 'not-there'\n";
  EXPECT_THAT(errors_of(text), ElementsAre(HasSubstr("not-there")));
  const auto settings = parse(text, path(), {}, SecretFiles::leave);
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_EQ(settings->database.migrate_url, "dbname=x user=o");
  EXPECT_EQ(settings->database.service_role, "s");
  EXPECT_EQ(settings->database.plugin_role, "p");
  EXPECT_EQ(settings->broker.password, "");
  const std::string pem = "= 'not-there.pem'\n";  // the service's own as well
  EXPECT_TRUE(parse(text + "tls = true\nca_file " + pem + "[http]\ntls_certificate " + pem +
                        "tls_key " + pem + "[download]\ntls_certificate " + pem + "tls_key " + pem,
                    path(), {}, SecretFiles::leave));
}

TEST_F(Config, one_role_is_not_named_twice) {
  const std::string roles = "service_role = 'x'\nplugin_role = 'x'\n";
  EXPECT_THAT(
      errors_of("[database]\nurl = 'dbname=x'\n" + roles + "[broker]\npassword_file = 'secret'\n"),
      ElementsAre(AllOf(HasSubstr(":4: "), HasSubstr("plugin_role is service_role too"))));
}

TEST_F(Config, every_key_is_read) {
  const auto settings = parse(
      "[database]\nurl = 'postgresql:///x'\n[broker]\nid='b2'\nhost='h'\nport=8883\n"
      "username='u'\npassword_file='secret'\ntls=true\nca_file='secret'\n[http]\naddress='::'\n"
      "port=0\ntoken_file='t'\nworkers=9\nconnections=7\n[log]\nformat='json'\nlevel='warn'\n"
      "[ingest]\nworkers=3\nqueue=100\nbatch=7\n[time]\nzone='UTC'\n[keys]\ntries=5\nretry_s=[1,2]"
      "\n"
      "[commands]\nttl_s=3\n[messages]\nretention_days=1\n[history]\nretention_days=2\n"
      "[audit]\nretention_days=33\n"
      "[firmware]\nfolder='f'\nmax_mb=1\n"
      "[download]\naddress='::'\nport=81\npublic_url='https://ota.example.com/'\nconnections=2\n",
      path());
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_EQ(settings->broker.port, 8883);
  EXPECT_TRUE(settings->broker.tls);
  EXPECT_EQ(settings->http.address, "::");
  EXPECT_EQ(settings->http.token_file, (folder_ / "t").string());
  EXPECT_EQ(settings->ingest.queue, 100);
  EXPECT_EQ(settings->ingest.batch, 7);
  EXPECT_EQ(settings->log.format, "json");
  EXPECT_EQ(settings->time.zone, "UTC");
  EXPECT_THAT(settings->keys.retry_s, ElementsAre(1, 2));
  EXPECT_EQ(settings->commands.ttl_s, 3);
  EXPECT_EQ(settings->messages.retention_days, 1);
  EXPECT_EQ(settings->firmware.folder, (folder_ / "f").string());
  EXPECT_EQ(settings->download.public_url, "https://ota.example.com");
  EXPECT_EQ(settings->history.retention_days, 2);
  EXPECT_EQ(settings->audit.retention_days, 33);
}

TEST_F(Config, errors_name_file_and_line) {
  struct Case {
    std::string line;  ///< the sixth of the file
    std::string says;
  };
  const std::vector<Case> cases{
      {"prot = 1", "[http] has no key \"prot\""},
      {"port = 65536", "must be 0 to 65535"},
      {"port = -1", "must be 0 to 65535"},
      {"port = \"8080\"", "must be a whole number"},
      {"port = 1.5", "must be a whole number"},
      {"port = 99999999999999999999", ""},
      {"address = \"localhost\"", "is no IP address"},
      {"address = 1", "must be a text"},
      {"token_file = \"\"", "is empty"},
      {"port = ", ""},
      {"[htp]", "\"htp\" is no section"},
  };
  for (const auto& [line, says] : cases) {
    const auto errors = errors_of(good_ + "[http]\n" + line + "\n");
    ASSERT_EQ(errors.size(), 1U) << line;
    EXPECT_THAT(errors[0], HasSubstr(path() + ":6: ")) << line;
    EXPECT_THAT(errors[0], HasSubstr(says)) << line;
  }
}

TEST_F(Config, every_kind_of_value_is_checked) {
  for (const std::string text :
       {"[log]\nlevel = 'loud'", "[log]\nformat = 'xml'", "[time]\nzone = 'Mars/Olympus'",
        "[time]\nzone = '../../etc/passwd'", "[keys]\nretry_s = []", "[keys]\nretry_s = [0]",
        "[keys]\nretry_s = 5", "[keys]\nretry_s = ['a']", "[keys]\ntries = 0",
        "[ingest]\nqueue = 1", "[ingest]\nbatch = 0", "[ingest]\nworkers = 0",
        "[messages]\nretention_days = 0", "[firmware]\nmax_mb = 0", "[download]\nport = 0",
        "[download]\npublic_url = 'ota.example'", "[download]\npublic_url = 'http://'",
        "[download]\npublic_url = 'http://h/?x'", "[download]\naddress = '0.0.0.0'"}) {
    const auto errors = errors_of(good_ + text + "\n");
    ASSERT_EQ(errors.size(), 1U) << text;
    EXPECT_THAT(errors[0], HasSubstr(":6: ")) << text;
  }
}

TEST_F(Config, all_errors_are_told_at_once) {
  const auto errors = errors_of("[database]\nurl = ''\n[log]\nlevel = 'x'\n[what]\n");
  EXPECT_EQ(errors.size(), 4U);  // url, level, [what], and password_file is missing
}

TEST_F(Config, a_token_that_is_there_must_be_one_and_secret) {
  const auto with = [&](const std::string& file) {
    const auto errors = errors_of(good_ + "[http]\ntoken_file = '" + file + "'\n");
    return errors.empty() ? std::string() : errors.front();
  };
  EXPECT_EQ(with("to_be_made"), "");
  write("token", "xgate_0123\n", 0644);
  EXPECT_THAT(with("token"), HasSubstr(":6: [http] token_file names"));
  EXPECT_THAT(with("token"), HasSubstr("everyone may read"));
  write("token", "xgate_0123\n", 0600);
  EXPECT_EQ(with("token"), "");
  write("token", " \n", 0600);
  EXPECT_THAT(with("token"), HasSubstr("there is no token"));
  write("admin.token", "", 0600);
  EXPECT_THAT(errors_of(good_).at(0), HasSubstr("[http] token_file names"));
}

TEST_F(Config, the_services_account_has_no_name_of_a_device) {
  for (const std::string name : {"7ED01E2A-AA30C505-20MQTTJ000121", "AA30C505-20MQTTJ000121",
                                 "AA30C505.20MQTTJ000121", "AUTH-x", "V2_x"}) {
    const auto errors = errors_of(good_ + "username = '" + name + "'\n");
    ASSERT_EQ(errors.size(), 1U) << name;
    EXPECT_THAT(errors[0], HasSubstr(":5: [broker] username is \"" + name + "\", a name that"));
  }
  EXPECT_TRUE(errors_of(good_ + "username = 'xgate-service'\n").empty());
}

TEST_F(Config, a_secret_file_must_be_there_and_be_secret) {
  const auto with = [&](const std::string& file) {
    const auto errors =
        errors_of("[database]\nurl = 'dbname=x'\n[broker]\npassword_file = '" + file + "'\n");
    return errors.empty() ? std::string() : errors.front();
  };
  EXPECT_THAT(with("missing"), HasSubstr(":4: "));
  EXPECT_THAT(with("missing"), HasSubstr("No such file"));
  write("open", "x", 0644);
  EXPECT_THAT(with("open"), HasSubstr("everyone may read"));
  write("empty", "\n", 0600);
  EXPECT_THAT(with("empty"), HasSubstr("is empty"));
  EXPECT_EQ(with("secret"), "");
}

TEST_F(Config, a_connection_string_is_checked_and_never_quoted) {
  const auto with = [&](const std::string& url) {
    const auto errors =
        errors_of("[database]\nurl = '" + url + "'\n[broker]\npassword_file = 'secret'\n");
    return errors.empty() ? std::string() : errors.front();
  };
  EXPECT_THAT(with("hunter2 is = no == conninfo"), HasSubstr("connection string"));
  EXPECT_EQ(with("hunter2 is = no == conninfo").find("hunter2"), std::string::npos);
  write("xgate.toml", "", 0644);
  EXPECT_THAT(with("dbname=x password=hunter2"), HasSubstr("chmod 600"));
  write("xgate.toml", "", 0600);
  EXPECT_EQ(with("dbname=x password=hunter2"), "");
}

TEST_F(Config, the_environment_stands_above_the_file) {
  const std::map<std::string, std::string> variables{
      {"XGATE_MESSAGES_RETENTION_DAYS", "90"},
      {"XGATE_KEYS_RETRY_S", "[5, 7]"},
      {"XGATE_TIME_ZONE", "UTC"},
      {"XGATE_BROKER_TLS", "true"},
      {"XGATE_HTTP_PORT", ""},
  };
  const auto environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  const auto settings = parse(good_ + "[messages]\nretention_days = 7\n", path(), environment);
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_EQ(settings->messages.retention_days, 90);
  EXPECT_THAT(settings->keys.retry_s, ElementsAre(5, 7));
  EXPECT_EQ(settings->time.zone, "UTC");
  EXPECT_TRUE(settings->broker.tls);
  EXPECT_EQ(settings->http.port, 8080) << "empty says nothing";
}

TEST_F(Config, what_is_wrong_in_the_environment_names_the_variable) {
  const auto error_of = [&](const std::string& variable, const std::string& value) {
    const auto settings = parse(good_, path(), [&](const std::string& name) {
      return name == variable ? std::optional(value) : std::nullopt;
    });
    return settings ? std::string() : settings.error().front();
  };
  EXPECT_EQ(error_of("XGATE_MESSAGES_RETENTION_DAYS", "ninety"),
            "XGATE_MESSAGES_RETENTION_DAYS in the environment must be a whole number, 1 to 36500");
  EXPECT_EQ(error_of("XGATE_MESSAGES_RETENTION_DAYS", "9\n[x]\ny=1"),
            "XGATE_MESSAGES_RETENTION_DAYS in the environment must be a whole number, 1 to 36500");
  EXPECT_THAT(error_of("XGATE_TIME_ZONE", "Moon"), HasSubstr("XGATE_TIME_ZONE in the environment"));
  EXPECT_THAT(error_of("XGATE_DATABASE_URL", "hunter2 is = no == conninfo"),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(error_of("XGATE_DOWNLOAD_ADDRESS", "0.0.0.0"), HasSubstr("public_url"));
}

TEST_F(Config, a_file_that_cannot_be_read_is_an_error) {
  const auto missing = load((folder_ / "nothing.toml").string());
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().front(), HasSubstr("nothing.toml"));
  EXPECT_THAT(load(folder_.string()).error().front(), HasSubstr("folder"));
  write("xgate.toml", good_, 0600);
  EXPECT_TRUE(load(path()));
}

TEST_F(Config, names_and_pages_that_may_ask_are_lists_of_texts) {
  const auto settings =
      parse(good_ + "[http]\nhosts = [\"gate.example.com\"]\norigins = []\n", path());
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_THAT(settings->http.hosts, ElementsAre("gate.example.com"));
  for (const std::string wrong :
       {"hosts = \"gate\"", "hosts = [1]", "hosts = [\"gate:80\"]", "hosts = [\"http://gate\"]",
        "hosts = [\"\"]", "origins = [\"gate.example.com\"]", "origins = [\"null\"]"}) {
    const auto errors = errors_of(good_ + "[http]\n" + wrong + "\n");
    ASSERT_EQ(errors.size(), 1U) << wrong;
    EXPECT_THAT(errors.front(), HasSubstr("xgate.toml:6: [http] " + wrong.substr(0, 5))) << wrong;
  }
}

TEST_F(Config, a_certificate_has_a_key_that_not_everybody_may_read) {
  write("server.crt", "x", 0644);
  write("open.key", "x", 0644);
  write("server.key", "x", 0640);
  const auto http = [&](const std::string& lines) { return errors_of(good_ + "[http]\n" + lines); };
  EXPECT_THAT(http("tls_certificate = 'server.crt'\ntls_key = 'server.key'\n"), ElementsAre());
  EXPECT_THAT(http("tls_certificate = 'server.crt'\ntls_key = 'open.key'\n"),
              ElementsAre(HasSubstr("which everyone may read: chmod 640 it")));
  EXPECT_THAT(http("tls_certificate = 'server.crt'\n"),
              ElementsAre(HasSubstr(":6: [http] tls_certificate and tls_key belong together")));
  EXPECT_THAT(http("tls_certificate = 'nothing.crt'\ntls_key = 'server.key'\n"),
              ElementsAre(HasSubstr("cannot read ")));
}

TEST_F(Config, what_devices_are_told_is_https_where_downloads_have_a_certificate) {
  Settings settings;
  EXPECT_EQ(settings.download.base_url(), "http://127.0.0.1:8081");
  settings.download.tls_certificate = "server.crt";
  EXPECT_EQ(settings.download.base_url(), "https://127.0.0.1:8081");
}

TEST_F(Config, the_description_is_a_settings_file_of_the_defaults) {
  write("broker-password", "x", 0600);
  const auto settings = parse(describe(), path());
  ASSERT_TRUE(settings) << settings.error().front();
  EXPECT_EQ(settings->http.port, Settings().http.port);
  EXPECT_EQ(settings->keys.retry_s, Settings().keys.retry_s);
  for (const auto& row : settings_table()) {
    EXPECT_THAT(describe(), HasSubstr("\n" + std::string(row.key) + " = ")) << row.key;
    EXPECT_THAT(describe(), HasSubstr(std::string(row.chinese))) << row.key;
    EXPECT_FALSE(row.english.empty() || row.chinese.empty()) << row.key;
  }
}

}  // namespace
}  // namespace xgate::config
