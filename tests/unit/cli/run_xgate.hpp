// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cli/environment.hpp"
#include "cli/program.hpp"

namespace xgate::cli::test {

/// A folder that is gone with its object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "xgate-cli-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

using Words = std::vector<std::string>;
inline Words plus(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline const std::string device_name = "AA30C505.20MQTTJ000121";

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs the program in this process. `rounds`: how often a follow may wait before Ctrl-C "comes".
struct Xgate {
  std::string input{};
  std::string url{};
  std::string token_file{};
  std::filesystem::path binary_dir = "/nowhere/bin";
  std::filesystem::path packaged_token_file = "/nowhere/lib/admin.token";
  bool terminal = false;
  texts::Language language = texts::Language::en;
  int rounds = 0;
  mutable std::vector<std::chrono::milliseconds> waits{};  ///< between two looks

  Ran operator()(const std::vector<std::string>& words) const {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    int left = rounds;
    const Environment env{.in = in,
                          .out = out,
                          .err = err,
                          .out_is_terminal = terminal,
                          .err_is_terminal = terminal,
                          .colours = terminal,
                          .language = language,
                          .url = url,
                          .token_file = token_file,
                          .binary_dir = binary_dir,
                          .packaged_token_file = packaged_token_file,
                          .interrupted_within = [this, &left](std::chrono::milliseconds time) {
                            if (time.count() > 0) --left;
                            if (time.count() > 0) waits.push_back(time);
                            return left < 0;
                          }};
    const int status = run(words, env);
    return {status, out.str(), err.str()};
  }
};

}  // namespace xgate::cli::test
