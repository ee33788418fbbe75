# SPDX-License-Identifier: Apache-2.0
# Fills in what a template names between @ signs. Sourced by the render scripts; plain bash, so that it also runs in images
# and in the package's postinst.

render_fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 2
}

# A value is one line of the result: a line break in it would smuggle in a setting of its own.
render_check_value() {
  local name=$1 value=$2
  [[ $value != *[[:cntrl:]]* ]] || render_fail "the value of --$name contains a control character"
}

# render_options TABLE ARGUMENTS…: reads `--some-name VALUE` into the array TABLE[SOME_NAME]; only names that
# TABLE has already are accepted. OUTPUT is where the result goes.
render_options() {
  local -n table=$1
  shift
  local name key
  while (($# > 0)); do
    [[ $1 == --* ]] || render_fail "unexpected argument '$1'"
    name=${1#--}
    key=${name//-/_}
    key=${key^^}
    [[ -v table[$key] ]] || render_fail "unknown option --$name; known: $(render_option_names)"
    (($# >= 2)) || render_fail "--$name wants a value"
    render_check_value "$name" "$2"
    table["$key"]=$2
    shift 2
  done
}

render_option_names() {
  local key names=""
  for key in "${!table[@]}"; do
    key=${key,,}
    names+=" --${key//_/-}"
  done
  tr ' ' '\n' <<<"$names" | sort | tr '\n' ' '
}

# render_require TABLE KEY…: the options that have no sensible default.
render_require() {
  local -n given=$1
  shift
  local key
  for key in "$@"; do
    [[ -n ${given[$key]} ]] || { key=${key,,}; render_fail "--${key//_/-} is missing"; }
  done
}

render_require_port() {
  [[ $2 =~ ^[0-9]{1,5}$ && $2 -ge 1 && $2 -le 65535 ]] || render_fail "$1 wants a port (1 to 65535), not '$2'"
}

# render_template FILE TABLE: to standard output. What was put in is not looked at again.
render_template() {
  local -n values=$2
  local rest line name
  while IFS= read -r rest || [[ -n $rest ]]; do
    line=""
    while [[ $rest =~ @([A-Z_]+)@ ]]; do
      name=${BASH_REMATCH[1]}
      [[ -v values[$name] ]] || render_fail "the template names @$name@, which is no option"
      line+=${rest%%"@$name@"*}${values[$name]}
      rest=${rest#*"@$name@"}
    done
    printf '%s\n' "$line$rest"
  done <"$1"
}

# render_to OUTPUT: standard input becomes the file at once or not at all, readable by its owner alone.
render_to() {
  local output=$1 partial=$1.partial
  if [[ $output == - ]]; then
    cat
    return
  fi
  # of a full disk nothing may stay: settings may hold a password
  (umask 077 && cat >"$partial") && mv -- "$partial" "$output" || {
    rm -f -- "$partial"
    return 1
  }
}
