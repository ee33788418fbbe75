// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include <libpq-fe.h>

#include "pg/bytea.hpp"
#include "pg/connection.hpp"

namespace xgate::pg {
namespace {

const PGresult* result_of(void* result) noexcept { return static_cast<const PGresult*>(result); }

}  // namespace

Rows::Rows(void* pg_result) noexcept : result_(pg_result) {}
Rows::~Rows() { PQclear(static_cast<PGresult*>(result_)); }
Rows::Rows(Rows&& other) noexcept : result_(std::exchange(other.result_, nullptr)) {}
Rows& Rows::operator=(Rows&& other) noexcept {
  std::swap(result_, other.result_);
  return *this;
}

int Rows::size() const noexcept { return PQntuples(result_of(result_)); }

std::int64_t Rows::affected() const noexcept {
  // libpq's only function here that takes no const pointer
  const std::string_view count = PQcmdTuples(static_cast<PGresult*>(result_));
  std::int64_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

bool Rows::is_null(int row, int column) const noexcept {
  return PQgetisnull(result_of(result_), row, column) == 1;
}

std::string_view Rows::text(int row, int column) const noexcept {
  const char* value = PQgetvalue(result_of(result_), row, column);
  if (value == nullptr) return {};
  return {value, static_cast<std::size_t>(PQgetlength(result_of(result_), row, column))};
}

std::int64_t Rows::int64(int row, int column) const noexcept {
  const auto value = text(row, column);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool Rows::boolean(int row, int column) const noexcept { return text(row, column) == "t"; }

std::string Rows::bytea(int row, int column) const { return decode_bytea(text(row, column)); }

std::optional<std::string> Rows::optional_text(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

}  // namespace xgate::pg
