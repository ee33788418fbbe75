// SPDX-License-Identifier: Apache-2.0
#include "service/store/models.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "protocol/json.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

using protocol::ModelProblem;
using protocol::ThingModel;

/// The document goes out as it was written, member by member: only what heads it is made here.
Response model_shown(const store::ModelRecord& record, const std::vector<ModelProblem>& breaking,
                     int status = 200) {
  Json told = Json::array();
  for (const auto& problem : breaking) {
    told.push_back({{"pointer", problem.pointer}, {"detail", problem.detail}});
  }
  const bool stored = record.version > 0;
  auto response = json_response({{"product_id", record.product_id},
                                 {"version", stored ? Json(record.version) : Json(nullptr)},
                                 {"created_at", stored ? Json(record.created_at) : Json(nullptr)},
                                 {"breaking", std::move(told)}},
                                status);
  response.body.erase(response.body.find_last_of('}'));
  response.body += ",\"model\":" + record.document + "}";
  return response;
}

Problem invalid(const std::vector<ModelProblem>& problems) {
  Problem problem;
  problem.status = 422;
  problem.type = "invalid";
  for (const auto& each : problems) problem.errors.push_back({each.pointer, each.detail});
  const auto count = problem.errors.size();
  problem.detail = "the thing model is not valid, it has " +
                   (count == 1 ? std::string("an error") : std::to_string(count) + " errors");
  return problem;
}

/// A body that is a model, and the text of it.
struct Given {
  nlohmann::json document;
  ThingModel model;
};
Result<Given> read_body(const Request& request) {
  auto document = protocol::parse_json(request.body, protocol::model_limits);
  if (!document) return tl::unexpected(bad_request("the body is no JSON: " + document.error()));
  auto model = ThingModel::compile(*document);
  if (!model) return tl::unexpected(invalid(model.error()));
  return Given{std::move(*document), std::move(*model)};
}

Result<bool> check_wanted(const Request& request) {
  if (auto known = check_query(request, {"check"}); !known) return tl::unexpected(known.error());
  const auto check = request.query_value("check").value_or("false");
  if (check == "true" || check == "false") return check == "true";
  return tl::unexpected(bad_request("check must be true or false"));
}

/// What the new model breaks of the current one; nothing where there is none.
Result<std::vector<ModelProblem>> breaks(pg::Connection& database, const std::string& product_id,
                                         const ThingModel& next) {
  const auto current = store::thing_model(database, product_id);
  if (!current) return tl::unexpected(from_database(current.error()));
  return *current ? (*current)->breaks(next) : std::vector<ModelProblem>{};
}

}  // namespace

Result<Response> put_model(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  const auto only_check = check_wanted(request);
  if (!only_check) return tl::unexpected(only_check.error());
  const auto given = read_body(request);
  if (!given) return tl::unexpected(given.error());
  auto& database = *context.database;
  auto transaction = pg::Transaction::begin(database);
  if (!transaction) return tl::unexpected(from_database(transaction.error()));
  // Locked, so that versions follow one another and each is compared with the one before it.
  const auto product = store::lock_product(database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  auto current = store::find_model(database, product_id, {});
  if (!current) return tl::unexpected(from_database(current.error()));
  if (*current) {
    const auto document = protocol::parse_json((*current)->document, protocol::model_limits);
    if (document && *document == given->document) {
      context.change.none = true;
      return model_shown(**current, {});
    }
  }
  const auto breaking = breaks(database, product_id, given->model);
  if (!breaking) return tl::unexpected(breaking.error());
  if (*only_check) {
    context.change.none = true;
    return model_shown({.product_id = product_id, .document = request.body, .created_at = {}},
                       *breaking);
  }
  const auto made = store::insert_model(database, product_id, request.body);
  if (!made) return tl::unexpected(from_database(made.error()));
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(from_database(committed.error()));
  }
  const auto version_json = [](std::int64_t version) { return Json{{"version", version}}; };
  note_change(context, *current ? version_json((*current)->version) : Json(),
              version_json(made->version));
  auto response = model_shown(*made, *breaking, 201);
  response.headers.emplace_back("Location", "/api/v1/products/" + product_id +
                                                "/model?version=" + std::to_string(made->version));
  return response;
}

Result<Response> get_model(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  if (auto known = check_query(request, {"version"}); !known) {
    return tl::unexpected(known.error());
  }
  std::optional<std::int64_t> version;
  if (const auto text = request.query_value("version")) {
    std::int64_t number = 0;
    const auto* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 1) {
      return tl::unexpected(bad_request("version must be a whole number from 1"));
    }
    version = number;
  }
  auto& database = *context.database;
  const auto found = store::find_model(database, product_id, version);
  if (!found) return tl::unexpected(from_database(found.error()));
  if (*found) {
    return versioned_response(request, model_shown(**found, {}), (*found)->version,
                              (*found)->created_at);
  }
  const auto product = store::find_product(database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  return tl::unexpected(
      not_found("product " + product_id + " has no " +
                (version ? "version " + std::to_string(*version) + " of its" : std::string("")) +
                (version ? " thing model" : "thing model yet")));
}

}  // namespace xgate::api
