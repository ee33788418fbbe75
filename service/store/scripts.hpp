// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "pg/connection.hpp"
#include "service/script/engine.hpp"

namespace xgate::store {

/// A version of a product's parsing script, as the API shows it.
struct ScriptRecord {
  std::string product_id;
  std::int64_t version = 0;
  std::string source;
  std::string created_at;  ///< RFC 3339
  bool is_new = false;     ///< of what was saved: it makes a version
};

/// The newest version, or the one that is asked for.
pg::Result<std::optional<ScriptRecord>> find_script(
    pg::Connection& connection, std::string_view product_id,
    std::optional<std::int64_t> version = std::nullopt);
/// Stores `source` as the newest version; a text that is that already makes no new one. Nothing:
/// there is no such product.
pg::Result<std::optional<ScriptRecord>> save_script(pg::Connection& connection,
                                                    std::string_view product_id,
                                                    std::string_view source);

/// What the product's messages are parsed with now; nothing where it has no script.
pg::Result<std::optional<script::Program>> newest_script(pg::Connection& connection,
                                                         std::string_view product_id);

/// What has to be known before a HEX message can be given to its script.
struct HexProduct {
  bool encrypted = false;
  std::optional<script::Program> program;  ///< nothing: no script is stored
};

/// One thread's: a script's text is read once, and whether there is a newer one at every batch.
class ScriptCache {
 public:
  /// By product_id; products that do not exist are left out.
  pg::Result<std::map<std::string, HexProduct, std::less<>>> read(
      pg::Connection& connection, const std::set<std::string, std::less<>>& product_ids);

 private:
  pg::Result<std::shared_ptr<const std::string>> source_of(pg::Connection& connection,
                                                           const std::string& product_id,
                                                           std::int64_t script_id);
  struct Known {
    std::int64_t script_id = 0;
    std::shared_ptr<const std::string> source;
  };
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace xgate::store
