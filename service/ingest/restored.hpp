// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "mqtt/message.hpp"

namespace xgate::ingest {

/// Which messages of a stored session the broker took from its file when it started. A broker that
/// is killed begins again with what it saved last, and delivers that again; DUP has only what had
/// left it before it was saved. So all that it restored counts as delivered again. On the network
/// thread.
class Restored {
 public:
  /// The life (epoch) of the broker whose events are stored; empty: not known.
  void seen(std::string epoch) { seen_ = std::move(epoch); }
  /// `epoch`: the life in which the broker is; empty: it does not tell.
  void connected(bool session_present, std::string_view epoch);
  /// True: this message may be stored already. In the queue the first events of a life, which the
  /// plugin tells before the broker reads anything, end what was restored.
  bool holds(const mqtt::Publish& message);
  /// All that was restored has come.
  void over();

 private:
  std::string seen_;
  std::string present_;
  bool open_ = false;
};

}  // namespace xgate::ingest
