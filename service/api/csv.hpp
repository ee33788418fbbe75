// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgate::api {

/// RFC 4180, strictly: fields in quotes may hold commas, line ends and doubled quotes; a quote
/// anywhere else is an error. Lines end with LF or CRLF. A byte-order mark at the head is skipped
/// (spreadsheets write one), and so are empty lines.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  struct Record {
    std::size_t line = 0;  ///< where it begins, from 1
    std::vector<std::string> fields;
    std::string error;  ///< why it is no record; fields are then empty
  };
  /// The next record; nothing at the end. After an error reading goes on at the next line.
  std::optional<Record> next();

 private:
  bool read_quoted(std::string& field, std::string& error);
  void skip_line();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

/// Appends a field, quoted where it must be.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace xgate::api
