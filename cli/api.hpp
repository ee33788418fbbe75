// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/failure.hpp"
#include "cli/http_client.hpp"
#include "cli/json.hpp"

namespace xgate::cli {

/// A refusal of the service (RFC 9457).
struct ProblemText {
  std::string sentence;            ///< with the requirement's id where it has one
  std::vector<std::string> below;  ///< a line for each member at fault, where there are many
};
ProblemText problem_text(const HttpReply& reply);

using Query = std::vector<std::pair<std::string, std::string>>;
/// "/devices" and {{"state", "online"}} to "/devices?state=online". Empty values are left out.
std::string with_query(std::string target, const Query& query);

/// The service's HTTP API. Targets are below /api/v1. Each POST carries an Idempotency-Key of its
/// own, under which it can be sent again and is done once.
class Api {
 public:
  /// `warn` is told, in a sentence, what is not as it should be though a request was done.
  explicit Api(HttpClient client, std::function<void(const std::string&)> warn = {})
      : client_(std::move(client)), warn_(std::move(warn)) {}

  /// Where nobody says whether a POST was done: the pause before each time that it is sent again.
  void resend_after(std::vector<std::chrono::milliseconds> pauses) {
    resend_after_ = std::move(pauses);
  }

  Result<Json> get(const std::string& target);
  Result<Json> post(const std::string& target, const Json& body);
  Result<Json> post_csv(const std::string& target, std::string csv);
  Result<Json> put(const std::string& target, std::string body, const std::string& content_type);
  /// The file itself, as application/octet-stream, read while it is sent.
  Result<Json> post_file(const std::string& target, const std::string& path);
  Result<Json> patch(const std::string& target, const Json& body);
  Outcome remove(const std::string& target);
  /// The body goes to `sink` as it comes.
  Outcome download(const std::string& target, const std::function<void(std::string_view)>& sink);

  /// Hands on every item of a list, page by page, up to `limit` of them (all without one).
  /// `position`: that of the first page, where the list can be followed.
  Outcome each(const std::string& target, const Query& query, std::optional<std::int64_t> limit,
               const std::function<void(Json)>& item, std::string* position = nullptr);

  void stop_when(std::function<bool()> asked) { client_.stop_when(std::move(asked)); }

 private:
  Result<HttpReply> send(const HttpRequest& request,
                         const std::function<void(std::string_view)>& sink = {});
  Result<Json> send_for_json(const HttpRequest& request);
  HttpClient client_;
  std::function<void(const std::string&)> warn_;
  std::vector<std::chrono::milliseconds> resend_after_{
      std::chrono::milliseconds{250}, std::chrono::milliseconds{500}, std::chrono::seconds{1},
      std::chrono::seconds{2}, std::chrono::seconds{4}};
};

}  // namespace xgate::cli
