# SPDX-License-Identifier: Apache-2.0
# What ./run says, and how it fails: what was wrong, where, what to do.

say() { printf "%s\n" "$@"; }

# As it may be pasted into a shell.
quoted() { printf '%q' "$1"; }

step() { printf '%s %s\n' '==' "$*"; }

fail() {
  printf '\n./run: %s\n' "$1" >&2
  shift
  ((${#} == 0)) || printf '       %s\n' "$@" >&2
  say_full_disks
  failed=yes
  exit 1
}

wrong_usage() {
  failed=yes
  printf './run: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

# free_mib DIR: of the nearest folder that exists.
free_mib() {
  local dir=$1
  until [[ -d $dir ]]; do dir=$(dirname -- "$dir"); done
  df --output=avail -BM -- "$dir" | tail -n 1 | tr -dc 0-9
}

# Whatever else a message says: a full disk is the first thing to mend.
say_full_disks() {
  local dir free
  for dir in "$source_dir" "${state:-/}"; do
    free=$(free_mib "$dir" 2>/dev/null) || continue
    # /proc and its like hold nothing and are never full
    [[ $(stat --file-system --format=%b -- "$dir" 2>/dev/null) != 0 ]] || continue
    if ((free < 50)); then
      printf '       The disk that holds %s is full: %d MiB are free. Make room and run it again.\n' "$dir" "$free" >&2
    fi
  done
}

# require_free DIR MIB WHAT
require_free() {
  local free
  free=$(free_mib "$1")
  ((free >= $2)) || fail "the disk that holds $1 has only $free MiB free; $3 wants at least $2 MiB." \
    "Make room there, or point --state to another disk."
}

last_lines() {
  [[ -s $1 ]] || return 0
  printf '       The last lines of %s:\n' "$1" >&2
  tail -n "${2:-15}" -- "$1" | sed 's/^/         | /' >&2
}
