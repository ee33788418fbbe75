# SPDX-License-Identifier: Apache-2.0

# As many as there are cores, but no more than there is memory for: a compiler takes up to two gigabytes (XGATE_UNITY).
build_jobs() {
  local jobs by_memory
  jobs=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 2000000) }' /proc/meminfo)
  ((by_memory >= jobs)) || jobs=$by_memory
  ((jobs >= 1)) || jobs=1
  printf '%d' "$jobs"
}
