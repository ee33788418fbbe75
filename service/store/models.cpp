// SPDX-License-Identifier: Apache-2.0
#include "service/store/models.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "pg/array.hpp"
#include "protocol/json.hpp"
#include "service/observe/log.hpp"
#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

using Model = std::shared_ptr<const protocol::ThingModel>;

constexpr std::string_view select_current = R"(
SELECT model_id FROM product WHERE product_id = $1 AND model_id IS NOT NULL)";
constexpr std::string_view select_documents = R"(
SELECT model_id, product_id, version, document FROM thing_model WHERE model_id = ANY($1::uuid[]))";

#define MODEL_COLUMNS "product_id, version, document, " XGATE_RFC3339("created_at")
constexpr auto find_current_sql = "SELECT m.product_id, m.version, m.document, " XGATE_RFC3339(
    "m.created_at") " FROM product p JOIN thing_model m USING (model_id) WHERE p.product_id = $1";
constexpr auto find_version_sql =
    "SELECT " MODEL_COLUMNS " FROM thing_model WHERE product_id = $1 AND version = $2";
// The second part sees nothing of the first, but for what it returns.
constexpr auto insert_model_sql =
    "WITH made AS (INSERT INTO thing_model (product_id, version, document) "
    "SELECT $1, coalesce(max(version), 0) + 1, $2 FROM thing_model WHERE product_id = $1 "
    "RETURNING *), current AS (UPDATE product SET model_id = made.model_id, updated_at = now() "
    "FROM made WHERE product.product_id = made.product_id) "
    "SELECT " MODEL_COLUMNS " FROM made";

/// One version a product, the one last asked for: what a product no longer uses goes.
class Cache {
 public:
  struct Entry {
    std::string model_id;
    Model model;  ///< null: stored, but this program cannot compile it
  };

  std::optional<Model> find(std::string_view product_id, std::string_view model_id) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(product_id);
    if (found == entries_.end() || found->second.model_id != model_id) return std::nullopt;
    return found->second.model;
  }
  void keep(std::string product_id, Entry entry) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most) entries_.clear();  // of products that went, mostly
    entries_.insert_or_assign(std::move(product_id), std::move(entry));
  }

 private:
  static constexpr std::size_t most = 10'000;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// The process has one: a version is the same whoever asks for it.
Cache& cache() {
  static Cache shared;
  return shared;
}

Model compile(std::string_view product_id, std::int64_t version, std::string_view document) {
  const auto parsed = protocol::parse_json(document, protocol::model_limits);
  std::string problem;
  if (parsed) {
    auto model = protocol::ThingModel::compile(*parsed);
    if (model) return std::make_shared<const protocol::ThingModel>(std::move(*model));
    const auto& first = model.error().front();  // there is one, else it would have compiled
    problem = first.pointer + (first.pointer.empty() ? "it " : " ") + first.detail;
  } else {
    problem = parsed.error();
  }
  // It was checked when it was stored, by another version of this program.
  observe::error(
      "version {} of product {}'s thing model cannot be used, reports are stored as they "
      "come: {}",
      version, observe::Quoted(product_id), observe::Words(problem));
  return nullptr;
}

/// Reads, compiles and keeps them, and hands each to `use` with its product.
template <class Use>
pg::Result<void> load(pg::Connection& connection, pg::ArrayBuilder& model_ids, const Use& use) {
  const auto rows = connection.exec(select_documents, {model_ids.take()});
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) {
    const std::string product_id(rows->text(i, 1));
    Model model = compile(product_id, rows->int64(i, 2), rows->text(i, 3));
    cache().keep(product_id, {std::string(rows->text(i, 0)), model});
    use(product_id, std::move(model));
  }
  return {};
}

pg::Result<std::optional<ModelRecord>> first_model(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return ModelRecord{std::string(rows->text(0, 0)), rows->int64(0, 1),
                     std::string(rows->text(0, 2)), std::string(rows->text(0, 3))};
}

}  // namespace

pg::Result<Model> thing_model(pg::Connection& connection, std::string_view product_id) {
  const auto rows = connection.exec(select_current, {std::string(product_id)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return nullptr;
  const std::string model_id(rows->text(0, 0));
  if (auto known = cache().find(product_id, model_id)) return *known;
  pg::ArrayBuilder wanted;
  wanted.add(model_id);
  Model model;
  const auto take = [&](const std::string& /*product_id*/, Model read) { model = std::move(read); };
  if (auto read = load(connection, wanted, take); !read) return tl::unexpected(read.error());
  return model;
}

pg::Result<void> read_models(pg::Connection& connection,
                             const std::vector<const Product*>& products, State& state) {
  const auto take = [&](const std::string& product_id, Model model) {
    if (model) state.models.insert_or_assign(product_id, std::move(model));
  };
  pg::ArrayBuilder missing;
  for (const Product* product : products) {
    if (product->model_id.empty()) continue;
    if (auto known = cache().find(product->product_id, product->model_id)) {
      take(product->product_id, std::move(*known));
    } else {
      missing.add(product->model_id);
    }
  }
  if (missing.size() == 0) return {};
  return load(connection, missing, take);
}

pg::Result<std::optional<ModelRecord>> find_model(pg::Connection& connection,
                                                  const std::string& product_id,
                                                  std::optional<std::int64_t> version) {
  if (!version) return first_model(connection.exec(find_current_sql, {product_id}));
  return first_model(connection.exec(find_version_sql, {product_id, std::to_string(*version)}));
}

pg::Result<ModelRecord> insert_model(pg::Connection& connection, const std::string& product_id,
                                     const std::string& document) {
  auto made = first_model(connection.exec(insert_model_sql, {product_id, document}));
  if (!made) return tl::unexpected(std::move(made).error());
  return made->value_or(ModelRecord{});  // the INSERT makes a row or fails
}

}  // namespace xgate::store
