# SPDX-License-Identifier: Apache-2.0
# Where root starts all, the broker is a user of its own: whoever takes it over, strangers' bytes being what it reads, is not the user of
# service and database, can be no role but xgate_plugin, and reads no file of theirs.
#
# Nobody is root any more when the broker starts. So its user's process, the keeper, is there from before, and waits on a pipe for three
# lines: where the database's socket is, the service's password, the TLS key. When that pipe is closed the broker is ended, however
# the other end went. What the broker says comes back by another pipe and is written to its log by a process of the account,
# which stands for the broker among the children. Descriptors: 8 to the keeper, 9 from it; the log's process has them as 6 and 7.

broker_user=${XGATE_RUN_BROKER_USER:-} # empty: the broker is the same user as the rest
as_broker=()                           # before a command: as that user. Nobody but root needs it

choose_broker_user() {
  broker_user=mosquitto # of Debian's package
  id -u "$broker_user" >/dev/null 2>&1 || make_system_user "$broker_user"
  as_broker=(setpriv --reuid "$broker_user" --regid "$(id -g -- "$broker_user")" --init-groups --no-new-privs --)
}

# Root moves names in its own folder; what is in the broker's is read by who had it until now, and written by who has it then.
lay_out_broker() {
  local folder=$state/broker new=$state/broker.new before=$state/broker.before
  if [[ -d $before && ! -L $before && ! -e $folder ]]; then mv -T -- "$before" "$folder"; fi # it was interrupted
  rmdir -- "$folder" 2>/dev/null || true
  if [[ $(stat -c %U -- "$folder" 2>/dev/null) != "$broker_user" ]]; then
    remove_folder "$new" "${as_broker[@]}"
    mkdir -m 700 -- "$new" && chown -h -- "$broker_user:" "$new" || fail "cannot give $new to the user '$broker_user'."
    if [[ -d $folder ]]; then
      "${as_account[@]}" tar -C "$folder" -c . | "${as_broker[@]}" tar --no-same-owner -C "$new" -x ||
        fail "cannot give $folder to the user '$broker_user'."
      mv -T -- "$folder" "$before"
    fi
    mv -T -- "$new" "$folder"
  fi
  remove_folder "$before" "${as_account[@]}"
}

# remove_folder FOLDER COMMAND…: emptied by who owns it, after COMMAND.
remove_folder() {
  local folder=$1
  shift
  [[ -d $folder ]] || return 0
  "$@" find "$folder" -mindepth 1 -delete 2>/dev/null || true
  rmdir -- "$folder" || fail "cannot write to $state."
}

# By root, before it becomes the account. Settings of the service (XGATE_…) may be secrets.
start_keeper() {
  local name foreign=("${without_foreign[@]}")
  for name in "${!XGATE_@}"; do foreign+=(--unset="$name"); done
  coproc setsid env "${foreign[@]}" HOME="$state" XGATE_RUN_PART=keeper XGATE_RUN_BROKER_USER="$broker_user" \
    "${as_broker[@]}" "$state/program/run" "${arguments[@]}" --state "$state" 2>&1
  # opened anew: a copy would be closed, as these are, when this becomes another program
  exec 8>"/proc/self/fd/${COPROC[1]}" 9<"/proc/self/fd/${COPROC[0]}"
}

# The keeper's whole life.
keep_broker() {
  local password key broker watcher status=0
  IFS= read -r socket_dir && IFS= read -r password && IFS= read -r key || exit 0
  [[ $fresh == no ]] || find "$state/broker" -mindepth 1 -delete
  "$source_dir/deploy/set-service-account" <(printf '%s\n' "$password") "$state/broker/accounts" ||
    fail "cannot write the broker's accounts to $state/broker/accounts."
  [[ -z $key ]] || (umask 077 && base64 -d <<<"$key" >"$state/broker/server.key") || fail "cannot write to $state/broker."
  configure_broker
  ulimit -S -n "$(ulimit -H -n)" 2>/dev/null || true # a connection each
  exec 8<&0
  setpriv --pdeathsig TERM -- mosquitto -c "$state/broker/mosquitto.conf" </dev/null 8<&- &
  broker=$!
  end_with_orders "$broker" >/dev/null 2>&1 &
  watcher=$!
  wait "$broker" || status=$?
  kill "$watcher" 2>/dev/null || true
  echo "ended: $status"
}

end_with_orders() {
  local broker=$1 tries
  while read -r -u 8; do :; done
  kill "$broker"
  for ((tries = 0; tries < 280; ++tries)); do
    sleep 0.1
    kill -0 "$broker" || return 0
  done
  kill -s KILL "$broker"
}

# In the place of start_child for the broker itself.
start_broker_apart() {
  local key=""
  [[ $tls == no ]] || key=$(base64 -w 0 -- "$state/tls/server.key")
  # where the keeper is gone, its last words are in the log, and the log's process ends
  (printf '%s\n' "$socket_dir" "$(<"$state/service/broker.password")" "$key" >&8) 2>/dev/null || true
  exec 6>&8 7<&9 8>&- 9<&-
  start_child broker env XGATE_RUN_PART=broker_log "$source_dir/run" "${arguments[@]}"
  exec 6>&- 7<&-
}

# What start_broker_apart starts: it ends as the broker did.
log_broker() {
  local log=$state/log/broker.log copying
  trap 'exec 6>&-' TERM
  cat <&7 6>&- &
  copying=$!
  until wait "$copying" || ! kill -0 "$copying" 2>/dev/null; do :; done
  [[ $(tail -n 1 -- "$log") =~ ^ended:\ ([0-9]+)$ ]] || exit 1
  exit "${BASH_REMATCH[1]}"
}
