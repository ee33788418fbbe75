# SPDX-License-Identifier: Apache-2.0

# prepare PROGRAM TARGET… -- ARGUMENT…: what PROGRAM needs for what it is asked. What only tells something needs no build,
# and what tells about itself nothing at all.
prepare() {
  local program=$1 targets=()
  shift
  while [[ $1 != -- ]]; do targets+=("$1") && shift; done
  shift
  if [[ " $* " == *" --list "* ]]; then
    "$source_dir/deploy/install-packages" run play
  elif ! [[ " $* " =~ " "(--help|-h)" " ]]; then
    "$source_dir/deploy/install-packages" build run play
    [[ -n ${XGATE_BUILD_DIR:-} ]] || release_build "$program" "${targets[@]}"
  fi
}

# release_build PROGRAM TARGET…: for PROGRAM, which runs the release build of $source_dir and is quiet about it.
release_build() {
  local program=$1 log
  shift
  log=$(mktemp)
  # shellcheck disable=SC2064 # its name is known now, and no longer at the end
  trap "rm -f -- ${log@Q}" EXIT
  forget_moved_build "$source_dir" "$source_dir/build"
  if ! cmake -S "$source_dir" --preset release >"$log" 2>&1 ||
    ! cmake --build "$source_dir/build" --parallel "$(build_jobs)" --target "$@" >>"$log" 2>&1; then
    tail -n 40 -- "$log" >&2
    echo "$program: the release build failed; its messages are above." >&2
    exit 1
  fi
  rm -f -- "$log" # here, for a program that execs has no end of its own
}
