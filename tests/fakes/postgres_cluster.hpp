// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/connection.hpp"

namespace xgate::fakes {

/// A private PostgreSQL cluster in a temporary folder, on a Unix socket, gone with this object (or
/// with the test program, however it ends). PostgreSQL refuses to run as root: there it runs as
/// the user `postgres`.
class PostgresCluster {
 public:
  /// `tcp_port`: it listens there too, on 127.0.0.1.
  explicit PostgresCluster(int tcp_port = 0) : bin_(find_bin()), tcp_port_(tcp_port) {
    auto name = (std::filesystem::temp_directory_path() / "xgate-pg-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    if (::geteuid() == 0) run({"chown", "postgres:postgres", folder_.string()}, false);
    run({bin_ + "/initdb", "-D", data(), "-U", "xgate", "-A", "trust", "-E", "UTF8", "--locale=C",
         "--no-sync", "--no-instructions"});
    start();
  }
  ~PostgresCluster() {
    if (server_ > 0) stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// One for all the cases of a test program.
  static PostgresCluster& shared() {
    static PostgresCluster cluster;
    return cluster;
  }

  std::string conninfo(const std::string& database = "postgres") const {
    return "host=" + folder_.string() + " port=" + port() + " user=xgate dbname=" + database;
  }
  std::string tcp_conninfo() const {
    return "host=127.0.0.1 port=" + port() + " user=xgate dbname=postgres";
  }

  /// The conninfo of a new, empty database.
  std::string create_database() {
    const auto name = "test_" + std::to_string(++databases_);
    auto admin = pg::Connection::open(conninfo());
    if (!admin || !admin->exec_script("CREATE DATABASE " + name)) {
      throw std::runtime_error("CREATE DATABASE failed");
    }
    return conninfo(name);
  }

  void start() {
    server_ = spawn({bin_ + "/postgres", "-D", data(), "-k", folder_.string(), "-c",
                     tcp_port_ == 0 ? "listen_addresses=" : "listen_addresses=127.0.0.1", "-c",
                     "port=" + port(), "-c", "fsync=off", "-c", "max_connections=50"},
                    true);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!pg::Connection::open(conninfo())) {
      if (::waitpid(server_, nullptr, WNOHANG) == server_)
        throw std::runtime_error("postgres ended");
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("postgres is slow");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  /// At once, as a crash would.
  void stop() {
    resume();
    signal(SIGQUIT);
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
  }
  void signal(int number) const { ::kill(server_, number); }
  void resume() const { ::kill(server_, SIGCONT); }

 private:
  static std::string find_bin() {
    std::vector<std::string> versions;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
      versions.push_back((entry.path() / "bin").string());
    }
    if (versions.empty()) throw std::runtime_error("no PostgreSQL server is installed");
    return *std::max_element(versions.begin(), versions.end());
  }

  std::string port() const { return std::to_string(tcp_port_ == 0 ? 5432 : tcp_port_); }
  std::string data() const { return (folder_ / "data").string(); }

  pid_t spawn(std::vector<std::string> command, bool as_postgres) const {
    if (as_postgres && ::geteuid() == 0) {
      const std::vector<std::string> drop{"setpriv", "--reuid=postgres", "--regid=postgres",
                                          "--init-groups", "--pdeathsig=QUIT"};
      command.insert(command.begin(), drop.begin(), drop.end());
    }
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    std::vector<char*> argv;
    for (auto& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto log = (folder_ / "log").string();
    if (::freopen("/dev/null", "r", stdin) == nullptr) ::_exit(126);
    if (::freopen(log.c_str(), "a", stdout) == nullptr) ::_exit(126);
    ::dup2(1, 2);
    if (::chdir("/") != 0) ::_exit(126);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }

  void run(const std::vector<std::string>& command, bool as_postgres = true) const {
    int status = 0;
    ::waitpid(spawn(command, as_postgres), &status, 0);
    if (status != 0) throw std::runtime_error(command[0] + " failed, see " + folder_.string());
  }

  std::string bin_;
  int tcp_port_;
  std::filesystem::path folder_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace xgate::fakes
