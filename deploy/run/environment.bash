# SPDX-License-Identifier: Apache-2.0
# What is started gets what it has a use for, and nothing else of what is set here (keys to other things, libraries to load
# first): `env "${without_foreign[@]}" COMMAND…`. Only names are arguments there: everybody may read those, and a value may be a
# secret (XGATE_DATABASE_URL).

without_foreign=()

keep_environment() {
  local entry
  without_foreign=()
  while IFS= read -r -d '' entry; do # names that bash does not know, too
    case ${entry%%=*} in
      "" | PATH | HOME | LANG | LANGUAGE | TERM | TZ | LC_* | XGATE_*) ;; # XGATE_…: settings, too
      *) without_foreign+=(--unset="${entry%%=*}") ;;
    esac
  done < <(env --null)
}
