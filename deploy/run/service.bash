# SPDX-License-Identifier: Apache-2.0
# `xgate migrate`, then `xgate serve`, configured by deploy/render-xgate-toml.

configure_service() {
  local broker=(--broker-host "$(loopback_of "$bind")" --broker-port "$mqtt_port")
  if [[ $tls == only ]]; then
    broker=(--broker-host "$(loopback_of "$bind")" --broker-port "$tls_port"
      --broker-tls true --broker-ca-file "$state/tls/ca.crt")
  fi
  "$source_dir/deploy/render-xgate-toml" --database "host=$socket_dir dbname=xgate user=xgate_service" \
    --migrate-database "$conninfo" --service-role xgate_service --plugin-role xgate_plugin \
    "${broker[@]}" \
    --broker-password-file "$state/service/broker.password" \
    --http-address "$http_bind" --http-port "$http_port" --token-file "$state/service/admin.token" \
    --firmware-folder "$state/firmware" \
    --download-address "$bind" --download-port "$download_port" --download-public-url "$(download_url)" \
    --output "$state/service/xgate.toml" || fail "cannot write the service's settings."
}

migrate() {
  step "bringing the database's schema up to date"
  if ! env "${without_foreign[@]}" "$xgate" migrate --config "$state/service/xgate.toml" >>"$state/log/service.log" 2>&1; then
    last_lines "$state/log/service.log"
    fail "xgate migrate failed."
  fi
}

start_service() {
  step "starting the service"
  start_child service "$xgate" serve --config "$state/service/xgate.toml"
  wait_for service 120 curl --silent --fail --max-time 5 --noproxy '*' "$http_url/readyz"
}

# What is wrong with the token that we name, in a sentence; nothing where the service takes it.
token_problem() {
  { "$xgate" --url "$http_url" --token-file "$state/admin.token" token list --json >/dev/null || true; } 2>&1
}

# Revoked, or deleted: the database keeps no token that could be written again.
say_token_problem() {
  local problem
  problem=$(token_problem)
  [[ -n $problem ]] || return 0
  say_lines <<PROBLEM

  The API token in $state/admin.token does not work: ${problem#xgate: }.
  With one that works:  xgate --token-file FILE token add admin --role admin >$(quoted "$state/admin.token")
  Without any:          psql '$conninfo' -c 'UPDATE api_token SET revoked_at = now() WHERE revoked_at IS NULL'
                        and start ./run again, which writes a new one there.
PROBLEM
}
