// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "protocol/json.hpp"
#include "service/api/http.hpp"
#include "service/firmware/content_store.hpp"
#include "service/observe/log.hpp"

namespace xgate::api {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 507:
      return "Insufficient Storage";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

Problem problem(int status, std::string type, std::string detail) {
  Problem made;
  made.status = status;
  made.type = std::move(type);
  made.detail = std::move(detail);
  return made;
}

}  // namespace

Problem bad_request(std::string detail) { return problem(400, "bad-request", std::move(detail)); }
Problem unauthorized(std::string detail) { return problem(401, "unauthorized", std::move(detail)); }
Problem forbidden(std::string detail) { return problem(403, "forbidden", std::move(detail)); }
Problem too_many_failures(int retry_after_s) {
  auto made =
      problem(429, "too-many-failures",
              "too many wrong tokens came from this address: the next one is looked at in " +
                  std::to_string(retry_after_s) + " s");
  made.retry_after_s = retry_after_s;
  return made;
}
Problem not_found(std::string detail) { return problem(404, "not-found", std::move(detail)); }
Problem no_product(const std::string& product_id) {
  return not_found("there is no product " + product_id);
}
Problem conflict(std::string detail) { return problem(409, "conflict", std::move(detail)); }
Problem too_many_connections(bool share, std::string detail) {
  auto made = share ? problem(429, "too-many-connections", std::move(detail))
                    : unavailable(std::move(detail));
  made.retry_after_s = 1;
  return made;
}
Problem request_timeout(std::string detail) {
  return problem(408, "request-timeout", std::move(detail));
}
Problem stranger(int status, std::string detail) {
  if (status == 421) return problem(421, "foreign-name", std::move(detail));
  if (status == 403) return problem(403, "foreign-origin", std::move(detail));
  return bad_request(std::move(detail));
}
Problem no_longer_kept(std::string detail) { return problem(410, "gone", std::move(detail)); }
Problem unavailable(std::string detail) {
  auto made = problem(503, "unavailable", std::move(detail));
  made.retry_after_s = 1;
  return made;
}
Problem in_progress(std::string detail) {
  auto made = problem(409, "in-progress", std::move(detail));
  made.retry_after_s = 1;
  return made;
}
Problem outcome_unknown(std::string detail) {
  auto made = problem(503, "outcome-unknown", std::move(detail));
  made.retry_after_s = 1;
  return made;
}

Problem from_database(const pg::Error& error) {
  if (error.is_transient()) {
    observe::warn("api: the database did not do a statement: {}", observe::Words(error.message));
    return unavailable("the database is not available: try again");
  }
  observe::error("api: the database refused a statement ({}): {}", observe::Words(error.sqlstate),
                 observe::Words(error.message));
  return problem(500, "internal", "the service failed at this request; its log says why");
}

Problem from_disk(const firmware::FileError& error) {
  observe::error("api: a file could not be kept: {}", observe::Words(error.message));
  if (error.no_room) return problem(507, "no-room", "the service's disk is full");
  return problem(500, "internal", "the service failed at this request; its log says why");
}

Response to_response(const Problem& problem) {
  nlohmann::ordered_json body{{"type", "urn:xgate:problem:" + problem.type},
                              {"title", title_of(problem.status)},
                              {"status", problem.status},
                              {"detail", problem.detail}};
  if (!problem.errors.empty()) {
    auto& errors = body["errors"] = nlohmann::ordered_json::array();
    for (const auto& member : problem.errors) {
      errors.push_back({{"pointer", member.pointer}, {"detail", member.detail}});
    }
  }
  if (!problem.position.empty()) body["position"] = problem.position;
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  // Details may quote what the client sent.
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  if (problem.retry_after_s > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after_s));
  }
  if (!problem.allow.empty()) response.headers.emplace_back("Allow", problem.allow);
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  if (found == query.end()) return std::nullopt;
  return found->second;
}

}  // namespace xgate::api
