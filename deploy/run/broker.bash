# SPDX-License-Identifier: Apache-2.0
# Mosquitto with the plugin, configured by deploy/render-mosquitto-conf.

# The service's account with the broker: a random password, which reaches others by its file.
make_broker_password() {
  local password=$state/service/broker.password accounts=$state/broker/accounts
  if [[ -s $password ]] && { [[ -n $broker_user ]] || grep -qs '^xgate-service:' "$accounts"; }; then
    return
  fi
  (umask 077 && openssl rand -hex 24 >"$password") || fail "cannot write the service's password below $state."
  [[ -n $broker_user ]] || "$source_dir/deploy/set-service-account" "$password" "$accounts" || fail "cannot write the broker's accounts to $accounts."
}

configure_broker() {
  local options=(
    --plugin "$plugin" --database "host=$socket_dir dbname=xgate user=xgate_plugin"
    --accounts-file "$state/broker/accounts" --cache-file "$state/broker/directory.cache"
    --persistence-dir "$state/broker" --bind "$bind" --port "$mqtt_port"
    --login-longest-backoff "$login_backoff"
    --output "$state/broker/mosquitto.conf"
  )
  # the service comes from the address that it connects to
  [[ $(loopback_of "$bind") == 127.* || $(loopback_of "$bind") == ::1 ]] || options+=(--accounts-from "127.0.0.1 ::1 $bind")
  [[ $tls != only ]] || options+=(--port none)
  if [[ $tls != no ]]; then
    local key=$state/tls/server.key
    [[ -z $broker_user ]] || key=$state/broker/server.key
    options+=(--tls-port "$tls_port" --tls-cert "$state/tls/server.crt" --tls-key "$key")
  fi
  "$source_dir/deploy/render-mosquitto-conf" "${options[@]}" || fail "cannot write the broker's configuration."
}

start_broker() {
  step "starting Mosquitto with the plugin"
  if [[ -n $broker_user ]]; then
    start_broker_apart
  else
    configure_broker
    start_child broker mosquitto -c "$state/broker/mosquitto.conf"
  fi
  local port=$mqtt_port
  [[ $tls != only ]] || port=$tls_port
  wait_for broker 60 answers "$port"
}
