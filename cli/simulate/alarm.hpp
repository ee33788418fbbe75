// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace xgate::cli {

/// Calls back once, later. Setting it again, or destroying it, forgets what it was set for: also
/// where that was due already, and only its turn had not come.
class Alarm {
 public:
  explicit Alarm(const boost::asio::any_io_executor& executor) : timer_(executor) {}
  ~Alarm() { cancel(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set_at(std::chrono::steady_clock::time_point time, std::function<void()> ring) {
    cancel();
    pending_ = std::make_shared<std::function<void()>>(std::move(ring));
    timer_.expires_at(time);
    timer_.async_wait([weak = std::weak_ptr(pending_), this](const boost::system::error_code&) {
      const auto pending = weak.lock();
      if (!pending) return;
      pending_.reset();
      (*pending)();
    });
  }
  void set(std::chrono::steady_clock::duration time, std::function<void()> ring) {
    set_at(std::chrono::steady_clock::now() + time, std::move(ring));
  }
  void cancel() {
    pending_.reset();
    timer_.cancel();
  }
  bool is_set() const noexcept { return pending_ != nullptr; }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<std::function<void()>> pending_;
};

}  // namespace xgate::cli
