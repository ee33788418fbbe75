// SPDX-License-Identifier: Apache-2.0
#include "cli/input.hpp"

#include <cerrno>
#include <fstream>
#include <istream>
#include <iterator>
#include <system_error>

namespace xgate::cli {

Result<std::string> read_input(const Environment& env, const std::string& file) {
  const bool from_standard_input = file == "-";
  std::ifstream stream;
  const auto refuse = [&] {
    return failed("cannot read " + file + ": " + std::system_category().message(errno));
  };
  if (!from_standard_input) {
    stream.open(file, std::ios::binary);
    // opening a folder works, reading from it does not
    if (!stream || (stream.peek() == std::ifstream::traits_type::eof() && stream.bad())) {
      return refuse();
    }
    stream.clear();
  }
  std::istream& source = from_standard_input ? env.in : stream;
  std::string text(std::istreambuf_iterator<char>(source), {});
  if (source.bad()) return refuse();
  return text;
}

std::string input_name(const std::string& file) { return file == "-" ? "standard input" : file; }

}  // namespace xgate::cli
