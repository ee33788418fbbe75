// SPDX-License-Identifier: Apache-2.0
#include "service/store/registrations.hpp"

#include <set>
#include <utility>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/directory.hpp"

namespace xgate::store {
namespace {

// Makes the row or locks it. What is returned is the newest, which this statement's own view of the
// table may not be. A clock that was put back leaves at most a minute taken.
constexpr std::string_view lock_rooms = R"(
WITH wanted AS (
  SELECT product_id, registration_quota AS quota, registration_rate_per_minute AS rate
  FROM product WHERE product_id = ANY($1::text[]) ORDER BY product_id FOR KEY SHARE),
opened AS (
  INSERT INTO registration AS r (product_id) SELECT product_id FROM wanted
  ON CONFLICT (product_id) DO UPDATE SET product_id = excluded.product_id
  RETURNING r.product_id, r.devices, r.spent_until)
SELECT product_id, quota, rate, devices,
       coalesce(floor(extract(epoch FROM now + interval '1 min'
                      - greatest(least(spent_until, now + interval '1 min'), now)) * rate / 60), 0)::bigint
FROM opened JOIN wanted USING (product_id), clock_timestamp() AS now)";

// Now that the rooms are locked, whom others have registered is seen, and takes no room. DO
// NOTHING, not DO UPDATE: a device that somebody adds by the API at this moment keeps its secret.
// Ordered, so that two services cannot deadlock.
constexpr std::string_view insert_devices = R"(
WITH room AS (
  SELECT * FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS room (product_id, room, rate)),
fresh AS (
  SELECT new.*, row_number() OVER (PARTITION BY product_id ORDER BY place) AS rank
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
       AS new (product_id, node_eui, device_secret, place)
  WHERE NOT EXISTS (SELECT FROM device d
                    WHERE d.product_id = new.product_id AND d.node_eui = new.node_eui)),
inserted AS (
  INSERT INTO device (product_id, node_eui, device_secret, registered_by)
  SELECT product_id, node_eui, device_secret, 'device'
  FROM fresh JOIN room USING (product_id) WHERE rank <= room
  ORDER BY product_id, node_eui
  ON CONFLICT ON CONSTRAINT device_pkey DO NOTHING
  RETURNING product_id)
UPDATE registration r SET devices = r.devices + added.count,
  spent_until = CASE WHEN rate = 0 THEN r.spent_until ELSE
    greatest(least(r.spent_until, now + interval '1 min'), now) + interval '1 min' * added.count / rate END
FROM (SELECT product_id, count(*) FROM inserted GROUP BY product_id) added
     JOIN room USING (product_id), clock_timestamp() AS now
WHERE r.product_id = added.product_id)";

pg::Result<RegistrationRooms> lock(pg::Connection& connection, std::span<const Device> devices) {
  std::set<std::string_view> products;
  for (const Device& device : devices) products.insert(device.product_id);
  pg::ArrayBuilder ids;
  for (const auto product_id : products) add_text(ids, product_id);
  const auto rows = connection.exec(lock_rooms, {ids.take()});
  if (!rows) return tl::unexpected(rows.error());
  RegistrationRooms rooms;
  for (int i = 0; i < rows->size(); ++i) {
    RegistrationRoom room;
    if (!rows->is_null(i, 1)) room.quota = rows->int64(i, 1);
    if (!rows->is_null(i, 2)) room.rate_per_minute = rows->int64(i, 2);
    room.devices = rows->int64(i, 3);
    room.by_rate = std::max<std::int64_t>(rows->int64(i, 4), 0);
    rooms.emplace(rows->text(i, 0), room);
  }
  return rooms;
}

pg::Result<void> insert(pg::Connection& connection, std::span<const Device> devices,
                        const RegistrationRooms& rooms) {
  pg::ArrayBuilder products;
  pg::ArrayBuilder nodes;
  pg::ArrayBuilder secrets;
  for (const Device& device : devices) {
    add_text(products, std::string_view(device.product_id));
    add_text(nodes, std::string_view(device.node_eui));
    secrets.add(device.device_secret);
  }
  pg::ArrayBuilder limited;
  pg::ArrayBuilder room;
  pg::ArrayBuilder rate;
  for (const auto& [product_id, limits] : rooms) {
    add_text(limited, std::string_view(product_id));
    room.add(limits.room());
    rate.add(limits.rate_per_minute.value_or(0));
  }
  const auto done = connection.exec(insert_devices, {products.take(), nodes.take(), secrets.take(),
                                                     limited.take(), room.take(), rate.take()});
  return done ? pg::Result<void>{} : tl::unexpected(done.error());
}

}  // namespace

pg::Result<RegistrationRooms> register_devices(pg::Connection& connection, State& state,
                                               std::span<const Device> devices) {
  if (devices.empty()) return RegistrationRooms{};
  auto rooms = lock(connection, devices);
  if (!rooms) return rooms;
  if (auto done = insert(connection, devices, *rooms); !done) return tl::unexpected(done.error());
  std::set<DeviceName> names;
  for (const Device& device : devices) names.insert({device.product_id, device.node_eui});
  // A second statement sees what another's commit made us wait for; the first one's RETURNING not.
  if (auto read = read_devices(connection, names, state); !read) {
    return tl::unexpected(read.error());
  }
  return rooms;
}

}  // namespace xgate::store
