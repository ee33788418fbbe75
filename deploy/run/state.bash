# SPDX-License-Identifier: Apache-2.0
# The state folder: one run at a time, recognised by a mark before anything in it is wiped.
#
#   postgres/  the database cluster        service/   settings, broker password, the first API token
#   broker/    configuration, sessions     admin.token  a link to that
#   socket/    the database's              tls/       development CA and certificate (--tls)
#   run/       what is under way           log/       postgres.log, broker.log, service.log
#   firmware/  images                      program/   a copy of the programs, where root started them (account.bash)

state_mark=.xgate-run-state
state_is_ours=no # this run holds the lock
account_folders=(postgres broker service firmware tls log socket run)

prepare_state() {
  check_state_is_ours
  [[ -d $state ]] || mkdir -p -- "$state" || fail "cannot create the state folder $state." "Choose one that you may write to with --state."
  state=$(readlink -f -- "$state")
  if ((EUID == 0)); then
    choose_account
  elif [[ -z ${XGATE_RUN_BY_ROOT:-} ]]; then
    [[ -w $state && -x $state ]] || fail "the state folder $state belongs to $(stat -c %U -- "$state"); you may not write to it." \
      "Choose another one with --state, or run as that user."
  fi
  mark_state
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

mark_state() {
  [[ ! -f $state/$state_mark || -L $state/$state_mark ]] || return 0
  write_in_state "$state_mark" \
    'The state of ./run, format 1. With this file here, ./run --fresh removes what ./run made in this folder.'
}

# in_state COMMAND…: in the state folder, with the rights of its owner.
in_state() { (cd -- "$state" && "${in_state_as[@]}" "$@"); }

# write_in_state NAME LINE: into a new file, whatever had that name.
write_in_state() {
  # shellcheck disable=SC2016 # for the shell in there
  in_state sh -Cc 'rm -rf -- "$1" && printf "%s\n" "$2" >"$1"' sh "$@" || fail "cannot write to $state."
}

# The folder itself is locked, by being open: that is over with the last process that holds it, however that ended.
lock_state() {
  exec {state_lock}<"$state"
  local holder
  holder=$(in_state cat -- pid 2>/dev/null) && [[ $holder =~ ^[0-9]+$ ]] || holder=""
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
  [[ -n ${XGATE_RUN_BY_ROOT:-} ]] || write_in_state pid "$$" # else root has written it: the process is the same
}

unlock_state() {
  exec {state_lock}<&-
}

# --fresh. Only where the mark says that the folder is ours, only while the lock is held, and only what we made: whatever else
# somebody keeps here stays.
wipe_state() {
  step "emptying $state (--fresh)"
  local name
  for name in "${account_folders[@]}"; do
    [[ $name != broker || -z $broker_user ]] || continue # its user does it (keep_broker)
    [[ ! -d $state/$name || -L $state/$name ]] || find "$state/$name" -mindepth 1 -delete
  done
}

# The parts of the user as whom all runs; what root lays out is there already.
lay_out_state() {
  local name
  for name in "${account_folders[@]}"; do
    [[ -d $state/$name ]] || mkdir -m 700 -- "$state/$name" || fail "cannot write to $state."
  done
  chmod 750 -- "$state/log" && chmod 755 -- "$state/tls"
}

# The token is written by the service, which writes in no folder but its own; everybody looks for it here.
lay_token() {
  [[ $(readlink -- "$state/admin.token") != service/admin.token ]] || return 0
  if [[ -f $state/admin.token && ! -L $state/admin.token ]]; then # of an earlier version
    # shellcheck disable=SC2016 # for the shell in there
    (cd -- "$state" && "${as_account[@]}" sh -c 'umask 077; [ -s service/admin.token ] || cat admin.token >service/admin.token') ||
      fail "cannot read $state/admin.token."
  fi
  in_state rm -rf -- admin.token
  in_state ln -s service/admin.token admin.token || fail "cannot write to $state."
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
