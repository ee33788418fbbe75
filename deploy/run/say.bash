# SPDX-License-Identifier: Apache-2.0
# What ./run says, and how it fails: what was wrong, where, what to do.

chinese=() # chinese.bash: sentence, what it is in Chinese, …
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
  zh | zh[-_.]*) language=zh ;;
  *) language=en ;;
esac

# said SENTENCE: in the reader's language; as it is where the table does not know it.
said() {
  local i place sentence=$1 value=()
  if [[ $language == zh ]]; then
    for ((i = 0; i < ${#chinese[@]}; i += 2)); do
      fits "${chinese[i]}" "$1" || continue
      sentence=${chinese[i + 1]}
      for place in "${!value[@]}"; do sentence=${sentence//"{$place}"/"$(said "${value[place]}")"}; done
      break
    done
  fi
  printf '%s' "$sentence"
}

# fits TEMPLATE SENTENCE: then the values of {0} to {9} are in `value`.
fits() {
  local template=$1 rest=$2 before place
  value=()
  while [[ $template == *\{[0-9]\}* ]]; do
    before=${template%%\{[0-9]\}*}
    [[ $rest == "$before"* ]] || return 1
    rest=${rest#"$before"} template=${template#"$before"}
    place=${template:1:1} template=${template:3}
    before=${template%%\{[0-9]\}*}
    [[ $rest == *"$before"* ]] || return 1
    if [[ -z $before ]]; then value[place]=$rest; else value[place]=${rest%%"$before"*}; fi
    rest=${rest#"${value[place]}"}
  done
  [[ $rest == "$template" ]]
}

say() {
  local line
  for line in "$@"; do printf '%s\n' "$(said "$line")"; done
}

# Of a here-document.
say_lines() {
  local line
  while IFS= read -r line; do say "$line"; done
}

# As it may be pasted into a shell.
quoted() { printf '%q' "$1"; }

step() { printf '%s %s\n' '==' "$(said "$*")"; }

fail() {
  printf '\n./run: %s\n' "$(said "$1")" >&2
  shift
  local line
  for line in "$@"; do printf '       %s\n' "$(said "$line")" >&2; done
  say_full_disks
  failed=yes
  exit 1
}

wrong_usage() {
  failed=yes
  printf './run: %s\n\n' "$(said "$1")" >&2
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
      say "       The disk that holds $dir is full: $free MiB are free. Make room and run it again." >&2
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
  say "       The last lines of $1:" >&2
  tail -n "${2:-15}" -- "$1" | sed 's/^/         | /' >&2
}
