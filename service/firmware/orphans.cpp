// SPDX-License-Identifier: Apache-2.0
#include "service/firmware/orphans.hpp"

#include "service/observe/log.hpp"
#include "service/store/firmware_images.hpp"

namespace xgate::firmware {
namespace {

/// Longer than any upload is given without a byte.
constexpr std::chrono::hours abandoned_after{1};
/// A restore may bring the files first and the database later, or begin with another one.
constexpr std::chrono::hours restored_within{7 * 24};

}  // namespace

pg::Result<void> remove_if_orphan(pg::Connection& connection, const ContentStore& store,
                                  const std::string& sha256) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(transaction.error());
  if (auto locked = store::lock_content(connection, sha256); !locked) return locked;
  const auto orphans = store::contents_without_image(connection, {sha256});
  if (!orphans) return tl::unexpected(orphans.error());
  if (!orphans->empty()) {
    store.remove(sha256);
    observe::info("the firmware file {} is removed: no image is made of it",
                  observe::Words(sha256));
  }
  return transaction->commit();
}

pg::Result<void> remove_orphans(pg::Connection& connection, const ContentStore& store) {
  store.remove_abandoned(abandoned_after);
  const auto contents = store.contents(restored_within);
  if (contents.empty()) return {};
  const auto orphans = store::contents_without_image(connection, contents);
  if (!orphans) return tl::unexpected(orphans.error());
  for (const auto& sha256 : *orphans) {
    if (auto removed = remove_if_orphan(connection, store, sha256); !removed) return removed;
  }
  return {};
}

}  // namespace xgate::firmware
