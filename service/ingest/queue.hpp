// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace xgate::ingest {

/// What waits for one worker. The bound is kept by its feeder, who stops reading when push() says
/// full: nothing that has been read is ever dropped here. One feeder, one taker.
template <class Item>
class Queue {
 public:
  /// `drained` is called, on the taker's thread, when what waits has fallen to half of the bound
  /// after it was full.
  Queue(std::size_t bound, std::function<void()> drained)
      : bound_(std::max<std::size_t>(bound, 1)), drained_(std::move(drained)) {}

  enum class Level { open, full };
  Level push(Item item) {
    bool wake = false;
    Level level = Level::open;
    {
      const std::lock_guard lock(mutex_);
      wake = items_.empty();
      items_.push_back(std::move(item));
      if (items_.size() >= bound_) {
        level = Level::full;
        full_ = true;
      }
    }
    if (wake) {
      filled_.notify_one();
    }
    return level;
  }

  /// Waits for something, and takes what is there, up to `most`. Empty: closed, and nothing is
  /// left.
  std::vector<Item> take(std::size_t most) {
    std::vector<Item> batch;
    bool drained = false;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [&] { return closed_ || !items_.empty(); });
      const auto count = static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
      batch.reserve(static_cast<std::size_t>(count));
      std::move(items_.begin(), items_.begin() + count, std::back_inserter(batch));
      items_.erase(items_.begin(), items_.begin() + count);
      if (full_ && items_.size() <= bound_ / 2) {
        full_ = false;
        drained = true;
      }
    }
    if (drained && drained_) {
      drained_();
    }
    return batch;
  }

  /// No more comes: take() gives what is left and then nothing.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  /// Waits up to `time`, or until close(). True: closed.
  bool wait_closed(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return filled_.wait_for(lock, time, [&] { return closed_; });
  }
  bool full() const {
    const std::lock_guard lock(mutex_);
    return full_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t bound_;
  const std::function<void()> drained_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Item> items_;
  bool full_ = false;
  bool closed_ = false;
};

}  // namespace xgate::ingest
