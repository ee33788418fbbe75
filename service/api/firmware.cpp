// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "protocol/ota.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/firmware/content_store.hpp"
#include "service/firmware/orphans.hpp"
#include "service/store/firmware_images.hpp"

namespace xgate::api {
namespace {

Json image_json(const store::ImageRecord& image) {
  return {{"image_id", image.image_id},
          {"product_id", image.product_id},
          {"module", image.module},
          {"version", image.version},
          {"file_name", image.file_name},
          {"size", image.size},
          {"md5", image.md5},
          {"sha256", image.sha256},
          {"created_at", image.created_at}};
}

Problem exists(const store::ImageRecord& image) {
  return conflict("product " + image.product_id + " has version " + image.version + " of module " +
                  image.module + " already");
}

Result<store::ImageRecord> described(const Request& request) {
  if (auto known = check_query(request, {"version", "module", "name"}); !known) {
    return tl::unexpected(known.error());
  }
  store::ImageRecord image;
  image.product_id = request.parameters.at(0);
  image.version = request.query_value("version").value_or("");
  image.module = request.query_value("module").value_or("default");
  image.file_name = request.query_value("name").value_or("firmware.bin");
  if (!protocol::is_firmware_version(image.version)) {
    return tl::unexpected(bad_request(
        "version must be 1 to 64 printable ASCII characters, as devices report it (FW-1)"));
  }
  if (!protocol::is_firmware_module(image.module)) {
    return tl::unexpected(bad_request("module must be a text of 1 to 64 bytes (FW-1)"));
  }
  if (!protocol::is_firmware_name(image.file_name)) {
    return tl::unexpected(
        bad_request("name must be a file's name of 1 to 128 bytes, without slashes (OTA-1)"));
  }
  return image;
}

/// The file's place and the row, or neither.
Result<store::ImageRecord> keep(Context& context, firmware::Incoming& file,
                                store::ImageRecord image) {
  const auto content = file.finish();
  if (!content) return tl::unexpected(from_disk(content.error()));
  image.size = content->size;
  image.md5 = content->md5;
  image.sha256 = content->sha256;
  auto& database = *context.database;
  if (auto locked = store::lock_content(database, image.sha256); !locked) {
    return tl::unexpected(from_database(locked.error()));
  }
  auto stored = store::insert_image(database, image);
  if (!stored) {
    const auto& error = stored.error();
    if (error.constraint == "firmware_image_is_one_a_version") return tl::unexpected(exists(image));
    if (error.constraint == "firmware_image_product_exists") {
      return tl::unexpected(not_found("there is no product " + image.product_id));
    }
    return tl::unexpected(from_database(error));
  }
  // In its place before the commit: a row never stands without its file. A file without a row is
  // found and removed.
  if (auto kept = context.actions.firmware->keep(file, image.sha256); !kept) {
    return tl::unexpected(from_disk(kept.error()));
  }
  return std::move(*stored);
}

}  // namespace

Result<Response> check_firmware(Context& context, const Request& request) {
  const auto image = described(request);
  if (!image) return tl::unexpected(image.error());
  const auto product = store::find_product(*context.database, image->product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(not_found("there is no product " + image->product_id));
  const auto same =
      store::find_image(*context.database, image->product_id, image->module, image->version);
  if (!same) return tl::unexpected(from_database(same.error()));
  if (*same) return tl::unexpected(exists(**same));
  return Response{};
}

Result<Response> add_firmware(Context& context, const Request& request) {
  auto image = described(request);
  if (!image) return tl::unexpected(image.error());
  if (!request.file) return tl::unexpected(bad_request("the body is empty: send the firmware"));
  const auto stored = keep(context, *request.file, std::move(*image));
  if (!stored) return tl::unexpected(stored.error());
  note_change(context, nullptr, image_json(*stored));
  auto response = json_response(image_json(*stored), 201);
  response.headers.emplace_back("Location", "/api/v1/firmware/" + std::to_string(stored->image_id));
  return response;
}

Result<Response> list_firmware(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  const auto query = parse_list_query(request, {});
  if (!query) return tl::unexpected(query.error());
  if (!query->cursor.empty() && !number_of(query->cursor)) {
    return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
  }
  const auto product = store::find_product(*context.database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(not_found("there is no product " + product_id));
  const auto images =
      store::list_images(*context.database, product_id, {query->cursor, query->limit + 1});
  if (!images) return tl::unexpected(from_database(images.error()));
  return list_response(*images, query->limit, image_json, [](const store::ImageRecord& image) {
    return std::to_string(image.image_id);
  });
}

Result<Response> delete_firmware(Context& context, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto gone = not_found("there is no firmware image " + name);
  const auto image_id = number_of(name);
  if (!image_id) return tl::unexpected(gone);
  auto& database = *context.database;
  const auto image = store::lock_image(database, *image_id);
  if (!image) return tl::unexpected(from_database(image.error()));
  if (!*image) return tl::unexpected(gone);
  const auto live = store::image_has_live_upgrades(database, *image_id);
  if (!live) return tl::unexpected(from_database(live.error()));
  if (*live) {
    return tl::unexpected(
        conflict("an upgrade job is still rolling this image out: cancel it first"));
  }
  if (auto done = store::delete_image(database, *image_id); !done) {
    return tl::unexpected(from_database(done.error()));
  }
  context.change.product_id = (*image)->product_id;
  note_change(context, image_json(**image), nullptr);
  context.once_committed.emplace_back([&context, sha256 = (*image)->sha256] {
    // What fails here is done by the service's next sweep.
    if (context.actions.firmware == nullptr) return;
    (void)firmware::remove_if_orphan(*context.database, *context.actions.firmware, sha256);
  });
  Response response;
  response.status = 204;
  return response;
}

}  // namespace xgate::api
