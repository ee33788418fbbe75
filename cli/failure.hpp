// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace xgate::cli {

// Exit statuses: other people's scripts rely on these.
inline constexpr int status_done = 0;
inline constexpr int status_failed = 1;  ///< refused by the service, or failed on the way
inline constexpr int status_misused = 2;
inline constexpr int status_not_done = 3;  ///< a command to a device, waited for, was not done

/// Why a command could not be done: one clear sentence, without a secret.
struct Failure {
  std::string sentence;
  int status = status_failed;
  bool passing = false;  ///< the same may work again soon: the service or its database is away
  std::chrono::seconds retry_after{0};  ///< not sooner than that
  std::string earliest =
      {};                  ///< the position to go on from: what was asked for is not kept any more
  bool absent = false;     ///< what was asked for does not exist (404)
  bool forbidden = false;  ///< not with this token (403)
  std::vector<std::string> below = {};  ///< lines below the sentence, with their blanks
};

template <class T>
using Result = tl::expected<T, Failure>;
using Outcome = Result<void>;

inline tl::unexpected<Failure> failed(std::string sentence) {
  return tl::unexpected(Failure{std::move(sentence), status_failed, false});
}
inline tl::unexpected<Failure> misused(std::string sentence) {
  return tl::unexpected(Failure{std::move(sentence), status_misused, false});
}

}  // namespace xgate::cli
