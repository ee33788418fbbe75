# SPDX-License-Identifier: Apache-2.0
# PostgreSQL refuses to be root, and nothing here needs to be: what root starts runs as one user without
# rights. Root installs and builds, hands the state folder to the user, has a copy of the programs laid into it, and
# becomes the user; everything after that is the same as for anybody else.
#
# What stands in that folder may be anything, links to root's files too, should the user have been taken over: so root
# itself neither writes nor gives away nor reads a file in there. in_state does, as the user.

as_account=() # before a command: as that user. Nobody but root needs it

hand_over_state() {
  choose_account
  as_account=(setpriv --reuid "$account" --regid "$(id -g -- "$account")" --init-groups --no-new-privs --)
  chown -h -- "$account:" "$state" || fail "cannot give $state to the user '$account'."
}

become_account() {
  copy_programs
  local bar
  bar=$(barring_folder "$state")
  [[ -z $bar ]] || lay_view
  unlock_state
  cd -- "$state" || fail "cannot enter $state."
  HOME=$state XGATE_RUN_CHECKOUT=$source_dir exec "${as_account[@]}" \
    "$state/program/run" "${arguments[@]}" --state "$state"
}

# A state that somebody else began stays theirs.
choose_account() {
  account=xgate
  local owner
  if owner=$(stat -c %u -- "$state/postgres" 2>/dev/null) && ((owner != 0)); then
    account=$(id -un -- "$owner" 2>/dev/null) ||
      fail "$state belongs to user id $owner, whom this machine does not know." \
        "Give it to a user that it knows (chown -R), or choose another folder with --state."
  elif ! id -u "$account" >/dev/null 2>&1; then
    step "creating the system user '$account': everything runs as it, nothing as root"
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account" ||
      fail "could not create the system user '$account'." "Create it: useradd --system --user-group $account"
  fi
}

# The checkout may lie where that user cannot go, and may have been made with a strict umask.
copy_programs() {
  rm -rf -- "$state/program" # by root, whose it was in earlier versions; rm follows no links
  tar -C "$source_dir" -c -h --mode=a+rX,go-w run deploy build/bin/xgate build/lib/mosquitto_xgate.so |
    in_state sh -c 'mkdir program && exec tar -C program -x' || fail "could not copy the programs to $state/program."
}

# The first folder on the way to $1 that the user may not pass; nothing if there is none.
barring_folder() {
  local path="" part
  local IFS=/
  for part in ${1#/}; do
    path+=/$part
    if ! "${as_account[@]}" test -x "$path"; then
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
