// SPDX-License-Identifier: Apache-2.0
#include "cli/product.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

// The settings that a product may be given at once or later.
struct Settings {
  std::string name;
  std::optional<std::int64_t> key_lifetime_s;
  std::string key_reading;
  std::string reveal_device_secret;
  std::string reauth;
  std::optional<bool> accept_plaintext;
  std::optional<bool> allow_hash;
  std::string topic_names;
  std::string model_violations;
  std::string protocol_version;
  std::string registration_quota;
  std::string registration_rate;
  std::string down_id_length;
  std::string hex_case;
  std::optional<bool> require_type_1;
  std::string messages_per_second;
  std::string bytes_per_second;
};

void add_settings(CLI::App& app, Settings& settings) {
  add_duration(app, "--key-lifetime", settings.key_lifetime_s,
               "of a session key, 48h where not given (KEY-1) · 会话密钥有效期，默认 48h（KEY-1）");
  add_choice(app, "--key-reading", settings.key_reading,
             {"auto", "text_product_key", "bytes_product_key", "text_device_secret",
              "bytes_device_secret"},
             "how the session key is derived (ENC-2) · 会话密钥的推导方式（ENC-2）");
  add_choice(app, "--reveal-device-secret", settings.reveal_device_secret, {"auto", "on", "off"},
             "whether auth replies carry it (AUTH-8) · 认证应答是否携带 DeviceSecret（AUTH-8）");
  add_choice(app, "--reauth", settings.reauth, {"always", "until_activated"},
             "who may ask again (AUTH-11) · 谁可以再次认证（AUTH-11）");
  add_on_off(app, "--accept-plaintext", settings.accept_plaintext,
             "plain payloads of an encrypted product (ENC-4) · 加密产品是否接受明文（ENC-4）");
  add_on_off(
      app, "--allow-hash", settings.allow_hash,
      "subscriptions to T/# (section 4 of the requirements) · 允许订阅 T/#（需求文档第 4 节）");
  add_choice(app, "--topic-names", settings.topic_names, {"section", "table"},
             "whose names we publish under (TOPIC-4) · "
             "下行主题名取章节（section）还是表格（table）的（TOPIC-4）");
  add_choice(app, "--model-violations", settings.model_violations, {"reject", "keep"},
             "reports that do not fit the thing model (PROP-1) · "
             "不符合物模型的上报：拒绝（reject）或保留（keep）（PROP-1）");
  add_number_or_none(app, "--registration-quota", settings.registration_quota, 0, 1'000'000'000,
                     "devices that may register themselves, 100000 where not given (AUTH-7) · "
                     "可自行注册的设备数，默认 100000（AUTH-7）");
  add_number_or_none(app, "--registration-rate", settings.registration_rate, 1, 1'000'000,
                     "of these, per minute, 6000 where not given · 每分钟自行注册数，默认 6000");
  add_choice(app, "--down-id-length", settings.down_id_length, {"short", "long"},
             "8 hex digits, or 32 that cannot be guessed (OTA-1) · "
             "DownID 的长度：short 为 8 位，long 为猜不到的 32 位（OTA-1）");
  add_choice(app, "--hex-case", settings.hex_case, {"lower", "upper"},
             "of the hex that goes down (HEX-2) · 下行十六进制的大小写（HEX-2）");
  add_on_off(app, "--require-type-1", settings.require_type_1,
             "only logins of type 1 are taken (V2-3) · 只接受 type 1 登录（V2-3）");
  add_number_or_none(app, "--messages-per-second", settings.messages_per_second, 1, 1'000'000,
                     "of a device; none: as the broker is set, 100 (LIMIT-1) · "
                     "每台设备每秒报文数；none：按代理的设置，100（LIMIT-1）");
  add_number_or_none(app, "--bytes-per-second", settings.bytes_per_second, 1, 2'000'000'000,
                     "of a device; none: as the broker is set, 524288 (LIMIT-2) · "
                     "每台设备每秒字节数；none：按代理的设置，524288（LIMIT-2）");
  add_text(
      app, "--protocol-version", settings.protocol_version, "V",
      "its devices' Version, 2.0 where not given (AUTH-6) · 协议版本 Version，默认 2.0（AUTH-6）");
}

// "none" is null in the API: no limit, or none of the product's own.
Json number_or_null(const std::string& text) {
  return text == "none" ? Json() : Json(std::stoll(text));
}

// "auto" is null in the API: learnt from the device, or by the product's type.
Json settings_json(const Settings& settings) {
  Json json = Json::object();
  if (!settings.name.empty()) json["name"] = settings.name;
  if (settings.key_lifetime_s) json["key_lifetime_s"] = *settings.key_lifetime_s;
  if (settings.key_reading == "auto") {
    json["key_reading"] = nullptr;
  } else if (!settings.key_reading.empty()) {
    json["key_reading"] = settings.key_reading;
  }
  if (settings.reveal_device_secret == "auto") {
    json["reveal_device_secret"] = nullptr;
  } else if (!settings.reveal_device_secret.empty()) {
    json["reveal_device_secret"] = settings.reveal_device_secret == "on";
  }
  if (!settings.reauth.empty()) json["reauth"] = settings.reauth;
  if (settings.accept_plaintext) json["accept_plaintext"] = *settings.accept_plaintext;
  if (settings.allow_hash) json["allow_hash"] = *settings.allow_hash;
  if (settings.require_type_1) json["require_type_1"] = *settings.require_type_1;
  if (!settings.topic_names.empty()) json["topic_names"] = settings.topic_names;
  if (!settings.model_violations.empty()) json["model_violations"] = settings.model_violations;
  if (!settings.registration_quota.empty()) {
    json["registration_quota"] = number_or_null(settings.registration_quota);
  }
  if (!settings.registration_rate.empty()) {
    json["registration_rate_per_minute"] = number_or_null(settings.registration_rate);
  }
  if (!settings.down_id_length.empty()) json["down_id_length"] = settings.down_id_length;
  if (!settings.hex_case.empty()) json["hex_case"] = settings.hex_case;
  if (!settings.messages_per_second.empty()) {
    json["messages_per_second"] = number_or_null(settings.messages_per_second);
  }
  if (!settings.bytes_per_second.empty()) {
    json["bytes_per_second"] = number_or_null(settings.bytes_per_second);
  }
  if (!settings.protocol_version.empty()) json["version"] = settings.protocol_version;
  return json;
}

// What the options call "auto" and "none" is null in the API.
Json in_the_options_words(Json product) {
  for (const auto& [member, word] :
       {std::pair("key_reading", "auto"), std::pair("reveal_device_secret", "auto"),
        std::pair("registration_quota", "none"), std::pair("registration_rate_per_minute", "none"),
        std::pair("messages_per_second", "none"), std::pair("bytes_per_second", "none")}) {
    const auto found = product.find(member);
    if (found != product.end() && found->is_null()) *found = word;
  }
  return product;
}

// How many of the devices that were seen do the one or the other: "text_product_key 3 (75 %), …".
std::string shares(const Json& counts, texts::Language language) {
  std::int64_t all = 0;
  for (const auto& [word, count] : counts.items()) all += count.get<std::int64_t>();
  if (all == 0) return texts::in(language, "not seen yet");
  std::string text;
  for (const auto& [word, count] : counts.items()) {
    const auto devices = count.get<std::int64_t>();
    text += (text.empty() ? "" : ", ") + word + " " + std::to_string(devices) + " (" +
            std::to_string((devices * 200 + all) / (2 * all)) + " %)";
  }
  return text;
}

Outcome show_product(const Context& context, const Result<Json>& product) {
  static const std::vector<std::string> members{"open_id",
                                                "product_id",
                                                "product_key",
                                                "name",
                                                "auth_type",
                                                "kind",
                                                "encrypted",
                                                "enabled",
                                                "version",
                                                "key_lifetime_s",
                                                "key_reading",
                                                "reveal_device_secret",
                                                "reauth",
                                                "accept_plaintext",
                                                "allow_hash",
                                                "topic_names",
                                                "model_violations",
                                                "registration_quota",
                                                "registration_rate_per_minute",
                                                "down_id_length",
                                                "hex_case",
                                                "require_type_1",
                                                "messages_per_second",
                                                "bytes_per_second",
                                                "self_registered",
                                                "created_at",
                                                "updated_at"};
  if (!product) return tl::unexpected(product.error());
  if (context.global.json || !product->is_object()) {
    context.print(*product);
    return {};
  }
  Json shown = in_the_options_words(*product);
  if (member_text(shown, "product_key").empty()) {
    shown["product_key"] = hidden_text(context.env.language);
  }
  const Json seen = shown.value("devices_seen", Json::object());
  shown.erase("devices_seen");
  std::vector<Field> fields = fields_of(shown, members);
  for (const auto& [what, counts] : seen.items()) {
    fields.emplace_back("devices' " + what, shares(counts, context.env.language));
  }
  print_fields(context.env, fields);
  return {};
}

}  // namespace

Handler declare_product_add(CLI::App& app) {
  struct Options {
    Settings settings;
    std::string vendor;
    std::string auth;
    std::string kind;
    bool encrypted = false;
    std::string product_id;
    SecretOption product_key;
    bool reveal = false;
  };
  auto options = std::make_shared<Options>();
  add_open_id(app, "--vendor", options->vendor)->required();
  add_text(app, "--name", options->settings.name, "NAME", "what people call it · 名称")->required();
  add_choice(app, "--auth", options->auth, {"0", "1", "2"},
             "0: a key for the product, its devices register themselves; 1: registered beforehand; "
             "2: a key "
             "for each device, registered beforehand (ID-5) · "
             "0 一型一密免注册，1 一型一密预注册，2 一机一密预注册（ID-5）")
      ->required();
  add_choice(app, "--kind", options->kind, {"transparent", "json", "hex"},
             "transparent, or a thing model in json or hex (ID-6) · "
             "透传（transparent），或物模型（json 或 hex）（ID-6）")
      ->required();
  app.add_flag("--encrypted", options->encrypted,
               "payloads are encrypted (ENC-1) · 加密产品（ENC-1）");
  add_product_id(app, "--product-id", options->product_id)
      ->description(
          "one already burnt into devices; else one is made · 指定 ProductID，默认自动生成");
  add_secret(app, options->product_key, "product-key",
             "one already burnt into devices; else one is made · 指定 ProductKey，默认自动生成");
  add_settings(app, options->settings);
  add_reveal(app, options->reveal);
  return [options](const Context& context) -> Outcome {
    Json product = settings_json(options->settings);
    product["open_id"] = options->vendor;
    product["auth_type"] = options->auth[0] - '0';
    product["kind"] = options->kind;
    product["encrypted"] = options->encrypted;
    if (!options->product_id.empty()) product["product_id"] = options->product_id;
    if (options->product_key.given()) {
      const Result<std::string> key = options->product_key.read(context.env);
      if (!key) return tl::unexpected(key.error());
      product["product_key"] = *key;
    }
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    return show_product(context, api->post(revealing("/products", options->reveal), product));
  };
}

Handler declare_product_list(CLI::App& app) {
  auto vendor = std::make_shared<std::string>();
  add_open_id(app, "--vendor", *vendor)->description("of this vendor only · 仅该厂商");
  return [vendor](const Context& context) {
    const auto row = [](const Json& product) {
      return std::vector<Cell>{
          member_text(product, "product_id"), member_text(product, "open_id"),
          member_text(product, "name"),       member_text(product, "auth_type"),
          member_text(product, "kind"),       switch_text(product, "encrypted"),
          switch_text(product, "enabled")};
    };
    return print_listing(context, {.target = "/products",
                                   .query = {{"open_id", *vendor}},
                                   .limit = {},
                                   .columns = {{"product_id"},
                                               {"open_id"},
                                               {"name", Yields::last},
                                               {"auth_type"},
                                               {"kind"},
                                               {"encrypted"},
                                               {"enabled"}},
                                   .row = row,
                                   .when_empty = "no product yet; see: xgate product add --help"});
  };
}

Handler declare_product_show(CLI::App& app) {
  auto product_id = std::make_shared<std::string>();
  auto reveal = std::make_shared<bool>(false);
  add_product_id(app, "product_id", *product_id)->required();
  add_reveal(app, *reveal);
  return [product_id, reveal](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    return show_product(context, api->get(revealing("/products/" + *product_id, *reveal)));
  };
}

Handler declare_product_set(CLI::App& app) {
  struct Options {
    Settings settings;
    std::string product_id;
    std::optional<bool> enabled;
    std::optional<bool> encrypted;
    std::string auth;
    std::string kind;
    SecretOption product_key;
    bool reveal = false;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_text(app, "--name", options->settings.name, "NAME", "a new name · 新名称");
  add_on_off(app, "--enabled", options->enabled,
             "off: none of its devices may log in · 关闭后其设备均不能登录");
  add_choice(app, "--auth", options->auth, {"0", "1", "2"},
             "authentication type (ID-5) · 认证类型（ID-5）");
  add_choice(app, "--kind", options->kind, {"transparent", "json", "hex"},
             "transparent or a thing model (ID-6) · 透传（transparent）或物模型（ID-6）");
  add_on_off(app, "--encrypted", options->encrypted,
             "payloads are encrypted (ENC-1) · 是否加密（ENC-1）");
  add_secret(app, options->product_key, "product-key",
             "another one: devices that hold the old are locked out · "
             "更换 ProductKey：仍用旧的设备将不能登录");
  add_settings(app, options->settings);
  add_reveal(app, options->reveal);
  return [options](const Context& context) -> Outcome {
    Json change = settings_json(options->settings);
    if (options->enabled) change["enabled"] = *options->enabled;
    if (options->encrypted) change["encrypted"] = *options->encrypted;
    if (!options->auth.empty()) change["auth_type"] = options->auth[0] - '0';
    if (!options->kind.empty()) change["kind"] = options->kind;
    if (options->product_key.given()) {
      const Result<std::string> key = options->product_key.read(context.env);
      if (!key) return tl::unexpected(key.error());
      change["product_key"] = *key;
    }
    if (change.empty()) return misused("nothing to set: give at least one option");
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    return show_product(
        context,
        api->patch(revealing("/products/" + options->product_id, options->reveal), change));
  };
}

Handler declare_product_delete(CLI::App& app) {
  auto product_id = std::make_shared<std::string>();
  add_product_id(app, "product_id", *product_id)->required();
  return [product_id](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    Outcome done = api->remove("/products/" + *product_id);
    if (!done) return done;
    if (context.global.json) {
      context.print({{"product_id", *product_id}, {"deleted", true}});
    } else {
      context.say("product " + *product_id + " is deleted");
    }
    return {};
  };
}

}  // namespace xgate::cli
