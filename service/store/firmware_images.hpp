// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/registry.hpp"

// The images of firmware that there are. Their files are firmware::ContentStore's.
namespace xgate::store {

struct ImageRecord {
  std::int64_t image_id = 0;
  std::string product_id;
  std::string module = "default";
  std::string version;
  std::string file_name;
  std::int64_t size = 0;
  std::string md5;
  std::string sha256;
  std::string created_at;
};

/// Until the transaction ends nobody else adds or removes this content. A file's place is given and
/// taken only under it, so that a row never stands without its file.
pg::Result<void> lock_content(pg::Connection& connection, const std::string& sha256);

pg::Result<ImageRecord> insert_image(pg::Connection& connection, const ImageRecord& image);
/// By version.
pg::Result<std::optional<ImageRecord>> find_image(pg::Connection& connection,
                                                  const std::string& product_id,
                                                  const std::string& module,
                                                  const std::string& version);
/// Newest first; `page.after` is an image_id.
pg::Result<std::vector<ImageRecord>> list_images(pg::Connection& connection,
                                                 const std::string& product_id, const Page& page);
/// Locked until the transaction ends: no job begins with it meanwhile.
pg::Result<std::optional<ImageRecord>> lock_image(pg::Connection& connection,
                                                  std::int64_t image_id);
pg::Result<bool> image_has_live_upgrades(pg::Connection& connection, std::int64_t image_id);
pg::Result<void> delete_image(pg::Connection& connection, std::int64_t image_id);

/// Those of `sha256s` that no image is made of.
pg::Result<std::vector<std::string>> contents_without_image(
    pg::Connection& connection, const std::vector<std::string>& sha256s);

}  // namespace xgate::store
