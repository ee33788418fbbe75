// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/api/permission.hpp"
#include "service/store/readings.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

constexpr std::int64_t max_quota = 1'000'000'000;
constexpr std::int64_t max_registration_rate = 1'000'000;
constexpr std::int64_t max_messages = 1'000'000;
constexpr std::int64_t max_bytes = 2'000'000'000;
constexpr std::int64_t max_key_lifetime_s = std::int64_t{10} * 366 * 86400;

/// Without its key.
Json product_json(const store::ProductRecord& product) {
  return {{"product_id", product.product_id},
          {"open_id", product.open_id},
          {"name", product.name},
          {"auth_type", product.auth_type},
          {"kind", product.kind},
          {"encrypted", product.encrypted},
          {"enabled", product.enabled},
          {"version", product.version},
          {"key_lifetime_s", product.key_lifetime_s},
          {"key_reading", or_null(product.key_reading)},
          {"reveal_device_secret", or_null(product.reveal_device_secret)},
          {"reauth", product.reauth},
          {"accept_plaintext", product.accept_plaintext},
          {"allow_hash", product.allow_hash},
          {"topic_names", product.topic_names},
          {"model_violations", product.model_violations},
          {"registration_quota", or_null(product.registration_quota)},
          {"registration_rate_per_minute", or_null(product.registration_rate_per_minute)},
          {"down_id_length", product.down_id_length},
          {"hex_case", product.hex_case},
          {"require_type_1", product.require_type_1},
          {"messages_per_second", or_null(product.messages_per_second)},
          {"bytes_per_second", or_null(product.bytes_per_second)},
          {"self_registered", product.self_registered},
          {"created_at", product.created_at},
          {"updated_at", product.updated_at}};
}

Json shown(const store::ProductRecord& product, bool revealed) {
  Json json = product_json(product);
  if (revealed) json["product_key"] = product.product_key;
  return json;
}

bool is_version(std::string_view text) { return is_name(text) && text.size() <= 16; }

/// Everything that can also be changed later.
void read_members(Input& input, store::ProductRecord& product) {
  input.text("name", product.name, is_name, "must be a text of 1 to 200 bytes");
  input.text("product_key", product.product_key, protocol::is_product_key,
             "must be 32 hex digits (ID-2)");
  std::int64_t auth_type = product.auth_type;
  input.number("auth_type", auth_type, 0, 2);
  product.auth_type = static_cast<int>(auth_type);
  input.text(
      "kind", product.kind,
      [](std::string_view text) { return protocol::product_kind_from(text).has_value(); },
      R"(must be "transparent", "json" or "hex" (ID-6))");
  input.boolean("encrypted", product.encrypted);
  input.boolean("enabled", product.enabled);
  input.text("version", product.version, is_version, "must be a text of 1 to 16 bytes");
  input.number("key_lifetime_s", product.key_lifetime_s, 1, max_key_lifetime_s);
  input.optional_text(
      "key_reading", product.key_reading,
      [](std::string_view text) { return protocol::key_reading_from(text).has_value(); },
      R"(must be "text_product_key", "bytes_product_key", "text_device_secret", )"
      R"("bytes_device_secret" or null (ENC-2))");
  input.optional_boolean("reveal_device_secret", product.reveal_device_secret);
  input.word("reauth", product.reauth, "always", "until_activated", "AUTH-11");
  input.boolean("accept_plaintext", product.accept_plaintext);
  input.boolean("allow_hash", product.allow_hash);
  input.boolean("require_type_1", product.require_type_1);
  input.word("topic_names", product.topic_names, "section", "table", "TOPIC-4");
  input.word("model_violations", product.model_violations, "reject", "keep", "PROP-1");
  input.optional_number("registration_quota", product.registration_quota, 0, max_quota);
  input.optional_number("registration_rate_per_minute", product.registration_rate_per_minute, 1,
                        max_registration_rate);
  input.word("down_id_length", product.down_id_length, "short", "long", "OTA-1");
  input.word("hex_case", product.hex_case, "lower", "upper", "HEX-2");
  input.optional_number("messages_per_second", product.messages_per_second, 1, max_messages);
  input.optional_number("bytes_per_second", product.bytes_per_second, 1, max_bytes);
}

Problem no_such_vendor(const std::string& open_id, const std::optional<std::string>& meant) {
  Problem problem = not_found("there is no vendor " + open_id);
  if (meant) problem.detail += "; did you mean " + *meant + "?";
  problem.status = 422;
  problem.type = "invalid";
  problem.errors.push_back({"/open_id", "there is no vendor " + open_id});
  return problem;
}

/// Products are made for the caller's vendor.
Result<void> check_vendor(const store::Scope& scope, const std::string& open_id) {
  if (scope.product_id) {
    return tl::unexpected(forbidden("this token is for " + words_of(scope) +
                                    ": products are made with one for their vendor, or for the "
                                    "whole platform"));
  }
  if (scope.open_id && *scope.open_id != open_id) {
    return tl::unexpected(no_such_vendor(open_id, std::nullopt));
  }
  return {};
}

/// What bounds a product's share of the platform is the operator's.
Result<void> check_limits(const store::Scope& scope, const store::ProductRecord& before,
                          const store::ProductRecord& wanted) {
  const auto limits = [](const store::ProductRecord& product) {
    return std::tie(product.messages_per_second, product.bytes_per_second,
                    product.registration_quota, product.registration_rate_per_minute);
  };
  if (scope.is_platform() || limits(before) == limits(wanted)) return {};
  return tl::unexpected(forbidden("this token is for " + words_of(scope) +
                                  ": messages_per_second, bytes_per_second, registration_quota and "
                                  "registration_rate_per_minute are set with one for the whole "
                                  "platform"));
}

/// Nor does a token enable again what it is for.
Result<void> check_change(const store::Scope& scope, const store::ProductRecord& before,
                          const store::ProductRecord& wanted) {
  if (scope.product_id && before.enabled != wanted.enabled) {
    return tl::unexpected(
        forbidden("this token is for " + words_of(scope) +
                  ": whether that is enabled is set with one for its vendor, or for the whole "
                  "platform"));
  }
  return check_limits(scope, before, wanted);
}

/// Why a ProductID that was asked for cannot be had. Whoever has a scope is not told of products
/// beyond it.
Problem taken(pg::Connection& database, const store::Scope& scope, const std::string& product_id) {
  if (!scope.is_platform()) {
    return conflict("ProductID " + product_id +
                    " is not free, or differs from one only in case: take another, or leave it out "
                    "and get a new one");
  }
  const auto other = store::product_in_another_case(database, product_id);
  if (!other) return from_database(other.error());
  if (*other) {
    return conflict("there is a product " + **other + " already, and " + product_id +
                    " differs from it only in case");
  }
  return conflict("there is a product " + product_id + " already");
}

Result<Response> insert(Context& context, const store::Scope& scope, store::ProductRecord product,
                        bool revealed) {
  const bool given = !product.product_id.empty();
  for (int i = 0;; ++i) {
    if (!given) product.product_id = protocol::new_hex_id();
    auto stored = store::insert_product(*context.database, product);
    if (stored) {
      context.change.product_id = stored->product_id;
      note_change(context, nullptr, product_json(*stored));
      auto response = shown_once(shown(*stored, revealed), {"product_key"}, 201);
      response.headers.emplace_back("Location", "/api/v1/products/" + stored->product_id);
      return response;
    }
    const auto& error = stored.error();
    if (error.constraint == "product_vendor_exists") {
      const auto other = store::vendor_in_another_case(*context.database, product.open_id);
      return tl::unexpected(no_such_vendor(product.open_id, other ? *other : std::nullopt));
    }
    if (!error.is_unique_violation()) return tl::unexpected(from_database(error));
    if (given) return tl::unexpected(taken(*context.database, scope, product.product_id));
    if (i >= id_tries) return tl::unexpected(unavailable("no free ProductID was found: try again"));
  }
}

}  // namespace

Result<Response> create_product(Context& context, const Request& request) {
  const auto revealed = only_reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  store::ProductRecord product;
  input->text("product_id", product.product_id, protocol::is_product_id,
              "must be 8 hex digits (ID-2)");
  input->text("open_id", product.open_id, protocol::is_open_id, "must be 8 hex digits (ID-1)");
  read_members(*input, product);
  input->require({"open_id", "name", "auth_type", "kind"});
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (auto may = check_vendor(request.caller.scope, product.open_id); !may) {
    return tl::unexpected(may.error());
  }
  if (auto may = check_limits(request.caller.scope, {}, product); !may) {
    return tl::unexpected(may.error());
  }
  if (product.product_key.empty()) product.product_key = protocol::new_product_key();
  return insert(context, request.caller.scope, std::move(product), *revealed);
}

Result<Response> list_products(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {"open_id"});
  if (!query) return tl::unexpected(query.error());
  const auto open_id = request.query_value("open_id").value_or("");
  const auto products = store::list_products(*context.database, request.caller.scope, open_id,
                                             {query->cursor, query->limit + 1});
  if (!products) return tl::unexpected(from_database(products.error()));
  return list_response(*products, query->limit, product_json,
                       [](const store::ProductRecord& product) { return product.product_id; });
}

Result<Response> get_product(Context& context, const Request& request) {
  const auto revealed = only_reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  const auto& product_id = request.parameters.at(0);
  const auto product = store::find_product(*context.database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  const auto counts = store::count_readings(*context.database, product_id);
  if (!counts) return tl::unexpected(from_database(counts.error()));
  Json json = shown(**product, *revealed);
  json["devices_seen"] = {{"key_reading", Json(counts->key_reading)},
                          {"topic_names", Json(counts->topic_names)}};
  return json_response(json);
}

Result<Response> change_product(Context& context, const Request& request) {
  const auto revealed = only_reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  const auto& product_id = request.parameters.at(0);
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  auto& database = *context.database;
  auto transaction = pg::Transaction::begin(database);
  if (!transaction) return tl::unexpected(from_database(transaction.error()));
  auto product = store::lock_product(database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  const store::ProductRecord before = **product;
  read_members(*input, **product);
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (auto may = check_change(request.caller.scope, before, **product); !may) {
    return tl::unexpected(may.error());
  }
  const auto changed = store::update_product(database, **product);
  if (!changed) return tl::unexpected(from_database(changed.error()));
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(from_database(committed.error()));
  }
  Json after = product_json(*changed);
  if (changed->product_key != before.product_key) after["product_key"] = "another one";
  note_change(context, product_json(before), after);
  return json_response(shown(*changed, *revealed));
}

Result<Response> delete_product(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  const auto product = store::lock_product(*context.database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  context.change.open_id = (*product)->open_id;
  note_change(context, product_json(**product), nullptr);
  const auto deleted = store::delete_product(*context.database, product_id);
  if (!deleted) {
    if (deleted.error().constraint == "device_product_exists") {
      return tl::unexpected(
          conflict("product " + product_id + " still has devices: delete them first"));
    }
    return tl::unexpected(from_database(deleted.error()));
  }
  if (!*deleted) return tl::unexpected(no_product(product_id));
  Response response;
  response.status = 204;
  return response;
}

}  // namespace xgate::api
