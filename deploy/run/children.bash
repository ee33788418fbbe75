# SPDX-License-Identifier: Apache-2.0
# The three programs as children of ./run: each in a session of its own (so that Ctrl-C in the terminal
# reaches ./run alone, which then stops them in the right order), each watched. Should ./run be killed, they
# get a signal too and end.

declare -A child=() # name → process id
nap=""              # the process that wakes watch_children

# start_child NAME COMMAND…: its output goes to log/NAME.log.
start_child() {
  local name=$1
  shift
  local log=$state/log/$name.log
  setpriv --pdeathsig "${death_signal:-TERM}" -- setsid env "${without_foreign[@]}" "$@" >>"$log" 2>&1 </dev/null 8>&- 9<&- &
  child[$name]=$!
}

child_runs() { [[ -n ${child[$1]:-} ]] && kill -0 "${child[$1]}" 2>/dev/null; }

# Says why the child NAME is gone; ./run's EXIT trap stops the others.
fail_child_ended() {
  local name=$1 status=${2:-}
  if [[ -z $status ]]; then
    status=0
    wait "${child[$name]}" 2>/dev/null || status=$?
  fi
  unset "child[$name]"
  local how="ended with status $status"
  ((status <= 128)) || how="was ended by signal $(kill -l $((status - 128)))"
  last_lines "$state/log/$name.log"
  fail "the $name $how; stopping the rest."
}

# wait_for NAME SECONDS COMMAND…: until COMMAND succeeds; a child that ends meanwhile is a failure.
wait_for() {
  local name=$1 seconds=$2
  shift 2
  local deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    child_runs "$name" || fail_child_ended "$name"
    if ((SECONDS >= deadline)); then
      last_lines "$state/log/$name.log"
      fail "the $name did not become ready within $seconds seconds."
    fi
    sleep 0.1
  done
}

# stop_child NAME SIGNAL SECONDS: asks, waits, and insists where asking did not help.
stop_child() {
  local name=$1 signal=$2 deadline=$((SECONDS + $3))
  child_runs "$name" || return 0
  kill -s "$signal" "${child[$name]}" 2>/dev/null
  while child_runs "$name"; do
    if ((SECONDS >= deadline)); then
      say "The $name did not stop within $3 seconds and is killed."
      kill -s KILL "${child[$name]}" 2>/dev/null
      break
    fi
    sleep 0.05
  done
  wait "${child[$name]}" 2>/dev/null
  unset "child[$name]"
}

# The service first, so that it drains what it took; the database last, for it keeps what matters.
stop_children() {
  [[ -z $nap ]] || kill "$nap" 2>/dev/null
  ((${#child[@]} > 0)) || return 0
  say "stopping"
  stop_child service TERM 40
  stop_child broker TERM 30
  stop_child postgres INT 60
}

# Until a child ends by itself. Signals end ./run from here by its traps.
watch_children() {
  local ended status name
  while true; do
    sleep 20 {state_lock}<&- &
    nap=$!
    status=0
    wait -n -p ended "${child[@]}" "$nap" 2>/dev/null || status=$?
    for name in "${!child[@]}"; do
      [[ $ended != "${child[$name]}" ]] || fail_child_ended "$name" "$status"
    done
    bound_logs
  done
}
