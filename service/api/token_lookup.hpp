// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "service/api/workers.hpp"

namespace xgate::api {

/// Whether there is such a token, for those whose address has to wait: who brings one must get
/// through, and who guesses must not cost a statement each. What is asked for while the database
/// answers goes with the next statement, so that there is never more than one under way. On the
/// io_context's thread; what is asked must not outlive it.
class TokenLookup : public std::enable_shared_from_this<TokenLookup> {
 public:
  enum class Answer : std::uint8_t { known, unknown, busy };
  using Told = std::function<void(Answer)>;

  TokenLookup(boost::asio::io_context& io, Workers& workers) : io_(io), workers_(workers) {}

  void ask(std::string hash, Told told);
  /// Nobody is told any more.
  void stop();

 private:
  struct Asked {
    std::string hash;
    Told told;
  };
  void look();
  void looked(const std::vector<std::string>* known);

  boost::asio::io_context& io_;
  Workers& workers_;
  std::vector<Asked> waiting_;
  std::vector<Asked> looked_for_;  ///< not empty: a statement is under way
};

}  // namespace xgate::api
