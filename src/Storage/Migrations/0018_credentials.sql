-- Secrets of users (contract: semantics 4, ADR 0032). Every secret is sealed by the data key of its user; the data keys are sealed by a key-encryption key of the settings.
CREATE TABLE user_data_keys (
  user_id text PRIMARY KEY,
  -- Format, name of the key-encryption key, nonce, tag and ciphertext.
  sealed bytea NOT NULL
);

CREATE TABLE credentials (
  user_id text NOT NULL,
  id text NOT NULL,
  provider text NOT NULL,
  type text NOT NULL CHECK (type IN ('api_key', 'oauth2', 'user_password', 'host_scoped')),
  title text,
  -- The user's name at an OAuth provider.
  username text,
  host text,
  -- The names of the headers of host-scoped credentials; their values are sealed.
  header_names text[] NOT NULL,
  scopes text[] NOT NULL,
  -- Seconds since 1970.
  expires_at bigint,
  refresh_expires_at bigint,
  metadata json NOT NULL,
  -- Increased by each change of the secret, and bound into it.
  version bigint NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- A change or deletion waits for the leases until then; no lease is granted meanwhile.
  closing_until timestamptz,
  -- The refresh of the token that is under way: who makes it, and since when.
  refresh_claim uuid,
  refresh_silo text,
  refresh_at timestamptz,
  PRIMARY KEY (user_id, id)
);

-- The fence of a lease is larger than that of every lease that was granted before.
CREATE TABLE credential_leases (
  fence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL,
  credential_id text NOT NULL,
  -- The silo that holds the lease, by address and generation.
  silo text NOT NULL,
  taken_at timestamptz NOT NULL,
  renewed_at timestamptz NOT NULL,
  FOREIGN KEY (user_id, credential_id) REFERENCES credentials (user_id, id) ON DELETE CASCADE
);
CREATE INDEX credential_leases_of_credential ON credential_leases (user_id, credential_id);

-- Logins at OAuth providers between the redirect and the callback (contract: semantics 4.6). The token itself is not stored.
CREATE TABLE oauth_states (
  user_id text NOT NULL,
  -- SHA-256 of the token.
  state_hash bytea NOT NULL,
  provider text NOT NULL,
  scopes text[] NOT NULL,
  -- The credential whose scopes the login widens, or null.
  credential_id text,
  -- The PKCE verifier.
  sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, state_hash)
);
CREATE INDEX oauth_states_expired ON oauth_states (expires_at);

-- The accesses to secrets, refused ones too.
CREATE TABLE credential_accesses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  user_id text NOT NULL,
  credential_id text NOT NULL,
  provider text,
  purpose text NOT NULL,
  run_id uuid,
  node_execution_id uuid,
  -- Null for credentials of the platform, which have no leases, and for refused accesses.
  fence bigint,
  granted boolean NOT NULL,
  -- Why it was refused.
  reason text,
  CHECK (granted = (reason IS NULL))
);
CREATE INDEX credential_accesses_of_user ON credential_accesses (user_id, at);
CREATE INDEX credential_accesses_old ON credential_accesses (at);
