# SPDX-License-Identifier: Apache-2.0
# A certificate authority for development and a certificate by it (--tls, --tls-only). Not for a site: whoever can read
# STATE/tls can pass for this broker.

make_certificates() {
  local dir=$state/tls names address
  names="DNS:localhost,IP:127.0.0.1,IP:::1,DNS:$(uname -n)"
  for address in $(addresses_behind "$bind"); do
    names+=",IP:$address"
  done
  install -d -m 755 -- "$dir"
  if [[ $(cat -- "$dir/names" 2>/dev/null) == "$names" ]] &&
    openssl x509 -checkend $((30 * 86400)) -noout -in "$dir/server.crt" >/dev/null 2>&1; then
    return
  fi
  step "making a development certificate in $dir"
  (
    umask 077
    cd -- "$dir"
    [[ -s ca.key && -s ca.crt ]] || make_authority
    make_server_certificate "$names"
    printf '%s\n' "$names" >names
  ) >"$state/log/openssl.log" 2>&1 || {
    last_lines "$state/log/openssl.log"
    fail "openssl could not make the certificates in $dir."
  }
  chmod 644 "$dir/ca.crt" "$dir/server.crt"
}

make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj '/CN=xgate development CA' -addext 'basicConstraints=critical,CA:TRUE' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout ca.key -out ca.crt
}

make_server_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=xgate development broker' \
    -keyout server.key -out server.csr &&
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -out server.crt \
      -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$1") &&
    rm -f server.csr
}
