// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "service/api/http.hpp"
#include "service/store/command_records.hpp"

namespace xgate::api {

/// A command as an application asks for it, read but not yet judged against its product.
struct CommandRequest {
  protocol::CommandKind kind = protocol::CommandKind::down;
  std::string service;
  nlohmann::json request;  ///< what the kind needs: see protocol::command_payload
  bool encrypt = false;
  std::int64_t ttl_s = 0;
};
/// The body of POST …/commands; 422 with every member that is wrong.
Result<CommandRequest> parse_command_request(const std::string& body, std::int64_t default_ttl_s);

/// The command that it makes for this device, by its product's kind and thing model; a HEX
/// product's goes through its script.
Result<store::NewCommand> build_command(Context& context, const CommandRequest& asked,
                                        const store::Recipient& recipient,
                                        const std::string& product_id);

}  // namespace xgate::api
