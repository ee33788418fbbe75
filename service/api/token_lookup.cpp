// SPDX-License-Identifier: Apache-2.0
#include "service/api/token_lookup.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/asio/post.hpp>

#include "service/store/tokens.hpp"

namespace xgate::api {

void TokenLookup::ask(std::string hash, Told told) {
  waiting_.push_back({std::move(hash), std::move(told)});
  if (looked_for_.empty()) look();
}

void TokenLookup::stop() {
  waiting_.clear();
  looked_for_.clear();
}

void TokenLookup::look() {
  looked_for_ = std::exchange(waiting_, {});
  std::vector<std::string> hashes;
  hashes.reserve(looked_for_.size());
  for (const auto& asked : looked_for_) hashes.push_back(asked.hash);
  const bool posted = workers_.post([this, weak = weak_from_this(), hashes = std::move(hashes),
                                     &io = io_](pg::Connection* database, const std::string&) {
    auto known =
        database != nullptr
            ? store::known_tokens(*database, hashes)
            : pg::Result<std::vector<std::string>>(tl::unexpected(pg::Error{"", "", true}));
    boost::asio::post(io, [this, weak, known = std::move(known)] {
      if (const auto self = weak.lock()) looked(known ? &*known : nullptr);
    });
  });
  if (!posted) looked(nullptr);
}

void TokenLookup::looked(const std::vector<std::string>* known) {
  const auto answered = std::exchange(looked_for_, {});
  if (!waiting_.empty()) look();
  for (const auto& asked : answered) {
    if (known == nullptr) {
      asked.told(Answer::busy);
    } else {
      asked.told(std::ranges::find(*known, asked.hash) != known->end() ? Answer::known
                                                                       : Answer::unknown);
    }
  }
}

}  // namespace xgate::api
