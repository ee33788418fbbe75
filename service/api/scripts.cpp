// SPDX-License-Identifier: Apache-2.0
#include "service/store/scripts.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/aes.hpp"
#include "protocol/identity.hpp"
#include "protocol/json.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/api/router.hpp"
#include "service/api/time_text.hpp"
#include "service/script/cesu8.hpp"
#include "service/script/engine.hpp"
#include "service/script/language.hpp"
#include "service/store/registry.hpp"

// A product's parsing script (HEX-4).
namespace xgate::api {
namespace {

using script::Call;

Json script_json(const store::ScriptRecord& script) {
  return {{"product_id", script.product_id},
          {"version", script.version},
          {"created_at", script.created_at},
          {"source", script.source}};
}

/// Which of them it is that there is not.
Problem no_script(pg::Connection& database, const std::string& product_id,
                  std::optional<std::int64_t> version = {}) {
  const auto product = store::find_product(database, product_id);
  if (!product) return from_database(product.error());
  if (!*product) return not_found("there is no product " + product_id);
  return not_found("product " + product_id + " has no " +
                   (version ? "version " + std::to_string(*version) + " of its parsing script"
                            : std::string("parsing script yet")));
}

tl::unexpected<Problem> unfit(std::string pointer, std::string detail) {
  Problem problem;
  problem.status = 422;
  problem.type = "invalid";
  problem.detail = detail;
  problem.errors.push_back({std::move(pointer), std::move(detail)});
  return tl::make_unexpected(std::move(problem));
}

Result<void> check_text(std::string_view pointer, std::string_view source) {
  if (source.empty()) {
    return unfit(std::string(pointer), "the script is empty");
  }
  if (source.size() > max_script_bytes) {
    return unfit(std::string(pointer), "the script has more than 65536 bytes");
  }
  if (source.find('\0') != std::string_view::npos || script::from_cesu8(source) != source) {
    return unfit(std::string(pointer), "the script is not UTF-8 text without NUL");
  }
  return {};
}

/// Nobody would run it for another one.
Result<void> check_kind(pg::Connection& database, const std::string& product_id) {
  const auto product = store::find_product(database, product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(product_id));
  if ((*product)->kind == protocol::to_string(protocol::ProductKind::hex)) return {};
  return tl::unexpected(conflict("product " + product_id + " is of kind " + (*product)->kind +
                                 ", and only HEX products have a parsing script: make it one "
                                 "first (kind hex, xgate product set " +
                                 product_id + " --kind hex)"));
}

Result<script::Outcome> run(const Context& context, Call::Function function,
                            script::Program program, std::string input, std::int64_t at_ms) {
  if (context.actions.scripts == nullptr) {
    return tl::unexpected(unavailable("the platform cannot run parsing scripts now"));
  }
  // Apart from the product's messages: whoever tries something out shall not hold them up.
  program.product_id.clear();
  return context.actions.scripts->run_and_wait({.program = std::move(program),
                                                .function = function,
                                                .input = std::move(input),
                                                .at_ms = at_ms});
}

std::shared_ptr<const std::string> shared(std::string source) {
  return std::make_shared<const std::string>(std::move(source));
}

Json lines_of(std::string_view printed) {
  auto lines = Json::array();
  while (!printed.empty()) {
    const std::size_t end = std::min(printed.find('\n'), printed.size());
    lines.push_back(printed.substr(0, end));
    printed.remove_prefix(std::min(end + 1, printed.size()));
  }
  return lines;
}

/// What is to be tried out, and with what.
struct Trial {
  Call::Function function = Call::Function::raw_data_to_protocol;
  std::string input;
  script::Program program;
  std::int64_t at_ms = clock::unix_ms();
  std::shared_ptr<const std::string> source;  ///< given with it: judged as if it were stored
};

Result<Trial> read_trial(Context& context, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  Trial trial;
  std::string hex;
  std::string source;
  std::string at;
  input->text(
      "hex", hex,
      [](std::string_view text) { return text.empty() || protocol::from_hex(text).has_value(); },
      "must be hex digits, two for each byte");
  const nlohmann::json* object = input->json("json");
  input->text(
      "source", source, [](std::string_view text) { return !text.empty(); }, "must be a script");
  input->text(
      "at", at, [](std::string_view text) { return time_from_text(text).has_value(); },
      "must be a time with its zone, such as 2026-11-23T02:04:50Z");
  if (input->has("hex") == input->has("json")) {
    input->refuse("", "must have either \"hex\" or \"json\"");
  } else if (object != nullptr && !object->is_object()) {
    input->refuse("json", "must be an object, as protocolToRawData is given it");
  }
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (object != nullptr) {
    trial.function = Call::Function::protocol_to_raw_data;
    trial.input = protocol::compact(*object);
  } else {
    trial.input = protocol::from_hex(hex).value_or("");
  }
  trial.at_ms = time_from_text(at).value_or(trial.at_ms);
  if (!source.empty()) {
    if (auto good = check_text("/source", source); !good) return tl::unexpected(good.error());
    trial.source = shared(std::move(source));
    trial.program.source = trial.source;
    return trial;
  }
  auto program = store::newest_script(*context.database, request.parameters.at(0));
  if (!program) return tl::unexpected(from_database(program.error()));
  if (!*program) return tl::unexpected(no_script(*context.database, request.parameters.at(0)));
  trial.program = std::move(**program);
  return trial;
}

}  // namespace

Result<Response> put_script(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  if (auto good = check_text("", request.body); !good) return tl::unexpected(good.error());
  if (auto hex = check_kind(*context.database, product_id); !hex)
    return tl::unexpected(hex.error());
  auto loaded =
      run(context, Call::Function::load,
          {.product_id = {}, .version = 0, .source = shared(request.body)}, {}, clock::unix_ms());
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  if (auto newer = script::newer_language(request.body, loaded->error); !newer.empty()) {
    return unfit("", std::move(newer));
  }
  if (!loaded->error.empty()) return unfit("", loaded->error);
  const auto saved = store::save_script(*context.database, product_id, request.body);
  if (!saved) return tl::unexpected(from_database(saved.error()));
  if (!*saved) return tl::unexpected(not_found("there is no product " + product_id));
  const auto version = (*saved)->version;
  context.change.none = !(*saved)->is_new;
  note_change(context, version > 1 ? Json{{"version", version - 1}} : Json(),
              {{"version", version}});
  auto response = json_response(script_json(**saved), (*saved)->is_new ? 201 : 200);
  if ((*saved)->is_new) {
    response.headers.emplace_back(
        "Location",
        "/api/v1/products/" + product_id + "/script?version=" + std::to_string((*saved)->version));
  }
  return response;
}

Result<Response> get_script(Context& context, const Request& request) {
  if (auto known = check_query(request, {"version"}); !known) {
    return tl::unexpected(known.error());
  }
  std::optional<std::int64_t> version;
  if (const auto text = request.query_value("version")) {
    const auto number = protocol::parse_json(*text);
    if (!number || !number->is_number_unsigned() || *number == 0 ||
        number->get<std::uint64_t>() > std::uint64_t{INT32_MAX}) {
      return tl::unexpected(bad_request("version must be a whole number from 1"));
    }
    version = number->get<std::int64_t>();
  }
  const auto& product_id = request.parameters.at(0);
  const auto found = store::find_script(*context.database, product_id, version);
  if (!found) return tl::unexpected(from_database(found.error()));
  if (!*found) return tl::unexpected(no_script(*context.database, product_id, version));
  return versioned_response(request, json_response(script_json(**found)), (*found)->version,
                            (*found)->created_at);
}

Result<Response> test_script(Context& context, const Request& request) {
  auto trial = read_trial(context, request);
  if (!trial) return tl::unexpected(std::move(trial).error());
  const bool decodes = trial->function == Call::Function::raw_data_to_protocol;
  auto ran = run(context, trial->function, std::move(trial->program), std::move(trial->input),
                 trial->at_ms);
  if (!ran) return tl::unexpected(std::move(ran).error());
  if (trial->source != nullptr) {
    auto newer = script::newer_language(*trial->source, ran->error);
    if (!newer.empty()) ran->error = std::move(newer);
  }
  Json answer{{"hex", nullptr}, {"json", nullptr}, {"error", nullptr}};
  if (ran->error.empty() && decodes) {
    const auto object = protocol::parse_json(ran->output);
    if (object) {
      answer["json"] = Json::parse(protocol::compact(*object));
    } else {
      ran->error = "what the parsing script gave cannot be read: " + object.error();
    }
  } else if (ran->error.empty()) {
    const auto product = store::find_product(*context.database, request.parameters.at(0));
    if (!product) return tl::unexpected(from_database(product.error()));
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(ran->output.data()),
                          ran->output.size());
    const bool upper = *product && (*product)->hex_case == "upper";
    answer["hex"] = upper ? protocol::to_upper_hex(bytes) : protocol::to_lower_hex(bytes);
  }
  if (!ran->error.empty()) answer["error"] = ran->error;
  answer["console"] = lines_of(ran->printed);
  answer["at"] = time_to_text(trial->at_ms);
  answer["time_us"] = static_cast<double>(ran->time_ns) / 1000;
  answer["memory_bytes"] = ran->memory_bytes;
  return json_response(answer);
}

}  // namespace xgate::api
