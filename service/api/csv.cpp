// SPDX-License-Identifier: Apache-2.0
#include "service/api/csv.hpp"

namespace xgate::api {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

void CsvReader::skip_line() {
  const auto end = text_.find('\n', at_);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
  ++line_;
}

/// From after the opening quote to after the closing one.
bool CsvReader::read_quoted(std::string& field, std::string& error) {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c != '"') {
      if (c == '\n') ++line_;
      field += c;
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
      field += '"';
      ++at_;
    } else {
      ++at_;
      return true;
    }
  }
  error = "a quote is never closed";
  return false;
}

std::optional<CsvReader::Record> CsvReader::next() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n"))) {
    skip_line();
  }
  if (at_ >= text_.size()) return std::nullopt;
  Record record;
  record.line = line_;
  const auto fail = [&](std::string error) {
    record.error = std::move(error);
    record.fields.clear();
    skip_line();
    return record;
  };
  for (;;) {
    std::string field;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      std::string error;
      if (!read_quoted(field, error)) return fail(std::move(error));
    } else {
      while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' &&
             !text_.substr(at_).starts_with("\r\n")) {
        if (text_[at_] == '"') return fail("a quote stands inside a field that is not quoted");
        if (text_[at_] == '\r') return fail("a carriage return stands alone");
        field += text_[at_++];
      }
    }
    record.fields.push_back(std::move(field));
    if (at_ >= text_.size()) return record;
    if (text_[at_] == ',') {
      ++at_;
    } else if (text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n")) {
      skip_line();
      return record;
    } else {
      return fail("something follows a closing quote");
    }
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace xgate::api
