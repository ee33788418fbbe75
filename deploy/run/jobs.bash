# SPDX-License-Identifier: Apache-2.0

# As many as there are cores, but no more than there is memory for: the largest file takes over a gigabyte.
build_jobs() {
  local jobs by_memory
  jobs=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
  ((by_memory >= jobs)) || jobs=$by_memory
  ((jobs >= 1)) || jobs=1
  printf '%d' "$jobs"
}
