# SPDX-License-Identifier: Apache-2.0
# The state folder: one run at a time, recognised by a mark before anything in it is wiped.
#
#   postgres/  the database cluster        admin.token  the first API token, written by the service
#   broker/    configuration, sessions     tls/         development CA and certificate (--tls)
#   service/   settings, broker password   log/         postgres.log, broker.log, service.log
#   program/   a copy of the programs, where root started them (account.bash)

state_mark=.xgate-run-state
state_is_ours=no # this run holds the lock

prepare_state() {
  check_state_is_ours
  mkdir -p -- "$state" || fail "cannot create the state folder $state." "Choose one that you may write to with --state."
  [[ -w $state && -x $state ]] || fail "the state folder $state belongs to $(stat -c %U -- "$state"); you may not write to it." \
    "Choose another one with --state, or run as that user."
  state=$(readlink -f -- "$state")
  ((EUID != 0)) || hand_over_state
  [[ -e $state/$state_mark ]] ||
    printf 'The state of ./run, format 1. With this file here, ./run --fresh removes what ./run made in this folder.\n' |
    in_state tee -- "$state_mark" >/dev/null ||
    fail "cannot write to $state."
  require_free "$state" 300 "the state (database, broker, logs)"
}

check_state_is_ours() {
  [[ -e $state ]] || return 0
  [[ -d $state ]] || fail "$state is not a folder." "Choose another one with --state."
  # docker-compose.yml's secrets may be there first
  [[ ! -e $state/$state_mark && -n $(ls -A --ignore=secrets -- "$state" 2>/dev/null) ]] || return 0
  fail "$state has things in it that are not ./run's; it is left alone." \
    "Choose an empty or a new folder with --state."
}

# in_state COMMAND…: in the state folder, with the rights of its user.
in_state() { (cd -- "$state" && "${as_account[@]}" "$@"); }

# The folder itself is locked, by being open: that is over with the last process that holds it, however that ended.
lock_state() {
  exec {state_lock}<"$state"
  local holder
  holder=$(in_state cat -- pid 2>/dev/null) || holder=""
  if ! flock -n "$state_lock"; then
    if [[ -n $holder ]] && kill -0 "$holder" 2>/dev/null; then
      fail "another ./run (process $holder) is using $state." \
        "Stop it (Ctrl-C there, or kill $holder), or choose another folder with --state."
    fi
    step "waiting for the processes of an earlier ./run, which was killed, to end"
    flock -w 60 "$state_lock" || fail "processes of an earlier ./run still use $state." \
      "End them (fuser -v $(quoted "$state") shows them), then run it again."
  fi
  state_is_ours=yes
  in_state rm -f -- pid
  printf '%d\n' "$$" | in_state tee -- pid >/dev/null || fail "cannot write to $state."
}

unlock_state() {
  exec {state_lock}<&-
}

# --fresh. Only where the mark says that the folder is ours, only while the lock is held, and only what we made: whatever else
# somebody keeps here stays.
wipe_state() {
  step "emptying $state (--fresh)"
  local name
  for name in postgres postgres.partial broker service firmware tls log socket socket.elsewhere admin.token; do
    rm -rf -- "${state:?}/$name"
  done
}

lay_out_state() {
  install -d -m 750 -- "$state/log"
  install -d -m 700 -- "$state/broker" "$state/service"
}

# Copies and truncates, for the programs append to files they keep open; ./run calls it now and then.
bound_logs() {
  local log
  for log in "$state"/log/*.log; do
    if (($(stat -c %s -- "$log") > log_limit_bytes)); then
      cp -p -- "$log" "$log.1" && : >"$log"
    fi
  done
}
