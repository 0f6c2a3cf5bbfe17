-- Requests that a client may send again under a key of its own (decision 27). What the request creates gets its id before it is created, so
-- that whoever handles it again creates the same. Kept for 24 hours.
CREATE TABLE request_keys (
  user_id text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  resource_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  status integer,
  answer bytea,
  PRIMARY KEY (user_id, key)
);
CREATE INDEX request_keys_by_age ON request_keys (created_at);
