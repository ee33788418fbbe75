# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL cluster in STATE/postgres: no TCP, a Unix socket in a folder that only its user (and the broker's) may
# enter, and `peer`, so that no password exists.

socket_dir="" # where the socket is; short, for its path may have 107 bytes at most

find_postgres() {
  local version
  if [[ -s $state/postgres/PG_VERSION && ! -e $state/run/initdb ]]; then
    version=$(<"$state/postgres/PG_VERSION")
    postgres_bin=/usr/lib/postgresql/$version/bin
    [[ -x $postgres_bin/postgres ]] ||
      fail "the database in $state was made by PostgreSQL $version, which is not installed." \
        "Install postgresql-$version, or move the data on: docs/operations.md, \"A newer PostgreSQL\"."
    return
  fi
  postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [[ -x $postgres_bin/initdb ]] || fail "PostgreSQL's server programs are not in /usr/lib/postgresql."
}

# In the state folder where the path is short and plain enough for libpq and postgresql.conf.
choose_socket_dir() {
  socket_dir=$state/socket
  local left
  if left=$(cat -- "$state/run/socket.elsewhere" 2>/dev/null) && [[ $left == /tmp/xgate-socket.* ]]; then
    rm -rf -- "$left" "$state/run/socket.elsewhere" # of a run that was killed
  fi
  if [[ ${#socket_dir} -gt 85 || $socket_dir =~ [^A-Za-z0-9_./-] ]]; then
    socket_dir=$(mktemp -d /tmp/xgate-socket.XXXXXX) || fail "cannot make a folder for the database's socket in /tmp."
    printf '%s\n' "$socket_dir" >"$state/run/socket.elsewhere"
  fi
  local mode=700
  if [[ -n $broker_user ]]; then # its user comes by
    mode=710
    [[ $socket_dir == "$state/socket" ]] || mode=711 # no group of ours
  fi
  install -d -m "$mode" -- "$socket_dir"
}

remove_socket_dir() {
  [[ $socket_dir == /tmp/xgate-socket.* ]] || return 0
  rm -rf -- "$socket_dir" "$state/run/socket.elsewhere"
}

# A mark stands beside it until it is done, so that one that was interrupted is not taken for a database.
make_cluster() {
  local unfinished=$state/run/initdb
  [[ -e $unfinished || -z $(ls -A -- "$state/postgres") ]] || return 0
  step "creating a private PostgreSQL cluster in $state/postgres"
  : >"$unfinished"
  find "$state/postgres" -mindepth 1 -delete
  if ! "$postgres_bin/initdb" --pgdata "$state/postgres" --username postgres --auth peer \
    --encoding UTF8 --locale C.UTF-8 --data-checksums >"$state/log/initdb.log" 2>&1; then
    last_lines "$state/log/initdb.log"
    fail "PostgreSQL's initdb failed."
  fi
  printf "\ninclude = 'xgate.conf' # written by ./run at every start\n" >>"$state/postgres/postgresql.conf"
  rm -- "$unfinished"
}

configure_postgres() {
  [[ -O $state/postgres ]] || fail "the database in $state belongs to user '$(stat -c %U -- "$state/postgres")', not to you." \
    "Run ./run as that user or as root, or choose another folder with --state."
  cat >"$state/postgres/xgate.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$socket_dir'
unix_socket_permissions = $([[ -n $broker_user ]] && echo 0777 || echo 0700)
port = 5432
# what was answered 200 is on the disk
fsync = on
synchronous_commit = on
full_page_writes = on
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] '
log_lock_waits = on
log_checkpoints = off
CONF
  local me
  me=$(id -un)
  printf 'local all all peer map=xgate\n' >"$state/postgres/pg_hba.conf"
  local role
  for role in postgres xgate_owner xgate_service xgate_plugin; do
    printf 'xgate root %s\n' "$role"
    if [[ $role == xgate_plugin ]]; then me=${broker_user:-$me}; fi
    printf 'xgate %s %s\n' "$me" "$role"
  done >"$state/postgres/pg_ident.conf"
}

start_postgres() {
  step "starting PostgreSQL"
  find_postgres
  choose_socket_dir
  make_cluster
  configure_postgres
  death_signal=INT start_child postgres "$postgres_bin/postgres" -D "$state/postgres"
  # long, for after a crash it replays its log first
  wait_for postgres 600 "$postgres_bin/pg_isready" --quiet --host "$socket_dir"
  make_database
}

as_superuser() {
  "$postgres_bin/psql" --host "$socket_dir" --username postgres --dbname postgres --no-psqlrc --quiet "$@" \
    >>"$state/log/roles.log" 2>&1
}

# Also of a state from before there were three roles: its one role, xgate, gives everything to xgate_owner, and goes.
make_database() {
  as_superuser --set own_cluster=yes --file "$source_dir/deploy/database-roles.sql" || {
    last_lines "$state/log/roles.log"
    fail "could not create the database and its roles."
  }
  as_superuser --command 'DROP ROLE IF EXISTS xgate' || true # somebody made things of his own with it: they stay
}
