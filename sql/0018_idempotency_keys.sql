-- SPDX-License-Identifier: Apache-2.0
-- Answers to the API's POSTs that came with an Idempotency-Key, written in the transaction of what they tell: who got no
-- answer sends the request again and gets the first one's. Kept 24 hours. Commands keep their keys themselves.
CREATE TABLE idempotency_key (
  -- who asked: keys of different tokens have nothing to do with each other
  token_sha256   bytea NOT NULL,
  key            text NOT NULL,
  -- method, path, query and body: another request under the same key is refused
  request_sha256 bytea NOT NULL,
  status         integer NOT NULL,
  content_type   text NOT NULL,
  -- JSON: [[name, value], …]
  headers        text NOT NULL,
  -- holds nothing that elsewhere is only kept as a hash
  body           text NOT NULL,
  answered_at    timestamptz NOT NULL,
  PRIMARY KEY (token_sha256, key)
);
CREATE INDEX idempotency_key_by_time ON idempotency_key (answered_at);
