// SPDX-License-Identifier: Apache-2.0
#include "service/store/readings.hpp"

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/statement.hpp"

namespace xgate::store {
namespace {

// The join leaves out devices that were deleted meanwhile. Ordered, so that two workers cannot
// deadlock.
constexpr std::string_view upsert_readings = R"(
INSERT INTO device_reading AS r (device_id, product_id, key_reading, heard_names, acked_names)
SELECT device_id, new.product_id, nullif(key_reading, ''), nullif(heard_names, ''),
       nullif(acked_names, '')
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
     AS new (device_id, product_id, key_reading, heard_names, acked_names)
JOIN device USING (device_id)
ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET
  key_reading = coalesce(excluded.key_reading, r.key_reading),
  heard_names = coalesce(excluded.heard_names, r.heard_names),
  acked_names = coalesce(excluded.acked_names, r.acked_names))";

constexpr std::string_view count_by_product = R"(
SELECT coalesce(key_reading, ''), coalesce(heard_names, ''), coalesce(acked_names, ''), count(*)
FROM device_reading WHERE product_id = $1 GROUP BY 1, 2, 3)";

}  // namespace

pg::Result<void> write_readings(pg::Connection& connection, std::span<const ReadingsRow> rows) {
  if (rows.empty()) {
    return {};
  }
  std::map<std::int64_t, const ReadingsRow*> last;
  for (const ReadingsRow& row : rows) {
    last[row.device_id] = &row;
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder products;
  pg::ArrayBuilder keys;
  pg::ArrayBuilder heard;
  pg::ArrayBuilder acked;
  for (const auto& [id, row] : last) {
    const Readings& readings = row->readings;
    devices.add(id);
    add_text(products, std::string_view(row->product_id));
    keys.add(readings.key_reading ? protocol::to_string(*readings.key_reading)
                                  : std::string_view());
    heard.add(std::string_view(readings.heard_names));
    acked.add(std::string_view(readings.acked_names));
  }
  return run(connection, upsert_readings,
             {devices.take(), products.take(), keys.take(), heard.take(), acked.take()});
}

pg::Result<ReadingCounts> count_readings(pg::Connection& connection,
                                         const std::string& product_id) {
  const auto rows = connection.exec(count_by_product, {product_id});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  ReadingCounts counts;
  for (int i = 0; i < rows->size(); ++i) {
    const std::string key(rows->text(i, 0));
    const auto names = topic_names_of(std::string(rows->text(i, 1)), std::string(rows->text(i, 2)));
    if (!key.empty()) {
      counts.key_reading[key] += rows->int64(i, 3);
    }
    if (!names.empty()) {
      counts.topic_names[names] += rows->int64(i, 3);
    }
  }
  return counts;
}

std::string topic_names_of(const std::string& heard_names, const std::string& acked_names) {
  if (heard_names.empty() || heard_names == acked_names) {
    return acked_names;
  }
  return acked_names.empty() ? heard_names : "both";
}

}  // namespace xgate::store
