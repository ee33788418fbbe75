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

# What other machines reach a server by that listens on $1: itself, or every address of this machine of that kind.
addresses_behind() {
  local address all
  case $1 in
    0.0.0.0 | ::) all=$(hostname -I 2>/dev/null) || all="" ;;
    127.* | ::1) all="" ;;
    *) all=$1 ;;
  esac
  for address in $all; do
    [[ $1 == :: && $address != *:* || $1 == 0.0.0.0 && $address == *:* ]] || printf '%s\n' "$address"
  done
}

# Where devices find a port of --bind.
reached_at() {
  local text address
  text=$(bracketed "$bind"):$1
  [[ $bind == 0.0.0.0 || $bind == :: ]] || { printf '%s' "$text" && return; }
  for address in $(addresses_behind "$bind"); do
    text+="$(said ", from other machines $(bracketed "$address"):$1")"
  done
  printf '%s' "$text"
}

# Whoever tries wrong passwords on his own machine is its firmware engineer, who need not wait for minutes.
usual_login_backoff() {
  case $bind in
    127.* | ::1) printf 5 ;;
    *) printf 900 ;;
  esac
}

say_who_is_let_in() {
  case $bind in 127.* | ::1) return ;; esac
  case $http_bind in
    127.* | ::1) say "" "Other machines reach MQTT and downloads, and not the HTTP API (--http-bind would let them)." ;;
  esac
}

# What devices are told to download from. Who listens everywhere is reached by the first address of this machine.
download_url() {
  local host
  host=$(addresses_behind "$bind" | head -n 1)
  printf 'http://%s:%s' "$(bracketed "${host:-$bind}")" "$download_port"
}

answers() { (exec 3<>"/dev/tcp/$(loopback_of "$bind")/$1") 2>/dev/null; }

# Whether a server could listen on ADDRESS PORT, by trying it: yes, taken, foreign (no address of this machine), malformed, or the
# system's own words. Nobody is connected to. perl-base is on every Debian.
try_listening() {
  perl -MErrno -MSocket=:all -e '
    my ($address, $port) = @ARGV;
    my $six = $address =~ /:/;
    my $ip = inet_pton($six ? AF_INET6 : AF_INET, $address);
    print("malformed"), exit if !defined $ip;
    my $name = $six ? pack_sockaddr_in6($port, $ip) : pack_sockaddr_in($port, $ip);
    my $socket;
    my $listens = socket($socket, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0)
      && setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1)
      && (!$six || setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1))
      && bind($socket, $name) && listen($socket, 1);
    print $listens ? "yes" : $!{EADDRINUSE} ? "taken" : $!{EADDRNOTAVAIL} ? "foreign" : "$!";
  ' "$1" "$2"
}

# require_address OPTION ADDRESS: one that a server on this machine can listen on (port 0 is any free one).
require_address() {
  local known
  case $(try_listening "$2" 0) in
    yes) ;;
    malformed) wrong_usage "$1 wants an IP address of this machine, not '$2'" ;;
    foreign)
      known=$(hostname -I 2>/dev/null) || known=""
      fail "$2 ($1) is not an address of this machine." \
        "Choose one of these: 127.0.0.1 $known" "or 0.0.0.0 for all of them."
      ;;
    *) fail "a server cannot listen on $2 ($1): $(try_listening "$2" 0)." ;;
  esac
}

# require_free_port OPTION PORT BIND-OPTION ADDRESS
require_free_port() {
  local option=$1 port=$2 address=$4 lowest state_of_it
  [[ $port =~ ^[0-9]{1,5}$ && $port -ge 1 && $port -le 65535 ]] || wrong_usage "$option wants a port, 1 to 65535, not '$port'"
  lowest=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null) || lowest=1024
  ((port >= lowest)) || fail "port $port ($option) may only be opened with rights that these programs do not have." \
    "Choose one from $lowest on."
  state_of_it=$(try_listening "$address" "$port")
  case $state_of_it in
    yes) ;;
    taken)
      fail "port $port on $address is taken by another program." \
        "Stop it ($(port_holder_hint "$port")), or choose another port with $option."
      ;;
    *) fail "a server cannot listen on $address port $port ($3, $option): $state_of_it." ;;
  esac
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
