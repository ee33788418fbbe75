# SPDX-License-Identifier: Apache-2.0

# forget_moved_build SOURCE FOLDER: a build folder knows by their full path the sources that it was configured for. Where the
# checkout was moved or copied, those are not SOURCE any more: it is configured anew, and what is built in it is kept in so far
# as it fits.
forget_moved_build() {
  local cache=$2/CMakeCache.txt configured_for
  configured_for=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' -- "$cache" 2>/dev/null) || return 0
  [[ -n $configured_for && $configured_for != "$1" ]] || return 0
  echo "The checkout was at $configured_for: what was built there is built anew."
  rm -rf -- "$cache" "$2/build.ninja" "$2/CMakeFiles"
}
