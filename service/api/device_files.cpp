// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"
#include "service/api/audit.hpp"
#include "service/api/csv.hpp"
#include "service/api/device_json.hpp"
#include "service/api/handlers.hpp"
#include "service/api/permission.hpp"

// The lists that a production line brings and takes away (§2.2.3).
namespace xgate::api {
namespace {

constexpr std::size_t chunk_rows = 5000;
constexpr std::size_t max_errors_told = 1000;
constexpr int export_rows = 2000;

struct ImportLine {
  std::size_t line = 0;
  bool secret_given = false;
  store::ImportedDevice device;
};

/// A row of a spreadsheet in which nothing was written: blanks and commas.
bool is_blank(const CsvReader::Record& record) {
  return std::ranges::all_of(record.fields, [](const std::string& field) {
    return field.find_first_not_of(" \t") == std::string::npos;
  });
}

/// One import. Good lines are stored, all of them or (when the database fails) none; bad ones are
/// told.
class Import {
 public:
  explicit Import(pg::Connection& database) : database_(database) {}

  /// What lies outside of `scope` counts as not there.
  Result<Json> run(std::string_view text, const store::Scope& scope) {
    const auto ids = store::product_ids(database_, scope);
    if (!ids) return tl::unexpected(from_database(ids.error()));
    products_.insert(ids->begin(), ids->end());
    CsvReader reader(text);
    if (auto header = read_header(reader); !header) return tl::unexpected(header.error());
    while (auto record = reader.next()) {
      take(*record);
      if (chunk_.size() < chunk_rows) continue;
      if (auto stored = store_chunk(); !stored) return tl::unexpected(stored.error());
    }
    if (auto stored = store_chunk(); !stored) return tl::unexpected(stored.error());
    return Json{{"imported", imported_},
                {"unchanged", unchanged_},
                {"rejected", rejected_},
                {"errors", std::move(errors_)}};
  }

  /// One entry in the audit list a product that got devices: products may be several vendors', and
  /// each finds its own.
  void tell(Context& context) const {
    context.change.none = imported_ == 0;
    for (const auto& [product_id, imported] : imported_into_) {
      auto& change = context.changes.emplace_back();
      change.product_id = product_id;
      note_change(change, nullptr, {{"imported", imported}});
    }
  }

 private:
  /// Columns are found by their names, so that the production line's list (export) can be imported
  /// too; what else that list tells follows from product and device.
  Result<void> read_header(CsvReader& reader) {
    static const std::unordered_set<std::string_view> derived{"open_id", "product_key", "client_id",
                                                              "username", "password"};
    const auto header = reader.next();
    if (!header || !header->error.empty()) return tl::unexpected(wrong_header());
    columns_ = header->fields.size();
    for (std::size_t i = 0; i < columns_; ++i) {
      const std::string& name = header->fields[i];
      std::optional<std::size_t>* place = name == "product_id"      ? &product_id_at_
                                          : name == "node_eui"      ? &node_eui_at_
                                          : name == "device_secret" ? &device_secret_at_
                                                                    : nullptr;
      if (place == nullptr && derived.contains(name)) continue;
      if (place == nullptr || *place) return tl::unexpected(wrong_header());
      *place = i;
    }
    if (!product_id_at_ || !node_eui_at_) return tl::unexpected(wrong_header());
    return {};
  }

  static Problem wrong_header() {
    Problem problem = bad_request(
        "line 1 must be the header product_id,node_eui or product_id,node_eui,device_secret, or "
        "that of an exported list");
    problem.status = 422;
    problem.type = "invalid";
    return problem;
  }

  void reject(std::size_t line, std::string reason) {
    ++rejected_;
    if (errors_.size() >= max_errors_told) return;
    errors_.push_back({{"line", line}, {"reason", std::move(reason)}});
  }

  void take(CsvReader::Record& record) {
    if (!record.error.empty()) return reject(record.line, std::move(record.error));
    if (is_blank(record)) return;
    if (record.fields.size() != columns_) {
      return reject(record.line, "has " + std::to_string(record.fields.size()) +
                                     " fields, but the header has " + std::to_string(columns_));
    }
    ImportLine line;
    line.line = record.line;
    line.device.product_id = std::move(record.fields[*product_id_at_]);
    line.device.node_eui = std::move(record.fields[*node_eui_at_]);
    if (device_secret_at_) line.device.device_secret = std::move(record.fields[*device_secret_at_]);
    line.secret_given = !line.device.device_secret.empty();
    if (!products_.contains(line.device.product_id)) {
      return reject(line.line, "product_id names no product");
    }
    if (!protocol::is_node_eui(line.device.node_eui)) {
      return reject(line.line, "node_eui must be 4 to 32 letters and digits (ID-3)");
    }
    if (line.secret_given && !protocol::is_device_secret(line.device.device_secret)) {
      return reject(line.line, "device_secret must be 32 hex digits (ID-4)");
    }
    if (!line.secret_given) line.device.device_secret = protocol::new_device_secret();
    const auto [first, is_new] = in_chunk_.emplace(
        protocol::device_name(line.device.product_id, line.device.node_eui), chunk_.size());
    if (is_new) {
      chunk_.push_back(std::move(line));
    } else {
      compare(line, chunk_[first->second].device.device_secret);
    }
  }

  void compare(const ImportLine& line, const std::string& existing) {
    if (!line.secret_given || line.device.device_secret == existing) {
      ++unchanged_;
    } else {
      reject(line.line, "the device is registered already, with another device_secret");
    }
  }

  Result<void> store_chunk() {
    if (chunk_.empty()) return {};
    std::vector<store::ImportedDevice> devices;
    devices.reserve(chunk_.size());
    for (const auto& line : chunk_) devices.push_back(line.device);
    const auto existing = store::import_devices(database_, devices);
    if (!existing) {
      if (existing.error().constraint == "device_product_exists") {
        return tl::unexpected(
            conflict("a product was deleted during the import: nothing was imported, try again"));
      }
      return tl::unexpected(from_database(existing.error()));
    }
    for (std::size_t i = 0; i < chunk_.size(); ++i) {
      if ((*existing)[i].empty()) {
        ++imported_;
        ++imported_into_[chunk_[i].device.product_id];
      } else {
        compare(chunk_[i], (*existing)[i]);
      }
    }
    chunk_.clear();
    in_chunk_.clear();
    return {};
  }

  pg::Connection& database_;
  std::unordered_set<std::string> products_;
  std::size_t columns_ = 0;
  std::optional<std::size_t> product_id_at_;
  std::optional<std::size_t> node_eui_at_;
  std::optional<std::size_t> device_secret_at_;
  std::vector<ImportLine> chunk_;
  std::unordered_map<std::string, std::size_t> in_chunk_;
  std::map<std::string, std::int64_t> imported_into_;
  std::int64_t imported_ = 0;
  std::int64_t unchanged_ = 0;
  std::int64_t rejected_ = 0;
  Json errors_ = Json::array();
};

/// The production line's list, and what of it is no secret.
constexpr std::string_view line_heading =
    "open_id,product_id,product_key,node_eui,device_secret,client_id,username,password\n";
constexpr std::string_view open_heading = "open_id,product_id,node_eui,client_id,username\n";

void append_record(std::string& csv, std::initializer_list<std::string_view> fields) {
  bool first = true;
  for (const auto field : fields) {
    if (!first) csv += ',';
    append_csv_field(csv, field);
    first = false;
  }
  csv += '\n';
}

/// The next rows after `after` as CSV, which moves on; empty at the end.
Result<std::string> export_piece(pg::Connection& database, const std::string& product_id,
                                 bool revealed, std::string& after) {
  const auto devices = store::list_devices(database, product_id, "", {after, export_rows});
  if (!devices) return tl::unexpected(from_database(devices.error()));
  std::string csv;
  protocol::Aes aes;
  for (const auto& device : *devices) {
    const auto login = default_login(device, aes);
    if (revealed) {
      append_record(csv, {device.open_id, device.product_id, device.product_key, device.node_eui,
                          device.device_secret, login.client_id, login.username, login.password});
    } else {
      append_record(csv, {device.open_id, device.product_id, device.node_eui, login.client_id,
                          login.username});
    }
    after = device.node_eui;
  }
  return csv;
}

}  // namespace

Result<Response> import_devices(Context& context, const Request& request) {
  if (auto known = check_query(request, {}); !known) return tl::unexpected(known.error());
  Import import(*context.database);
  auto done = import.run(request.body, request.caller.scope);
  if (!done) return tl::unexpected(std::move(done).error());
  import.tell(context);
  return json_response(*done);
}

Result<Response> export_devices(Context& context, const Request& request) {
  if (auto known = check_query(request, {"product_id", "reveal"}); !known) {
    return tl::unexpected(known.error());
  }
  const auto revealed = reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  const auto product_id = request.query_value("product_id");
  if (!product_id) return tl::unexpected(bad_request("product_id is missing in the query"));
  if (auto may = check_product(*context.database, request, *product_id); !may) {
    return tl::unexpected(may.error());
  }
  const auto product = store::find_product(*context.database, *product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(not_found("there is no product " + *product_id));
  context.change.product_id = product_id;
  Response response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"devices-" + *product_id + ".csv\"");
  response.body = *revealed ? line_heading : open_heading;
  response.more = [id = *product_id, with = *revealed,
                   after = std::make_shared<std::string>()](pg::Connection& database) {
    return export_piece(database, id, with, *after);
  };
  return response;
}

}  // namespace xgate::api
