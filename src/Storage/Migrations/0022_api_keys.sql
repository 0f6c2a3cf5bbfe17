-- Keys of users for the external API (contract: semantics 8.5). The text of a key is shown once and not stored.
CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  name text NOT NULL,
  description text,
  -- The first and the last eight characters of the text.
  head text NOT NULL,
  tail text NOT NULL,
  salt bytea NOT NULL,
  -- scrypt of the text with the salt.
  hash bytea NOT NULL,
  permissions text[] NOT NULL,
  status text NOT NULL CHECK (status IN ('ACTIVE', 'REVOKED', 'SUSPENDED')),
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_of_user ON api_keys (user_id, created_at DESC, id);
CREATE INDEX api_keys_active ON api_keys (head) WHERE status = 'ACTIVE';

-- A login that a program began through the external API: where its user comes back to, what it wants to be told then, and its key. Null for logins of the platform's own pages.
ALTER TABLE oauth_states
  ADD COLUMN callback_url text,
  ADD COLUMN metadata json,
  ADD COLUMN api_key_id uuid;
