// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "directory/snapshot.hpp"

namespace xgate::directory {

/// A snapshot on its way from the loader to its reader.
struct Publication {
  Snapshot snapshot;
  Changes changes;
  std::uint64_t number = 0;     ///< from 1
  Publication* next = nullptr;  ///< in the list of retired ones
};

/// Hands snapshots from one loader thread to one reader thread, and back when they are done with:
/// the reader never waits, and never frees a million devices.
class Exchange {
 public:
  Exchange() = default;
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Loader. Changes of a publication that was not taken pass on to the next.
  void publish(Snapshot snapshot, Changes changes);
  std::uint64_t published() const noexcept { return published_; }  ///< the newest one's number
  /// Whether the reader has done all that publications up to this one ask for. Where not, settle()
  /// will say once that the loader is to be woken.
  bool is_settled(std::uint64_t number) noexcept;
  void free_retired() noexcept;

  // Reader.
  std::unique_ptr<Publication> take() noexcept;
  void retire(std::unique_ptr<Publication> done) noexcept;
  /// All that publications up to this one ask for is done. True: the loader waits for it.
  bool settle(std::uint64_t number) noexcept;

 private:
  std::uint64_t published_ = 0;  // the loader's own
  std::atomic<Publication*> offered_{nullptr};
  std::atomic<Publication*> retired_{nullptr};
  std::atomic<std::uint64_t> settled_{0};
  std::atomic<std::uint64_t> awaited_{0};  // 0: nothing
};

}  // namespace xgate::directory
