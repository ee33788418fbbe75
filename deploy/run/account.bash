# SPDX-License-Identifier: Apache-2.0
# PostgreSQL refuses to be root, and nothing here needs to be: what root starts runs as one user without
# rights, the account, and the broker as another (broker_apart.bash). Root installs and builds, lays out the state folder, puts a copy of the programs into it, and
# becomes the account; everything after that is the same as for anybody else.
#
# Should the account have been taken over, what it can write may hold anything, links to root's files too. So the state folder
# itself is root's, with the programs in it, only its subfolders (state.bash) are the account's, and root writes and reads
# nothing in those. A folder that another user began with ./run stays his: root becomes him (as_account) for all that is
# done in it.

as_account=()  # before a command: as that user. Nobody but root needs it
in_state_as=() # before a command in the state folder itself: as its owner

# Before the lock: only whose it all is.
choose_account() {
  account=xgate
  local owner
  owner=$(stat -c %u -- "$state/postgres" 2>/dev/null) || owner=0
  ((owner != 0)) || owner=$(stat -c %u -- "$state")
  if ((owner != 0)); then
    account=$(id -un -- "$owner" 2>/dev/null) ||
      fail "$state belongs to user id $owner, whom this machine does not know." \
        "Give it to a user that it knows (chown -R), or choose another folder with --state."
  elif ! id -u "$account" >/dev/null 2>&1; then
    make_system_user "$account"
  fi
  as_account=(setpriv --reuid "$account" --regid "$(id -g -- "$account")" --init-groups --no-new-privs --)
  # It was the account's in earlier versions.
  if [[ $account == xgate || $(stat -c %u -- "$state") == 0 ]]; then
    chown -h root:root -- "$state" && chmod 755 -- "$state" || fail "cannot take $state from the user '$account'."
  else
    in_state_as=("${as_account[@]}")
  fi
}

make_system_user() {
  step "creating the system user '$1': nothing runs as root"
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1" ||
    fail "could not create the system user '$1'." "Create it: useradd --system --user-group $1"
}

# Under the lock. From here on nobody but root makes anything in a folder of root's; what the account left there before that
# is looked at without following it.
lay_out_for_account() {
  ((${#in_state_as[@]} == 0)) || return 0
  choose_broker_user
  local name path
  for name in "${account_folders[@]}"; do
    path=$state/$name
    [[ ! -L $path && (-d $path || ! -e $path) ]] ||
      fail "$path is not a folder, or a link to one, which ./run by root does not follow." "Remove it, or choose another folder with --state."
    [[ $name != broker ]] || { lay_out_broker && continue; }
    [[ -d $path ]] || mkdir -m 700 -- "$path" || fail "cannot write to $state."
    chown -h -- "$account:" "$path" || fail "cannot give $path to the user '$account'."
  done
  chgrp -h -- "$(id -g -- "$broker_user")" "$state/socket" || fail "cannot give $state/socket to the user '$broker_user'."
  lay_token
}

become_account() {
  copy_programs
  local bar
  bar=$(barring_folder "$state")
  [[ -z $bar ]] || lay_view
  unlock_state
  cd -- "$state" || fail "cannot enter $state."
  keep_environment
  [[ -z $broker_user ]] || start_keeper
  # shellcheck disable=SC2093 # the end of this program
  exec env "${without_foreign[@]}" HOME="$state" XGATE_RUN_CHECKOUT="$source_dir" XGATE_RUN_BY_ROOT=1 XGATE_RUN_BROKER_USER="$broker_user" \
    "${as_account[@]}" "$state/program/run" "${arguments[@]}" --state "$state"
}

# The checkout may lie where that user cannot go, and may have been made with a strict umask.
copy_programs() {
  in_state rm -rf -- program
  tar -C "$source_dir" -c -h --mode=a+rX,go-w --owner=root --group=root run deploy build/bin/xgate build/lib/mosquitto_xgate.so |
    in_state sh -c 'mkdir program && exec tar --no-same-owner -C program -x' || fail "could not copy the programs to $state/program."
}

# The first folder on the way to $1 that the user, or the broker's, may not pass; nothing if there is none.
barring_folder() {
  local path="" part
  local IFS=/
  for part in ${1#/}; do
    path+=/$part
    if ! "${as_account[@]}" test -x "$path" || ! "${as_broker[@]}" test -x "$path"; then
      printf '%s\n' "$path"
      return
    fi
  done
}

# Root's folders are often barred to everybody else (/root is 0700). Then this process goes on in a mount
# namespace of its own, where the folder in the way is replaced by an empty one with only the state in it, at
# the same path. Outside nothing changes: no right is widened, and it is gone with the processes.
lay_view() {
  if [[ -z ${XGATE_RUN_VIEW:-} ]]; then
    unshare --mount true 2>/dev/null || fail_barred
    unlock_state
    XGATE_RUN_VIEW=1 exec unshare --mount --propagation private -- "$source_dir/run" "${arguments[@]}"
  fi
  local keep
  cd /
  exec {keep}<"$state"
  while [[ -d ${bar:=$(barring_folder "$state")} ]]; do
    mount -t tmpfs -o mode=755,size=1m xgate "$bar" || fail_barred
    bar=""
  done
  mkdir -p -- "$state"
  mount --no-canonicalize --bind "/proc/self/fd/$keep" "$state" || fail_barred
  exec {keep}<&-
  bar=$(barring_folder "$state")
  [[ -z $bar ]] || fail_barred
}

fail_barred() {
  fail "user '$account', as whom everything runs, may not enter $bar, where the state shall be." \
    "Choose a folder that everybody can reach (--state /var/lib/xgate-run), let that user through" \
    "(chmod o+x $(quoted "$bar")), or run ./run as an ordinary user."
}
