// SPDX-License-Identifier: Apache-2.0
#include "service/store/brokers.hpp"

#include <string_view>

namespace xgate::store {
namespace {

// Ids of brokers have no commas.
constexpr std::string_view barrier_sql = R"(
SELECT coalesce((SELECT string_agg(name, ',' ORDER BY name) FROM (
         SELECT left(broker, 50) FROM broker WHERE seen_at > now() - interval '10 s'
         UNION SELECT substr(application_name, 14) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'xgate plugin %')
         AS living (name)), ''),
       pg_notify('xgate_directory', $1))";

constexpr std::string_view tell_sql = "SELECT pg_notify('xgate_directory', $1)";

pg::Result<void> tell(pg::Connection& connection, const std::string& word) {
  const auto told = connection.exec(tell_sql, {word});
  if (!told) return tl::unexpected(told.error());
  return {};
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    parts.emplace_back(part);
    text.remove_prefix(part.size() == text.size() ? part.size() : part.size() + 1);
  }
  return parts;
}

}  // namespace

pg::Result<std::vector<std::string>> send_barrier(pg::Connection& connection, std::int64_t id,
                                                  Effect effect) {
  const auto rows = connection.exec(
      barrier_sql,
      {"barrier " + std::to_string(id) + (effect == Effect::sessions ? " sessions" : " logins")});
  if (!rows) return tl::unexpected(rows.error());
  return split_at_commas(rows->text(0, 0));
}

pg::Result<void> kick_device(pg::Connection& connection, const std::string& product_id,
                             const std::string& node_eui) {
  return tell(connection, "kick " + product_id + '.' + node_eui);
}

pg::Result<void> unlock_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui) {
  return tell(connection, "unlock " + product_id + '.' + node_eui);
}

}  // namespace xgate::store
