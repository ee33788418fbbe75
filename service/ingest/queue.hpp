// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

namespace xgate::ingest {

/// What waits for one worker. The bounds, of items and of bytes, are kept by its feeder, who stops
/// reading when push() says full: nothing that has been read is ever dropped here. Any feeders, one
/// taker.
template <class Item>
class Queue {
 public:
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  /// `drained` is called, on the taker's thread, when what waits has fallen to half of the bounds
  /// after it was full.
  Queue(std::size_t bound, std::function<void()> drained, std::size_t bound_bytes = unbounded)
      : bound_(std::max<std::size_t>(bound, 1)),
        bound_bytes_(bound_bytes),
        drained_(std::move(drained)) {}

  enum class Level { open, full };
  Level push(Item item, std::size_t bytes = 0) {
    bool wake = false;
    Level level = Level::open;
    {
      const std::lock_guard lock(mutex_);
      wake = items_.empty();
      items_.push_back({std::move(item), bytes});
      bytes_ += bytes;
      if (items_.size() >= bound_ || bytes_ >= bound_bytes_) {
        level = Level::full;
        full_ = true;
      }
    }
    if (wake) {
      filled_.notify_one();
    }
    return level;
  }

  /// Waits for something, and takes what is there, up to `most` and (but for the first) up to
  /// `most_bytes`. Empty: closed, and nothing is left.
  std::vector<Item> take(std::size_t most, std::size_t most_bytes = unbounded) {
    std::vector<Item> batch;
    bool drained = false;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [&] { return closed_ || !items_.empty(); });
      batch.reserve(std::min(most, items_.size()));
      std::size_t taken = 0;
      while (!items_.empty() && batch.size() < most &&
             (batch.empty() || items_.front().bytes <= most_bytes - taken)) {
        taken += items_.front().bytes;
        batch.push_back(std::move(items_.front().item));
        items_.pop_front();
        if (taken >= most_bytes) break;
      }
      bytes_ -= taken;
      if (full_ && items_.size() <= bound_ / 2 && bytes_ <= bound_bytes_ / 2) {
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
  bool wait_closed(std::chrono::microseconds time) {
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
  struct Waiting {
    Item item;
    std::size_t bytes = 0;
  };
  const std::size_t bound_;
  const std::size_t bound_bytes_;
  const std::function<void()> drained_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Waiting> items_;
  std::size_t bytes_ = 0;
  bool full_ = false;
  bool closed_ = false;
};

}  // namespace xgate::ingest
