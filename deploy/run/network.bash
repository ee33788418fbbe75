# SPDX-License-Identifier: Apache-2.0
# Ports and addresses.

# What reaches a server that listens on $1 from this machine.
loopback_of() {
  case $1 in
    0.0.0.0) printf '127.0.0.1' ;;
    ::) printf '::1' ;;
    *) printf '%s' "$1" ;;
  esac
}

# As it stands in a URL and before a port.
bracketed() {
  local address
  address=$(loopback_of "$1")
  if [[ $address == *:* ]]; then printf '[%s]' "$address"; else printf '%s' "$address"; fi
}

# What devices are told to download from. Who listens everywhere is reached by the first address of this machine.
download_url() {
  local host=$bind
  if [[ $host == 0.0.0.0 || $host == :: ]]; then
    host=$(hostname -I 2>/dev/null | cut -d ' ' -f 1) || host=""
  fi
  printf 'http://%s:%s' "$(bracketed "${host:-$bind}")" "$download_port"
}

answers() { (exec 3<>"/dev/tcp/$(loopback_of "$bind")/$1") 2>/dev/null; }

require_port() {
  local option=$1 port=$2 lowest
  [[ $port =~ ^[0-9]{1,5}$ && $port -ge 1 && $port -le 65535 ]] || wrong_usage "$option wants a port, 1 to 65535, not '$port'"
  lowest=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null) || lowest=1024
  ((port >= lowest)) || fail "port $port ($option) may only be opened with rights that these programs do not have." \
    "Choose one from $lowest on."
}

require_free_port() {
  local option=$1 port=$2
  ! answers "$port" || fail "port $port on $bind is taken by another program." \
    "Stop it ($(port_holder_hint "$port")), or choose another port with $option."
}

port_holder_hint() {
  local holder=""
  if command -v ss >/dev/null; then
    holder=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p' | head -n 1)
  fi
  if [[ -n $holder ]]; then
    printf 'it is %s' "$holder"
  elif systemctl --quiet is-active mosquitto 2>/dev/null; then
    printf 'perhaps: sudo systemctl stop mosquitto'
  else
    printf 'ss -ltnp shows who it is'
  fi
}
