# SPDX-License-Identifier: Apache-2.0
# What is started gets what it has a use for, and nothing else of what is set here (keys to other things, libraries to load
# first): `env -i "${kept_environment[@]}" COMMAND…`.

kept_environment=()

keep_environment() {
  local name
  kept_environment=()
  for name in PATH HOME LANG LANGUAGE TERM TZ "${!LC_@}" "${!XGATE_@}"; do # XGATE_…: settings, too
    [[ -z ${!name+set} ]] || kept_environment+=("$name=${!name}")
  done
}
