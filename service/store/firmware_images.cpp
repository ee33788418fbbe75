// SPDX-License-Identifier: Apache-2.0
#include "service/store/firmware_images.hpp"

#include <utility>

#include "pg/array.hpp"
#include "service/store/rfc3339.hpp"
#include "service/store/statement.hpp"

namespace xgate::store {
namespace {

#define IMAGE_COLUMNS                                                                    \
  "image_id, product_id, module, version, file_name, size, md5, sha256, " XGATE_RFC3339( \
      "created_at")

constexpr auto lock_content_sql =
    "SELECT pg_advisory_xact_lock(hashtextextended('xgate firmware ' || $1, 0))";
constexpr auto insert_image_sql =
    "INSERT INTO firmware_image (product_id, module, version, file_name, size, md5, sha256) "
    "VALUES ($1,$2,$3,$4,$5,$6,$7) RETURNING " IMAGE_COLUMNS;
constexpr auto find_image_sql = "SELECT " IMAGE_COLUMNS
                                " FROM firmware_image WHERE product_id = $1 AND module = $2 "
                                "AND version = $3";
constexpr auto list_images_sql =
    "SELECT " IMAGE_COLUMNS
    " FROM firmware_image WHERE product_id = $1 "
    "AND ($2 = '' OR image_id < $2::bigint) ORDER BY image_id DESC LIMIT $3";
constexpr auto lock_image_sql =
    "SELECT " IMAGE_COLUMNS " FROM firmware_image WHERE image_id = $1 FOR UPDATE";
constexpr auto live_sql =
    "SELECT EXISTS (SELECT 1 FROM upgrade_job j JOIN upgrade u USING (job_id) "
    "WHERE j.image_id = $1 AND u.ended_at IS NULL)";
constexpr auto delete_image_sql = "DELETE FROM firmware_image WHERE image_id = $1";
constexpr auto orphans_sql =
    "SELECT sha256 FROM unnest($1::text[]) AS there (sha256) "
    "WHERE NOT EXISTS (SELECT 1 FROM firmware_image i WHERE i.sha256 = there.sha256)";

ImageRecord image_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  return {.image_id = rows.int64(row, 0),
          .product_id = text(1),
          .module = text(2),
          .version = text(3),
          .file_name = text(4),
          .size = rows.int64(row, 5),
          .md5 = text(6),
          .sha256 = text(7),
          .created_at = text(8)};
}

pg::Result<std::optional<ImageRecord>> first_image(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return image_of(*rows, 0);
}

}  // namespace

pg::Result<void> lock_content(pg::Connection& connection, const std::string& sha256) {
  return run(connection, lock_content_sql, {sha256});
}

pg::Result<ImageRecord> insert_image(pg::Connection& connection, const ImageRecord& image) {
  auto rows = connection.exec(insert_image_sql,
                              {image.product_id, image.module, image.version, image.file_name,
                               std::to_string(image.size), image.md5, image.sha256});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return image_of(*rows, 0);
}

pg::Result<std::optional<ImageRecord>> find_image(pg::Connection& connection,
                                                  const std::string& product_id,
                                                  const std::string& module,
                                                  const std::string& version) {
  return first_image(connection.exec(find_image_sql, {product_id, module, version}));
}

pg::Result<std::vector<ImageRecord>> list_images(pg::Connection& connection,
                                                 const std::string& product_id, const Page& page) {
  auto rows =
      connection.exec(list_images_sql, {product_id, page.after, std::to_string(page.limit)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<ImageRecord> images;
  images.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) images.push_back(image_of(*rows, i));
  return images;
}

pg::Result<std::optional<ImageRecord>> lock_image(pg::Connection& connection,
                                                  std::int64_t image_id) {
  return first_image(connection.exec(lock_image_sql, {std::to_string(image_id)}));
}

pg::Result<bool> image_has_live_upgrades(pg::Connection& connection, std::int64_t image_id) {
  auto rows = connection.exec(live_sql, {std::to_string(image_id)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return rows->boolean(0, 0);
}

pg::Result<void> delete_image(pg::Connection& connection, std::int64_t image_id) {
  return run(connection, delete_image_sql, {std::to_string(image_id)});
}

pg::Result<std::vector<std::string>> contents_without_image(
    pg::Connection& connection, const std::vector<std::string>& sha256s) {
  pg::ArrayBuilder wanted;
  for (const auto& sha256 : sha256s) wanted.add(sha256);
  auto rows = connection.exec(orphans_sql, {wanted.take()});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<std::string> orphans;
  orphans.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) orphans.emplace_back(rows->text(i, 0));
  return orphans;
}

}  // namespace xgate::store
