# SPDX-License-Identifier: Apache-2.0
# Installs Debian's packages and builds the programs, in so far as that is not done yet.

build() {
  "$source_dir/deploy/install-packages" build run || exit 1
  local build_dir=$source_dir/build
  [[ -x $build_dir/bin/xgate ]] || require_free "$source_dir" 1500 "the build"
  mkdir -p -- "$build_dir" 2>/dev/null && [[ -w $build_dir ]] ||
    fail "may not write to $build_dir." "Build in a checkout of your own, or give it to yourself: sudo chown -R $(id -un) $(quoted "$build_dir")"
  forget_moved_build "$source_dir" "$build_dir"
  if [[ ! -e $build_dir/build.ninja ]]; then
    step "configuring the build"
    cmake -S "$source_dir" --preset release >"$build_dir/configure.log" 2>&1 || {
      last_lines "$build_dir/configure.log" 30
      fail "cmake could not configure the build."
    }
  fi
  step "building (the first time takes some minutes)"
  cmake --build "$build_dir" --parallel "$(build_jobs)" --target xgate mosquitto_xgate ||
    fail "the build failed; the compiler's messages are above."
}
