// SPDX-License-Identifier: Apache-2.0
#include "cli/api.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "protocol/aes.hpp"
#include "protocol/json_text.hpp"
#include "protocol/random.hpp"

namespace xgate::cli {
namespace {

constexpr std::string_view api_root = "/api/v1";
constexpr std::int64_t page_size = 500;
/// A POST is not sent again later than this: each time may have to wait for its answer.
constexpr std::chrono::seconds resend_within{30};
// The service is trusted, but not to be without faults: an answer beyond these is one.
constexpr protocol::JsonLimits answer_limits{.max_bytes = std::size_t{256} << 20U,
                                             .max_depth = 128};

std::string text_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::string without_full_stop(std::string sentence) {
  while (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

struct FaultyMember {
  std::string pointer;
  std::string detail;
};

struct FaultyMembers {
  std::vector<FaultyMember> beside;  ///< those that the problem's detail does not tell already
  bool detail_tells_one = false;
};

// RFC 9457's "errors": which member of what was sent is wrong.
FaultyMembers faults_of(const Json& problem, const std::string& detail) {
  FaultyMembers faults;
  const auto errors = problem.find("errors");
  if (errors == problem.end() || !errors->is_array()) return faults;
  for (const Json& error : *errors) {
    if (!error.is_object()) continue;
    FaultyMember fault{text_member(error, "pointer"), text_member(error, "detail")};
    if (fault.detail.empty()) continue;
    const bool told = detail.find(fault.detail) != std::string::npos;
    faults.detail_tells_one |= told;
    if (!told) faults.beside.push_back(std::move(fault));
  }
  return faults;
}

// A few more end the sentence. Many, and those of a document, have a line each below a sentence
// that only counts them.
void tell_members_at_fault(const FaultyMembers& faults, ProblemText& text) {
  constexpr std::size_t most_in_a_line = 2;
  const bool listed = !faults.detail_tells_one || faults.beside.size() > most_in_a_line;
  for (const FaultyMember& fault : faults.beside) {
    if (listed) {
      text.below.push_back("  " + fault.pointer + (fault.pointer.empty() ? "it " : "  ") +
                           fault.detail);
      continue;
    }
    const bool rooted = fault.pointer.starts_with('/');
    const std::string member = rooted ? fault.pointer.substr(1) : fault.pointer;
    text.sentence += "; ";
    text.sentence += member.empty() ? fault.detail : member + ' ' + fault.detail;
  }
  if (!text.below.empty()) text.sentence += ':';
}

std::string unconfirmed_sentence(const std::string& brokers) {
  if (brokers == "*") {
    return "this is stored, but whether the brokers go by it yet could not be asked";
  }
  const bool several = brokers.find(',') != std::string::npos;
  return (several ? "this is stored, but the brokers " : "this is stored, but broker ") + brokers +
         (several ? " have" : " has") +
         " not confirmed within 2 s that logins go by it: is the broker running, and does its "
         "plugin "
         "reach the database?";
}

using Answer = tl::expected<HttpReply, HttpFailure>;

// Null where the body is no problem.
Json problem_of(const HttpReply& reply) {
  auto problem = protocol::parse_ordered_json(reply.body, answer_limits);
  return problem && problem->is_object() ? std::move(*problem) : Json();
}

// What follows "urn:xgate:problem:".
bool is_problem(const HttpReply& reply, std::string_view type) {
  return text_member(problem_of(reply), "type") == "urn:xgate:problem:" + std::string(type);
}

// 502 and 504 are a proxy's, which had no answer.
bool may_be_done(const Answer& answer) {
  if (!answer) return answer.error().sent;
  return answer->status == 502 || answer->status == 504 ||
         (answer->status == 503 && is_problem(*answer, "outcome-unknown")) ||
         (answer->status == 409 && is_problem(*answer, "in-progress"));
}

/// LIMIT-10: not even looked at; a place will be free again.
bool found_no_place(const HttpReply& reply) {
  return reply.status == 429 && is_problem(reply, "too-many-connections");
}

// Of what was sent before: this answer does not tell.
bool tells_nothing(const Answer& answer) {
  return may_be_done(answer) || !answer || answer->status == 503 || found_no_place(*answer);
}

/// Sends it under its key until it is told whether it is done.
Answer send_until_told(HttpClient& client, const HttpRequest& request,
                       const std::vector<std::chrono::milliseconds>& resend_after, bool& unknown) {
  const auto deadline = std::chrono::steady_clock::now() + resend_within;
  Answer answer = client.send(request);
  if (!may_be_done(answer)) return answer;
  for (const auto pause : resend_after) {
    if (std::chrono::steady_clock::now() + pause > deadline) break;
    std::this_thread::sleep_for(pause);
    answer = client.send(request);
    if (!tells_nothing(answer)) return answer;
  }
  unknown = true;
  return answer;
}

Failure unknown_outcome(const Answer& answer) {
  const std::string look = "whether this was done is not known: look before you do it again";
  if (!answer) return {answer.error().sentence + "; " + look};
  if (may_be_done(answer)) return {look};
  auto [sentence, below] = problem_text(*answer);
  return {.sentence = sentence + "; " + look, .below = std::move(below)};
}

std::string new_key() { return protocol::to_lower_hex(protocol::random_bytes<16>()); }

// Of 410: where a reader can go on.
std::string earliest_kept(const HttpReply& reply) {
  return reply.status == 410 ? text_member(problem_of(reply), "position") : std::string();
}

}  // namespace

ProblemText problem_text(const HttpReply& reply) {
  const std::string status = std::to_string(reply.status);
  const Json problem = problem_of(reply);
  if (problem.is_null()) {
    return {"the service answered HTTP status " + status + " without saying why", {}};
  }
  std::string sentence = text_member(problem, "detail");
  if (sentence.empty()) sentence = text_member(problem, "title");
  if (sentence.empty()) sentence = "the service answered HTTP status " + status;
  ProblemText text{without_full_stop(sentence), {}};
  tell_members_at_fault(faults_of(problem, sentence), text);
  const std::string requirement = text_member(problem, "requirement");
  if (!requirement.empty() && text.sentence.find(requirement) == std::string::npos) {
    text.sentence += " (" + requirement + ")";
  }
  if (reply.status == 401) {
    text.sentence += "; give the token's file with --token-file or XGATE_TOKEN_FILE";
  }
  return text;
}

std::string with_query(std::string target, const Query& query) {
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += separator + name + '=' + percent_encoded(value);
    separator = '&';
  }
  return target;
}

Result<HttpReply> Api::send(const HttpRequest& request,
                            const std::function<void(std::string_view)>& sink) {
  HttpRequest full = request;
  full.target.insert(0, api_root);
  bool unknown = false;
  const bool once = full.method == "POST";
  if (once) full.idempotency_key = new_key();
  auto reply =
      once ? send_until_told(client_, full, resend_after_, unknown) : client_.send(full, sink);
  if (unknown) return tl::unexpected(unknown_outcome(reply));
  if (!reply) return tl::unexpected(Failure{reply.error().sentence, status_failed, true});
  if (reply->status / 100 != 2) {
    const bool passing = reply->status == 503 || reply->status == 502 || found_no_place(*reply);
    auto [sentence, below] = problem_text(*reply);
    return tl::unexpected(Failure{.sentence = std::move(sentence),
                                  .passing = passing,
                                  .retry_after = reply->retry_after,
                                  .earliest = earliest_kept(*reply),
                                  .absent = reply->status == 404,
                                  .forbidden = reply->status == 403,
                                  .below = std::move(below)});
  }
  if (!reply->unconfirmed.empty() && warn_) warn_(unconfirmed_sentence(reply->unconfirmed));
  return std::move(*reply);
}

Result<Json> Api::send_for_json(const HttpRequest& request) {
  const Result<HttpReply> reply = send(request);
  if (!reply) return tl::unexpected(reply.error());
  auto value = protocol::parse_ordered_json(reply->body, answer_limits);
  if (!value) {
    return failed("the service's answer is no JSON (" + value.error() +
                  "); is this the service's address?");
  }
  return std::move(*value);
}

Result<Json> Api::get(const std::string& target) {
  return send_for_json({.method = "GET", .target = target, .body = {}, .content_type = {}});
}

Result<Json> Api::post(const std::string& target, const Json& body) {
  return send_for_json({.method = "POST",
                        .target = target,
                        .body = body.is_null() ? std::string() : protocol::compact(body),
                        .content_type = body.is_null() ? "" : "application/json"});
}

Result<Json> Api::post_csv(const std::string& target, std::string csv) {
  return send_for_json(
      {.method = "POST", .target = target, .body = std::move(csv), .content_type = "text/csv"});
}

Result<Json> Api::put(const std::string& target, std::string body,
                      const std::string& content_type) {
  return send_for_json(
      {.method = "PUT", .target = target, .body = std::move(body), .content_type = content_type});
}

Result<Json> Api::post_file(const std::string& target, const std::string& path) {
  return send_for_json({.method = "POST",
                        .target = target,
                        .body = {},
                        .content_type = "application/octet-stream",
                        .file = path});
}

Result<Json> Api::patch(const std::string& target, const Json& body) {
  return send_for_json({.method = "PATCH",
                        .target = target,
                        .body = protocol::compact(body),
                        .content_type = "application/json"});
}

Outcome Api::remove(const std::string& target) {
  const auto reply = send({.method = "DELETE", .target = target, .body = {}, .content_type = {}});
  if (!reply) return tl::unexpected(reply.error());
  return {};
}

Outcome Api::download(const std::string& target,
                      const std::function<void(std::string_view)>& sink) {
  const auto reply =
      send({.method = "GET", .target = target, .body = {}, .content_type = {}}, sink);
  if (!reply) return tl::unexpected(reply.error());
  return {};
}

Outcome Api::each(const std::string& target, const Query& query, std::optional<std::int64_t> limit,
                  const std::function<void(Json)>& item, std::string* position) {
  std::int64_t left = limit.value_or(-1);
  std::string cursor;
  while (left != 0) {
    Query page = query;
    page.emplace_back("limit", std::to_string(left < 0 ? page_size : std::min(left, page_size)));
    page.emplace_back("cursor", cursor);
    Result<Json> answer = get(with_query(target, page));
    if (!answer) return tl::unexpected(answer.error());
    const auto items = answer->find("items");
    if (items == answer->end() || !items->is_array()) {
      return failed("the service's answer holds no list; is it of another version?");
    }
    if (position != nullptr && position->empty()) *position = text_member(*answer, "position");
    for (Json& one : *items) {
      if (left == 0) break;
      if (left > 0) --left;
      item(std::move(one));
    }
    cursor = text_member(*answer, "next_cursor");
    if (cursor.empty()) break;
  }
  return {};
}

}  // namespace xgate::cli
