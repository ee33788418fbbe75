// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>

#include "directory/snapshot.hpp"

namespace xgate::directory {

/// A snapshot on its way from the loader to its reader.
struct Publication {
  Snapshot snapshot;
  Changes changes;
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
  void free_retired() noexcept;

  // Reader.
  std::unique_ptr<Publication> take() noexcept;
  void retire(std::unique_ptr<Publication> done) noexcept;

 private:
  std::atomic<Publication*> offered_{nullptr};
  std::atomic<Publication*> retired_{nullptr};
};

}  // namespace xgate::directory
